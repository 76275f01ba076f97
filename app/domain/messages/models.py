from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model, Removable, UTCDateTime, Versioned
from app.core.outbox import OutboxEntry
from app.domain.follow_ups.models import FollowUp, open_follow_ups


class Message(Versioned, Removable, FollowUp, Model):
    """Something said, in one direction, over one channel; it may belong to several customers.

    `at` is when it was said, `created_at` when it was written down. An incoming one is unread until
    `read_at`. With `author_id` a colleague wrote it down by hand, or sent it. A mail has an
    `envelope`: "sender" and the lists "to", "cc" and "bcc", each address as "Name <address>"; one
    that the team sends has the entry of the outbox that tells how far it got. A letter that was
    made here has one, too, with the lines of its address. A `key` stands for the form it came from,
    so that one that is sent twice is one message.
    """

    __tablename__ = "message"
    __table_args__ = (
        open_follow_ups("message"),
        Index(
            "ix_message_outbox",
            "outbox_id",
            unique=True,
            sqlite_where=text("outbox_id IS NOT NULL"),
        ),
        Index("ix_message_key", "key", unique=True, sqlite_where=text("key IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    direction: Mapped[str] = mapped_column(String(3))
    channel: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str] = mapped_column(String(300), default="")
    body: Mapped[str] = mapped_column(Text, default="")
    words: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    author_name: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    edited_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    envelope: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    outbox_id: Mapped[int | None] = mapped_column(ForeignKey(OutboxEntry.id, ondelete="RESTRICT"))
    key: Mapped[str | None] = mapped_column(String(32))


class MessageAttachment(Model):
    """A stored file that went or came with a message.

    `document_id` is the document it was taken from. A document of the same `digest` shares the
    stored file.
    """

    __tablename__ = "message_attachment"
    __table_args__ = (
        Index("ix_message_attachment_message", "message_id", "position"),
        Index("ix_message_attachment_digest", "digest"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="RESTRICT"))
    position: Mapped[int] = mapped_column(default=0)
    name: Mapped[str] = mapped_column(String(1000))
    digest: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str] = mapped_column(String(100))
    document_id: Mapped[int | None]


class MessageLink(Model):
    """A customer a message belongs to.

    `at`, `removed` and `unread` repeat what the message says, for the indexes: among 40,000
    messages of a customer the latest and the unread ones are found at once.
    """

    __tablename__ = "message_link"
    __table_args__ = (
        Index("ix_message_link_customer", "customer_id", "removed", "at", "message_id"),
        Index(
            "ix_message_link_unread",
            "customer_id",
            "removed",
            "message_id",
            sqlite_where=text("unread = 1"),
        ),
    )

    message_id: Mapped[int] = mapped_column(
        ForeignKey("message.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customer.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    removed: Mapped[bool] = mapped_column(default=False)
    unread: Mapped[bool] = mapped_column(default=False)
