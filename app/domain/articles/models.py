from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Exact, Model, UTCDateTime, Versioned


class Article(Versioned, Model):
    """Something the team sells.

    `price` is for one `unit`, in `currency` (ISO 4217), with tax if `is_gross`; `tax` is a code of
    `articles.tax`, whose rate depends on the day. One that is not `active` is not offered any more.
    `found_by` holds the words of number and name in all their spellings, a blank before each;
    `number_sort` sorts numbers by value. A `key` stands for the form an article came from, so that
    one that is sent twice is one article.
    """

    __tablename__ = "article"
    __table_args__ = (
        Index("uq_article_number", "number", unique=True, sqlite_where=text("number != ''")),
        Index("ix_article_key", "key", unique=True, sqlite_where=text("key IS NOT NULL")),
        # a search reads an index alone, in the order of the list, until enough are found
        Index("ix_article_name", "name_sort", "id", "active", "found_by"),
        Index("ix_article_number", "number_sort", "id", "active", "found_by"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(40), default="")
    name: Mapped[str] = mapped_column(String(200))
    name_sort: Mapped[str] = mapped_column(String(400))
    number_sort: Mapped[str] = mapped_column(String(200), default="")
    found_by: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text, default="")
    unit: Mapped[str] = mapped_column(String(20), default="")
    price: Mapped[Decimal] = mapped_column(Exact)
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    is_gross: Mapped[bool] = mapped_column(default=False)
    tax: Mapped[str] = mapped_column(String(10), default="standard")
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    key: Mapped[str | None] = mapped_column(String(32))


class ArticleWord(Model):
    """A word of `Article.found_by`: what few articles have is found here without reading all."""

    __tablename__ = "article_word"
    __table_args__ = (Index("ix_article_word_article", "article_id"),)

    word: Mapped[str] = mapped_column(String(400), primary_key=True)
    article_id: Mapped[int] = mapped_column(
        ForeignKey("article.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
