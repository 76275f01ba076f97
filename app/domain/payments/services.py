"""What happens to payments: recorded, set off, taken back and brought back.

`FacturaDocument.paid` and `Payment.left` repeat what the parts of payments say (docs/adr/0014).
Every verb here works on documents through `_give` and `_take`, which keep them together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, exists, select

from app.core import audit
from app.core.database import db, now
from app.core.events import announce
from app.core.i18n import _l, amount, here, money, today
from app.core.problems import Invalid, Refused
from app.domain.customers.services import touch
from app.domain.factura.models import FacturaDocument
from app.domain.factura.rules import Kind, State
from app.domain.factura.services import set_paid
from app.domain.payments import queries, rules
from app.domain.payments.models import Payment, PaymentPart
from app.domain.payments.rules import Method


def record_payment(customer_id: int, values: Mapping[str, Any], key: str | None = None) -> int:
    """Record what a customer paid, and return its id; what its parts leave is their credit.

    Amounts are in minor units; `parts` tell how much of it is for which document. The second time
    with the same `key` it is recorded already, and that is its id. Raises Invalid for values that
    do not hold, and for a document on which not so much is open any more.
    """
    if known := queries.recorded_as(customer_id, key):
        return known
    parts: Mapping[int, int] = values["parts"]
    owed = queries.owed_on(customer_id, parts)
    if problems := rules.check_payment(values, owed, today()):
        raise Invalid(problems)
    facts = ("received_on", "amount", "fees", "currency", "method", "note")
    own_key = rules.own_key(customer_id, key)
    payment = _add(customer_id, key=own_key, **{name: values[name] for name in facts})
    for document_id, part in parts.items():
        _give(payment, document_id, part)
    _tell("recorded", payment, audit.difference({}, _told(payment)))
    return payment.id


def assign_credit(customer_id: int, document_id: int, most: int | None = None) -> dict[int, int]:
    """Pay an invoice from what its customer has paid too much; what was taken of which payment.

    The oldest credit goes first, up to what is open, or up to `most`. Raises Refused if nothing is
    open on it or nobody has any credit.
    """
    one = queries.owed_on(customer_id, [document_id]).get(document_id)
    if one is None:
        raise Refused(_l("Nothing is open on this invoice any more."))
    left = min(one.open, one.open if most is None else most)
    taken: dict[int, int] = {}
    for row in queries.credits(customer_id, one.currency):
        if part := min(row.left, left):
            taken[row.id], left = part, left - part
    if not taken:
        raise Refused(_l("There is no credit any more."))
    for payment_id, part in taken.items():
        _give(queries.payment(payment_id), document_id, part)
    _tell_of("assigned", customer_id, document_id, sum(taken.values()), one.currency)
    return taken


def release_credit(customer_id: int, document_id: int, taken: Mapping[int, int]) -> None:
    """Take back what `assign_credit` did: so much of these payments is credit again.

    Raises Refused if it is no longer on this invoice.
    """
    found = {part.payment_id: part for part in queries.parts_on(document_id)}
    one = queries.invoice(document_id)
    for payment_id, part in taken.items():
        if payment_id not in found or not 0 < part <= found[payment_id].amount:
            raise Refused(_l("This credit has been used otherwise meanwhile."))
    if one.customer_id != customer_id or one.state != State.ISSUED or not taken:
        raise Refused(_l("This credit has been used otherwise meanwhile."))
    for payment_id, part in taken.items():
        _take(found[payment_id], part)
    _tell_of("released", customer_id, document_id, sum(taken.values()), one.currency)


def take_back(payment_id: int) -> Payment:
    """A payment was recorded by mistake: it counts no more. `bring_back` is the other way.

    Raises Refused for a credit note that is set off; it was issued, and that stays.
    """
    payment = queries.payment(payment_id)
    if payment.method == Method.CREDIT_NOTE:
        raise Refused(_l("A credit note that was issued cannot be taken back."))
    before = _told(payment)
    payment.taken_back_at = now()
    for part in queries.parts_of(payment.id):  # they stay, so that it can be brought back
        _set_paid(part.document_id, -part.amount)
    _tell("taken_back", payment, audit.difference(before, {}))
    return payment


def bring_back(payment_id: int) -> tuple[Payment, int]:
    """A payment counts again after all; what no longer finds room is the customer's credit.

    Answers it, and how much that is in minor units: somebody else may have paid an invoice
    meanwhile, or cancelled it.
    """
    payment = queries.payment(payment_id, taken_back=True)
    if payment.method == Method.CREDIT_NOTE:
        raise Refused(_l("A credit note that was issued cannot be taken back."))
    payment.taken_back_at = None
    parts = queries.parts_of(payment.id)
    owed = queries.owed_on(payment.customer_id, [part.document_id for part in parts])
    homeless, payment.left = 0, payment.amount - payment.fees
    for part in parts:
        open_now = owed[part.document_id].open if part.document_id in owed else 0
        homeless += part.amount - min(part.amount, open_now)
        wanted, part.amount = min(part.amount, open_now), 0
        if wanted:
            _change(payment, part, wanted)
        else:
            db.session.delete(part)
    _tell("brought_back", payment, audit.difference({}, _told(payment)))
    return payment, homeless


def set_off(customer_id: int, document_id: int) -> None:
    """A credit note was issued: it pays its invoice as far as that is open, the rest is credit.

    One that cancels its invoice does neither: nothing is owed any more on either side.
    """
    note = db.session.get_one(FacturaDocument, document_id)
    origin = db.session.get(FacturaDocument, note.origin_id) if note.origin_id else None
    if (origin and origin.state == State.CANCELLED) or note.total <= 0 or not note.issued_on:
        return
    payment = _add(
        customer_id,
        received_on=note.issued_on,
        amount=note.total,
        currency=note.currency,
        method=Method.CREDIT_NOTE,
        credit_note_id=note.id,
    )
    owed = queries.owed_on(customer_id, [origin.id] if origin else [])
    for one in owed.values():
        if one.currency == note.currency:
            _give(payment, one.document_id, min(one.open, note.total))
    _tell("set_off", payment, audit.difference({}, _told(payment)), note.number or "")


def release(customer_id: int, document_id: int) -> None:
    """An invoice was cancelled: what had been paid on it is the customer's credit."""
    parts = queries.parts_on(document_id)
    if not parts:
        return
    free = sum(part.amount for part in parts)
    for part in parts:
        _take(part, part.amount)
    document = db.session.get_one(FacturaDocument, document_id)
    _tell_of("released", customer_id, document_id, free, document.currency)


