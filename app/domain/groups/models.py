from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model, UTCDateTime, Versioned


class Group(Versioned, Model):
    """A group of customers, below another one or at the top.

    With `no_information` its members get nothing that is sent to many: a customer who cannot be
    deleted is put into such a group. `name_sort` is folded; names are unique below one parent.
    """

    __tablename__ = "customer_group"
    __table_args__ = (Index("ix_customer_group_parent", "parent_id", "name_sort"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("customer_group.id", ondelete="RESTRICT")
    )
    name: Mapped[str] = mapped_column(String(100))
    name_sort: Mapped[str] = mapped_column(String(100))
    no_information: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class GroupMember(Model):
    """A customer in a group."""

    __tablename__ = "group_member"
    __table_args__ = (Index("ix_group_member_customer", "customer_id", "group_id"),)

    group_id: Mapped[int] = mapped_column(
        ForeignKey("customer_group.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customer.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    added_at: Mapped[datetime] = mapped_column(UTCDateTime)


class GroupChange(Model):
    """Many customers put into a group or taken out of it at once, so that it can be undone.

    `action` is 'added' or 'removed'; `customer_ids` are those for whom it made a difference, and
    `since` tells of those removed when they had come in, in ISO 8601.
    """

    __tablename__ = "group_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int]
    action: Mapped[str] = mapped_column(String(10))
    customer_ids: Mapped[list[int]] = mapped_column(JSON)
    since: Mapped[list[str]] = mapped_column(JSON, default=list)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
