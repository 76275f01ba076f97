from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for
from werkzeug.exceptions import NotFound

from app.core import responses
from app.core.database import reads_first, writing
from app.core.i18n import _
from app.core.panels import positive
from app.core.problems import Refused
from app.core.templating import render
from app.domain.serials import check, queries, rules, services
from app.domain.serials.check import Text
from app.domain.serials.rules import State
from app.domain.settings.queries import team
from app.domain.templates import queries as templates
from app.domain.templates.rules import Kind
from app.pages.serials import views
from app.pages.serials.form import LettersForm, SerialForm
from app.shared import listing
from app.shared.chosen import chosen
from app.shared.downloads import download

blueprint = Blueprint("serials", __name__)

NEW, STATE, AGAIN = "serials/new.html", "serials/state.html", "serials/again.html"


@blueprint.get("/serials")
def show() -> Response:
    """All serials, the newest first."""
    return responses.show("serials/page.html", **views.listing(positive(request.args, "before")))


@blueprint.post("/serials/mails")
@reads_first
def new_mails() -> Response:
    """Choose the template that many customers get by mail."""
    return _new(Kind.MAIL)


@blueprint.post("/serials/letters")
@reads_first
def new_letters() -> Response:
    """Choose the template that many customers get as a letter."""
    return _new(Kind.LETTER)


@blueprint.get("/serials/<int:serial_id>")
def show_one(serial_id: int) -> Response:
    """A serial: who would get it, how far it is, or what became of it."""
    context = views.one(queries.serial(serial_id), request.args)
    if responses.is_fragment():
        return responses.answer(render(STATE, **context))
    return responses.show("serials/one.html", **context)


@blueprint.get("/serials/<int:serial_id>/preview")
def preview(serial_id: int) -> Response:
    """What one of the recipients would get."""
    found = queries.serial(serial_id)
    context = views.drawn(found, positive(request.args, "n") or 1)
    if responses.is_fragment():
        return responses.answer(render("serials/preview.html", **context))
    return responses.show("serials/one.html", **views.one(found, {}) | context)


@blueprint.post("/serials/<int:serial_id>/start")
@reads_first
def start(serial_id: int) -> Response:
    """Send or make it, if those who get it still are those who were looked at.

    They are judged anew before the write lock is taken; a second start begins nothing.
    """
    found, here = queries.serial(serial_id), url_for(".show_one", serial_id=serial_id)
    if found.state != State.DRAFT:
        return responses.moved(here)
    now = check.look(Text.of(found), queries.everybody(serial_id))
    writing()
    if now.digest != found.digest:
        services.look_again(serial_id, now)
        return responses.moved(url_for(".show_one", serial_id=serial_id, changed=1))
    services.start_serial(serial_id, request.form.get("seen", ""))
    return responses.moved(here)


@blueprint.post("/serials/<int:serial_id>/removal")
def discard(serial_id: int) -> Response:
    """Forget a serial that nobody has started."""
    services.discard_serial(serial_id)
    return responses.moved(url_for(".show"), _("Serial %(number)d discarded", number=serial_id))


@blueprint.post("/serials/<int:serial_id>/pause")
def pause(serial_id: int) -> Response:
    """Keep back what was not sent yet."""
    services.pause_serial(serial_id)
    return _changed(serial_id, _("The serial is paused"))


@blueprint.route("/serials/<int:serial_id>/continuation", methods=["GET", "POST"])
def resume(serial_id: int) -> Response:
    """Let it go on; ask first whether it may if perhaps it has left already."""
    found = queries.serial(serial_id)
    if reason := rules.hindrance_to_go_on(queries.standing(found)):
        raise Refused(reason)
    if _is_to_be_asked(found):
        title = _("Let the serial “%(name)s” go on?", name=found.name)
        return responses.show(AGAIN, serial=found, title=title, button=_("Let it go on"))
    if request.method == "GET":
        return responses.moved(url_for(".show_one", serial_id=serial_id))
    services.resume_serial(serial_id)
    return _changed(serial_id, _("The serial goes on"))


@blueprint.route("/serials/<int:serial_id>/retry", methods=["GET", "POST"])
def retry(serial_id: int) -> Response:
    """Try all once more that failed; ask first as well."""
    found = queries.serial(serial_id)
    if reason := rules.hindrance_to_retry(queries.standing(found), found.failed):
        raise Refused(reason)
    if _is_to_be_asked(found):
        title = _("Try the failed of the serial “%(name)s” again?", name=found.name)
        return responses.show(AGAIN, serial=found, title=title, button=_("Try again"))
    if request.method == "GET":
        return responses.moved(url_for(".show_one", serial_id=serial_id))
    services.retry_serial(serial_id)
    return _changed(serial_id, _("What failed is tried again"))


@blueprint.route("/serials/<int:serial_id>/cancellation", methods=["GET", "POST"])
def cancel(serial_id: int) -> Response:
    """Ask whether the rest shall be called off, and do so."""
    if request.method == "POST":
        services.cancel_serial(serial_id)
        return _changed(serial_id, _("The serial is called off"))
    found = queries.serial(serial_id)
    if reason := rules.hindrance_to_cancel(queries.standing(found)):
        raise Refused(reason)
    tally = queries.tally(serial_id, found.kind)
    return responses.show("serials/cancel.html", serial=found, tally=tally)


@blueprint.get("/serials/<int:serial_id>/letters.pdf")
def letters(serial_id: int) -> Response:
    """All letters to be printed, or the `part` of them that is asked for."""
    files, part = queries.serial(serial_id).files or [], positive(request.args, "part") or 1
    if part > len(files):
        raise NotFound
    name = _("serial-%(number)d.pdf", number=serial_id)
    if part > 1:
        name = _("serial-%(number)d-%(part)d.pdf", number=serial_id, part=part)
    return download(files[part - 1]["name"], name)


def _new(kind: Kind) -> Response:
    """The dialog asks for the template; then it is looked at who would get it.

    Nothing is sent before somebody has seen that.
    """
    choice = chosen(request.form)
    if reason := rules.hindrance_to_take(kind, len(choice.ids)):
        raise Refused(reason)
    offered = templates.choices(kind, team().language)
    of_kind = LettersForm if kind == Kind.LETTER else SerialForm
    form = of_kind.of() if "begun" in request.form else of_kind()
    form.offer(offered)
    context = {"form": form, "choice": choice, "templates": offered, "kind": kind}
    context |= {"title": views.title(kind, len(choice.ids)), "back": _back()}
    if "begun" not in request.form:
        return responses.show(NEW, **context)
    if not form.validate():
        return responses.invalid(NEW, **context)
    options = form.values()
    template = templates.template(options.pop("template_id"), kind)
    found = check.look(Text.of(template, options), choice.ids)
    writing()
    serial_id = services.draft_serial(template, options, found)
    return responses.moved(url_for(".show_one", serial_id=serial_id))


def _back() -> str:
    """The list that the customers were chosen in."""
    return listing.of_form(request.form.get("found", "")).url()


def _is_to_be_asked(found: Any) -> bool:
    """Whether nobody has said yes yet to what may leave a second time."""
    return "sure" not in request.form and views.asks(found)


def _changed(serial_id: int, said: str) -> Response:
    """The page as it is now, wherever on it one was."""
    here = url_for(".show_one", serial_id=serial_id)
    if not responses.is_fragment():
        return responses.saved(None, said, to=here)
    asked = responses.arguments_on_screen() if responses.path_on_screen() == here else {}
    context = views.one(queries.serial(serial_id), asked)
    return responses.saved(None, said, fresh={"serial-state": render(STATE, **context)})
