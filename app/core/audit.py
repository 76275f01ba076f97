"""The audit trail: who changed what, when, from which value to which.

Written by every verb in its own transaction. Values that must not spread (an IBAN) are masked by
the verb before they come here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from typing import Any

from flask import has_request_context
from flask_login import current_user
from sqlalchemy import JSON, Index, String, insert
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model, UTCDateTime, db, now
from app.core.events import announce

Change = tuple[str, Any, Any]

announces = {"history.written": "An entry was added to the audit trail"}

_acting: ContextVar[tuple[int | None, str] | None] = ContextVar("acting", default=None)


class AuditEntry(Model):
    """One change: `area` and `action` name the verb, `subject` the thing in people's words.

    `changes` is a list of [field, before, after]. The author's name is kept beside the id, so it
    stays on what was done when the account is gone.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_customer", "customer_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    user_id: Mapped[int | None]
    user_name: Mapped[str] = mapped_column(String(200))
    customer_id: Mapped[int | None]
    area: Mapped[str] = mapped_column(String(40))
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(300), default="")
    changes: Mapped[list[Any]] = mapped_column(JSON, default=list)


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """The fields whose values differ, in the order of `after`."""
    fields = [*after, *(field for field in before if field not in after)]
    return [
        (field, before.get(field), after.get(field))
        for field in fields
        if (before.get(field) or None) != (after.get(field) or None)
    ]


def record(
    area: str,
    action: str,
    *,
    customer_id: int | None = None,
    subject: str = "",
    changes: list[Change] | None = None,
) -> None:
    """Write one entry into the caller's transaction."""
    row = entry(area, action, customer_id, subject, changes)
    db.session.execute(insert(AuditEntry).values(row))
    announce("history.written", customer_id=customer_id)


def entry(
    area: str,
    action: str,
    customer_id: int | None = None,
    subject: str = "",
    changes: list[Change] | None = None,
) -> dict[str, Any]:
    """The row of one audit entry, for verbs that write many at once."""
    user_id, user_name = author()
    return {
        "at": now(),
        "user_id": user_id,
        "user_name": user_name,
        "customer_id": customer_id,
        "area": area,
        "action": action,
        "subject": subject[:300],
        "changes": [[field, _plain(old), _plain(new)] for field, old, new in changes or ()],
    }


@contextmanager
def acting(user_id: int | None, name: str) -> Iterator[None]:
    """What a command does inside, it does for this user."""
    token = _acting.set((user_id, name))
    try:
        yield
    finally:
        _acting.reset(token)


def author() -> tuple[int | None, str]:
    """Who acts: the signed-in user, or in a command whom it acts for (nobody is "System")."""
    if acts := _acting.get():
        return acts
    if has_request_context() and current_user.is_authenticated:
        return current_user.id, current_user.name
    return None, ""


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    return str(value)
