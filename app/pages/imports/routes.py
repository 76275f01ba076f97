from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, current_app, request, url_for
from flask_login import current_user
from werkzeug.datastructures import FileStorage

from app.core import background, responses, sweep
from app.core.database import after_commit, now, reads_first, writing
from app.core.i18n import _, _l, number, size, today
from app.core.panels import numbers, positive
from app.core.problems import Invalid, Problem, Refused
from app.core.templating import render
from app.domain.documents.rules import stored_name
from app.domain.transfer import export, preview, queries, rules, services
from app.domain.transfer.reading import LONGEST_FILE, Unreadable
from app.domain.transfer.services import How
from app.pages.imports import views
from app.pages.imports.form import UploadForm

blueprint = Blueprint("imports", __name__)

NO_GROUP = 0
NO_FILE = Problem("file", "required", _l("Please choose a file."))


@blueprint.get("/imports")
def show() -> Response:
    """Earlier imports, and the form that begins one."""
    return responses.show("imports/page.html", **_page(UploadForm()))


@blueprint.post("/imports")
@reads_first
def upload() -> Response:
    """Take in a file, which then can be looked at before anybody is imported."""
    form = UploadForm.of()
    try:
        sent = _sent_file()
        source = services.keep_upload(sent.read(_limit() + 1), _limit())
    except Invalid as refusal:
        form.tell(refusal.problems)
        return responses.invalid("imports/page.html", **_page(form))
    writing()
    for forgotten in services.forget_unstarted(now() - rules.KEPT):
        after_commit(_dropping(forgotten))
    batch_id = services.prepare_import(stored_name(sent.filename or ""), source)
    return responses.moved(url_for(".show_one", batch_id=batch_id))


@blueprint.get("/imports/<int:batch_id>")
def show_one(batch_id: int) -> Response:
    """One import: what it would do, how far it is, or what it did."""
    context = views.one(queries.shown(batch_id), request.args)
    if responses.is_fragment():
        return responses.answer(render("imports/state.html", **context))
    return responses.show("imports/one.html", **context)


@blueprint.get("/imports/<int:batch_id>/customers")
def customers(batch_id: int) -> Response:
    """Who came with an import."""
    found = queries.shown(batch_id)
    before = positive(request.args, "before")
    page = queries.customers(batch_id, before)
    return responses.show("imports/customers.html", batch=found, page=page, before=before)


@blueprint.post("/imports/<int:batch_id>/start")
@reads_first
def start(batch_id: int) -> Response:
    """Import for good, in a process of its own."""
    found = queries.shown(batch_id)
    encoding, separator = (request.form.get(name, "") for name in ("encoding", "separator"))
    try:
        about = preview.look_into(views.content(found), today(), encoding, separator).about
    except Unreadable as refusal:
        raise Refused(refusal.reason) from refusal
    writing()
    services.start_import(batch_id, How(encoding, separator, _chosen_groups()), about)
    after_commit(_starting("import", batch_id))
    return responses.moved(url_for(".show_one", batch_id=batch_id))


@blueprint.post("/imports/<int:batch_id>/removal")
def discard(batch_id: int) -> Response:
    """Forget a file that shall not be imported."""
    found = queries.shown(batch_id)
    services.discard_import(batch_id)
    after_commit(_dropping(found))
    return responses.moved(url_for(".show"), _("Import %(number)d discarded", number=batch_id))


@blueprint.route("/imports/<int:batch_id>/reversal", methods=["GET", "POST"])
def revert(batch_id: int) -> Response:
    """Ask whether an import shall be taken back, and let that be done."""
    found = queries.shown(batch_id)
    if request.method == "POST":
        services.begin_revert(batch_id)
        after_commit(_starting("revert", batch_id))
        return responses.moved(url_for(".show_one", batch_id=batch_id))
    is_cut_off = queries.is_cut_off(found)
    if reason := rules.hindrance_to_revert(found.id, found.state, is_cut_off, found.new):
        raise Refused(reason)
    return responses.show("imports/revert.html", batch=found)


@blueprint.get("/imports/<int:batch_id>/refused.csv")
def refused(batch_id: int) -> Response:
    """The first 1,000 records that were refused, as a table for the desk."""
    found = queries.shown(batch_id)
    if reason := rules.hindrance_to_tell(batch_id, found.state, queries.is_cut_off(found)):
        raise Refused(reason)
    headings = [_("File"), _("Line"), _("Reason")]
    table = export.table([headings, *queries.refusals(batch_id)])
    response = Response(table, mimetype="text/csv")
    name = _("import-%(number)d-refused.csv", number=batch_id)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _page(form: UploadForm) -> dict[str, Any]:
    shown = views.listing(positive(request.args, "before"))
    most = _limit(), size(_limit())
    return shown | {"form": form, "limit": number(_limit() >> 20), "most": most}


def _chosen_groups() -> list[int]:
    """The groups that everybody joins; what can be no group's id stands for one that is gone."""
    sent = request.form.getlist("groups")
    return [found for text in sent for found in numbers([text]) or [NO_GROUP]]


def _sent_file() -> FileStorage:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid([NO_FILE])
    return sent


def _limit() -> int:
    return min(LONGEST_FILE, current_app.config["UPLOAD_LIMIT"])


def _starting(job: str, batch_id: int) -> Callable[[], None]:
    user_id = str(current_user.id)
    return lambda: background.start("jobs", job, str(batch_id), "--user", user_id)


def _dropping(found: Any) -> Callable[[], None]:
    return lambda: sweep.drop(found.source, found.at)
