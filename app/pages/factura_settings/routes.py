from __future__ import annotations

from secrets import token_hex
from typing import Any

from flask import Blueprint, Response, abort, request, url_for

from app.core import responses
from app.core.database import reads_first
from app.core.dialogs import edit as edit_dialog
from app.core.forms import Editable
from app.core.i18n import _, today
from app.core.panels import positive
from app.core.templating import render
from app.domain.factura import archive, ranges, settings, texts
from app.domain.factura.labels import kinds, range_labels, settings_labels, text_labels
from app.domain.factura.rules import Kind
from app.domain.groups.rules import free_name
from app.domain.settings.queries import team
from app.pages.factura_settings import form as forms
from app.pages.factura_settings import views
from app.pages.factura_settings.form import DefaultsForm, RangeForm, TextForm

blueprint = Blueprint("factura_settings", __name__)

PAGE, RANGE, TEXT = (f"factura_settings/{name}.html" for name in ("page", "range", "text"))


@blueprint.route("/settings/factura", methods=["GET", "POST"])
def show() -> Response:
    """What new documents begin with, and how they are numbered."""

    def save(values: dict[str, Any]) -> Response:
        settings.save_settings(forms.stored(values))
        return responses.moved(url_for(".show"), _("Factura settings saved"))

    kept = settings.editable()
    stored = Editable(forms.shown(kept.values), kept.version)
    form = DefaultsForm.of(stored.values)
    around = views.page(form.treatment.data)
    return edit_dialog(PAGE, form, save, stored=stored, labels=settings_labels, **around)


@blueprint.post("/settings/factura/sentence")
@reads_first
def sentence() -> Response:
    """What stands on paper where no tax is charged for the chosen reason."""
    told = views.sentence(request.form.get("treatment", ""))
    return responses.answer(render("factura_settings/sentence.html", sentence=told))


@blueprint.route("/settings/factura/numbers/<kind>", methods=["GET", "POST"])
def edit_range(kind: str) -> Response:
    """The form of a number range, with the number it gives next; `check` only counts that."""
    kind = _known(kind)

    def save(values: dict[str, Any]) -> Response:
        ranges.save_range(kind, values, today())
        return _renumbered()

    stored = ranges.editable(kind)
    form = RangeForm.of(stored.values)
    shown = {"kind": kind, "name": kinds[Kind(kind)], "example": views.example}
    if "check" in request.form:
        form.validate()
        return responses.show(RANGE, form=form, conflict=None, **shown)
    return edit_dialog(RANGE, form, save, stored=stored, labels=range_labels, **shown)


@blueprint.post("/settings/factura/numbers/<kind>/example")
@reads_first
def example(kind: str) -> Response:
    """The next number with what is being typed."""
    form = RangeForm.of()
    form.validate()
    number = views.example(_known(kind), form)
    return responses.answer(render("factura_settings/example.html", number=number))


@blueprint.get("/settings/factura/texts")
def show_texts() -> Response:
    """The text blocks of the team, and what the archive offers."""
    return responses.show("factura_settings/texts.html", **views.blocks(request.args))


@blueprint.route("/settings/factura/texts/new", methods=["GET", "POST"])
def new_text() -> Response:
    """The form of a new text block: empty, a copy of another one, or one of the archive."""

    def save(values: dict[str, Any]) -> Response:
        texts.create_text(values, key=values["key"])
        return _changed(_("Text block %(name)s created", name=values["name"]))

    form = TextForm.of(_beginning() if request.method == "GET" else None)
    return edit_dialog(TEXT, form, save, block=None)


@blueprint.route("/settings/factura/texts/<int:text_id>/edit", methods=["GET", "POST"])
def edit_text(text_id: int) -> Response:
    """The form of a text block."""
    block = texts.block(text_id)

    def save(values: dict[str, Any]) -> Response:
        texts.change_text(text_id, values)
        return _changed(_("Text block %(name)s saved", name=values["name"]))

    stored = texts.editable(block)
    form = TextForm.of(stored.values)
    return edit_dialog(TEXT, form, save, stored=stored, labels=text_labels, block=block)


@blueprint.post("/settings/factura/texts/<int:text_id>/removal")
def remove_text(text_id: int) -> Response:
    """Take a text block away; the toast takes it back."""
    name = texts.block(text_id).name
    texts.remove_text(text_id)
    undo = url_for(".restore_text", text_id=text_id)
    return _changed(_("Text block %(name)s removed", name=name), undo)


@blueprint.post("/settings/factura/texts/<int:text_id>/restoration")
def restore_text(text_id: int) -> Response:
    """Bring a removed text block back."""
    name = texts.block(text_id, removed=True).name
    texts.restore_text(text_id)
    return _changed(_("Text block %(name)s is back", name=name))


def _known(kind: str) -> str:
    return kind if kind in tuple(Kind) else abort(404)


def _beginning() -> dict[str, Any]:
    """What the form of a new text block holds at first."""
    key = {"key": token_hex(16)}
    taken = [row.name for row in texts.listed()]
    if copied := positive(request.args, "copy"):
        values = texts.editable(texts.block(copied)).values
        name = free_name(values["name"], taken)
        return {**values, "name": name, "is_default": False} | key
    if "archive" not in request.args:
        return {"language": team().language, "place": "intro"} | key
    found = archive.draft(request.args.get("language", ""), request.args["archive"])
    return {
        "name": free_name(found.name, taken),
        "kind": found.kind,
        "place": found.place,
        "language": found.language,
        "text": found.text,
        "is_default": found.is_default,
    } | key


def _renumbered() -> Response:
    listed = render("factura_settings/ranges.html", ranges=views.numbering())
    to = url_for(".show")
    return responses.saved(None, _("Number range saved"), to=to, fresh={"ranges": listed})


def _changed(text: str, undo: str | None = None) -> Response:
    """The blocks anew, as they are on screen."""
    shown = views.blocks(responses.arguments_on_screen())
    listed = render("factura_settings/blocks.html", **shown)
    return responses.saved(
        None, text, undo=undo, to=url_for(".show_texts"), fresh={"texts": listed}
    )
