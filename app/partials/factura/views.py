"""What the panel and its detail page show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from app.core.i18n import _l, count, money, today
from app.core.panels import positive
from app.domain.factura import queries, rules
from app.domain.factura.labels import kinds, looks, many, statuses
from app.domain.factura.queries import UNPAID, Wanted

ASKING = (rules.Kind.INVOICE, rules.Kind.CREDIT_NOTE)
"""Kinds whose total says something even when it is zero."""
FILTERS = {UNPAID: _l("not paid yet"), **statuses}


def panel(customer_id: int) -> dict[str, Any]:
    rows = queries.latest(customer_id)
    return {
        "documents": _shown(rows),
        "shown": len(rows),
        "total": count(queries.count(customer_id, rows)),
    }


def detail(customer_id: int, arguments: Mapping[str, str]) -> dict[str, Any]:
    """All of them, drafts first, then the last issued; narrowed, added up and paged."""
    wanted = _wanted(arguments)
    before = positive(arguments, "before")
    found = queries.search(customer_id, wanted, before)
    return {
        "documents": _shown(found.rows),
        "sums": _sums(customer_id, wanted) if found.rows else [],
        "older": found.older,
        "before": before,
        "wanted": wanted,
        "total": count(queries.count(customer_id)),
        "kinds": many,
        "statuses": FILTERS,
    }


def _wanted(arguments: Mapping[str, str]) -> Wanted:
    kind, status = arguments.get("kind", ""), arguments.get("status", "")
    return Wanted(
        words=arguments.get("q", "")[:200],
        kind=kind if kind in list(kinds) else "",
        status=status if status in list(FILTERS) else "",
    )


def _shown(rows: Iterable[Any]) -> list[dict[str, Any]]:
    day = today()
    return [_document(row, day) for row in rows]


def _document(row: Any, day: date) -> dict[str, Any]:
    status = rules.status(
        row.kind,
        row.state,
        paid=row.paid,
        total=row.total,
        due_on=row.due_on,
        reminder_level=row.reminder_level,
        today=day,
    )
    rest = rules.remainder(row.kind, row.state, row.paid, row.total)
    return {
        "id": row.id,
        "kind": kinds[rules.Kind(row.kind)],
        "number": row.number,
        "subject": row.subject,
        "issued_on": row.issued_on,
        "due_on": row.due_on,
        "total": money(row.total, row.currency) if row.total or row.kind in ASKING else "",
        "open": money(rest, row.currency) if rest else "",
        "is_partly_open": 0 < rest < row.total,
        "status": statuses[status],
        "look": looks[status],
    }


def _sums(customer_id: int, wanted: Wanted) -> list[dict[str, Any]]:
    """What the documents that are wanted add up to, per kind and currency."""
    order = list(many)
    rows = queries.sums(customer_id, wanted)
    return [
        _sum(row) for row in sorted(rows, key=lambda row: (order.index(row.kind), row.currency))
    ]


def _sum(row: Any) -> dict[str, Any]:
    return {
        "kind": many[rules.Kind(row.kind)],
        "number": row.number,
        "total": money(row.total, row.currency) if row.total else "",
        "open": money(row.open, row.currency) if row.open else "",
    }
