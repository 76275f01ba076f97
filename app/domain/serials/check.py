"""Who gets a serial, and who does not and why: judged before it begins and again when it is made.

Nothing is written here. Customers are judged by the thousand, in a bounded number of questions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import islice
from typing import Any

from sqlalchemy import select

from app.core.database import db, listed, table
from app.domain.customers.addressees import Addressee
from app.domain.customers.models import ContactPerson, Customer, CustomerEmail
from app.domain.customers.rules import Kind as CustomerKind
from app.domain.customers.rules import display_name
from app.domain.groups.queries import gets_no_information
from app.domain.letters.queries import (
    MAIN,
    Destination,
    main_destinations,
    used_destinations,
)
from app.domain.mailing import headers
from app.domain.messages.rules import LONGEST_SUBJECT
from app.domain.serials.rules import Reason
from app.domain.templates import rules as templates
from app.domain.templates.queries import values_of
from app.domain.templates.rules import Kind

CHUNK = 1000

CUSTOMER, PERSON, EMAIL = (table(m).c for m in (Customer, ContactPerson, CustomerEmail))
FIRST_EMAIL = (
    select(EMAIL.address)
    .where(EMAIL.customer_id == CUSTOMER.id)
    .order_by(EMAIL.position)
    .limit(1)
    .scalar_subquery()
)
CANDIDATES = (
    select(
        CUSTOMER.id,
        CUSTOMER.number,
        CUSTOMER.name,
        CUSTOMER.removed_at,
        FIRST_EMAIL.label("email"),
        PERSON.id.label("person_id"),
        PERSON.title,
        PERSON.first_name,
        PERSON.last_name,
        PERSON.email.label("person_email"),
    )
    .select_from(
        table(Customer).outerjoin(
            table(ContactPerson),
            (PERSON.customer_id == CUSTOMER.id)
            & (CUSTOMER.kind == CustomerKind.COMPANY)
            & PERSON.is_main
            & PERSON.removed_at.is_(None),
        )
    )
    .where(CUSTOMER.id.in_(listed("customer_ids")))
)
TRASHED = select(CUSTOMER.id).where(
    CUSTOMER.id.in_(listed("customer_ids")), CUSTOMER.removed_at.is_not(None)
)


@dataclass(frozen=True, slots=True)
class Text:
    """What is sent to everybody: a template's texts, its language, and how a letter is made."""

    kind: str
    language: str
    subject: str
    body: str
    options: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, source: Any, options: Mapping[str, Any] | None = None) -> Text:
        """That of a serial; a template has no options, they are chosen with it."""
        chosen = source.options if options is None else options
        return cls(source.kind, source.language, source.subject, source.body, chosen or {})

    @property
    def names(self) -> list[str]:
        """The placeholders in it."""
        return templates.names(f"{self.subject}\n{self.body}")


@dataclass(frozen=True, slots=True)
class Judged:
    """What becomes of a customer: with a `reason` nothing, else it is filled in with `values`.

    `name` is who reads it, `address` where it goes; of a letter `lines` are those in its window.
    """

    addressee: Addressee
    number: str
    customer_name: str
    name: str
    address: str
    reason: str = ""
    detail: str = ""
    lines: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def row(self) -> tuple[int, int | None, str, str, str]:
        """What is kept of it: customer, contact person, address, reason and detail."""
        to = self.addressee
        return (to.customer_id, to.person_id, self.address[:254], self.reason, self.detail[:500])


@dataclass(frozen=True, slots=True)
class Found:
    """Everybody who was judged, in their order: rows of `Judged`."""

    rows: list[tuple[int, int | None, str, str, str]]

    @property
    def digest(self) -> str:
        """Tells what was found from anything else."""
        return sha256(repr(self.rows).encode()).hexdigest()[:16]

    @property
    def addressed(self) -> int:
        """How many get it."""
        return sum(not row[3] for row in self.rows)


