"""What is asked about factura documents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Date, Select, and_, bindparam, case, func, or_, select, text, tuple_
from sqlalchemy import literal_column as plain

from app.core import paging
from app.core.database import contains, db, table
from app.core.i18n import _, _n, money, today
from app.core.paging import LATEST_ROWS, Page
from app.domain.factura.labels import objections
from app.domain.factura.models import OWED, FacturaDocument
from app.domain.factura.rules import Kind, State, Status

UNPAID = "unpaid"
"""Beside the statuses a filter may ask for whatever money is still owed on."""

DOCUMENT = table(FacturaDocument).c
TODAY = bindparam("today", type_=Date)
IS_INVOICE = DOCUMENT.kind == Kind.INVOICE
IS_OWED = and_(IS_INVOICE, DOCUMENT.state == State.ISSUED, DOCUMENT.paid < DOCUMENT.total)
STATUS = case(
    (DOCUMENT.state.in_((State.DRAFT, State.CANCELLED)), DOCUMENT.state),
    (
        DOCUMENT.kind == Kind.QUOTE,
        case((DOCUMENT.state == State.ISSUED, Status.OPEN), else_=DOCUMENT.state),
    ),
    (~IS_INVOICE, Status.ISSUED),
    (DOCUMENT.paid >= DOCUMENT.total, Status.PAID),
    (DOCUMENT.reminder_level >= 3, Status.REMINDED_3),
    (DOCUMENT.reminder_level == 2, Status.REMINDED_2),
    (DOCUMENT.reminder_level == 1, Status.REMINDED_1),
    (DOCUMENT.due_on < TODAY, Status.OVERDUE),
    (DOCUMENT.paid > 0, Status.PARTLY_PAID),
    else_=Status.OPEN,
)
"""`rules.status`, said to the database; a test holds the two together."""

OF = DOCUMENT.customer_id == bindparam("customer_id")
SHOWN = select(
    DOCUMENT.id,
    DOCUMENT.kind,
    DOCUMENT.state,
    DOCUMENT.number,
    DOCUMENT.subject,
    DOCUMENT.issued_on,
    DOCUMENT.due_on,
    DOCUMENT.currency,
    DOCUMENT.total,
    DOCUMENT.paid,
    DOCUMENT.reminder_level,
).where(OF)
# A draft is what has no day of issue. Each part comes in the order of the index, nothing is sorted.
DRAFTS = SHOWN.where(DOCUMENT.issued_on.is_(None)).order_by(DOCUMENT.id.desc())
ISSUED = SHOWN.where(DOCUMENT.issued_on.is_not(None)).order_by(
    DOCUMENT.issued_on.desc(), DOCUMENT.id.desc()
)
LAST = select(DOCUMENT.id, DOCUMENT.issued_on).where(OF, DOCUMENT.id == bindparam("document_id"))
LATEST_DRAFTS, LATEST_ISSUED = DRAFTS.limit(LATEST_ROWS), ISSUED.limit(LATEST_ROWS)
RECEIVED = ISSUED.limit(1)
COUNT = paging.counting(select(DOCUMENT.id).where(OF))
COUNT_DRAFTS = select(func.count()).where(OF, DOCUMENT.issued_on.is_(None))
SUMS = (
    select(
        DOCUMENT.kind,
        DOCUMENT.currency,
        func.count().label("number"),
        func.sum(DOCUMENT.total).label("total"),
        func.sum(case((IS_OWED, DOCUMENT.total - DOCUMENT.paid), else_=0)).label("open"),
    )
    .where(OF, DOCUMENT.state.not_in((State.DRAFT, State.CANCELLED)))
    .group_by(DOCUMENT.kind, DOCUMENT.currency)
)
# Said in the very words of the partial index, or SQLite would not use it.
OPEN = (
    select(
        DOCUMENT.customer_id,
        DOCUMENT.currency,
        func.count().label("number"),
        func.sum(DOCUMENT.total - DOCUMENT.paid).label("open"),
        func.sum(
            case((or_(DOCUMENT.reminder_level > 0, DOCUMENT.due_on < TODAY), 1), else_=0)
        ).label("overdue"),
    )
    .where(DOCUMENT.customer_id.in_(bindparam("customer_ids", expanding=True)), text(OWED))
    .group_by(DOCUMENT.customer_id, DOCUMENT.currency)
)
KNOWN_NUMBER = select(plain("1")).where(
    DOCUMENT.kind == bindparam("kind"), DOCUMENT.number == bindparam("number")
)


@dataclass(frozen=True)
class Wanted:
    """Which documents are asked for; what is empty does not matter, `status` may be UNPAID."""

    words: str = ""
    kind: str = ""
    status: str = ""

    def __bool__(self) -> bool:
        return bool(self.words.split() or self.kind or self.status)


def latest(customer_id: int) -> list[Any]:
    """The five on the overview: drafts first, then the last issued."""
    values = {"customer_id": customer_id}
    drafts = db.session.execute(LATEST_DRAFTS, values).all()
    if len(drafts) == LATEST_ROWS:
        return list(drafts)
    return [*drafts, *db.session.execute(LATEST_ISSUED, values)][:LATEST_ROWS]


def count(customer_id: int, shown: Sequence[Any] | None = None) -> int:
    """How many there are, counted up to 1,001; fewer than five `latest` ones are all."""
    return paging.total(COUNT, {"customer_id": customer_id}, shown)


def search(customer_id: int, wanted: Wanted, before: int | None = None) -> Page:
    """The documents that are wanted, from the one after `before` on."""
    values = {"customer_id": customer_id, "today": today()}
    last = db.session.execute(LAST, values | {"document_id": before or 0}).first()
    rows: list[Any] = []
    for part in _parts(last):
        asked = _narrowed(part, wanted).limit(paging.PAGE + 1 - len(rows))
        rows += db.session.execute(asked, values)
        if len(rows) > paging.PAGE:
            break
    return paging.cut(rows)


def sums(customer_id: int, wanted: Wanted) -> list[Any]:
    """What was issued and wanted adds up to: kind, currency, number, total, open (minor units).

    Drafts and what was cancelled do not count.
    """
    values = {"customer_id": customer_id, "today": today()}
    return list(db.session.execute(_narrowed(SUMS, wanted), values))


def open_amounts(customer_ids: Sequence[int]) -> dict[int, list[Any]]:
    """What customers still owe, per currency: currency, number, open (minor units), overdue.

    It is the sum over issued invoices of the total less what was paid; what was paid too much on
    one does not pay another. Only invoices ask for money: a quote is an offer, a pro forma asks for
    nothing yet, and a reminder asks again for what its invoice asks. A credit note is no debt of
    the customer; what is set off against it counts as paid on the invoice.
    """
    found: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(OPEN, {"customer_ids": customer_ids, "today": today()}):
        found[row.customer_id].append(row)
    return found


def marks(customer_ids: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
    """The marks of customers who owe something: how much, and how urgently."""
    found = open_amounts(customer_ids)
    return {
        customer_id: [_mark(row) for row in sorted(rows, key=lambda row: not row.overdue)]
        for customer_id, rows in found.items()
    }


def objection(customer_id: int) -> str | None:
    """Why a customer cannot be deleted: it has received a document, whatever became of that."""
    row = db.session.execute(RECEIVED, {"customer_id": customer_id}).first()
    return str(objections[Kind(row.kind)]) % {"number": row.number} if row else None


def belonging(customer_id: int) -> list[str]:
    """What goes with a customer who is deleted: drafts, there can be nothing else."""
    drafts = db.session.scalar(COUNT_DRAFTS, {"customer_id": customer_id}) or 0
    return [_n("%(num)d draft", "%(num)d drafts", drafts)] if drafts else []


def number_taken(kind: str, number: str) -> bool:
    """Whether a document of this kind has this number already."""
    return db.session.scalar(KNOWN_NUMBER, {"kind": kind, "number": number}) is not None


def _parts(last: Any) -> list[Select[*tuple[Any, ...]]]:
    """What follows a document in the list: other drafts, then what was issued."""
    if last is None:
        return [DRAFTS, ISSUED]
    if last.issued_on is None:
        return [DRAFTS.where(DOCUMENT.id < last.id), ISSUED]
    place = tuple_(DOCUMENT.issued_on, DOCUMENT.id)
    return [ISSUED.where(place < (last.issued_on, last.id))]


def _narrowed(asked: Select[*tuple[Any, ...]], wanted: Wanted) -> Select[*tuple[Any, ...]]:
    for word in wanted.words.split():
        found = contains(DOCUMENT.subject, word), contains(DOCUMENT.number, word)
        asked = asked.where(or_(*found))
    if wanted.kind:
        asked = asked.where(DOCUMENT.kind == wanted.kind)
    if wanted.status:
        shown = STATUS == wanted.status  # noqa: SIM300
        asked = asked.where(IS_OWED if wanted.status == UNPAID else shown)
    return asked


def _mark(row: Any) -> tuple[str, str]:
    amount = money(row.open, row.currency)
    if not row.overdue:
        return _("%(amount)s open", amount=amount), "warn"
    if row.overdue < row.number:
        return _("%(amount)s open, partly overdue", amount=amount), "bad"
    return _("%(amount)s overdue", amount=amount), "bad"
