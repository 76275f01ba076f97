from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Exact, Model, UTCDateTime, Versioned


class Article(Versioned, Model):
    """Something the team sells.

    `price` is for one `unit`, in `currency` (ISO 4217), with tax if `is_gross`; `tax` is a code of
    `articles.tax`, whose rate depends on the day. One that is not `active` is not offered any more.
    """

    __tablename__ = "article"
    __table_args__ = (
        Index("uq_article_number", "number", unique=True, sqlite_where=text("number != ''")),
        Index("ix_article_name", "name_sort", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(40), default="")
    name: Mapped[str] = mapped_column(String(200))
    name_sort: Mapped[str] = mapped_column(String(400))
    text: Mapped[str] = mapped_column(Text, default="")
    unit: Mapped[str] = mapped_column(String(20), default="")
    price: Mapped[Decimal] = mapped_column(Exact)
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    is_gross: Mapped[bool] = mapped_column(default=False)
    tax: Mapped[str] = mapped_column(String(10), default="standard")
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
