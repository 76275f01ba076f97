from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model, Removable, UTCDateTime, Versioned


class MailAccount(Versioned, Model):
    """The mail server the team sends by, in one row (id 1).

    `security` is tls, starttls or none; `secret` the password, encrypted. `sends_as` tells whether
    mails come from the team's address or from that of the colleague who writes ("team", "user").
    """

    __tablename__ = "mail_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    host: Mapped[str] = mapped_column(String(255))
    port: Mapped[int]
    security: Mapped[str] = mapped_column(String(10))
    username: Mapped[str] = mapped_column(String(255), default="")
    secret: Mapped[str] = mapped_column(Text, default="")
    from_name: Mapped[str] = mapped_column(String(200), default="")
    from_address: Mapped[str] = mapped_column(String(254))
    sends_as: Mapped[str] = mapped_column(String(10), default="team")


class MailDraft(Versioned, Removable, Model):
    """What a colleague began to write to a customer; nobody else reads it.

    `key` names it in its forms, so that a form that is sent twice is one mail; `pen` names the form
    that wrote it last. `values` are what that form held. One that was sent (`message_id`) or
    discarded is removed and only kept to be taken back.
    """

    __tablename__ = "mail_draft"
    __table_args__ = (
        UniqueConstraint("user_id", "customer_id", "key"),
        Index("ix_mail_draft_customer", "customer_id"),
        Index("ix_mail_draft_removed_at", "removed_at"),
        Index(
            "ix_mail_draft_open", "user_id", "changed_at", sqlite_where=text("removed_at IS NULL")
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"))
    key: Mapped[str] = mapped_column(String(32))
    pen: Mapped[str] = mapped_column(String(32))
    values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    message_id: Mapped[int | None]


class DraftAttachment(Model):
    """A stored file that goes with a draft; `document_id` if it is one of the customer's."""

    __tablename__ = "draft_attachment"
    __table_args__ = (
        Index("ix_draft_attachment_draft", "draft_id"),
        Index("ix_draft_attachment_digest", "digest"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("mail_draft.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(1000))
    digest: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str] = mapped_column(String(100))
    document_id: Mapped[int | None]
