from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Computed, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model, UTCDateTime, Versioned

HOLDS = text("ended_at IS NULL")


class BankAccount(Versioned, Model):
    """An account of a customer. The one without `ended_at` holds now, the others are history."""

    __tablename__ = "bank_account"
    __table_args__ = (
        Index("ix_bank_account_customer", "customer_id", "ended_at"),
        Index("uq_bank_account_holding", "customer_id", unique=True, sqlite_where=HOLDS),
    )

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
    References are compared by `reference_key`: the SEPA rulebook does not tell capitals apart.
    """

    __tablename__ = "mandate"
    __table_args__ = (
        Index("ix_mandate_customer", "customer_id", "ended_at"),
        Index("uq_mandate_holding", "customer_id", unique=True, sqlite_where=HOLDS),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"))
    bank_account_id: Mapped[int | None] = mapped_column(
        ForeignKey("bank_account.id", ondelete="RESTRICT")
    )
    state: Mapped[str] = mapped_column(String(10))
    reference: Mapped[str] = mapped_column(String(35))
    reference_key: Mapped[str] = mapped_column(
        String(35), Computed("upper(reference)", persisted=False), index=True
    )
    signed_on: Mapped[date | None]
    first_debit_on: Mapped[date | None]
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class TeamAccount(Versioned, Model):
    """The account the team is paid to, in one row (id 1), and its SEPA creditor identifier."""

    __tablename__ = "team_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_holder: Mapped[str] = mapped_column(String(70), default="")
    iban: Mapped[str] = mapped_column(String(34), default="")
    bic: Mapped[str] = mapped_column(String(11), default="")
    bank_name: Mapped[str] = mapped_column(String(100), default="")
    creditor_id: Mapped[str] = mapped_column(String(35), default="")
