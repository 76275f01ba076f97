from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model, UTCDateTime, Versioned


class Serial(Versioned, Model):
    """One template for many: `kind` is mail or letter.

    The text is a copy of the template as it was. `file` names the merged PDF of finished letters.
    """

    __tablename__ = "serial"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10))
    template_id: Mapped[int | None] = mapped_column(ForeignKey("template.id", ondelete="RESTRICT"))
    name: Mapped[str] = mapped_column(String(100))
    subject: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    user_name: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    file: Mapped[str | None] = mapped_column(String(64))
    file_size: Mapped[int | None] = mapped_column(BigInteger)


class SerialRecipient(Model):
    """Somebody a serial is for, or is not for (`reason`).

    `state` is waiting, made (a message was written), left_out, failed or cancelled; how a mail that
    was made goes on is told by the outbox.
    """

    __tablename__ = "serial_recipient"
    __table_args__ = (
        Index("ix_serial_recipient_state", "serial_id", "state", "position"),
        Index("ix_serial_recipient_customer", "customer_id"),
    )

    serial_id: Mapped[int] = mapped_column(
        ForeignKey("serial.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"))
    person_id: Mapped[int | None]
    address: Mapped[str] = mapped_column(String(254), default="")
    state: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(40), default="")
    detail: Mapped[str] = mapped_column(String(500), default="")
    message_id: Mapped[int | None]
