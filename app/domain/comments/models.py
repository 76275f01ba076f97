from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model, Removable, UTCDateTime, Versioned
from app.domain.follow_ups.models import FollowUp, open_follow_ups


class Comment(Versioned, Removable, FollowUp, Model):
    """A note of the team about a customer. It never leaves the house."""

    __tablename__ = "comment"
    __table_args__ = (
        Index("ix_comment_customer", "customer_id", "pinned", "id"),
        Index("ix_comment_newest", "customer_id", "removed_at", "id"),
        open_follow_ups("comment"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"))
    body: Mapped[str] = mapped_column(Text)
    pinned: Mapped[bool] = mapped_column(default=False)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    author_name: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    edited_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
