"""The payments of everybody: narrowed, paged and added up; and as a table for the tax adviser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Date, Select, and_, bindparam, func, or_, select, tuple_

from app.core import paging
from app.core.database import contains, db, listed, table
from app.core.paging import PAGE
from app.domain.customers.models import Customer
from app.domain.customers.queries import found_ids
from app.domain.factura.models import FacturaDocument
from app.domain.payments.models import Payment, PaymentPart
from app.domain.payments.rules import Method

MOST_CUSTOMERS = 1000
"""Of whom words tell; with more of them the words tell nobody."""
CHUNK = 1000
"""Payments that an export reads at once."""

PAYMENT, PART, DOCUMENT, CUSTOMER = (
    table(m).c for m in (Payment, PaymentPart, FacturaDocument, Customer)
)
NOTE = table(FacturaDocument).alias("note")
SHOWN = select(
    PAYMENT.id,
    PAYMENT.customer_id,
    CUSTOMER.name.label("customer_name"),
    CUSTOMER.number.label("customer_number"),
    PAYMENT.received_on,
    PAYMENT.amount,
    PAYMENT.fees,
    PAYMENT.currency,
    PAYMENT.method,
    PAYMENT.note,
    PAYMENT.author_name,
    PAYMENT.created_at,
    PAYMENT.taken_back_at,
    NOTE.c.number.label("credit_note_number"),
    PAYMENT.credit_note_id,
    PAYMENT.left,
).select_from(
    table(Payment)
    .join(table(Customer), CUSTOMER.id == PAYMENT.customer_id)
    .outerjoin(NOTE, NOTE.c.id == PAYMENT.credit_note_id)
)
NEWEST = SHOWN.order_by(PAYMENT.received_on.desc(), PAYMENT.id.desc())
OLDEST = SHOWN.order_by(PAYMENT.received_on, PAYMENT.id)
SUMS = (
    select(
        PAYMENT.currency,
        (PAYMENT.method == Method.CREDIT_NOTE).label("is_set_off"),
        func.count().label("number"),
        func.sum(PAYMENT.amount).label("amount"),
    )
    .where(PAYMENT.taken_back_at.is_(None))
    .group_by(PAYMENT.currency, PAYMENT.method == Method.CREDIT_NOTE)
    .order_by(PAYMENT.method == Method.CREDIT_NOTE, PAYMENT.currency)
)
IDS = select(PAYMENT.id)
NUMBERED = (
    select(PART.payment_id)
    .join_from(table(PaymentPart), table(FacturaDocument), DOCUMENT.id == PART.document_id)
    .where(DOCUMENT.number.in_(listed("numbers")))
)

Place = tuple[date, int]
"""Day and id of a payment, where a page ends."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which payments are asked for; what is empty does not matter."""

    words: str = ""
    method: str = ""
    since: date | None = None
    until: date | None = None
    customer_id: int | None = None

    def __bool__(self) -> bool:
        dates = self.since or self.until
        return bool(self.words.split() or self.method or dates or self.customer_id)


@dataclass(frozen=True, slots=True)
class Found:
    """Some payments, the last received first, and where the older ones begin."""

    rows: list[Any]
    older: Place | None


def search(wanted: Wanted, before: Place | None = None) -> Found:
    """The payments that are wanted, also those that were taken back."""
    asked, facts = _narrowed(NEWEST, wanted)
    if before is not None:
        asked = asked.where(tuple_(PAYMENT.received_on, PAYMENT.id) < before)
    page = paging.cut(db.session.execute(asked.limit(PAGE + 1), facts).all(), PAGE)
    last = page.rows[-1] if page.older else None
    return Found(page.rows, (last.received_on, last.id) if last else None)


def sums(wanted: Wanted) -> list[Any]:
    """What those that count add up to: currency, is_set_off, number, amount (minor units)."""
    asked, facts = _narrowed(SUMS, wanted)
    return list(db.session.execute(asked, facts))


def any_payment() -> bool:
    """Whether there is any payment at all."""
    return db.session.scalar(IDS.limit(1)) is not None


def chunks(wanted: Wanted) -> Iterator[list[Any]]:
    """All of them from the first received on, a thousand at a time."""
    asked, facts = _narrowed(OLDEST, wanted)
    place = tuple_(PAYMENT.received_on, PAYMENT.id)
    after: Place | None = None
    while True:
        following = asked if after is None else asked.where(place > after)
        rows = list(db.session.execute(following.limit(CHUNK), facts))
        if rows:
            yield rows
        if len(rows) < CHUNK:
            return
        after = rows[-1].received_on, rows[-1].id


def _narrowed(
    asked: Select[*tuple[Any, ...]], wanted: Wanted
) -> tuple[Select[*tuple[Any, ...]], dict[str, Any]]:
    facts: dict[str, Any] = {}
    if wanted.method:
        asked = asked.where(PAYMENT.method == wanted.method)
    if wanted.since:
        asked = asked.where(PAYMENT.received_on >= bindparam("since", type_=Date))
        facts["since"] = wanted.since
    if wanted.until:
        asked = asked.where(PAYMENT.received_on <= bindparam("until", type_=Date))
        facts["until"] = wanted.until
    if wanted.customer_id:
        asked = asked.where(PAYMENT.customer_id == bindparam("customer_id"))
        facts["customer_id"] = wanted.customer_id
    if words := wanted.words.split():
        asked = asked.where(
            or_(
                PAYMENT.customer_id.in_(listed("customer_ids")),
                PAYMENT.id.in_(NUMBERED),
                and_(*(contains(PAYMENT.note, word) for word in words)),
            )
        )
        facts["customer_ids"] = found_ids(wanted.words, None, MOST_CUSTOMERS)
        facts["numbers"] = words
    return asked, facts
