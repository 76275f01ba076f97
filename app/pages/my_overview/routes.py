from __future__ import annotations

from flask import Blueprint, Response
from flask_login import current_user

from app.domain.settings.rules import Arrangement
from app.domain.team import services
from app.pages.team_overview import arrangement
from app.pages.team_overview.arrangement import Choice
from app.shared.preferences import team

blueprint = Blueprint("my_overview", __name__)


@blueprint.route("/account/overview", methods=["GET", "POST"])
def show() -> Response:
    """The panels on my overview: my own choice, or the team's until I make one."""

    def save(panels: Arrangement) -> None:
        services.choose_panels(current_user.id, panels)

    def follow() -> None:
        services.choose_panels(current_user.id, None)

    return arrangement.edit("my_overview/page.html", _choice, save, follow)


def _choice() -> Choice:
    own = current_user.panels is not None
    panels = current_user.panels if own else team().panels
    return Choice(panels, str(current_user.version), own=own)
