"""What happens to factura documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete

from app.core import audit
from app.core.database import db, now
from app.core.events import announce
from app.core.i18n import _l, amount
from app.core.problems import Invalid, Problem
from app.domain.customers.services import touch
from app.domain.factura import queries, rules
from app.domain.factura.models import FacturaDocument
from app.domain.factura.rules import State

DEFAULTS: Mapping[str, Any] = {
    "state": State.DRAFT,
    "number": None,
    "subject": "",
    "issued_on": None,
    "due_on": None,
    "currency": "EUR",
    "total": 0,
    "paid": 0,
    "reminder_level": 0,
}


def add_document(customer_id: int, values: Mapping[str, Any]) -> int:
    """Keep a document and return its id; what `values` leaves out is as in DEFAULTS.

    Amounts are in minor units of the currency. Raises Invalid for values that do not hold, and
    Refused for a customer who is in the trash: whoever deletes one asks for documents in a
    transaction of the same kind (BEGIN IMMEDIATE), so of two at once the second sees the first.
    """
    values = {"kind": "", **DEFAULTS, **values}
    _check(values)
    document = FacturaDocument(
        customer_id=customer_id,
        created_at=now(),
        kind=values["kind"],
        **{name: values[name] for name in DEFAULTS},
    )
    document.number = document.number or None
    db.session.add(document)
    _tell("added", document, audit.difference({}, _told(document)))
    return document.id


def forget_customers(customer_ids: Sequence[int]) -> None:
    """Customers left for good: so do their drafts.

    What was ever issued is kept for ever; its reference then keeps the database from erasing the
    customer.
    """
    theirs = FacturaDocument.customer_id.in_(customer_ids)
    drafts = theirs, FacturaDocument.state == State.DRAFT
    db.session.execute(delete(FacturaDocument).where(*drafts))


def _check(values: Mapping[str, Any]) -> None:
    problems = rules.check_document(values)
    number = values["number"]
    if not problems and number and queries.number_taken(values["kind"], number):
        message = _l("Another document of this kind has this number.")
        problems = [Problem("number", "taken", message)]
    if problems:
        raise Invalid(problems)


def _tell(action: str, document: FacturaDocument, changes: list[audit.Change]) -> None:
    customer_id = document.customer_id
    touch(customer_id)
    db.session.flush()
    audit.record(
        "factura",
        action,
        customer_id=customer_id,
        subject=document.number or document.subject,
        changes=changes,
    )
    announce("factura_document.changed", customer_id=customer_id)
    announce("marks.changed", customer_id=customer_id)


def _told(document: FacturaDocument) -> dict[str, Any]:
    """Values as the history keeps them, amounts as decimal numbers with their currency."""
    return {
        "document_kind": document.kind,
        "document_state": document.state,
        "document_number": document.number,
        "subject": document.subject,
        "issued_on": document.issued_on,
        "payable_by": document.due_on,
        "total": _written(document.total, document.currency),
        "paid": _written(document.paid, document.currency) if document.paid else None,
        "reminder_level": document.reminder_level,
    }


def _written(minor: int, currency: str) -> str:
    return f"{amount(minor, currency)} {currency}"
