from __future__ import annotations

import base64
import io
from typing import Any

from flask import Blueprint, Response, request, url_for
from markupsafe import Markup

from app.core import files, rendering, responses
from app.core.database import reads_first, writing
from app.core.i18n import _, size
from app.core.panels import positive
from app.core.problems import Problem
from app.core.rendering import RenderFailed
from app.core.templating import render
from app.domain.letters import queries, services
from app.domain.letters.labels import said
from app.domain.letters.queries import MAIN, Destination
from app.domain.mailing.queries import hindrance
from app.domain.templates.services import use_template
from app.partials.letters.letter import Letter

blueprint = Blueprint("letters", __name__)

DIALOG, WRITTEN, PREVIEW = "letters/dialog.html", "letters/written.html", "letters/preview.html"
FINISHED, PAPER = "letters/finished.html", "letters/paper.html"
DPI = 90
"""Dots per inch of the preview: a page is as wide as it is shown."""
PAPER_DPI = 220
"""Dots per inch of what the browser prints."""
MOST_PAPER = 20
"""Pages that the browser prints: they are all in one answer."""


@blueprint.route("/new", methods=["GET", "POST"])
@reads_first
def new(customer_id: int) -> Response:
    """A letter is written, looked at and finished."""
    if request.method != "POST":
        rendering.start()
        return responses.show(DIALOG, **_shown(Letter.begun(customer_id, request.args)))
    letter = Letter.sent(customer_id)
    if message_id := queries.finished_as(letter.key):
        return _finished(customer_id, message_id)
    letter.form.validate()
    letter.form.tell(letter.problems())
    if any(letter.form.errors.values()):
        return responses.invalid(DIALOG, **_shown(letter))
    try:
        pdf = rendering.render_pdf(letter.document())
    except RenderFailed as reason:
        letter.form.tell([Problem("text", reason.code, said(reason))])
        return responses.invalid(DIALOG, **_shown(letter))
    return _finish(letter, files.keep_all(io.BytesIO(pdf)))


@blueprint.post("/filled")
@reads_first
def fill(customer_id: int) -> Response:
    """Another template or addressee: the letter says what that tells, unless it was changed."""
    letter = Letter.sent(customer_id)
    is_kept = not (letter.is_untouched or "replace" in request.form)
    if not is_kept:
        letter.fill()
    shown = _shown(letter, is_kept=is_kept)
    if not responses.is_fragment():
        return responses.show(DIALOG, **shown)
    preview = Markup('<hx-partial hx-target="#letter-preview" hx-swap="innerHTML">{}</hx-partial>')
    return responses.answer(render(WRITTEN, **shown) + preview.format(_preview(letter)))


@blueprint.post("/preview")
@reads_first
def preview(customer_id: int) -> Response:
    """A page of the letter as it would be printed."""
    letter = Letter.sent(customer_id)
    if responses.is_fragment():
        return responses.answer(_preview(letter))
    return responses.show(DIALOG, **_shown(letter) | {"preview": _preview(letter)})


@blueprint.get("/<int:message_id>")
def finished(customer_id: int, message_id: int) -> Response:
    """A letter that was finished, and what can be done with it."""
    return responses.show(FINISHED, **_told(customer_id, message_id))


@blueprint.get("/<int:message_id>/paper")
def paper(customer_id: int, message_id: int) -> Response:
    """The pages of a finished letter as the browser prints them: PDFs are never opened here."""
    attachment = queries.finished(customer_id, message_id)
    try:
        pdf = files.path_of(attachment.digest).read_bytes()
        pages, count = rendering.render_pictures(pdf, PAPER_DPI, MOST_PAPER)
    except FileNotFoundError:
        sentence = _("The file is missing on the server. A backup may have it.")
        return responses.failed(410, _("File missing"), sentence)
    except RenderFailed as reason:
        return responses.failed(409, _("Not possible"), said(reason))
    pictures = [base64.b64encode(page).decode() for page in pages]
    context = _told(customer_id, message_id) | {"pictures": pictures, "pages": count}
    return responses.show(PAPER, **context)


def _finish(letter: Letter, pdf: files.Stored) -> Response:
    sheet, template = letter.sheet(), letter.template
    template_id = template.id if template else None
    writing()
    message_id = services.finish(letter.customer_id, sheet, pdf, on=letter.date, key=letter.key)
    if template_id:
        use_template(template_id)
    return _finished(letter.customer_id, message_id)


def _finished(customer_id: int, message_id: int) -> Response:
    return responses.saved(
        customer_id,
        _("The letter is finished and kept"),
        to=url_for(".finished", customer_id=customer_id, message_id=message_id),
        dialog=(FINISHED, _told(customer_id, message_id)),
    )


def _shown(letter: Letter, *, is_kept: bool = False) -> dict[str, Any]:
    return {
        "customer_id": letter.customer_id,
        "form": letter.form,
        "destinations": [_place(letter.customer_id, one) for one in letter.destinations],
        "people": letter.has_people,
        "account": letter.account,
        "is_kept": is_kept,
        "preview": "",
    }


def _place(customer_id: int, place: Destination) -> dict[str, Any]:
    """An address to choose, and where it is completed."""
    url = url_for("master.edit", customer_id=customer_id)
    if place.key != MAIN:
        url = url_for("addresses.edit", customer_id=customer_id, address_id=int(place.key))
    shown = {"key": place.key, "lines": place.lines, "uses": place.uses}
    return shown | {"edit_url": url if place.lacking else None}


def _preview(letter: Letter) -> Markup:
    """The page asked for, else the one that was shown, or why there is none."""
    page = positive(request.form, "page") or positive(request.form, "shown") or 1
    facts: dict[str, Any] = {"customer_id": letter.customer_id, "page": page}
    try:
        drawn = rendering.render_preview(letter.document(), page - 1, DPI)
    except RenderFailed as reason:
        return render(PREVIEW, **facts, pages=0, picture="", reason=said(reason))
    picture = base64.b64encode(drawn.picture).decode()
    facts["page"] = min(page, drawn.pages)
    return render(PREVIEW, **facts, pages=drawn.pages, picture=picture, reason="")


def _told(customer_id: int, message_id: int) -> dict[str, Any]:
    attachment = queries.finished(customer_id, message_id)
    return {
        "customer_id": customer_id,
        "message_id": message_id,
        "attachment": attachment,
        "size": size(attachment.size),
        "hindrance": hindrance(customer_id),
    }
