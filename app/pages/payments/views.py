"""What the list of payments and the dialogs of one show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask import url_for

from app.core.i18n import _l, count, money, today
from app.core.panels import numbers, positive
from app.domain.customers.queries import name_of
from app.domain.payments import listing, queries
from app.domain.payments.labels import methods
from app.domain.payments.listing import Place, Wanted
from app.domain.payments.rules import Method
from app.shared.periods import NAMES, Period

THIS_YEAR = "this_year"
TABLES = (("excel", _l("Excel, with decimal comma")), ("plain", _l("Other programs")))


def page(arguments: Mapping[str, str]) -> dict[str, Any]:
    """The filter, and everything below it."""
    return results(arguments) | {"methods": methods, "periods": NAMES}


def results(arguments: Mapping[str, str]) -> dict[str, Any]:
    """A page of the list, and where the others are."""
    asked, period = wanted(arguments)
    before = _place(arguments.get("before", ""))
    found = listing.search(asked, before)
    here = _address(asked, period)
    older = found.older and "{:%Y%m%d}-{}".format(*found.older)
    return {
        "wanted": asked,
        "period": period,
        "customer": name_of(asked.customer_id) if asked.customer_id else "",
        "payments": shown(found.rows),
        "is_cut": listing.is_cut(asked),
        "before": before,
        "url": url_for(".show", **here),
        "sums_url": url_for(".sums", **here),
        "older_url": url_for(".show", **here, before=older) if older else None,
        "without_customer_url": url_for(".show", **here | {"customer": None}),
        "tables": [(name, url_for(".export", **here, style=style)) for style, name in TABLES],
        "any": bool(found.rows) or listing.any_payment(),
    }


def sums(arguments: Mapping[str, str]) -> dict[str, Any]:
    """What the payments of the list add up to."""
    asked, period = wanted(arguments)
    return {
        "sums": [_sum(row) for row in listing.sums(asked)],
        "list_url": url_for(".show", **_address(asked, period)),
    }


def wanted(arguments: Mapping[str, str]) -> tuple[Wanted, Period]:
    """What an address asks for; without a period it is this year."""
    method = arguments.get("method", "")
    period = Period.of(arguments, today(), THIS_YEAR)
    asked = Wanted(
        words=arguments.get("q", "")[:200],
        method=method if method in list(Method) else "",
        since=period.since,
        until=period.until,
        customer_id=positive(arguments, "customer"),
    )
    return asked, period


def shown(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """Payments with what they are for."""
    rows = list(rows)
    parts = queries.parts([row.id for row in rows])
    return [_payment(row, parts[row.id]) for row in rows]


def of_document(document_id: int) -> list[dict[str, Any]]:
    """What has been paid on a document so far."""
    return [
        {
            "id": row.id,
            "received_on": row.received_on,
            "method": methods[Method(row.method)],
            "amount": money(row.amount, row.currency),
            "note": row.note,
            "is_removable": row.method != Method.CREDIT_NOTE,
        }
        for row in queries.of_document(document_id)
    ]


def _payment(row: Any, parts: list[Any]) -> dict[str, Any]:
    is_counted = row.taken_back_at is None
    return {
        "id": row.id,
        "customer_id": row.customer_id,
        "customer": row.customer_name,
        "received_on": row.received_on,
        "method": methods[Method(row.method)],
        "note": row.note,
        "amount": money(row.amount, row.currency),
        "parts": [
            {
                "url": url_for("factura_document.show", document_id=part.document_id),
                "number": part.number,
                "amount": money(part.amount, row.currency) if len(parts) > 1 or row.left else "",
            }
            for part in parts
        ],
        "credit_note": row.credit_note_number,
        "credit_note_url": row.credit_note_id
        and url_for("factura_document.show", document_id=row.credit_note_id),
        "fees": money(row.fees, row.currency) if row.fees else "",
        "left": money(row.left, row.currency) if row.left and is_counted else "",
        "by": row.author_name,
        "at": row.created_at,
        "taken_back_at": row.taken_back_at,
        "is_removable": is_counted and row.method != Method.CREDIT_NOTE,
    }


def _sum(row: Any) -> dict[str, Any]:
    return {
        "number": row.number,
        "count": count(row.number),
        "amount": money(row.amount, row.currency),
        "is_set_off": row.is_set_off,
    }


def _address(asked: Wanted, period: Period) -> dict[str, Any]:
    told = {"q": asked.words, "method": asked.method, "customer": asked.customer_id}
    told = {name: value for name, value in told.items() if value}
    return told if period.name == THIS_YEAR else told | period.arguments() | {"period": period.name}


def _place(told: str) -> Place | None:
    """The place that an address tells as "20261001-17"; None for any other text."""
    on, _dash, payment_id = told.partition("-")
    ids = numbers([payment_id])
    try:
        return (date.fromisoformat(on), ids[0]) if ids else None
    except ValueError:
        return None
