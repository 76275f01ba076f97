from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request
from flask_login import current_user

from app.core import responses
from app.core.registry import registry
from app.domain.team import services
from app.shared import listing

blueprint = Blueprint("list_columns", __name__)

DIALOG = "list_columns/dialog.html"
STEPS = {"up": -1, "down": 1}


@blueprint.route("/customers/columns", methods=["GET", "POST"])
def show() -> Response:
    """Which columns stand in the list, and in which order.

    Every press is one step from what is stored, so two windows never overwrite each other.
    """
    if request.method != "POST":
        return responses.show(DIALOG, **_context())
    keys = _stepped([column.key for column in listing.columns()])
    if "again" in request.form:
        services.choose_columns(current_user.id, None)
    elif keys != [column.key for column in listing.columns()]:
        services.choose_columns(current_user.id, keys)
    dialog = (DIALOG, _context())
    return responses.saved(None, None, to=request.path, dialog=dialog, fresh=listing.fresh())


def _stepped(keys: list[str]) -> list[str]:
    """The columns after the button that was pressed; unknown ones and walls change nothing."""
    known = registry().columns
    if (added := request.form.get("show", "")) in known and added not in keys:
        return [*keys, added]
    if (left_out := request.form.get("leave", "")) in keys:
        return [key for key in keys if key != left_out]
    for button, step in STEPS.items():
        if (key := request.form.get(button, "")) in keys:
            return _moved(keys, keys.index(key), step)
    return keys


def _moved(keys: list[str], place: int, step: int) -> list[str]:
    other = place + step
    if not 0 <= other < len(keys):
        return keys
    moved = list(keys)
    moved[place], moved[other] = moved[other], moved[place]
    return moved


def _context() -> dict[str, Any]:
    """`pressed` is where the focus stays when the button that was pressed vanishes."""
    shown = listing.columns()
    hidden = [column for column in registry().columns.values() if column not in shown]
    buttons = ("up", "down", "leave", "show")
    pressed = next((request.form[button] for button in buttons if button in request.form), None)
    return {
        "shown": shown,
        "hidden": hidden,
        "pressed": pressed,
        "is_own": current_user.columns is not None,
    }
