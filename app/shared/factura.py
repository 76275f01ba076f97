"""Factura documents as lists show them, and the kinds that one begins with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask import url_for

from app.core.i18n import _l, money, today
from app.domain.factura import rules
from app.domain.factura.labels import kinds, looks, many, statuses
from app.domain.factura.listing import Sum
from app.domain.factura.queries import UNPAID, status_of
from app.domain.factura.rules import Kind
from app.shared.periods import Period

BEGUN_WITH = (
    *(Kind.QUOTE, Kind.ORDER_CONFIRMATION, Kind.DELIVERY_NOTE),
    *(Kind.INVOICE, Kind.PRO_FORMA),
)
"""A credit note and a reminder begin with an invoice."""
ASKING = (Kind.INVOICE, Kind.CREDIT_NOTE)
"""Kinds whose total says something even when it is zero."""
FILTERS = {UNPAID: _l("not paid yet"), **statuses}


def beginnings(customer_id: int | None = None) -> list[tuple[str, str]]:
    """Where a document of each kind is begun, for this customer if there is one: name, URL."""
    address = url_for("factura_editor.new", customer=customer_id, kind="")  # asked once for all
    return [(kinds[kind], f"{address}{kind}") for kind in BEGUN_WITH]


def shown(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """Documents as their rows show them today."""
    day, one = today(), url_for("factura_document.show", document_id=0)
    address = one.removesuffix("0")  # asked once, not per row
    return [_document(row, day) | {"url": f"{address}{row.id}"} for row in rows]


def shown_sums(sums: Iterable[Sum]) -> list[dict[str, Any]]:
    """What documents add up to, a row per kind and currency."""
    return [
        {
            "kind": many[one.kind],
            "number": one.number,
            "net": _told(one.net, one),
            "tax": _told(one.total - one.net, one),
            "total": _told(one.total, one),
            "open": money(one.open, one.currency) if one.open else "",
        }
        for one in sums
    ]


def filters(arguments: Mapping[str, str]) -> dict[str, Any]:
    """The words, kind, status and days of issue that an address asks for, as `Wanted` has them."""
    kind, status = arguments.get("kind", ""), arguments.get("status", "")
    period = Period.of(arguments, today())
    return {
        "words": arguments.get("q", "")[:200],
        "kind": kind if kind in list(kinds) else "",
        "status": status if status in list(FILTERS) else "",
        "since": period.since,
        "until": period.until,
    }


def _told(part: int, row: Any) -> str:
    """An amount of documents of a kind and currency, unless there is none and nobody asks."""
    is_told = row.kind in ASKING or (part and row.kind not in rules.PRICELESS)
    return money(part, row.currency) if is_told else ""


def _document(row: Any, day: date) -> dict[str, Any]:
    status = status_of(row, day)
    rest = rules.remainder(row.kind, row.state, row.paid, row.total)
    return {
        "id": row.id,
        "kind": kinds[Kind(row.kind)],
        "number": row.number,
        "subject": row.subject,
        "issued_on": row.issued_on,
        "due_on": row.due_on,
        "total": _told(row.total, row),
        "open": money(rest, row.currency) if rest else "",
        "is_partly_open": 0 < rest < row.total,
        "status": statuses[status],
        "look": looks[status],
    }
