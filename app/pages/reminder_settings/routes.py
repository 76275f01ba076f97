from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for

from app.core import rendering, responses
from app.core.database import reads_first
from app.core.dialogs import edit as edit_form
from app.core.i18n import _
from app.core.templating import render
from app.domain.reminders import queries, services
from app.domain.reminders.labels import level_labels, names
from app.pages.reminder_settings import views
from app.pages.reminder_settings.form import LevelForm
from app.shared.preferences import team

blueprint = Blueprint("reminder_settings", __name__)

LEVEL = "reminder_settings/level.html"


@blueprint.get("/settings/reminders")
def show() -> Response:
    """The three levels, one below the other."""
    return responses.show("reminder_settings/page.html", **views.page())


@blueprint.route("/settings/reminders/<int:level_id>", methods=["GET", "POST"])
def edit(level_id: int) -> Response:
    """How the team reminds at a level."""

    def save(values: dict[str, Any]) -> Response:
        services.save_level(level_id, values)
        return responses.moved(url_for(".show"), _("%(level)s saved", level=names[level_id]))

    rendering.start()
    stored = queries.editable(queries.level(level_id))
    form = LevelForm.of(stored.values | {"shown": team().language})
    shown = views.level(level_id)
    return edit_form(LEVEL, form, save, stored=stored, labels=level_labels, preview="", **shown)


@blueprint.post("/settings/reminders/<int:level_id>/preview")
@reads_first
def preview(level_id: int) -> Response:
    """A reminder as it would look with what is typed."""
    queries.level(level_id)
    form = LevelForm.of()
    form.validate()
    drawn = render("reminder_settings/preview.html", **views.drawn(level_id, form))
    if responses.is_fragment():
        return responses.answer(drawn)
    shown = views.level(level_id)
    return responses.show(LEVEL, form=form, conflict=None, preview=drawn, **shown)


@blueprint.route("/settings/reminders/<int:level_id>/reset", methods=["GET", "POST"])
def reset(level_id: int) -> Response:
    """Ask before a level is as it was before anybody changed it."""
    queries.level(level_id)
    name = names[level_id]
    if request.method == "POST":
        services.reset_level(level_id)
        return responses.moved(url_for(".show"), _("%(level)s is as it was at first", level=name))
    return responses.show("reminder_settings/reset.html", level_id=level_id, name=name)
