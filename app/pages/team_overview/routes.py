from __future__ import annotations

from flask import Blueprint, Response

from app.domain.settings import queries, services
from app.pages.team_overview import arrangement
from app.pages.team_overview.arrangement import Choice

blueprint = Blueprint("team_overview", __name__)


@blueprint.route("/settings/overview", methods=["GET", "POST"])
def show() -> Response:
    """The panels everybody sees who made no choice of their own."""
    return arrangement.edit("team_overview/page.html", _choice, services.arrange_panels)


def _choice() -> Choice:
    row = queries.settings()
    return Choice(row.panels, queries.version(row), *queries.last_change())
