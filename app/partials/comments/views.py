"""What the panel and its detail page show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.i18n import count
from app.core.panels import positive
from app.domain.comments import queries
from app.shared.follow_ups import marks


def panel(customer_id: int) -> dict[str, Any]:
    rows = queries.latest(customer_id)
    return {
        "comments": rows,
        "follow_ups": marks("comments", customer_id, rows),
        "shown": len(rows),
        "total": count(queries.count(customer_id, rows)),
    }


def detail(customer_id: int, arguments: Mapping[str, str]) -> dict[str, Any]:
    """All of them, newest first, searched and paged."""
    words = arguments.get("q", "")[:200]
    before = positive(arguments, "before")
    found = queries.search(customer_id, words, before)
    total = count(queries.count(customer_id))
    return {
        "comments": found.rows,
        "follow_ups": marks("comments", customer_id, found.rows),
        "older": found.older,
        "before": before,
        "query": words,
        "total": total,
    }
