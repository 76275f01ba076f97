"""What the list of documents shows, and what of it the tax adviser gets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from flask import url_for

from app.core.i18n import _, money, number, today
from app.core.panels import positive
from app.domain.customers.queries import name_of
from app.domain.factura import listing
from app.domain.factura.labels import many
from app.domain.factura.listing import Sum, Wanted
from app.domain.factura.rules import NOT_ADDED, Kind
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
        "in_short": list(_in_short(found)),
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


def _in_short(found: list[Sum]) -> Iterator[dict[str, Any]]:
    """What counts most, per currency: invoices less credit notes, or else the first kind.

    Of what is no money it is how many there are.
    """
    for currency, sums in groupby(found, lambda one: one.currency):
        of = {one.kind: one for one in sums}
        invoices, credits = of.get(Kind.INVOICE), of.get(Kind.CREDIT_NOTE)
        if invoices and credits:
            net, total = invoices.net - credits.net, invoices.total - credits.total
            yield _line(_("Invoices less credit notes"), currency, net, total, invoices.open)
        elif one := next((one for one in of.values() if one.kind not in NOT_ADDED), None):
            yield _line(many[one.kind], currency, one.net, one.total, one.open)
        else:
            one = next(iter(of.values()))
            counted = number(one.number)
            yield {"what": many[one.kind], "net": counted, "total": counted, "open": ""}


def _line(what: Any, currency: str, net: int, total: int, rest: int) -> dict[str, Any]:
    return {
        "what": what,
        "net": money(net, currency),
        "total": money(total, currency),
        "open": money(rest, currency) if rest else "",
    }
