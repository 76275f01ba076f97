"""What the panel and its detail page show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app

from app.core import i18n
from app.core.i18n import count
from app.core.panels import positive
from app.domain.documents import queries, rules


def panel(customer_id: int) -> dict[str, Any]:
    rows = queries.latest(customer_id)
    return {
        "documents": [_shown(row) for row in rows],
        "shown": len(rows),
        "total": count(queries.count(customer_id, rows)),
        "limit": limit(),
    }


def detail(customer_id: int, arguments: Mapping[str, str]) -> dict[str, Any]:
    """All of them, newest first, searched and paged."""
    words = arguments.get("q", "")[:200]
    before = positive(arguments, "before")
    found = queries.search(customer_id, words, before)
    total = count(queries.count(customer_id))
    return {
        "documents": [_shown(row) for row in found.rows],
        "older": found.older,
        "before": before,
        "query": words,
        "total": total,
        "limit": limit(),
    }


def limit() -> tuple[int, str]:
    """How large a file may be: in bytes, and in words."""
    most = current_app.config["UPLOAD_LIMIT"]
    return most, i18n.size(most)


def _shown(row: Any) -> dict[str, Any]:
    kind, icon = rules.kind(row.name), rules.icon(row.name)
    return {**row._mapping, "kind": kind, "icon": icon, "size": i18n.size(row.size)}
