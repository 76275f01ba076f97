"""What is asked about payments, and what is still to be paid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, select, text
from werkzeug.exceptions import NotFound

from app.core.database import db, listed, table
from app.core.i18n import _, day
from app.domain.factura import queries as documents
from app.domain.factura.models import OWED, FacturaDocument
from app.domain.factura.rules import Kind, State
from app.domain.payments import rules
from app.domain.payments.models import CREDIT, Payment, PaymentPart
from app.domain.payments.rules import Owed, own_key

MOST_OPEN = 50
"""Invoices that one payment is offered for; those due first."""

PAYMENT, PART, DOCUMENT = (table(m).c for m in (Payment, PaymentPart, FacturaDocument))
OF = PAYMENT.customer_id == bindparam("customer_id")
COUNTS = PAYMENT.taken_back_at.is_(None)
GIVEN = (
    select(func.coalesce(func.sum(PART.amount), 0))
    .where(PART.payment_id == PAYMENT.id)
    .correlate(table(Payment))
    .scalar_subquery()
)
LEFT = PAYMENT.amount - PAYMENT.fees - GIVEN
"""What `Payment.left` repeats."""

BY_KEY = select(PAYMENT.id).where(PAYMENT.key == bindparam("key"))
LAST_RECEIVED = select(func.max(PAYMENT.received_on)).where(OF, COUNTS)
INVOICE = select(
    DOCUMENT.id,
    DOCUMENT.customer_id,
    DOCUMENT.kind,
    DOCUMENT.state,
    DOCUMENT.number,
    DOCUMENT.issued_on,
    DOCUMENT.due_on,
    DOCUMENT.currency,
    DOCUMENT.total,
    DOCUMENT.paid,
).where(DOCUMENT.id == bindparam("document_id"))
# Said in the very words of the partial index, or SQLite would not use it.
OPEN = (
    select(
        DOCUMENT.id,
        DOCUMENT.number,
        DOCUMENT.subject,
        DOCUMENT.issued_on,
        DOCUMENT.due_on,
        DOCUMENT.currency,
        DOCUMENT.total,
        DOCUMENT.paid,
        DOCUMENT.reminder_level,
        (DOCUMENT.total - DOCUMENT.paid).label("open"),
    )
    .where(DOCUMENT.customer_id == bindparam("customer_id"), text(OWED))
    .order_by(DOCUMENT.due_on.is_(None), DOCUMENT.due_on, DOCUMENT.issued_on, DOCUMENT.id)
)
OPEN_IN = OPEN.where(DOCUMENT.currency == bindparam("currency"))
AMONG = OPEN.where(DOCUMENT.id.in_(listed("document_ids")))
CURRENCIES = (
    select(DOCUMENT.currency, func.count().label("number"))
    .where(DOCUMENT.customer_id == bindparam("customer_id"), text(OWED))
    .group_by(DOCUMENT.currency)
    .order_by(func.min(DOCUMENT.due_on).is_(None), func.min(DOCUMENT.due_on))
)
CREDITS = (
    select(PAYMENT.id, PAYMENT.left)
    .where(OF, PAYMENT.currency == bindparam("currency"), text(CREDIT))
    .order_by(PAYMENT.received_on, PAYMENT.id)
)
CREDIT_SUMS = (
    select(PAYMENT.currency, func.sum(PAYMENT.left).label("left"))
    .where(OF, text(CREDIT))
    .group_by(PAYMENT.currency)
    .order_by(PAYMENT.currency)
)
OF_DOCUMENT = (
    select(
        PAYMENT.id,
        PAYMENT.received_on,
        PAYMENT.method,
        PAYMENT.note,
        PAYMENT.currency,
        PAYMENT.author_name,
        PAYMENT.created_at,
        PAYMENT.credit_note_id,
        PART.amount,
    )
    .select_from(table(PaymentPart).join(table(Payment), PAYMENT.id == PART.payment_id))
    .where(PART.document_id == bindparam("document_id"), COUNTS)
    .order_by(PAYMENT.received_on.desc(), PAYMENT.id.desc())
    .limit(MOST_OPEN)
)
FEES_PAID = select(func.coalesce(func.sum(PAYMENT.fees), 0)).where(
    COUNTS,
    PAYMENT.id.in_(select(PART.payment_id).where(PART.document_id == bindparam("document_id"))),
)
PARTS = (
    select(
        PART.payment_id,
        PART.document_id,
        PART.amount,
        DOCUMENT.number,
        DOCUMENT.kind,
    )
    .select_from(table(PaymentPart).join(table(FacturaDocument), DOCUMENT.id == PART.document_id))
    .where(PART.payment_id.in_(listed("payment_ids")))
    .order_by(PART.payment_id, DOCUMENT.due_on, DOCUMENT.id)
)
ON_DOCUMENT = (
    select(PaymentPart)
    .join(Payment, Payment.id == PaymentPart.payment_id)
    .where(PaymentPart.document_id == bindparam("document_id"), COUNTS)
)
RECOUNTED = (
    select(PART.document_id, func.sum(PART.amount).label("paid"))
    .select_from(table(PaymentPart).join(table(Payment), PAYMENT.id == PART.payment_id))
    .where(COUNTS)
    .group_by(PART.document_id)
    .subquery()
)
DIFFERENCES = (
    select(
        DOCUMENT.id,
        DOCUMENT.number,
        DOCUMENT.currency,
        DOCUMENT.paid,
        func.coalesce(RECOUNTED.c.paid, 0).label("recounted"),
    )
    .select_from(
        table(FacturaDocument).outerjoin(RECOUNTED, RECOUNTED.c.document_id == DOCUMENT.id)
    )
    .where(DOCUMENT.paid != func.coalesce(RECOUNTED.c.paid, 0))
    .order_by(DOCUMENT.id)
)
CREDIT_DIFFERENCES = (
    select(PAYMENT.id, PAYMENT.currency, PAYMENT.left, LEFT.label("recounted"))
    .where(PAYMENT.left != LEFT)
    .order_by(PAYMENT.id)
)
OVERDRAWN = select(PAYMENT.id).where(or_(LEFT < 0, PAYMENT.fees < 0)).order_by(PAYMENT.id)
ASTRAY = (
    select(PART.payment_id, PART.document_id)
    .select_from(
        table(PaymentPart)
        .join(table(Payment), PAYMENT.id == PART.payment_id)
        .join(table(FacturaDocument), DOCUMENT.id == PART.document_id)
    )
    .where(
        COUNTS,
        or_(
            PART.amount <= 0,
            DOCUMENT.currency != PAYMENT.currency,
            DOCUMENT.customer_id != PAYMENT.customer_id,
            DOCUMENT.paid > DOCUMENT.total,
            and_(DOCUMENT.kind == Kind.INVOICE, DOCUMENT.state != State.ISSUED),
        ),
    )
    .order_by(PART.payment_id, PART.document_id)
)


def payment(payment_id: int, *, taken_back: bool = False) -> Payment:
    """A payment that counts, or one that was taken back; NotFound for anything else."""
    found = db.session.get(Payment, payment_id)
    if found is None or (found.taken_back_at is not None) != taken_back:
        raise NotFound
    return found


def invoice(document_id: int) -> Any:
    """An invoice that was issued, also one that was cancelled; NotFound for anything else."""
    row = db.session.execute(INVOICE, {"document_id": document_id}).first()
    if row is None or row.kind != Kind.INVOICE or row.state == State.DRAFT:
        raise NotFound
    return row


def recorded_as(customer_id: int, key: str | None) -> int | None:
    """The payment of a customer that was recorded by the form of this key, if it was."""
    known = own_key(customer_id, key)
    return db.session.scalar(BY_KEY, {"key": known}) if known else None


def currencies(customer_id: int) -> list[Any]:
    """In which currencies a customer owes something, and on how many invoices; oldest first."""
    return list(db.session.execute(CURRENCIES, {"customer_id": customer_id}))


def open_items(customer_id: int, currency: str | None = None, most: int = MOST_OPEN) -> list[Any]:
    """Invoices of a customer on which something is open, those due first."""
    asked, facts = (OPEN, {}) if currency is None else (OPEN_IN, {"currency": currency})
    return list(db.session.execute(asked.limit(most), {"customer_id": customer_id} | facts))


def owed_on(customer_id: int, document_ids: Collection[int]) -> dict[int, Owed]:
    """Those of these invoices of a customer on which something is open."""
    facts = {"customer_id": customer_id, "document_ids": list(document_ids)}
    return {row.id: owed(row) for row in db.session.execute(AMONG, facts)}


def owed(row: Any) -> Owed:
    """An open item as the rules know it."""
    return Owed(row.id, row.number or "", row.currency, row.open)


def credits(customer_id: int, currency: str) -> list[Any]:
    """Payments of which something is left for the customer, oldest first: id and left."""
    facts = {"customer_id": customer_id, "currency": currency}
    return list(db.session.execute(CREDITS, facts))


def credit_sums(customer_id: int) -> dict[str, int]:
    """What customers have paid too much or in advance, by currency, in minor units."""
    rows = db.session.execute(CREDIT_SUMS, {"customer_id": customer_id})
    return {row.currency: row.left for row in rows}


def of_document(document_id: int) -> list[Any]:
    """The payments of a document that count, the last received first."""
    return list(db.session.execute(OF_DOCUMENT, {"document_id": document_id}))


def fees_left(document_id: int) -> list[int]:
    """What is left of the reminder fees of an invoice, as `rules.fees_left` has it."""
    asked = documents.fees_asked(document_id)
    paid = db.session.scalar(FEES_PAID, {"document_id": document_id}) if any(asked) else 0
    return rules.fees_left(asked, paid or 0)


def parts(payment_ids: Sequence[int]) -> dict[int, list[Any]]:
    """What payments are for: document_id, number, kind and amount, by payment."""
    found: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(PARTS, {"payment_ids": list(payment_ids)}):
        found[row.payment_id].append(row)
    return found


def parts_of(payment_id: int) -> list[PaymentPart]:
    """The parts of a payment, for verbs."""
    asked = select(PaymentPart).where(PART.payment_id == payment_id)
    return list(db.session.scalars(asked.order_by(PART.document_id)))


def parts_on(document_id: int) -> list[PaymentPart]:
    """The parts on a document of payments that count, for verbs."""
    return list(db.session.scalars(ON_DOCUMENT, {"document_id": document_id}))


def differences() -> list[Any]:
    """Documents whose `paid` is not what their payments say: number, paid, recounted."""
    return list(db.session.execute(DIFFERENCES))


def credit_differences() -> list[Any]:
    """Payments whose `left` is not what fees and parts leave: id, currency, left, recounted."""
    return list(db.session.execute(CREDIT_DIFFERENCES))


def contradictions() -> tuple[list[Any], list[Any]]:
    """Payments that give away more than they are, and parts that cannot be where they are."""
    return list(db.session.execute(OVERDRAWN)), list(db.session.execute(ASTRAY))


def objection(customer_id: int) -> str | None:
    """Why a customer cannot be deleted: money came in, which the books have to keep."""
    received_on = db.session.scalar(LAST_RECEIVED, {"customer_id": customer_id})
    if received_on is None:
        return None
    return _("Cannot be deleted: a payment of %(day)s is recorded.", day=day(received_on))


def numbers(rows: Iterable[Any]) -> str:
    """The numbers of documents in one line."""
    return ", ".join(row.number for row in rows if row.number)
