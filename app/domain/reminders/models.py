from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model, UTCDateTime, Versioned


class ReminderLevel(Versioned, Model):
    """How the team reminds for the first, second and third time (`level` 1 to 3).

    `days` count from the day the invoice was due, or from the reminder before. `fee` is in minor
    units of the team's currency. `texts` are "subject", "intro" and "closing" by language.
    """

    __tablename__ = "reminder_level"

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    active: Mapped[bool] = mapped_column(default=True)
    days: Mapped[int]
    payment_days: Mapped[int] = mapped_column(default=7)
    fee: Mapped[int] = mapped_column(BigInteger, default=0)
    texts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class ReminderPause(Model):
    """A customer is not reminded before `until`, be it of one invoice only (`document_id`)."""

    __tablename__ = "reminder_pause"
    __table_args__ = (
        Index(
            "uq_reminder_pause_customer",
            "customer_id",
            unique=True,
            sqlite_where=text("document_id IS NULL"),
        ),
        Index(
            "uq_reminder_pause_document",
            "document_id",
            unique=True,
            sqlite_where=text("document_id IS NOT NULL"),
        ),
        Index("ix_reminder_pause_customer", "customer_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"))
    document_id: Mapped[int | None] = mapped_column(
        ForeignKey("factura_document.id", ondelete="CASCADE")
    )
    until: Mapped[date]
    reason: Mapped[str] = mapped_column(String(200), default="")


class ReminderRun(Model):
    """Reminders that were made together, after somebody had looked at the list.

    `results` tell for each invoice: [invoice, level, reminder or None, why there is none], the last
    by sentences as `i18n.untold` has them. `key` stands for the form it came from, so that one that
    is sent twice is one run.
    """

    __tablename__ = "reminder_run"
    __table_args__ = (Index("ix_reminder_run_key", "key", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(32))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    author_name: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    results: Mapped[list[Any]] = mapped_column(JSON, default=list)
