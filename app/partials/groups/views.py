"""What the panel and its detail page show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.i18n import count
from app.domain.groups import queries, rules


def panel(customer_id: int) -> dict[str, Any]:
    """The five groups the customer came into last."""
    rows = queries.latest(customer_id)
    return {
        "groups": rows,
        "shown": len(rows),
        "total": count(queries.count(customer_id, rows)),
    }


def detail(customer_id: int, arguments: Mapping[str, str]) -> dict[str, Any]:
    """All of them in the order of the tree, or those whose path has these words."""
    words = arguments.get("q", "")[:200]
    rows = queries.memberships(customer_id)
    found = [row for row in rows if rules.matches(row.path, words)]
    return {"groups": found, "query": words}
