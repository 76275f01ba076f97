"""What the header shows: name and number, marks, the action bar, the bar of detail pages."""

from __future__ import annotations

from typing import Any

from flask import url_for

from app.core import auth, responses
from app.core.i18n import _
from app.core.registry import Action, registry
from app.domain.customers import queries
from app.shared.preferences import last_list


def panel(customer_id: int) -> dict[str, Any]:
    marks = queries.marks([customer_id])[customer_id]
    return {
        "customer": queries.header(customer_id),
        "banners": [mark[1] for mark in marks if not isinstance(mark[1], str)],
        "marks": [_mark(customer_id, *mark) for mark in marks if isinstance(mark[1], str)],
        "actions": [_action(action, customer_id) for action in _actions()],
        "pages": _pages(customer_id),
        "back": last_list(customer_id),
    }


def _mark(customer_id: int, text: str, state: str, place: Any = None) -> tuple[str, str, str]:
    """What a badge is drawn from; it leads to where more is told."""
    if place is None:
        return text, state, ""
    key, asked = place
    return text, state, url_for(f"{key}.detail", customer_id=customer_id, **asked)


def _actions() -> list[Action]:
    found = [action for panel in registry().panels.values() for action in panel.actions]
    return sorted(found, key=lambda action: action.order)


def _action(action: Action, customer_id: int) -> dict[str, Any]:
    permission = auth.required(action.endpoint) or ""
    allowed = auth.may(permission)
    reason = None if allowed else _("Your role does not allow this.")
    if allowed and action.hindrance:
        reason = action.hindrance(customer_id)
    return {
        "label": action.label,
        "url": url_for(action.endpoint, customer_id=customer_id),
        "icon": action.icon,
        "dialog": action.dialog,
        "reason": reason,
        "way_out": action.way_out if allowed else None,
        "id": action.endpoint.replace(".", "-"),
        "shortcut": action.shortcut,
    }


def _pages(customer_id: int) -> list[dict[str, Any]]:
    """The bar of detail pages, the overview first."""
    bar = [("overview.show", _("Overview"))]
    bar += [(f"{p.key}.detail", p.title) for p in registry().with_detail()]
    here = responses.path_on_screen()
    entries = [(label, url_for(endpoint, customer_id=customer_id)) for endpoint, label in bar]
    return [{"label": label, "url": url, "current": url == here} for label, url in entries]
