"""What the list of documents shows, and what of it the tax adviser gets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for

from app.core.i18n import money, today
from app.core.panels import positive
from app.domain.customers.queries import name_of
from app.domain.factura import listing
from app.domain.factura.labels import many
from app.domain.factura.listing import Sum, Wanted
from app.domain.factura.rules import Kind
from app.shared.factura import FILTERS, beginnings, filters, shown, shown_sums
from app.shared.periods import NAMES, Period


def page(arguments: Mapping[str, str]) -> dict[str, Any]:
    """The filter, and everything below it."""
    return results(arguments) | {
        "kinds": many,
        "statuses": FILTERS,
        "periods": NAMES,
        "currencies": listing.currencies(),
        "beginnings": beginnings(),
    }


def results(arguments: Mapping[str, str]) -> dict[str, Any]:
    """A page of the list, and where the others are."""
    wanted, period = _asked(arguments)
    before = positive(arguments, "before")
    found = listing.search(wanted, before)
    here = _address(wanted, period)
    return {
        "wanted": wanted,
        "period": period,
        "customer": name_of(wanted.customer_id) if wanted.customer_id else "",
        "documents": _shown(found.rows),
        "before": before,
        "url": url_for(".show", **here),
        "older_url": url_for(".show", **here, before=found.older) if found.older else None,
        "sums_url": url_for(".sums", **here),
        "without_customer_url": url_for(".show", **here | {"customer": None}),
        "any": bool(found.rows) or listing.any_document(),
    }


def sums(arguments: Mapping[str, str]) -> dict[str, Any]:
    """What the documents of the list add up to, per kind; and in short."""
    wanted, period = _asked(arguments)
    found = listing.sums(wanted)
    return {
        "sums": shown_sums(found),
        "turnover": [] if wanted.kind or wanted.status else _turnover(found),
        "list_url": url_for(".show", **_address(wanted, period)),
    }


def _asked(arguments: Mapping[str, str]) -> tuple[Wanted, Period]:
    currency = arguments.get("currency", "")
    wanted = Wanted(
        **filters(arguments),
        customer_id=positive(arguments, "customer"),
        currency=currency if len(currency) == 3 else "",
    )
    return wanted, Period.of(arguments, today())


def _address(wanted: Wanted, period: Period) -> dict[str, Any]:
    asked = {
        "q": wanted.words,
        "kind": wanted.kind,
        "status": wanted.status,
        "customer": wanted.customer_id,
        "currency": wanted.currency,
        **period.arguments(),
    }
    return {name: value for name, value in asked.items() if value}


def _shown(rows: list[Any]) -> list[dict[str, Any]]:
    """With whose they are."""
    return [
        document
        | {
            "customer": row.customer_name,
            "customer_url": url_for("overview.show", customer_id=row.customer_id),
        }
        for document, row in zip(shown(rows), rows, strict=True)
    ]


def _turnover(found: list[Sum]) -> list[dict[str, Any]]:
    """Invoices less credit notes, where there are both: what the tax office sees, per currency."""
    by_kind = {(one.currency, one.kind): one for one in found}
    rows = []
    for currency in dict.fromkeys(one.currency for one in found):
        invoices = by_kind.get((currency, Kind.INVOICE))
        credits = by_kind.get((currency, Kind.CREDIT_NOTE))
        if invoices and credits:
            net, total = invoices.net - credits.net, invoices.total - credits.total
            parts = {"net": net, "tax": total - net, "total": total}
            rows.append({name: money(part, currency) for name, part in parts.items()})
    return rows
