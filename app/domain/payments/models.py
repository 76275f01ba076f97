from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model, UTCDateTime, Versioned
from app.domain.factura.models import FacturaDocument

CREDIT = 'taken_back_at IS NULL AND "left" > 0'
"""Which payments are a credit of their customer, as the index of them has it."""


class Payment(Versioned, Model):
    """Money a customer paid, in minor units of `currency`; what its parts leave is their credit.

    `fees` is the part of it that was paid for reminder fees, `left` what these and its parts leave,
    which is kept so that nobody has to add them up. One that sets a credit note off
    against invoices has its `credit_note_id`. One that was taken back counts no more. A `key`
    stands for the form it came from, so that one that is sent twice is one payment.
    """

    __tablename__ = "payment"
    __table_args__ = (
        Index("ix_payment_customer", "customer_id", "received_on", "id"),
        Index("ix_payment_received", "received_on", "id"),
        Index(
            "ix_payment_method",  # all that a list filters by and adds up
            *("method", "received_on", "id", "currency", "amount", "taken_back_at"),
        ),
        Index(
            "ix_payment_credit",
            *("customer_id", "currency", "received_on", "id", "left", "taken_back_at"),
            sqlite_where=text(CREDIT),
        ),
        Index(
            "ix_payment_credit_note",
            "credit_note_id",
            sqlite_where=text("credit_note_id IS NOT NULL"),
        ),
        Index("ix_payment_key", "key", unique=True, sqlite_where=text("key IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"))
    received_on: Mapped[date]
    amount: Mapped[int] = mapped_column(BigInteger)
    fees: Mapped[int] = mapped_column(BigInteger, default=0)
    left: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    method: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(300), default="")
    credit_note_id: Mapped[int | None] = mapped_column(
        ForeignKey(FacturaDocument.id, ondelete="RESTRICT")
    )
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    author_name: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    taken_back_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    key: Mapped[str | None] = mapped_column(String(32))


class PaymentPart(Model):
    """What of a payment is for which invoice, in minor units."""

    __tablename__ = "payment_part"
    __table_args__ = (Index("ix_payment_part_document", "document_id"),)

    payment_id: Mapped[int] = mapped_column(
        ForeignKey("payment.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    document_id: Mapped[int] = mapped_column(
        ForeignKey(FacturaDocument.id, ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    amount: Mapped[int] = mapped_column(BigInteger)