def take_over(customer_id: int, document_id: int) -> None:
    """A document came in as it was elsewhere: what it says is paid was paid there.

    More than its total is the customer's credit, and so is what was paid of one that is cancelled.
    """
    document = db.session.get_one(FacturaDocument, document_id)
    if document.kind == Kind.CREDIT_NOTE and document.state == State.ISSUED:
        set_off(customer_id, document_id)
    paid, document.paid = document.paid, 0
    db.session.flush()
    if paid <= 0 or document.kind != Kind.INVOICE or document.state == State.DRAFT:
        return
    payment = _add(
        customer_id,
        received_on=document.issued_on or here(now()).date(),
        amount=paid,
        currency=document.currency,
        method=Method.TAKEN_OVER,
    )
    if document.state == State.ISSUED and document.total:
        _give(payment, document_id, min(paid, document.total))
    _tell("taken_over", payment, audit.difference({}, _told(payment)))


def forget_customers(customer_ids: Sequence[int]) -> None:
    """Customers left for good: so do payments that were for nothing.

    What paid an invoice is kept for ever, as the invoice is.
    """
    theirs = Payment.customer_id.in_(customer_ids), Payment.credit_note_id.is_(None)
    has_parts = exists(select(PaymentPart).where(PaymentPart.payment_id == Payment.id))
    db.session.execute(delete(Payment).where(*theirs, ~has_parts))


def _add(customer_id: int, *, received_on: date, **values: Any) -> Payment:
    author_id, author_name = audit.author()
    payment = Payment(
        customer_id=customer_id,
        received_on=received_on,
        author_id=author_id,
        author_name=author_name,
        created_at=now(),
        **{"fees": 0, "note": "", **values},
    )
    payment.left = payment.amount - payment.fees
    db.session.add(payment)
    db.session.flush()
    return payment


def _give(payment: Payment, document_id: int, amount: int) -> None:
    """So much more of a payment is for this document."""
    part = db.session.get(PaymentPart, (payment.id, document_id))
    if part is None:
        part = PaymentPart(payment_id=payment.id, document_id=document_id, amount=0)
        db.session.add(part)
    _change(payment, part, amount)


def _take(part: PaymentPart, amount: int) -> None:
    """So much less; a part of nothing is none."""
    _change(db.session.get_one(Payment, part.payment_id), part, -amount)
    if part.amount == 0:
        db.session.delete(part)
        db.session.flush()


def _change(payment: Payment, part: PaymentPart, by: int) -> None:
    part.amount += by
    payment.left -= by
    db.session.flush()
    _set_paid(part.document_id, by)


def _set_paid(document_id: int, by: int) -> None:
    document = db.session.get_one(FacturaDocument, document_id)
    set_paid(document_id, document.paid + by)


def _tell(action: str, payment: Payment, changes: list[audit.Change], subject: str = "") -> None:
    db.session.flush()
    customer_id = payment.customer_id
    subject = subject or money(payment.amount, payment.currency)
    audit.record("payments", action, customer_id=customer_id, subject=subject, changes=changes)
    touch(customer_id)
    announce("payment.changed", customer_id=customer_id)


def _tell_of(action: str, customer_id: int, document_id: int, minor: int, currency: str) -> None:
    """What happened to the credit of a customer, on account of a document."""
    db.session.flush()
    number = db.session.get_one(FacturaDocument, document_id).number or ""
    written = f"{amount(minor, currency)} {currency}"
    before, after = (None, written) if action == "released" else (written, None)
    changes = [("credit_left", before, after)]
    audit.record("payments", action, customer_id=customer_id, subject=number, changes=changes)
    touch(customer_id)
    announce("payment.changed", customer_id=customer_id)


def _told(payment: Payment) -> dict[str, Any]:
    """Values as the history keeps them, amounts as decimal numbers with their currency."""

    def written(minor: int) -> str | None:
        return f"{amount(minor, payment.currency)} {payment.currency}" if minor else None

    parts = queries.parts([payment.id])[payment.id]
    return {
        "received_on": payment.received_on,
        "paid_amount": written(payment.amount),
        "paid_by": payment.method,
        "paid_fees": written(payment.fees),
        "paid_note": payment.note or None,
        "paid_for": [f"{part.number}: {written(part.amount)}" for part in parts],
        "credit_left": written(payment.left),
    }
