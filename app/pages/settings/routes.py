from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for

from app.core import responses
from app.core.database import reads_first, writing
from app.core.dialogs import edit
from app.core.i18n import _, _l
from app.core.problems import Problem
from app.domain.settings import queries, services
from app.domain.settings.labels import team_labels
from app.domain.settings.pictures import Picture
from app.domain.settings.rules import LARGEST_LOGO
from app.pages.settings.form import TeamForm
from app.shared.preferences import team

blueprint = Blueprint("settings", __name__)

AGAIN = Problem("logo", "again", _l("Please choose the picture again."), "warning")
"""Browsers keep everything typed but the choice of a file."""


@blueprint.route("/settings", methods=["GET", "POST"])
@reads_first
def show() -> Response:
    """The team's name, logo, address, formats and numbers."""

    def save(values: dict[str, Any]) -> Response:
        services.save_team(values)
        return responses.moved(url_for(".show"), _("Settings saved"))

    logo = _kept_logo()
    stored = queries.editable()
    form = TeamForm.of(stored.values)
    form.logo.data = logo
    if logo and logo.name:
        form.tell([AGAIN])
    shown = {"labels": team_labels, "logo_url": team().logo_url}
    return edit("settings/team.html", form, save, stored=stored, **shown)


def _kept_logo() -> Picture | None:
    """The picture that was sent, stored before the write lock is taken."""
    if request.method != "POST":
        return None
    file = request.files.get("logo")
    logo = services.keep_logo(file.read(LARGEST_LOGO + 1)) if file and file.filename else None
    writing()
    return logo
