from __future__ import annotations

import base64
from typing import Any

from flask import Blueprint, Response, url_for
from markupsafe import Markup

from app.core import rendering, responses
from app.core.database import reads_first
from app.core.dialogs import edit
from app.core.i18n import _
from app.core.rendering import RenderFailed
from app.core.templating import render
from app.domain.letters import queries, rules, services
from app.domain.letters.labels import labels, said
from app.pages.letter_settings import sample
from app.pages.letter_settings.form import LookForm

blueprint = Blueprint("letter_settings", __name__)

PAGE, PREVIEW = "letter_settings/look.html", "letter_settings/preview.html"
DPI = 90


@blueprint.route("/settings/letters", methods=["GET", "POST"])
def show() -> Response:
    """Where the address stands, and what all letters have beside and below it."""

    def save(values: dict[str, Any]) -> Response:
        services.save_settings(values)
        return responses.moved(url_for(".show"), _("Look of the letters saved"))

    rendering.start()
    stored = queries.editable()
    form = LookForm.of(stored.values)
    return edit(PAGE, form, save, stored=stored, labels=labels, preview="")


@blueprint.post("/settings/letters/preview")
@reads_first
def preview() -> Response:
    """A letter as it would look with what is typed."""
    form = LookForm.of()
    form.validate()
    form.tell(rules.check_settings(form.values()))
    drawn = Markup("") if any(form.errors.values()) else _drawn(form.values())
    if responses.is_fragment():
        return responses.answer(drawn)
    return responses.show(PAGE, form=form, conflict=None, preview=drawn)


def _drawn(values: dict[str, Any]) -> Markup:
    try:
        drawn = rendering.render_preview(sample.document(values), 0, DPI)
    except RenderFailed as reason:
        return render(PREVIEW, picture="", reason=said(reason))
    return render(PREVIEW, picture=base64.b64encode(drawn.picture).decode(), reason="")
