"""What the audit trail tells about one customer, newest first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from werkzeug.exceptions import NotFound

from app.core import paging
from app.core.audit import AuditEntry
from app.core.database import db
from app.core.paging import Page

OF = AuditEntry.customer_id == bindparam("customer_id")
SHOWN = (
    select(
        AuditEntry.id,
        AuditEntry.at,
        AuditEntry.user_name,
        AuditEntry.area,
        AuditEntry.action,
        AuditEntry.subject,
        AuditEntry.changes,
    )
    .where(OF)
    .order_by(AuditEntry.id.desc())
)
LAST_OF_AREA = (
    select(AuditEntry.user_name, AuditEntry.at)
    .where(OF, AuditEntry.area == bindparam("area"))
    .order_by(AuditEntry.id.desc())
    .limit(1)
)


def page(customer_id: int, area: str | None = None, before: int | None = None) -> Page:
    """What happened to a customer, in one area or in all, before an entry or until now."""
    asked = SHOWN
    if area is not None:
        asked = asked.where(AuditEntry.area == area)
    if before is not None:
        asked = asked.where(AuditEntry.id < before)
    return paging.page(asked, {"customer_id": customer_id})


def entry(customer_id: int, entry_id: int) -> Any:
    """One entry of this customer; NotFound for anybody else's."""
    asked = SHOWN.where(AuditEntry.id == entry_id)
    row = db.session.execute(asked, {"customer_id": customer_id}).first()
    if row is None:
        raise NotFound
    return row


def last_change(customer_id: int, area: str) -> tuple[str, datetime | None]:
    """Who changed something in this area of the customer last, and when."""
    row = db.session.execute(LAST_OF_AREA, {"customer_id": customer_id, "area": area}).first()
    return (row.user_name, row.at) if row else ("", None)
