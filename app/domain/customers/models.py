from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model, Removable, UTCDateTime, Versioned


class Postal:
    """An address in separate columns, as SEPA and QR-bills require; country is ISO 3166."""

    street: Mapped[str] = mapped_column(String(100), default="")
    house_number: Mapped[str] = mapped_column(String(20), default="")
    address_extra: Mapped[str] = mapped_column(String(100), default="")
    postcode: Mapped[str] = mapped_column(String(20), default="")
    town: Mapped[str] = mapped_column(String(100), default="")
    region: Mapped[str] = mapped_column(String(100), default="")
    country: Mapped[str] = mapped_column(String(2), default="")


class Customer(Versioned, Removable, Postal, Model):
    """A person or a company the team works for.

    `name` and `list_name` are made from the name fields when they are written; the `_sort` columns
    are folded, so that lists sort alike in every language. `changed_at` moves with every change to
    the customer or what hangs on it, `version` only with the master data. A customer with a
    `removed_at` is in the trash: found by nobody, and still there.
    """

    __tablename__ = "customer"
    __table_args__ = (
        Index("ix_customer_name_sort", "name_sort", "id"),
        Index("ix_customer_company_sort", "company_sort", "name_sort", "id"),
        Index("ix_customer_town_sort", "town_sort", "name_sort", "id"),
        Index("ix_customer_number_sort", "number_sort", "id"),
        Index("ix_customer_changed_at", "changed_at", "id"),
        Index("ix_customer_postcode", "postcode"),
        Index("ix_customer_removed_at", "removed_at", sqlite_where=text("removed_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    salutation: Mapped[str] = mapped_column(String(10), default="")
    title: Mapped[str] = mapped_column(String(50), default="")
    first_name: Mapped[str] = mapped_column(String(100), default="")
    last_name: Mapped[str] = mapped_column(String(100), default="")
    company: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str] = mapped_column(String(2), default="de")
    birthday: Mapped[date | None]
    vat_number: Mapped[str] = mapped_column(String(20), default="")
    payment_method: Mapped[str] = mapped_column(String(20), default="invoice")

    name: Mapped[str] = mapped_column(String(400))
    list_name: Mapped[str] = mapped_column(String(400))
    name_sort: Mapped[str] = mapped_column(String(400))
    company_sort: Mapped[str] = mapped_column(String(200))
    town_sort: Mapped[str] = mapped_column(String(100))
    number_sort: Mapped[str] = mapped_column(String(200))

    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)


class CustomerEmail(Model):
    """A labelled e-mail address; the first by position is the main one."""

    __tablename__ = "customer_email"
    __table_args__ = (Index("ix_customer_email_customer", "customer_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"))
    position: Mapped[int] = mapped_column(default=0)
    label: Mapped[str] = mapped_column(String(20), default="")
    address: Mapped[str] = mapped_column(String(254))
    key: Mapped[str] = mapped_column(String(254), index=True)


class CustomerPhone(Model):
    """A labelled phone number as typed; `key` holds its digits for comparing."""

    __tablename__ = "customer_phone"
    __table_args__ = (Index("ix_customer_phone_customer", "customer_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"))
    position: Mapped[int] = mapped_column(default=0)
    label: Mapped[str] = mapped_column(String(20), default="")
    number: Mapped[str] = mapped_column(String(50))
    key: Mapped[str] = mapped_column(String(50), index=True)


class ContactPerson(Versioned, Removable, Model):
    """A person at a company; at most one of a customer is the main one."""

    __tablename__ = "contact_person"
    __table_args__ = (Index("ix_contact_person_customer", "customer_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"))
    salutation: Mapped[str] = mapped_column(String(10), default="")
    title: Mapped[str] = mapped_column(String(50), default="")
    first_name: Mapped[str] = mapped_column(String(100), default="")
    last_name: Mapped[str] = mapped_column(String(100), default="")
    role: Mapped[str] = mapped_column(String(100), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    phone: Mapped[str] = mapped_column(String(50), default="")
    is_main: Mapped[bool] = mapped_column(default=False)


class SearchEntry(Model):
    """What a customer is found by: its words, folded, under a label that sorts like its name.

    Two full-text indexes follow this table by trigger (see the migration): trigrams for three
    letters and more, word prefixes for one and two. Their row ids are the labels, so the first
    rows by name come without sorting.
    """

    __tablename__ = "search_entry"

    label: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customer.id", ondelete="RESTRICT"), unique=True
    )
    words: Mapped[str]
