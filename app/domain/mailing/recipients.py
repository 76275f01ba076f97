"""Who at a customer can get mail: its own addresses and those of its contact persons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.domain.customers import queries
from app.domain.customers.labels import choices
from app.domain.customers.rules import display_name, email_key
from app.domain.mailing import headers
from app.domain.mailing.headers import Mailbox


@dataclass(frozen=True, slots=True)
class Recipient:
    """An address that the team knows, whose it is, and what it is called there.

    `person_id` is the contact person's, None for an address of the customer.
    """

    address: str
    name: str
    label: Any = ""
    person_id: int | None = None

    @property
    def mailbox(self) -> str:
        """As an envelope names it: "Tanja Müller <tanja@example.com>"."""
        return str(Mailbox(headers.name(self.name), self.address))


def recipients(customer_id: int) -> list[Recipient]:
    """Everybody at a customer, each address once, the main one first."""
    name = queries.header(customer_id).name
    labels = choices["label"]
    own = [Recipient(row.address, name, labels[row.label]) for row in queries.emails(customer_id)]
    people = [_of_person(row) for row in queries.contact_persons(customer_id) if row.email]
    each: dict[str, Recipient] = {}
    for one in [*own, *people]:
        each.setdefault(email_key(one.address), one)
    return list(each.values())


def _of_person(row: Any) -> Recipient:
    name = display_name("person", row.title, row.first_name, row.last_name, "")
    return Recipient(row.email, name, row.role, row.id)
