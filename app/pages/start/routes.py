from __future__ import annotations

from flask import Blueprint, Response, request
from flask_login import current_user

from app.core import responses
from app.core.i18n import today
from app.pages.start import views

blueprint = Blueprint("start", __name__)


@blueprint.get("/")
def show() -> Response:
    """The follow-ups of whoever is signed in, or everybody's."""
    assignee_id = None if request.args.get("whose") == "all" else current_user.id
    shown = views.agenda(assignee_id, today())
    return responses.show(
        "start/page.html", **shown, unsent=views.unsent(), drafts=views.my_drafts()
    )
