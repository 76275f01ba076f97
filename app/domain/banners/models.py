from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model, Versioned
from app.domain.articles.models import Article


class HintBanner(Versioned, Model):
    """What is shown of every customer with an invoice of an article on which a condition holds.

    `condition` is paid, open or reminded. `color` is "#rrggbb" in small letters. A `key` stands for
    the form it came from, so that one that is sent twice is one banner.
    """

    __tablename__ = "hint_banner"
    __table_args__ = (
        Index("ix_hint_banner_article", "article_id"),
        Index("ix_hint_banner_key", "key", unique=True, sqlite_where=text("key IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    style: Mapped[str] = mapped_column(String(10))
    line1: Mapped[str] = mapped_column(String(40))
    line2: Mapped[str] = mapped_column(String(60), default="")
    color: Mapped[str] = mapped_column(String(7))
    article_id: Mapped[int] = mapped_column(ForeignKey(Article.id, ondelete="RESTRICT"))
    condition: Mapped[str] = mapped_column(String(10))
    position: Mapped[int] = mapped_column(default=0)
    key: Mapped[str | None] = mapped_column(String(32))


class CustomerBanner(Model):
    """A banner that holds for a customer now; kept right by domain events."""

    __tablename__ = "customer_banner"
    __table_args__ = (Index("ix_customer_banner_banner", "banner_id"),)

    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    banner_id: Mapped[int] = mapped_column(
        ForeignKey(HintBanner.id, ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
