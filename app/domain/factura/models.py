from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model, UTCDateTime, Versioned

OWED = "kind = 'invoice' AND state = 'issued' AND paid < total"
"""On which documents money is owed, as the index of them has it."""


class FacturaDocument(Versioned, Model):
    """A quote, order confirmation, delivery note, invoice, credit note, pro forma or reminder.

    `total` and `paid` are in minor units of `currency` (ISO 4217). `state` is stored, the status
    people see is `rules.status`. A draft has no number and no day of issue; an issued document is
    kept for ever, and its customer with it.
    """

    __tablename__ = "factura_document"
    __table_args__ = (
        Index("ix_factura_document_customer", "customer_id", "issued_on", "id"),
        Index(
            "ix_factura_document_sums",
            *("customer_id", "currency", "kind", "state", "total", "paid"),
        ),
        # were the kind first, SQLite would read all invoices to find those of a few customers
        Index("uq_factura_document_number", "number", "kind", unique=True),
        Index(
            "ix_factura_document_open",
            *("customer_id", "currency", "total", "paid", "due_on", "reminder_level"),
            sqlite_where=text(OWED),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"))
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10), default="draft")
    number: Mapped[str | None] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(300), default="")
    issued_on: Mapped[date | None]
    due_on: Mapped[date | None]
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    total: Mapped[int] = mapped_column(BigInteger, default=0)
    paid: Mapped[int] = mapped_column(BigInteger, default=0)
    reminder_level: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
