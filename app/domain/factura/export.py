"""Issued documents as a table for the tax adviser: a row for each rate of tax in a document."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Date, bindparam, select, tuple_

from app.core.database import db, listed, table
from app.core.i18n import _, amount
from app.domain.articles.labels import taxes, treatments
from app.domain.articles.tax import Treatment
from app.domain.customers.models import Customer
from app.domain.factura.labels import choices, kinds
from app.domain.factura.models import FacturaDocument
from app.domain.factura.rules import Kind

CHUNK = 500
Cell = str | Decimal | date | None

DOCUMENT, CUSTOMER = (table(model).c for model in (FacturaDocument, Customer))
ORIGIN = table(FacturaDocument).alias("origin")
ISSUED = (
    select(
        DOCUMENT.id,
        DOCUMENT.kind,
        DOCUMENT.state,
        DOCUMENT.number,
        DOCUMENT.issued_on,
        DOCUMENT.due_on,
        DOCUMENT.service_on,
        DOCUMENT.service_until,
        DOCUMENT.currency,
        DOCUMENT.treatment,
        DOCUMENT.net,
        DOCUMENT.total,
        DOCUMENT.frozen,
        CUSTOMER.number.label("customer_number"),
        CUSTOMER.name.label("customer_name"),
        CUSTOMER.vat_number,
        CUSTOMER.country,
        ORIGIN.c.number.label("origin_number"),
    )
    .join_from(table(FacturaDocument), table(Customer), CUSTOMER.id == DOCUMENT.customer_id)
    .outerjoin(ORIGIN, ORIGIN.c.id == DOCUMENT.origin_id)
    .where(
        DOCUMENT.issued_on <= bindparam("until", type_=Date),
        # nothing else bounds it from below, or each chunk would begin with the first
        tuple_(DOCUMENT.issued_on, DOCUMENT.id)
        > tuple_(bindparam("last_on", type_=Date), bindparam("last_id")),
        # no bare column, or its index would be taken and each chunk sorted out of all that follow
        DOCUMENT.kind.concat("").in_(listed("kinds")),
    )
    .order_by(DOCUMENT.issued_on, DOCUMENT.id)
    .limit(CHUNK)
)
STATES = choices["document_state"]


@dataclass(frozen=True)
class Wanted:
    """Which documents are asked for: those issued in these days, both included, of these kinds."""

    since: date
    until: date
    kinds: Collection[Kind]


def headings() -> list[str]:
    """What stands above the columns."""
    return [
        _("Kind of document"),
        _("Number"),
        _("Date"),
        _("Due date"),
        _("Service from"),
        _("Service until"),
        _("Customer number"),
        _("Name"),
        _("VAT number"),
        _("Country"),
        _("Currency"),
        _("Net"),
        _("Kind of tax"),
        _("Tax rate"),
        _("Tax"),
        _("Gross"),
        _("Tax treatment"),
        _("State"),
        _("Belongs to"),
    ]


def rows(wanted: Wanted) -> Iterator[list[Cell]]:
    """The documents that are wanted, day by day in the order of their numbers; credit notes with a
    minus.
    """
    named = (kinds, treatments, taxes, STATES)
    words = {value: str(label) for of in named for value, label in of.items()}
    for _day, of_day in groupby(_issued(wanted), attrgetter("issued_on")):
        for row in sorted(of_day, key=_place):
            yield from _rows_of(row, words)


def _issued(wanted: Wanted) -> Iterator[Any]:
    """Some at a time, and each time asked anew from where the last of them stood."""
    values = {"until": wanted.until, "kinds": list(wanted.kinds)}
    values |= {"last_on": wanted.since, "last_id": 0}
    while chunk := db.session.execute(ISSUED, values).all():
        yield from chunk
        values |= {"last_on": chunk[-1].issued_on, "last_id": chunk[-1].id}


def _place(row: Any) -> tuple[int, int, str]:
    """Where a document stands among those of its day; 10 is behind 9."""
    return list(Kind).index(row.kind), len(row.number), row.number


def _rows_of(row: Any, words: Mapping[str, str]) -> Iterator[list[Cell]]:
    frozen = row.frozen or {}
    customer, postal = frozen.get("customer", {}), frozen.get("postal", {})
    sign = -1 if row.kind == Kind.CREDIT_NOTE else 1

    def major(minor: int) -> Decimal:
        return amount(sign * minor, row.currency)

    for code, rate, net, tax in _groups(row, frozen):
        yield [
            words[row.kind],
            row.number,
            row.issued_on,
            row.due_on,
            row.service_on,
            row.service_until,
            customer.get("number", row.customer_number),
            customer.get("name", row.customer_name),
            customer.get("vat_number", row.vat_number),
            postal.get("country", row.country),
            row.currency,
            major(net),
            words.get(code),
            rate,
            major(tax),
            major(net + tax),
            words[row.treatment],
            words[row.state],
            row.origin_number,
        ]


def _groups(row: Any, frozen: dict[str, Any]) -> Iterator[tuple[str, Decimal | None, int, int]]:
    """Code, rate, net and tax as they are printed; one row without a rate for what came otherwise.

    Where no tax is charged at all the code says nothing, and the treatment why.
    """
    groups = frozen.get("taxes")
    if not groups:
        yield "", None, row.net, row.total - row.net
        return
    for group in groups:
        code = group["code"] if row.treatment == Treatment.TAXED else ""
        yield code, Decimal(group["rate"]), group["net"], group["tax"]
