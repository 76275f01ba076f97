from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model, UTCDateTime


class Serial(Model):
    """One template for many, as mails or as letters (`kind`).

    Name, texts and language are copies of the template as it was. `addressed` is for how many it
    is, `digest` tells what was found when they were looked at. `outbox_id` is the entry by which
    the worker makes them. `files` are PDFs of all letters, each with its `name`, its `size` in
    bytes, the numbers of its `first` and `last` letter, and how many of them are `lost`.
    """

    __tablename__ = "serial"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10))
    template_id: Mapped[int | None] = mapped_column(ForeignKey("template.id", ondelete="RESTRICT"))
    name: Mapped[str] = mapped_column(String(100))
    language: Mapped[str] = mapped_column(String(2))
    subject: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    options: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    addressed: Mapped[int] = mapped_column(default=0)
    digest: Mapped[str] = mapped_column(String(16), default="")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    user_name: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    outbox_id: Mapped[int | None]
    files: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))


class SerialRecipient(Model):
    """Somebody a serial is for, or is not for (`reason`, of which `detail` may tell more).

    `state` is waiting, made (a message was written), left_out, failed or cancelled; how a mail that
    was made goes on is told by its entry in the outbox.
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
    outbox_id: Mapped[int | None]
