from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, request, url_for
from werkzeug.datastructures import MultiDict

from app.core import rendering, responses
from app.core.database import db, reads_first, writing
from app.core.dialogs import edit
from app.core.i18n import _, _l, _n, today
from app.core.panels import numbers, positive
from app.core.problems import Refused
from app.core.templating import render
from app.domain.reminders import queries, services
from app.domain.reminders.rules import LEVELS, MOST_AT_ONCE
from app.domain.reminders.services import Wanted
from app.pages.reminders import views
from app.pages.reminders.form import CUSTOMER, PauseForm, ReminderForm
from app.shared.downloads import joined

blueprint = Blueprint("reminders", __name__)

ONE, PAUSE, RUN = "reminders/one.html", "reminders/pause.html", "reminders/run.html"
LONGEST_KEY = 32


@blueprint.get("/reminders")
def show() -> Response:
    """The invoices that are due for reminding, to look through."""
    rendering.start()
    context = views.page(request.args)
    if responses.is_fragment():
        return responses.answer(render("reminders/list.html", **context))
    return responses.show("reminders/page.html", **context)


@blueprint.post("/reminders")
@reads_first
def make() -> Response:
    """Make the reminders that are ticked, each in a transaction of its own.

    Only for the button that says so: a key that sends forms must not issue documents, and the page
    stays as it is.
    """
    if "make" not in request.form:
        return Response(status=204)
    wanted = list(_wanted(request.form))
    key = request.form.get("key", "")
    if not wanted:
        raise Refused(_l("Please tick the invoices to be reminded of."))
    if len(wanted) > MOST_AT_ONCE or not 0 < len(key) <= LONGEST_KEY:
        raise Refused(_l("At most %(most)d reminders are made at once.", most=MOST_AT_ONCE))
    writing()
    run_id, is_new = services.begin_run(key)
    if is_new:
        db.session.commit()
        for _step in services.make_reminders(run_id, wanted):
            db.session.commit()
    return responses.moved(url_for(".one_run", run_id=run_id))


@blueprint.get("/reminders/<int:document_id>/preview")
def preview(document_id: int) -> Response:
    """The reminder of an invoice as it would be printed today."""
    return responses.show("reminders/preview.html", **views.preview(document_id, request.args))


@blueprint.route("/factura/<int:document_id>/reminder", methods=["GET", "POST"])
def of_document(document_id: int) -> Response:
    """Remind of one invoice: the level is proposed, its words are filled in and can be changed."""
    shown = views.one(document_id, request.args)

    def save(values: dict[str, Any]) -> Response:
        if shown["reason"]:
            raise Refused(shown["reason"])
        seen = sum(numbers([values["seen"]]))
        wanted = Wanted(document_id, shown["level"].level, seen)
        texts = {place: values[place] for place in ("subject", "intro", "closing")}
        key = values["key"][:LONGEST_KEY] or None
        reminder_id = services.make_reminder(wanted, texts, with_fee=shown["with_fee"], key=key)
        return responses.moved(
            url_for("factura_document.show", document_id=reminder_id), _("Reminder made")
        )

    form = ReminderForm.of(views.fresh(shown))
    if "filled" in request.form:
        level, _dash, fee = request.form["filled"].partition("-")
        form.refill(views.one(document_id, {"level": level, "fee": fee})["texts"], shown["texts"])
        return responses.show(ONE, form=form, **shown)
    return edit(ONE, form, save, **shown)


@blueprint.route("/reminders/<int:document_id>/pause", methods=["GET", "POST"])
def pause(document_id: int) -> Response:
    """Remind of an invoice, or its customer at all, not before a day."""
    invoice = queries.invoice(document_id)

    def save(values: dict[str, Any]) -> Response:
        only = None if values["scope"] == CUSTOMER else document_id
        services.pause_reminding(invoice.customer_id, only, values)
        return responses.moved(url_for(".show"), _("Reminding paused"))

    return edit(PAUSE, PauseForm.of(), save, invoice=invoice)


@blueprint.post("/reminders/pauses/<int:pause_id>/removal")
def resume(pause_id: int) -> Response:
    """Let somebody be reminded again."""
    services.resume_reminding(pause_id)
    return responses.moved(url_for(".show"), _("Reminding goes on"))


@blueprint.get("/reminders/runs")
def runs() -> Response:
    """What was made together, newest first."""
    context = views.runs(positive(request.args, "before"))
    if responses.is_fragment():
        return responses.answer(render("reminders/made.html", **context))
    return responses.show("reminders/runs.html", **context)


@blueprint.get("/reminders/runs/<int:run_id>")
def one_run(run_id: int) -> Response:
    """What became of reminders that were made together."""
    context = views.run(queries.run(run_id))
    if responses.is_fragment():
        return responses.answer(render("reminders/result.html", **context))
    return responses.show(RUN, **context)


@blueprint.post("/reminders/runs/<int:run_id>/mail")
def mail(run_id: int) -> Response:
    """Send those by mail that have an address and have not gone yet."""
    sent = 0
    for _step in services.mail_reminders(views.to_mail(queries.run(run_id))):
        db.session.commit()
        sent += 1
    told = _n("%(num)d reminder goes by e-mail", "%(num)d reminders go by e-mail", sent)
    return responses.moved(url_for(".one_run", run_id=run_id), told)


@blueprint.get("/reminders/runs/<int:run_id>/pdf")
def pdf(run_id: int) -> Response:
    """All of them as one PDF to print, or those that cannot go by mail."""
    which = views.POST if request.args.get("for") == views.POST else views.ALL
    made = views.to_print(queries.run(run_id), which)
    digests = [row.pdf_digest for row in made if row.pdf_digest]
    name = _("Reminders")
    return joined(digests, f"{name} {today().isoformat()}.pdf")


def _wanted(form: MultiDict[str, str]) -> Iterator[Wanted]:
    """What is ticked, each invoice once, with its level and its last reminder as it was shown."""
    for invoice_id in dict.fromkeys(numbers(form.getlist("invoice"))):
        level, seen = (
            numbers([form.get(f"{name}-{invoice_id}", "")]) for name in ("level", "seen")
        )
        yield Wanted(invoice_id, level[0] if level and level[0] in LEVELS else 0, sum(seen))
