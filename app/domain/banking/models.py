from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model, UTCDateTime, Versioned


class BankAccount(Versioned, Model):
    """An account of a customer. The one without `ended_at` holds now, the others are history."""

    __tablename__ = "bank_account"
    __table_args__ = (Index("ix_bank_account_customer", "customer_id", "ended_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"))
    account_holder: Mapped[str] = mapped_column(String(70), default="")
    account_number: Mapped[str] = mapped_column(String(34), default="")
    bank_code: Mapped[str] = mapped_column(String(20), default="")
    bank_name: Mapped[str] = mapped_column(String(100), default="")
    rib_key: Mapped[str] = mapped_column(String(2), default="")
    branch_code: Mapped[str] = mapped_column(String(5), default="")
    iban: Mapped[str] = mapped_column(String(34), default="")
    bic: Mapped[str] = mapped_column(String(11), default="")
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Mandate(Versioned, Model):
    """A SEPA direct debit mandate of a customer.

    `state` is prepared (reference given, not signed), on_hand (signed and dated), revoked or
    replaced. The one that is prepared or on hand holds now, the others are history.
    """

    __tablename__ = "mandate"
    __table_args__ = (Index("ix_mandate_customer", "customer_id", "ended_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"))
    bank_account_id: Mapped[int | None] = mapped_column(
        ForeignKey("bank_account.id", ondelete="RESTRICT")
    )
    state: Mapped[str] = mapped_column(String(10))
    reference: Mapped[str] = mapped_column(String(35), index=True)
    signed_on: Mapped[date | None]
    first_debit_on: Mapped[date | None]
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
