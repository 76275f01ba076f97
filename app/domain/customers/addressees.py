"""Who a mail or a letter is for: a customer, or a contact person of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, or_, select

from app.core.database import db, table
from app.domain.customers import salutations
from app.domain.customers.models import ContactPerson, Customer, CustomerEmail, CustomerPhone

CUSTOMER, PERSON = table(Customer).c, table(ContactPerson).c
EMAIL, PHONE = table(CustomerEmail).c, table(CustomerPhone).c
THESE = bindparam("customer_ids", expanding=True)
CUSTOMERS = select(
    *CUSTOMER,
    *(
        select(of[value])
        .where(of.customer_id == CUSTOMER.id)
        .order_by(of.position)
        .limit(1)
        .scalar_subquery()
        .label(name)
        for name, of, value in (("email", EMAIL, "address"), ("phone", PHONE, "number"))
    ),
).where(CUSTOMER.id.in_(THESE))
PEOPLE = select(*PERSON).where(
    PERSON.customer_id.in_(THESE),
    PERSON.removed_at.is_(None),
    or_(PERSON.is_main, PERSON.id.in_(bindparam("person_ids", expanding=True))),
)


@dataclass(frozen=True, slots=True)
class Addressee:
    """A customer, and if told the contact person who is meant.

    `language` is the one the text is written in (a template's), not that of who writes.
    """

    customer_id: int
    person_id: int | None = None
    language: str = "de"


@dataclass(frozen=True, slots=True)
class Recipient:
    """The rows behind an addressee; `customer` has its main `email` and `phone` too.

    `person` is the contact person who is meant, else the main one, else None.
    """

    customer: Any
    person: Any

    @property
    def who(self) -> Any:
        """Whose name stands in the salutation; None for a company that knows nobody."""
        is_named = self.customer.kind == "person" or self.customer.last_name
        return self.person or (self.customer if is_named else None)

    def name_lines(self, language: str) -> list[str]:
        """The name as it stands on an envelope, above the street."""
        company = self.customer.company
        if self.who is None:
            return [company]
        return salutations.name_lines(self.who, company, language)


def recipients(addressees: Sequence[Addressee]) -> dict[Addressee, Recipient]:
    """The rows behind many addressees, by two questions; unknown customers are left out.

    A contact person of somebody else, or one who was removed, is not found.
    """
    ids = list({addressee.customer_id for addressee in addressees})
    person_ids = list({a.person_id for a in addressees if a.person_id is not None})
    customers = {row.id: row for row in db.session.execute(CUSTOMERS, {"customer_ids": ids})}
    asked = {"customer_ids": ids, "person_ids": person_ids}
    people = list(db.session.execute(PEOPLE, asked))
    main = {row.customer_id: row for row in people if row.is_main}
    told = {(row.customer_id, row.id): row for row in people}
    return {
        a: Recipient(
            customers[a.customer_id],
            told.get((a.customer_id, a.person_id or 0)) or main.get(a.customer_id),
        )
        for a in addressees
        if a.customer_id in customers
    }
