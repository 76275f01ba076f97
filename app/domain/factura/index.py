"""What a document is found by: one row of folded words per document, kept by events.

Its words are its number, its subject and whose it is. A customer who is renamed is found by the new
name on the newest MOST_RENAMED documents; older ones keep the words they had, which are those that
stand on the paper, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import bindparam, delete, insert, select

from app.core import fulltext
from app.core.database import db, listed, table
from app.core.fulltext import Indexes
from app.core.text import spellings
from app.domain.customers.models import Customer
from app.domain.factura.models import FacturaDocument, FacturaEntry

INDEXES = Indexes("search_factura_trigram", "search_factura_prefix")
MOST_RENAMED = 1000
CHUNK = 1000
ID_BITS = 32
LAST_ID = (1 << ID_BITS) - 1
DRAFTED = 1 << 22
"""Behind the last day there is: drafts come before everything else."""
_LAST_DIGITS = re.compile(r"(?<!\d)0+(\d+)$")

DOCUMENT, CUSTOMER, ENTRY = (table(m).c for m in (FacturaDocument, Customer, FacturaEntry))
WORDS = (
    select(
        DOCUMENT.id,
        DOCUMENT.issued_on,
        DOCUMENT.number,
        DOCUMENT.subject,
        CUSTOMER.name.label("customer_name"),
        CUSTOMER.company,
        CUSTOMER.number.label("customer_number"),
        ENTRY.label,
        ENTRY.words,
    )
    .join_from(table(FacturaDocument), table(Customer), CUSTOMER.id == DOCUMENT.customer_id)
    .outerjoin(table(FacturaEntry), ENTRY.document_id == DOCUMENT.id)
)
ONE = WORDS.where(DOCUMENT.id == bindparam("document_id"))
NEWEST = WORDS.where(DOCUMENT.customer_id == bindparam("customer_id")).order_by(
    DOCUMENT.issued_on.desc(), DOCUMENT.id.desc()
)
FORGET = delete(table(FacturaEntry)).where(ENTRY.document_id.in_(listed("document_ids")))


def label(document_id: int, issued_on: date | None) -> int:
    """A number that sorts documents as the list does: drafts first, then by their day of issue."""
    day = DRAFTED if issued_on is None else issued_on.toordinal()
    return day << ID_BITS | document_id


def keep(customer_id: int, document_id: int) -> None:
    """Write what a document of a customer is found by."""
    _write(db.session.execute(ONE, {"document_id": document_id}))


def rename(customer_id: int) -> None:
    """The name of a customer may be another one."""
    values = {"customer_id": customer_id}
    if any(map(_is_stale, db.session.execute(NEWEST.limit(1), values))):
        _write(db.session.execute(NEWEST.limit(MOST_RENAMED), values))


def rebuild() -> None:
    """Write anew what all documents are found by, at once and a chunk at a time."""
    entries = table(FacturaEntry)
    with fulltext.refilling(entries, INDEXES) as connection:
        for rows in _chunks():
            connection.execute(insert(entries), [_entry(row) for row in rows])


def settle() -> Iterator[None]:
    """Let the indexes forget the drafts that were erased; the caller commits after each step."""
    return fulltext.settle(INDEXES)


def _write(rows: Iterable[Any]) -> None:
    stale = [row for row in rows if _is_stale(row)]
    if old := [row.id for row in stale if row.label is not None]:
        db.session.execute(FORGET, {"document_ids": old})
    if stale:
        db.session.execute(insert(table(FacturaEntry)), [_entry(row) for row in stale])


def _is_stale(row: Any) -> bool:
    return _entry(row) != {"label": row.label, "document_id": row.id, "words": row.words}


def _entry(row: Any) -> dict[str, Any]:
    texts = (*_numbers(row.number or ""), row.subject)
    whose = (row.customer_name, row.company, row.customer_number)
    words = spellings(" ".join([*texts, *whose]))
    return {"label": label(row.id, row.issued_on), "document_id": row.id, "words": words}


def _numbers(number: str) -> Iterator[str]:
    """A number as it is, and its last digits as people say them: "R-2026-0042", "42"."""
    yield number
    if last := _LAST_DIGITS.search(number):
        yield last[1]


def _chunks() -> Iterator[Sequence[Any]]:
    last = 0
    asked = WORDS.where(DOCUMENT.id > bindparam("last")).order_by(DOCUMENT.id).limit(CHUNK)
    while rows := db.session.execute(asked, {"last": last}).all():
        yield rows
        last = rows[-1].id
