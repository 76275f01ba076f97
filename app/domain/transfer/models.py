from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model, UTCDateTime


class ImportBatch(Model):
    """One import: what it read and what became of it; its id is the batch number."""

    __tablename__ = "import_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    user_name: Mapped[str] = mapped_column(String(200), default="")
    files: Mapped[list[str]] = mapped_column(JSON, default=list)
    reverted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ImportedCustomer(Model):
    """A customer that an import created, with the instant after which a change is somebody's."""

    __tablename__ = "imported_customer"
    __table_args__ = (Index("ix_imported_customer_batch", "batch_id"),)

    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customer.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id", ondelete="RESTRICT"))
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    groups: Mapped[list[str]] = mapped_column(JSON, default=list)
