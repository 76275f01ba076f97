from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Exact, Model, Removable, UTCDateTime, Versioned
from app.domain.articles.models import Article

OWED = "kind = 'invoice' AND state = 'issued' AND paid < total"
"""On which documents money is owed, as the index of them has it."""
OWED_BY_ANYBODY = "CASE WHEN kind = 'invoice' AND state = 'issued' THEN paid < total END"
"""The same for the index by day of issue: in other words, so that neither is taken for the other,
and without a condition on the kind that would lead to all invoices."""


class FacturaDocument(Versioned, Model):
    """A quote, order confirmation, delivery note, invoice, credit note, pro forma or reminder.

    `total`, `net`, `paid` and `credited` are in minor units of `currency` (ISO 4217). `credited` is
    what issued credit notes gave back of an invoice. `state` is stored, the status people see is
    `rules.status`. A draft has no number and no day of issue; an issued
    document is kept for ever, and its customer with it.

    Prices of its lines have the tax in them if `is_gross`. `treatment` tells why tax is charged or
    is not. `payment_days` make `due_on` at issue, unless that is given. A draft points at where it
    goes (`address_key`: "main" or the id of an additional address; `person_id`); what is issued has
    all of it copied into `frozen`. `origin_id` is the document it was made from: the invoice of a
    credit note or of a reminder. `reminder_level` of an invoice is that of its latest reminder, of
    a reminder its own. The PDF is stored once, by the digest of its content. A `key` stands for the
    form a document came from, so that one that is sent twice is one document.
    """

    __tablename__ = "factura_document"
    __table_args__ = (
        Index("ix_factura_document_customer", "customer_id", "issued_on", "id"),
        Index(
            "ix_factura_document_sums",
            *("customer_id", "currency", "kind", "state", "issued_on"),
            *("net", "total", "paid", "credited", "due_on", "reminder_level"),
        ),
        # were the kind first, SQLite would read all invoices to find those of a few customers
        Index("uq_factura_document_number", "number", "kind", unique=True),
        Index(
            "ix_factura_document_open",
            *("customer_id", "kind", "state"),
            *("currency", "total", "paid", "due_on", "reminder_level"),
            sqlite_where=text(OWED),
        ),
        Index("ix_factura_document_latest", "issued_on", "id"),
        Index(
            "ix_factura_document_listed",  # all that a list filters by and adds up
            *("currency", "kind", "state", "issued_on", "id"),
            *("net", "total", "paid", "credited", "due_on", "reminder_level"),
            sqlite_where=text("issued_on IS NOT NULL"),
        ),
        Index(
            "ix_factura_document_owed",
            *("issued_on", "id", "kind", "state", "currency"),
            *("due_on", "reminder_level", "net", "total", "paid", "credited"),
            sqlite_where=text(OWED_BY_ANYBODY),
        ),
        Index(
            "ix_factura_document_kind",
            *("kind", "issued_on", "id"),
            sqlite_where=text("issued_on IS NOT NULL"),  # or it would be taken where money is owed
        ),
        Index(
            "ix_factura_document_due",  # begins like the one before, or that would be taken
            *("kind", "state", "due_on", "id"),
            *("reminder_level", "customer_id", "total", "paid"),
            sqlite_where=text(OWED),
        ),
        Index(
            "ix_factura_document_origin",
            *("origin_id", "kind", "state", "issued_on"),
            sqlite_where=text("origin_id IS NOT NULL"),
        ),
        Index("ix_factura_document_key", "key", unique=True, sqlite_where=text("key IS NOT NULL")),
        Index(
            "ix_factura_document_pdf",
            *("pdf_digest", "id"),
            sqlite_where=text("pdf_digest IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="RESTRICT"))
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10), default="draft")
    number: Mapped[str | None] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(300), default="")
    language: Mapped[str] = mapped_column(String(2), default="de")
    issued_on: Mapped[date | None]
    due_on: Mapped[date | None]
    payment_days: Mapped[int | None]
    service_on: Mapped[date | None]
    service_until: Mapped[date | None]
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    is_gross: Mapped[bool] = mapped_column(default=False)
    treatment: Mapped[str] = mapped_column(String(20), default="taxed")
    net: Mapped[int] = mapped_column(BigInteger, default=0)
    total: Mapped[int] = mapped_column(BigInteger, default=0)
    paid: Mapped[int] = mapped_column(BigInteger, default=0)
    credited: Mapped[int] = mapped_column(BigInteger, default=0)
    reminder_level: Mapped[int] = mapped_column(default=0)
    intro: Mapped[str] = mapped_column(Text, default="")
    closing: Mapped[str] = mapped_column(Text, default="")
    address_key: Mapped[str] = mapped_column(String(20), default="main")
    person_id: Mapped[int | None]
    origin_id: Mapped[int | None] = mapped_column(
        ForeignKey("factura_document.id", ondelete="RESTRICT")
    )
    frozen: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    pdf_digest: Mapped[str | None] = mapped_column(String(64))
    pdf_size: Mapped[int | None] = mapped_column(BigInteger)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    author_name: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    key: Mapped[str | None] = mapped_column(String(32))


