"""What is asked before customers are imported, and before an import is taken back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import and_, exists, or_, select

from app.core.audit import AuditEntry
from app.core.database import db
from app.domain.banking.models import Mandate
from app.domain.customers.models import Customer
from app.domain.transfer.models import ImportBatch, ImportedCustomer

TOLD_LATER = exists().where(
    AuditEntry.customer_id == Customer.id,
    or_(AuditEntry.area != "transfer", AuditEntry.action != "imported"),
)
UNTOUCHED = and_(Customer.changed_at == ImportedCustomer.changed_at, ~TOLD_LATER)
CREATED = (
    select(Customer.id, Customer.number, Customer.name)
    .join(ImportedCustomer, ImportedCustomer.customer_id == Customer.id)
    .order_by(Customer.id)
)


def batch(batch_id: int) -> ImportBatch | None:
    """The import of this number."""
    return db.session.get(ImportBatch, batch_id)


def untouched(batch_id: int, limit: int) -> Sequence[Any]:
    """The first customers of an import that nobody has touched since: id, number and name."""
    chosen = CREATED.where(ImportedCustomer.batch_id == batch_id, UNTOUCHED)
    return db.session.execute(chosen.limit(limit)).all()


def numbers_of(batch_id: int) -> list[str]:
    """The numbers of the customers that an import created and that are still there."""
    chosen = CREATED.where(ImportedCustomer.batch_id == batch_id)
    return [row.number for row in db.session.execute(chosen)]


def taken_numbers(numbers: Iterable[str]) -> set[str]:
    """Which of these customer numbers somebody has."""
    chosen = select(Customer.number).where(Customer.number.in_(list(numbers)))
    return set(db.session.scalars(chosen))


def taken_references(references: Iterable[str]) -> set[str]:
    """Which of these mandate references a mandate has, in force or not; in capitals."""
    wanted = {reference.upper() for reference in references}
    chosen = select(Mandate.reference_key).where(Mandate.reference_key.in_(wanted))
    return set(db.session.scalars(chosen))
