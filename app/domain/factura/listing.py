"""What is asked about the documents of all customers: the list, its sums, what there is at all.

A list of a million rows must not be looked through for those that are wanted. Every filter has an
index that yields its rows by their day of issue, so a page of them is read and no more: `_parts`
tells which. docs/adr/0015 tells what that costs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Join,
    Select,
    TextClause,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    text,
    tuple_,
    union_all,
)

from app.core import fulltext, paging
from app.core.database import db, listed, table
from app.core.i18n import today
from app.core.paging import Page
from app.core.text import parse_query
from app.domain.customers.models import Customer
from app.domain.factura import index, rules
from app.domain.factura.labels import many
from app.domain.factura.models import OWED_BY_ANYBODY, FacturaDocument, FacturaEntry
from app.domain.factura.queries import COUNTS, DOCUMENT, FACTS, IS_OWED, STATUS, UNPAID
from app.domain.factura.rules import Kind, State, Status

CUSTOMER = table(Customer).c
IS_DRAFT = DOCUMENT.issued_on.is_(None)
THERE = DOCUMENT.customer_id.not_in(select(CUSTOMER.id).where(CUSTOMER.removed_at.is_not(None)))
NEWEST = (DOCUMENT.issued_on.desc(), DOCUMENT.id.desc())
KINDS = tuple(many)
OF_OWED = {
    UNPAID,
    *(Status.OPEN, Status.PARTLY_PAID, Status.OVERDUE),
    *rules.REMINDED,
}
"""What an invoice may show on which money is owed."""
ROWS = (
    select(*FACTS, DOCUMENT.customer_id, CUSTOMER.name.label("customer_name"))
    .join_from(table(FacturaDocument), table(Customer), CUSTOMER.id == DOCUMENT.customer_id)
    .where(DOCUMENT.id.in_(listed("document_ids")))
)
LAST = select(DOCUMENT.id, DOCUMENT.issued_on).where(DOCUMENT.id == bindparam("document_id"))
ANY = select(DOCUMENT.id).limit(1)
SUMS = (
    select(
        DOCUMENT.kind,
        DOCUMENT.currency,
        func.count().label("number"),
        func.sum(DOCUMENT.net).label("net"),
        func.sum(DOCUMENT.total).label("total"),
        func.sum(case((IS_OWED, DOCUMENT.total - DOCUMENT.paid), else_=0)).label("open"),
    )
    .where(COUNTS)
    .group_by(DOCUMENT.currency, DOCUMENT.kind)
)


@dataclass(frozen=True)
class Wanted:
    """Which documents are asked for; what is empty does not matter, `status` may be UNPAID.

    `since` and `until` are days of issue and hold themselves.
    """

    words: str = ""
    kind: str = ""
    status: str = ""
    since: date | None = None
    until: date | None = None
    customer_id: int | None = None
    currency: str = ""

    def __bool__(self) -> bool:
        return any(vars(self).values())


@dataclass(frozen=True)
class Sum:
    """What documents of a kind add up to, in minor units of a currency.

    Delivery notes and reminders are only counted.
    """

    kind: Kind
    currency: str
    number: int
    net: int
    total: int
    open: int


def search(wanted: Wanted, before: int | None = None) -> Page:
    """The documents that are wanted, drafts first, then the last issued; from after `before` on."""
    last = before and db.session.execute(LAST, {"document_id": before}).first()
    find = _found if parse_query(wanted.words) else _listed
    ids = find(wanted, last, paging.PAGE + 1)
    rows = {row.id: row for row in db.session.execute(ROWS, {"document_ids": ids})}
    return paging.cut([rows[one] for one in ids if one in rows])


def sums(wanted: Wanted) -> list[Sum]:
    """What was issued and wanted adds up to, per currency (the most used first) and kind.

    A cancelled invoice counts if the credit note that takes it back counts, too; of other kinds
    what was cancelled does not, and drafts never do.
    """
    rows = _summed(wanted)
    used = Counter[str]()
    for row in rows:
        used[row.currency] += row.number
    rows.sort(key=lambda row: (-used[row.currency], _place(row)))
    return [_sum(place, list(of_kind)) for place, of_kind in groupby(rows, _place)]


def currencies() -> list[str]:
    """The currencies in which something was issued."""
    first = select(func.min(DOCUMENT.currency).label("currency")).where(~IS_DRAFT)
    known = first.cte("known", recursive=True)
    following = select(func.min(DOCUMENT.currency)).where(
        ~IS_DRAFT, DOCUMENT.currency > known.c.currency
    )
    known = known.union_all(
        select(following.scalar_subquery()).where(known.c.currency.is_not(None))
    )
    return [one for one in db.session.scalars(select(known.c.currency)) if one is not None]


def any_document() -> bool:
    """Whether there is any document at all."""
    return db.session.scalar(ANY) is not None


def _found(wanted: Wanted, last: Any, count: int) -> list[int]:
    """With words: the full-text index yields them in the order of the list."""
    whole, label, values = _matching(wanted)
    asked = select(DOCUMENT.id).select_from(whole).where(or_(~IS_DRAFT, THERE))
    if last:
        asked = asked.where(label < index.label(last.id, last.issued_on))
    asked = _narrowed(asked.where(*_labels(wanted, label)), wanted)
    asked = asked.order_by(label.desc()).limit(count)
    return list(db.session.scalars(asked, values | {"today": today()}))


def _matching(wanted: Wanted) -> tuple[Join, ColumnElement[int], dict[str, Any]]:
    """The documents in which the words are, their labels, and values; of one customer it is few."""
    query, entries = parse_query(wanted.words), table(FacturaEntry)
    if wanted.customer_id:
        entry = entries.alias("e")
        proof, values = fulltext.proof(query)
        theirs = and_(entry.c.document_id == DOCUMENT.id, text(proof))
        return table(FacturaDocument).join(entry, theirs), entry.c.label, values
    found, values = fulltext.found(query, entries, "document_id", index.INDEXES)
    return found.join(table(FacturaDocument), DOCUMENT.id == found.c.id), found.c.label, values


def _labels(wanted: Wanted, label: ColumnElement[int]) -> Iterator[ColumnElement[bool]]:
    """The period once more, said to the full-text index, which knows only labels."""
    if wanted.since:
        yield label >= index.label(0, wanted.since)
    if wanted.until:
        yield label <= index.label(index.LAST_ID, wanted.until)


def _listed(wanted: Wanted, last: Any, count: int) -> list[int]:
    """Without words: a few rows of every index that yields some of them."""
    ids: list[int] = []
    if not last or last.issued_on is None:
        ids += _drafts(wanted, last, count)
    if len(ids) < count and wanted.status != Status.DRAFT:
        ids += _issued(wanted, last, count - len(ids))
    return ids


def _drafts(wanted: Wanted, last: Any, count: int) -> list[int]:
    if wanted.since or wanted.until or wanted.status not in ("", Status.DRAFT):
        return []
    asked = select(DOCUMENT.id).where(IS_DRAFT, THERE).order_by(DOCUMENT.id.desc()).limit(count)
    if last:
        asked = asked.where(DOCUMENT.id < last.id)
    return list(db.session.scalars(_narrowed(asked, wanted), {"today": today()}))


def _issued(wanted: Wanted, last: Any, count: int) -> list[int]:
    ids = select(DOCUMENT.id, DOCUMENT.issued_on).order_by(*NEWEST).limit(count)
    if last and last.issued_on is not None:
        place = tuple_(DOCUMENT.issued_on, DOCUMENT.id)
        ids = ids.where(place < (last.issued_on, last.id))
    is_divided = bool(wanted.status or wanted.currency)
    parts = [
        select(_narrowed(ids.where(part), rest).subquery())
        for part, rest in _parts(wanted, is_divided=is_divided)
    ]
    if not parts:
        return []
    rows = union_all(*parts).subquery().c
    asked = select(rows.id).order_by(rows.issued_on.desc(), rows.id.desc()).limit(count)
    return list(db.session.scalars(asked, {"today": today()}))


def _parts(
    wanted: Wanted, *, is_divided: bool
) -> Iterator[tuple[ColumnElement[bool] | TextClause, Wanted]]:
    """Where in the indexes all lies that is wanted, apart from drafts, and what to ask there.

    If `is_divided`, what is not owed lies by currency, kind and state. Of what is owed nothing must
    be asked that its index tells, or SQLite would read all invoices instead.
    """
    if wanted.customer_id or not is_divided:
        yield ~IS_DRAFT, wanted
        return
    if wanted.status in OF_OWED and wanted.kind in ("", Kind.INVOICE):
        status = "" if wanted.status == UNPAID else wanted.status
        yield text(OWED_BY_ANYBODY), replace(wanted, kind="", status=status)
    for currency in [wanted.currency] if wanted.currency else currencies():
        for kind, state in _told_by(wanted):
            place = {"currency": currency, "kind": kind, "state": state}
            same = (DOCUMENT[name] == value for name, value in place.items())
            yield and_(~IS_DRAFT, *same), wanted


def _told_by(wanted: Wanted) -> Iterator[tuple[Kind, State]]:
    """The kinds and states that may show the status that is wanted."""
    for kind in [Kind(wanted.kind)] if wanted.kind else Kind:
        for state in rules.states(kind):
            if state != State.DRAFT and wanted.status in ("", *_shown(kind, state)):
                yield kind, state


def _shown(kind: Kind, state: State) -> tuple[str, ...]:
    """What a document of this kind in this state shows on which nothing is owed."""
    if kind == Kind.INVOICE and state == State.ISSUED:
        return (Status.PAID, Status.CREDITED)
    if state == State.ISSUED:
        return (Status.OPEN if kind == Kind.QUOTE else Status.ISSUED,)
    return (state,)


def _narrowed(asked: Select[*tuple[Any, ...]], wanted: Wanted) -> Select[*tuple[Any, ...]]:
    for column, value in (
        (DOCUMENT.kind, wanted.kind),
        (DOCUMENT.currency, wanted.currency),
        (DOCUMENT.customer_id, wanted.customer_id),
    ):
        asked = asked.where(column == value) if value else asked
    if wanted.since or wanted.until:  # with both ends, or SQLite would take it for half the list
        days = wanted.since or date.min, wanted.until or date.max
        asked = asked.where(DOCUMENT.issued_on.between(*days))
    if wanted.status:
        shown = STATUS == wanted.status  # noqa: SIM300
        asked = asked.where(IS_OWED if wanted.status == UNPAID else shown)
    return asked


def _summed(wanted: Wanted) -> list[Any]:
    if parse_query(wanted.words):
        whole, label, values = _matching(wanted)
        asked = SUMS.select_from(whole).where(~IS_DRAFT, *_labels(wanted, label))
        asked = _narrowed(asked, wanted)
        return list(db.session.execute(asked, values | {"today": today()}))
    parts = [_narrowed(SUMS.where(part), rest) for part, rest in _parts(wanted, is_divided=True)]
    return list(db.session.execute(union_all(*parts), {"today": today()})) if parts else []


def _place(row: Any) -> tuple[str, int]:
    return row.currency, KINDS.index(row.kind)


def _sum(place: tuple[str, int], rows: Sequence[Any]) -> Sum:
    kind, names = KINDS[place[1]], ("number", "net", "total", "open")
    number, *money = (sum(getattr(row, name) for row in rows) for name in names)
    return Sum(kind, place[0], number, *([0, 0, 0] if kind in rules.NOT_ADDED else money))
