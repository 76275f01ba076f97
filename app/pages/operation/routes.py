from __future__ import annotations

from flask import Blueprint, Response

from app.core import responses
from app.pages.operation import views

blueprint = Blueprint("operation", __name__)


@blueprint.get("/settings/operation")
def show() -> Response:
    """The worker, the last backup, and what else the nights do."""
    return responses.show("operation/page.html", standings=views.standings())