def look(text: Text, customer_ids: Iterable[int]) -> Found:
    """Judge all of these customers, however many; who was deleted for good is left out."""
    waiting = iter(customer_ids)
    rows = []
    while chunk := list(islice(waiting, CHUNK)):
        rows += [one.row for one in judge(text, chunk)]
    return Found(rows)


def judge(text: Text, customer_ids: Sequence[int]) -> list[Judged]:
    """Judge up to 1,000 customers by what is known of them now, in the order they are given."""
    asked = {"customer_ids": list(customer_ids)}
    candidates = {row.id: row for row in db.session.execute(CANDIDATES, asked)}
    rows = [candidates[customer_id] for customer_id in customer_ids if customer_id in candidates]
    judged = _by_mail(text, rows) if text.kind == Kind.MAIL else _by_post(text, rows)
    silent = gets_no_information(customer_ids)
    wanted = [_unless_unwelcome(one, row, silent) for one, row in zip(judged, rows, strict=True)]
    return list(_filled(text, wanted))


def unwelcome(customer_ids: Sequence[int]) -> set[int]:
    """Those of these customers who have come into the trash, or asked for no information."""
    trashed = db.session.scalars(TRASHED, {"customer_ids": list(customer_ids)})
    return {*trashed, *gets_no_information(customer_ids)}


def _by_mail(text: Text, rows: Sequence[Any]) -> list[Judged]:
    """To the contact person's own address, or to that of the customer."""
    return [_judged(text, row, *_mailbox(row.person_email or row.email or "")) for row in rows]


def _mailbox(address: str) -> tuple[str, str]:
    """An address, and why it cannot be used."""
    if not address:
        return "", Reason.NO_EMAIL
    try:
        headers.wire(headers.mailbox(address).address)
    except headers.NotOneAddress:
        return address, Reason.BAD_EMAIL
    return address, ""


def _by_post(text: Text, rows: Sequence[Any]) -> list[Judged]:
    """To the address that was chosen, or to the main one of those who have no such address."""
    addressees = [_addressee(text, row) for row in rows]
    use = text.options.get("address", MAIN)
    found = main_destinations(addressees) if use == MAIN else used_destinations(addressees, use)
    return [_posted(text, row, found[a]) for row, a in zip(rows, addressees, strict=True)]


def _posted(text: Text, row: Any, to: Destination) -> Judged:
    one = _judged(text, row, ", ".join(to.lines), Reason.NO_ADDRESS if to.lacking else "")
    return replace(one, lines=to.lines, detail=",".join(to.lacking))


def _judged(text: Text, row: Any, address: str, reason: str) -> Judged:
    person = display_name("person", row.title or "", row.first_name or "", row.last_name or "", "")
    addressee = _addressee(text, row)
    return Judged(addressee, row.number, row.name, person or row.name, address, reason)


def _addressee(text: Text, row: Any) -> Addressee:
    return Addressee(row.id, row.person_id, text.language)


def _unless_unwelcome(one: Judged, row: Any, silent: Collection[int]) -> Judged:
    """The trash and the wish for no information come before whatever else is missing."""
    if row.removed_at is not None:
        return replace(one, reason=Reason.IN_TRASH, detail="")
    if row.id in silent:
        return replace(one, reason=Reason.SILENT, detail="")
    return one


def _filled(text: Text, judged: Sequence[Judged]) -> Iterator[Judged]:
    """Those who would get it are given their values; for whom one is missing, it is named."""
    names = text.names
    wanted = [one.addressee for one in judged if not one.reason]
    values = values_of(wanted, names) if names and wanted else {}
    for one in judged:
        known = values.get(one.addressee, {})
        if one.reason:
            yield one
        elif lacking := [name for name in names if not known.get(name)]:
            yield replace(one, reason=Reason.LACKING, detail=",".join(lacking))
        elif len(templates.filled(text.subject, known)) > LONGEST_SUBJECT:
            yield replace(one, reason=Reason.TOO_LONG)
        else:
            yield replace(one, values=known)
