"""What is asked about factura documents."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Date, and_, bindparam, case, func, or_, select, text
from werkzeug.exceptions import NotFound

from app.core import paging
from app.core.database import db, table
from app.core.i18n import _, _n, money, today
from app.core.paging import LATEST_ROWS
from app.domain.customers.models import Customer
from app.domain.factura import rules, settings
from app.domain.factura.labels import objections
from app.domain.factura.models import OWED, FacturaDocument, FacturaLine
from app.domain.factura.rules import MAIN, Kind, LineValues, Move, State, Status
from app.domain.factura.totals import Rated, Totals, charged_rate, totals
from app.domain.letters.queries import language_of
from app.domain.settings.queries import team

UNPAID = "unpaid"
"""Beside the statuses a filter may ask for whatever money is still owed on."""

MOST_RELATED = 50
TYPED = ("article_id", "number", "text", "unit", "quantity", "price", "discount", "tax")
"""What of a line people type."""
HEAD = (
    *("customer_id", "kind", "language", "currency", "is_gross", "treatment", "subject"),
    *("service_on", "service_until", "payment_days", "due_on", "intro", "closing"),
    *("address_key", "person_id", "origin_id", "reminder_level"),
)
"""What of a document people type, but for its lines."""

DOCUMENT, LINE, CUSTOMER = (table(model).c for model in (FacturaDocument, FacturaLine, Customer))
TODAY = bindparam("today", type_=Date)
IS_INVOICE = DOCUMENT.kind == Kind.INVOICE
IS_CREDITED = and_(DOCUMENT.credited >= DOCUMENT.total, DOCUMENT.total > 0)
IS_OWED = and_(IS_INVOICE, DOCUMENT.state == State.ISSUED, DOCUMENT.paid < DOCUMENT.total)
NOTE = table(FacturaDocument).alias("note")
IS_GIVEN_BACK = (
    select(NOTE.c.id)
    .where(
        NOTE.c.origin_id == DOCUMENT.id,
        NOTE.c.kind == Kind.CREDIT_NOTE,
        NOTE.c.state == State.ISSUED,
    )
    .correlate(table(FacturaDocument))
    .exists()
)
COUNTS = or_(DOCUMENT.state != State.CANCELLED, and_(IS_INVOICE, IS_GIVEN_BACK))
"""What is added up: of what was cancelled only invoices whose credit note says the contrary, which
those have not that came cancelled from elsewhere."""
STATUS = case(
    (DOCUMENT.state.in_((State.DRAFT, State.CANCELLED)), DOCUMENT.state),
    (
        DOCUMENT.kind == Kind.QUOTE,
        case((DOCUMENT.state == State.ISSUED, Status.OPEN), else_=DOCUMENT.state),
    ),
    (~IS_INVOICE, Status.ISSUED),
    (DOCUMENT.paid >= DOCUMENT.total, case((IS_CREDITED, Status.CREDITED), else_=Status.PAID)),
    (DOCUMENT.reminder_level >= 3, Status.REMINDED_3),
    (DOCUMENT.reminder_level == 2, Status.REMINDED_2),
    (DOCUMENT.reminder_level == 1, Status.REMINDED_1),
    (DOCUMENT.due_on < TODAY, Status.OVERDUE),
    (DOCUMENT.paid > 0, Status.PARTLY_PAID),
    else_=Status.OPEN,
)
"""`rules.status`, said to the database; a test holds the two together."""

OF = DOCUMENT.customer_id == bindparam("customer_id")
FACTS = (
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
    DOCUMENT.credited,
    DOCUMENT.reminder_level,
)
"""What a row tells of a document; its status is worked out of it."""
SHOWN = select(*FACTS).where(OF)
# A draft is what has no day of issue. Each part comes in the order of the index, nothing is sorted.
DRAFTS = SHOWN.where(DOCUMENT.issued_on.is_(None)).order_by(DOCUMENT.id.desc())
ISSUED = SHOWN.where(DOCUMENT.issued_on.is_not(None)).order_by(
    DOCUMENT.issued_on.desc(), DOCUMENT.id.desc()
)
LATEST_DRAFTS, LATEST_ISSUED = DRAFTS.limit(LATEST_ROWS), ISSUED.limit(LATEST_ROWS)
RECEIVED = ISSUED.limit(1)
COUNT = paging.counting(select(DOCUMENT.id).where(OF))
COUNT_DRAFTS = select(func.count()).where(OF, DOCUMENT.issued_on.is_(None))
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
THIS = DOCUMENT.id == bindparam("document_id")
WHOLE = (
    select(
        *DOCUMENT,
        CUSTOMER.name.label("customer_name"),
        CUSTOMER.number.label("customer_number"),
        CUSTOMER.removed_at.label("customer_removed_at"),
    )
    .join_from(table(FacturaDocument), table(Customer), CUSTOMER.id == DOCUMENT.customer_id)
    .where(THIS)
)
LINES = select(*LINE).where(LINE.document_id == bindparam("document_id")).order_by(LINE.position)
RELATED = select(*FACTS, DOCUMENT.origin_id).order_by(DOCUMENT.id).limit(MOST_RELATED)
ORIGIN = RELATED.where(DOCUMENT.id == select(DOCUMENT.origin_id).where(THIS).scalar_subquery())
MADE_OF = RELATED.where(DOCUMENT.origin_id == bindparam("document_id"))
CREDITED = MADE_OF.where(DOCUMENT.kind == Kind.CREDIT_NOTE, DOCUMENT.state == State.ISSUED).limit(
    None
)
REMINDED = select(func.max(DOCUMENT.reminder_level)).where(
    DOCUMENT.origin_id == bindparam("document_id"),
    DOCUMENT.kind == Kind.REMINDER,
    DOCUMENT.state == State.ISSUED,
)
FEES = (
    select(func.coalesce(func.sum(LINE.amount), 0))
    .select_from(
        table(FacturaDocument).outerjoin(
            table(FacturaLine), and_(LINE.document_id == DOCUMENT.id, LINE.position > 1)
        )
    )
    .where(
        DOCUMENT.origin_id == bindparam("document_id"),
        DOCUMENT.kind == Kind.REMINDER,
        DOCUMENT.state == State.ISSUED,
    )
    .group_by(DOCUMENT.id)
    .order_by(DOCUMENT.id)
)
BY_KEY = select(DOCUMENT.id).where(DOCUMENT.key == bindparam("key"))


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


def marks(customer_ids: Sequence[int]) -> dict[int, list[tuple[str, str, Any]]]:
    """The marks of customers who owe something: how much, how urgently, and where to read more."""
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


def document(document_id: int) -> FacturaDocument:
    """A document to do something with; NotFound for an unknown one."""
    found = db.session.get(FacturaDocument, document_id)
    if found is None:
        raise NotFound
    return found


def row(document_id: int) -> Any:
    """All columns of a document, name and number of its customer too; NotFound if unknown."""
    found = db.session.execute(WHOLE, {"document_id": document_id}).first()
    if found is None:
        raise NotFound
    return found


def status_of(found: Any, day: date) -> Status:
    """The status that a document, or a row of `FACTS`, shows on this day."""
    return rules.status(
        found.kind,
        found.state,
        paid=found.paid,
        credited=found.credited,
        total=found.total,
        due_on=found.due_on,
        reminder_level=found.reminder_level,
        today=day,
    )


def lines(document_id: int) -> list[Any]:
    """The lines of a document, all columns, in their order."""
    return list(db.session.execute(LINES, {"document_id": document_id}))


def related(document_id: int) -> list[Any]:
    """What a document was made from, then what was made from it; `origin_id` tells them apart."""
    asked = {"document_id": document_id}
    return [*db.session.execute(ORIGIN, asked), *db.session.execute(MADE_OF, asked)]


def fresh(kind: str, customer_id: int | None) -> dict[str, Any]:
    """The values of a new draft, as the team and the customer usually have it.

    It goes to the main address: additional ones are for choice and never taken silently.
    """
    usual, home = settings.settings(), team()
    language = language_of(customer_id) if customer_id else home.language
    return {
        "customer_id": customer_id,
        "kind": kind,
        "language": language,
        "currency": usual.currency,
        "is_gross": usual.is_gross,
        "treatment": usual.treatment,
        "subject": "",
        "service_on": None,
        "service_until": None,
        **usual_words(kind, language),
        "due_on": None,
        "address_key": MAIN,
        "person_id": None,
        "lines": [],
    }


def usual_words(kind: str, language: str) -> dict[str, Any]:
    """What depends on the kind of a new document: its texts, and its term in days."""
    usual = settings.settings()
    days = usual.quote_days if kind == Kind.QUOTE else usual.payment_days
    return {
        "payment_days": days if kind in rules.DUE else None,
        "intro": settings.default_text(kind, "intro", language),
        "closing": settings.default_text(kind, "closing", language),
    }


def draft(document_id: int) -> dict[str, Any]:
    """The values of a draft with their `version`; Refused for what was issued."""
    found = row(document_id)
    rules.moved(found.kind, found.state, Move.EDIT)
    return values_of(found) | {"version": str(found.version)}


def values_of(found: Any) -> dict[str, Any]:
    """The values of a document, as its draft has them."""
    typed = [
        LineValues(**{name: getattr(line, name) for name in TYPED}) for line in lines(found.id)
    ]
    return {name: getattr(found, name) for name in HEAD} | {"lines": typed}


def totals_of(values: Mapping[str, Any], on: date | None = None) -> Totals:
    """What the values of a draft come to if it is issued on this day (today)."""
    return totals(
        rated(values, on or today()),
        is_gross=values["is_gross"],
        treatment=values["treatment"],
        currency=values["currency"],
    )


def rated(values: Mapping[str, Any], on: date) -> list[Rated]:
    """The lines of a draft with the rates they are charged by."""
    country, day = team().country, service_day(values, on)
    return [
        Rated(
            line.quantity,
            line.price,
            line.discount,
            line.tax,
            charged_rate(country, line.tax, values["treatment"], day),
        )
        for line in values["lines"]
    ]


def service_day(values: Mapping[str, Any], on: date) -> date:
    """The day whose tax rates hold: the last of the service, else the day of issue.

    What takes an invoice back does so by the invoice's rates (§ 17 (1) UStG).
    """
    if values["kind"] == Kind.CREDIT_NOTE and values["origin_id"]:
        return _last_day(row(values["origin_id"])._mapping) or on
    return _last_day(values) or on


def credited(invoice_id: int, except_for: int | None = None) -> list[Any]:
    """The issued credit notes of an invoice."""
    found = db.session.execute(CREDITED, {"document_id": invoice_id})
    return [note for note in found if note.id != except_for]


def left_to_credit(invoice: Any, except_for: int | None = None) -> int:
    """What of an invoice no issued credit note has given back, in minor units."""
    return invoice.total - sum(note.total for note in credited(invoice.id, except_for))


def reminded(invoice_id: int) -> int:
    """The highest level of the issued reminders of an invoice."""
    return db.session.scalar(REMINDED, {"document_id": invoice_id}) or 0


def fees_asked(invoice_id: int) -> list[int]:
    """The fee that each issued reminder of an invoice asks for, in minor units, the oldest first.

    Its first line is what was open, what follows is the fee.
    """
    return list(db.session.scalars(FEES, {"document_id": invoice_id}))


def by_key(key: str | None) -> int | None:
    """The document that came from the form of this key, if one did."""
    return db.session.scalar(BY_KEY, {"key": kept_key(key)}) if key else None


def kept_key(key: str | None) -> str | None:
    """A key as it is kept, whatever a form sent."""
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()[:32] if key else None


def _last_day(values: Mapping[str, Any]) -> date | None:
    return values["service_until"] or values["service_on"] or values.get("issued_on")


def _mark(row: Any) -> tuple[str, str, Any]:
    amount, place = money(row.open, row.currency), ("factura", {"status": UNPAID})
    if not row.overdue:
        return _("%(amount)s open", amount=amount), "warn", place
    if row.overdue < row.number:
        return _("%(amount)s open, partly overdue", amount=amount), "bad", place
    return _("%(amount)s overdue", amount=amount), "bad", place
