from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model, Removable, UTCDateTime, Versioned


class TemplateCategory(Versioned, Model):
    """A heading in the list of templates; one that holds templates cannot be deleted."""

    __tablename__ = "template_category"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    name_sort: Mapped[str] = mapped_column(String(100), unique=True)


class Template(Versioned, Removable, Model):
    """A text with placeholders, for mails or for letters (`kind`), in one language.

    `used_at` is when it was last sent with; the latest one is offered first.
    """

    __tablename__ = "template"
    __table_args__ = (Index("ix_template_kind", "kind", "removed_at", "name_sort"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    category_id: Mapped[int | None] = mapped_column(
        ForeignKey("template_category.id", ondelete="RESTRICT")
    )
    name: Mapped[str] = mapped_column(String(100))
    name_sort: Mapped[str] = mapped_column(String(100))
    language: Mapped[str] = mapped_column(String(2))
    subject: Mapped[str] = mapped_column(String(300), default="")
    body: Mapped[str] = mapped_column(Text, default="")
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
