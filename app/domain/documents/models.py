from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model, Removable, UTCDateTime, Versioned


class Document(Versioned, Removable, Model):
    """An uploaded file of a customer.

    `name` is what it was called where it came from, `words` the same folded for searching. `digest`
    (SHA-256) is the name of the stored file, which several documents may share; `size` is in bytes,
    `media_type` what the name says it is.
    """

    __tablename__ = "document"
    __table_args__ = (
        Index("ix_document_customer", "customer_id", "removed_at", "id"),
        Index("ix_document_digest", "digest", "customer_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"))
    name: Mapped[str] = mapped_column(String(1000))
    words: Mapped[str] = mapped_column(String(2000))
    digest: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str] = mapped_column(String(100))
    uploaded_at: Mapped[datetime] = mapped_column(UTCDateTime)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    author_name: Mapped[str] = mapped_column(String(200), default="")
