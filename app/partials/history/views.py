"""What the history shows: audit entries in people's words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from app.core import history
from app.core.forms import told
from app.core.i18n import _
from app.core.panels import positive
from app.core.registry import registry

LONGEST = 300
"""Characters of a value in the list; an entry of its own shows it whole."""

DAY = re.compile(r"\d{4}-\d\d-\d\d")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00")


def detail(customer_id: int, arguments: Mapping[str, str]) -> dict[str, Any]:
    """A page of entries, newest first, of one area or of all."""
    areas = registry().areas
    area = arguments.get("area")
    area = area if area in areas else None
    before = positive(arguments, "before")
    found = history.page(customer_id, area, before)
    return {
        "entries": [entry(row) for row in found.rows],
        "older": found.older,
        "before": before,
        "area": area,
        "areas": sorted(areas.items(), key=lambda item: str(item[1])),
    }


def entry(row: Any, longest: int | None = LONGEST) -> dict[str, Any]:
    """Who, when, what, and before and after of every field; values cut at `longest`."""
    changes = [_change(field, before, after, longest) for field, before, after in row.changes]
    return {
        "id": row.id,
        "at": row.at,
        "by": row.user_name or _("System"),
        "sentence": _sentence(row),
        "changes": changes,
        "is_cut": any(change["is_cut"] for change in changes),
    }


def _sentence(row: Any) -> str:
    """What the area says about its action; an action nobody explains is named as it is."""
    sentence = registry().actions.get((row.area, row.action))
    if sentence is None:
        return ": ".join(filter(None, (row.area, row.action, row.subject)))
    return str(sentence) % {"subject": row.subject}


def _change(field: str, before: Any, after: Any, longest: int | None) -> dict[str, Any]:
    old, new = _worded(field, before), _worded(field, after)
    return {
        "label": registry().labels.get(field, field),
        "before": _cut(old, longest),
        "after": _cut(new, longest),
        "is_cut": longest is not None and max(len(old), len(new)) > longest,
    }


def _worded(field: str, value: Any) -> str:
    """A stored value as people say it; dates and instants among them are stored as text."""
    if value in (None, "", []):
        return ""
    return told(_date(value) if isinstance(value, str) else value, field)


def _date(text: str) -> date | str:
    """The date or the instant of a text that is one, in ISO 8601; any other text as it is."""
    kind = date if DAY.fullmatch(text) else datetime if INSTANT.fullmatch(text) else None
    if kind is None:
        return text
    try:
        return kind.fromisoformat(text)
    except ValueError:
        return text


def _cut(text: str, longest: int | None) -> str:
    return text if longest is None or len(text) <= longest else f"{text[:longest].rstrip()} …"
