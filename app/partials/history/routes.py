from __future__ import annotations

from flask import Blueprint, Response

from app.core import history, responses
from app.partials.history import views

blueprint = Blueprint("history", __name__)


@blueprint.get("/<int:entry_id>")
def entry(customer_id: int, entry_id: int) -> Response:
    """One change with its values in full length."""
    shown = views.entry(history.entry(customer_id, entry_id), longest=None)
    return responses.show("history/entry.html", customer_id=customer_id, entry=shown)