class FacturaEntry(Model):
    """What a document is found by: its words, folded, under a label that sorts like the list.

    Two full-text indexes follow this table by trigger (see the migration), as they do for
    customers; `index.label` makes the label.
    """

    __tablename__ = "factura_entry"

    label: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    document_id: Mapped[int] = mapped_column(
        ForeignKey("factura_document.id", ondelete="CASCADE"), unique=True
    )
    words: Mapped[str]


class FacturaLine(Model):
    """A line of a document; without a quantity it is only a text.

    `price` is for one unit before the `discount` (per cent), in major units; `amount` is what the
    line comes to, in minor units. Both have the tax in them if the document's prices do. `tax_rate`
    (per cent) is that of the code `tax` on the day of the service.
    """

    __tablename__ = "factura_line"
    __table_args__ = (
        Index(
            "ix_factura_line_article",
            *("article_id", "document_id"),
            sqlite_where=text("article_id IS NOT NULL"),
        ),
    )

    document_id: Mapped[int] = mapped_column(
        ForeignKey("factura_document.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    article_id: Mapped[int | None] = mapped_column(ForeignKey(Article.id, ondelete="RESTRICT"))
    number: Mapped[str] = mapped_column(String(40), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    unit: Mapped[str] = mapped_column(String(20), default="")
    quantity: Mapped[Decimal | None] = mapped_column(Exact)
    price: Mapped[Decimal | None] = mapped_column(Exact)
    discount: Mapped[Decimal] = mapped_column(Exact, default=Decimal(0))
    tax: Mapped[str] = mapped_column(String(10), default="standard")
    tax_rate: Mapped[Decimal] = mapped_column(Exact, default=Decimal(0))
    amount: Mapped[int] = mapped_column(BigInteger, default=0)


class NumberRange(Versioned, Model):
    """How documents of a kind are numbered: prefix, year if wanted, and at least so many digits.

    The prefix stands as it is ("RE-"), a hyphen after the year: RE-2026-0001. With the year in it,
    counting begins at `start` again every year.
    """

    __tablename__ = "number_range"

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    prefix: Mapped[str] = mapped_column(String(20), default="")
    with_year: Mapped[bool] = mapped_column(default=True)
    digits: Mapped[int] = mapped_column(default=4)
    start: Mapped[int] = mapped_column(default=1)


class FacturaSettings(Versioned, Model):
    """What holds for new documents unless they say otherwise, in one row (id 1).

    `quote_days` is how long a quote holds. `tax_number` and `vat_number` are those of the team,
    which every invoice has to show; `exempt_reason` stands on those with lines free of tax.
    """

    __tablename__ = "factura_settings"

    id: Mapped[int] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    is_gross: Mapped[bool] = mapped_column(default=False)
    treatment: Mapped[str] = mapped_column(String(20), default="taxed")
    payment_days: Mapped[int] = mapped_column(default=14)
    quote_days: Mapped[int] = mapped_column(default=30)
    tax_number: Mapped[str] = mapped_column(String(40), default="")
    vat_number: Mapped[str] = mapped_column(String(20), default="")
    exempt_reason: Mapped[str] = mapped_column(String(300), default="")


class FacturaText(Versioned, Removable, Model):
    """A text block: words before ("intro") or after ("closing") the lines of a `kind`.

    The one with `is_default` stands there by itself in documents of its language; `kind` may be
    empty for one that suits all. A `key` stands for the form it came from.
    """

    __tablename__ = "factura_text"
    __table_args__ = (
        Index("ix_factura_text_kind", "kind", "place", "language"),
        Index("ix_factura_text_key", "key", unique=True, sqlite_where=text("key IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), default="")
    place: Mapped[str] = mapped_column(String(10))
    language: Mapped[str] = mapped_column(String(2))
    name: Mapped[str] = mapped_column(String(100))
    text: Mapped[str] = mapped_column(Text)
    is_default: Mapped[bool] = mapped_column(default=False)
    key: Mapped[str | None] = mapped_column(String(32))
