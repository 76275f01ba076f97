from __future__ import annotations

from flask import Blueprint, Response, request, session
from flask_login import current_user

from app.core import responses
from app.core.i18n import LANGUAGES
from app.domain.team import services
from app.pages.login.local import local_path

blueprint = Blueprint("language", __name__)


@blueprint.post("/language")
def choose() -> Response:
    """Keep the language in this browser, for the time before a login, and with the user."""
    chosen = request.form.get("language", "")
    if chosen in dict(LANGUAGES):
        session["language"] = chosen
        if current_user.is_authenticated:
            services.choose_preferences(current_user.id, {"language": chosen})
    return responses.moved(local_path(request.form.get("next")))
