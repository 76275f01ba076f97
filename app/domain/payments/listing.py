"""The payments of everybody: narrowed, paged and added up; and as a table for the tax adviser.

A million of them must not be looked through for those that are wanted, so there is an index for
every filter, and notes are read of the newest MOST_NOTES only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, func, select, tuple_, union

from app.core import paging
from app.core.database import contains, db, listed, table
from app.core.paging import PAGE
from app.domain.customers.models import Customer
from app.domain.customers.queries import found_ids
from app.domain.factura.models import FacturaDocument
from app.domain.payments.models import Payment, PaymentPart
from app.domain.payments.rules import Method

MOST_CUSTOMERS = 1000
"""Whose payments words find; by name they are the first."""
MOST_NOTES = 10_000
"""Payments whose notes words are looked for in: the newest of the period, method and customer."""
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
NEWEST = PAYMENT.received_on.desc(), PAYMENT.id.desc()
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
PLACES = select(PAYMENT.id, PAYMENT.received_on)
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


@dataclass(frozen=True, slots=True)
class Found:
    """Some payments, the last received first, and where the older ones begin."""

    rows: list[Any]
    older: Place | None


def search(wanted: Wanted, before: Place | None = None) -> Found:
    """The payments that are wanted, also those that were taken back."""
    places, facts = _places(wanted)
    on, payment_id = places.c.received_on, places.c.id
    ids = select(payment_id).order_by(on.desc(), payment_id.desc()).limit(PAGE + 1)
    if before is not None:
        ids = ids.where(tuple_(on, payment_id) < before)
    asked = SHOWN.where(PAYMENT.id.in_(ids)).order_by(*NEWEST)
    page = paging.cut(db.session.execute(asked, facts).all(), PAGE)
    last = page.rows[-1] if page.older else None
    return Found(page.rows, (last.received_on, last.id) if last else None)


def is_cut(wanted: Wanted) -> bool:
    """Whether the words of more customers, or more notes, would have to be looked through."""
    if not wanted.words.split():
        return False
    beyond = PLACES.where(*_conditions(wanted)).order_by(*NEWEST).offset(MOST_NOTES).limit(1)
    is_long = db.session.execute(beyond).first() is not None
    return is_long or len(found_ids(wanted.words, None, MOST_CUSTOMERS + 1)) > MOST_CUSTOMERS


def sums(wanted: Wanted) -> list[Any]:
    """What those that count add up to: currency, is_set_off, number, amount (minor units)."""
    if wanted.words.split():
        places, facts = _places(wanted)
        asked = SUMS.where(PAYMENT.id.in_(select(places.c.id)))
        return list(db.session.execute(asked, facts))
    asked = SUMS.where(*_conditions(wanted))
    if not wanted.method and not wanted.customer_id:  # all there are, since the index begins so
        asked = asked.where(PAYMENT.method.in_(list(Method)))
    return list(db.session.execute(asked))


def any_payment() -> bool:
    """Whether there is any payment at all."""
    return db.session.scalar(select(PAYMENT.id).limit(1)) is not None


def chunks(wanted: Wanted) -> Iterator[list[Any]]:
    """All of them from the first received on, a thousand at a time."""
    places, facts = _places(wanted)
    on, payment_id = places.c.received_on, places.c.id
    ids = select(payment_id).order_by(on, payment_id).limit(CHUNK)
    after: Place = date.min, 0
    while True:
        following = ids.where(tuple_(on, payment_id) > after)
        asked = SHOWN.where(PAYMENT.id.in_(following))
        asked = asked.order_by(PAYMENT.received_on, PAYMENT.id)
        rows = list(db.session.execute(asked, facts))
        if rows:
            yield rows
        if len(rows) < CHUNK:
            return
        after = rows[-1].received_on, rows[-1].id


def _places(wanted: Wanted) -> tuple[Subquery, dict[str, Any]]:
    """The payments that are wanted as a table of id and received_on, and what it has to be told."""
    words = wanted.words.split()
    if not words:
        return PLACES.where(*_conditions(wanted)).subquery(), {}
    noted = PLACES.add_columns(PAYMENT.note).where(*_conditions(wanted))
    narrowed = PLACES.where(*_conditions(wanted, is_few=True))
    newest = noted.order_by(*NEWEST).limit(MOST_NOTES).subquery().c
    found = union(
        narrowed.where(PAYMENT.customer_id.in_(listed("customer_ids"))),
        narrowed.where(PAYMENT.id.in_(NUMBERED)),
        select(newest.id, newest.received_on).where(
            and_(*(contains(newest.note, word) for word in words))
        ),
    )
    customer_ids = found_ids(wanted.words, None, MOST_CUSTOMERS)
    return found.subquery(), {"customer_ids": customer_ids, "numbers": words}


def _conditions(wanted: Wanted, *, is_few: bool = False) -> Iterator[ColumnElement[bool]]:
    """For payments of few customers, or few anyway, the index of methods must not be taken."""
    is_few = is_few or wanted.customer_id is not None
    if wanted.method:
        yield (PAYMENT.method.concat("") if is_few else PAYMENT.method) == wanted.method
    if wanted.since:
        yield PAYMENT.received_on >= wanted.since
    if wanted.until:
        yield PAYMENT.received_on <= wanted.until
    if wanted.customer_id:
        yield PAYMENT.customer_id == wanted.customer_id
