"""The two addresses every panel has: its detail page and its fragment on the overview."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from flask import Flask, Response, abort, current_app, request

from app.core import responses
from app.core.registry import Panel, Registry

LONGEST_NUMBER = 19
View = TypeVar("View", bound=Callable[..., Any])


def register(
    app: Flask,
    found: Registry,
    exists: Callable[[int], bool],
    name_of: Callable[[int], str],
    farewell: Callable[[int], Response | None],
) -> None:
    """Give every panel `/customers/7/<key>` and `/customers/7/<key>/panel`.

    `exists(customer_id)` answers whether there is such a customer; without one, every address
    below it is answered by `farewell(customer_id)`, or not found where that is None. `name_of(
    customer_id)` is the name its pages show.
    """
    app.extensions["customer_exists"] = exists
    app.extensions["customer_farewell"] = farewell
    app.extensions["customer_name"] = name_of
    app.before_request(_check_customer)
    for panel in found.panels.values():
        base = f"/customers/<int:customer_id>/{panel.key}"
        if panel.detail:
            app.add_url_rule(base, f"{panel.key}.detail", _detail(panel))
        if panel.load:
            app.add_url_rule(f"{base}/panel", f"{panel.key}.panel", _fragment(panel))


def brings_back(view: View) -> View:
    """Mark a view that is for customers who are gone: it says itself whom it can bring back."""
    view.brings_back = True  # type: ignore[attr-defined]
    return view


def _check_customer() -> Response | None:
    customer_id = (request.view_args or {}).get("customer_id")
    if customer_id is None or current_app.extensions["customer_exists"](customer_id):
        return None
    if hasattr(current_app.view_functions.get(request.endpoint or ""), "brings_back"):
        return None
    return current_app.extensions["customer_farewell"](customer_id) or abort(404)


def _detail(panel: Panel) -> Callable[..., Response]:
    def detail(customer_id: int) -> Response:
        alone = responses.is_fragment()
        html = responses.render_detail(panel, customer_id, request.args, alone=alone)
        return responses.answer(html)

    return detail


def _fragment(panel: Panel) -> Callable[..., Response]:
    def fragment(customer_id: int) -> Response:
        if responses.is_fragment():
            return responses.answer(responses.render_panel(panel, customer_id))
        return responses.show(
            "layouts/alone.html", title=panel.title, html=responses.render_panel(panel, customer_id)
        )

    return fragment


def positive(arguments: Mapping[str, str], name: str) -> int | None:
    """A whole number above zero from a query string; anything else is None."""
    found = numbers([arguments.get(name, "")])
    return found[0] or None if found else None


def numbers(texts: Iterable[str]) -> list[int]:
    """Those of the texts that are whole numbers SQLite can hold."""
    return [int(text) for text in texts if text.isdecimal() and len(text) < LONGEST_NUMBER]
