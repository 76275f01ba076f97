from __future__ import annotations

import base64
from typing import Any

from flask import Blueprint, Response, request, url_for
from werkzeug.exceptions import BadRequest

from app.core import files, rendering, responses
from app.core.database import reads_first, writing
from app.core.i18n import _
from app.core.panels import positive
from app.core.problems import Invalid, Problem, Refused
from app.core.rendering import RenderFailed
from app.core.responses import Toast
from app.core.templating import render
from app.domain.factura import paper, queries, services
from app.domain.factura.labels import kinds
from app.domain.factura.paper import Condition
from app.domain.factura.rules import Kind, Move
from app.domain.mailing import drafts
from app.domain.mailing.queries import hindrance
from app.domain.messages.services import Attachment
from app.pages.factura_document import mails, views
from app.pages.factura_document.form import IssueForm
from app.partials.mail import views as mail_views
from app.partials.mail.mail import Mail
from app.shared import trashed
from app.shared.downloads import PDF, download

blueprint = Blueprint("factura_document", __name__)

PAGE, DOCUMENT, SHEET = (f"factura_document/{name}.html" for name in ("page", "document", "sheet"))
PAPER, ISSUE = "factura_document/paper.html", "factura_document/issue.html"
CANCEL, DISCARD = "factura_document/cancel.html", "factura_document/discard.html"
ANSWERED = {Move.ACCEPT: "accepted", Move.DECLINE: "declined", Move.REOPEN: "open"}
DPI, PAPER_DPI = 90, 200
"""Dots per inch of what is looked at, and of what the browser prints."""
MOST_PAPER = 20
"""Pages that the browser prints: they are all in one answer."""


@blueprint.get("/factura/<int:document_id>")
def show(document_id: int) -> Response:
    """A document: a page, or what of it is shown anew."""
    if responses.is_fragment():
        return responses.answer(_fresh(document_id))
    return responses.show(PAGE, **views.document(document_id))


@blueprint.route("/factura/<int:document_id>/issue", methods=["GET", "POST"])
@reads_first
def issue(document_id: int) -> Response:
    """Asks whether a draft may get its number, and gives it."""
    if refusal := _refusal(document_id):
        return refusal
    form = IssueForm.of(views.issuing(document_id))
    if request.method == "GET":
        return responses.show(ISSUE, form=form, **views.issue(document_id, form.issued_on.data))
    if not form.validate():
        return responses.invalid(ISSUE, form=form, **views.issue(document_id, None))
    if reason := paper.hindrance_to_draw(document_id):
        form.tell([Problem("lines", reason.code, views.why(reason))])
        return responses.invalid(ISSUE, form=form, **views.issue(document_id, None))
    writing()
    try:
        number = services.issue(document_id, form.issued_on.data, form.version.data)
    except Invalid as refusal:
        form.tell(refusal.problems)
        shown = views.issue(document_id, form.issued_on.data)
        return responses.invalid(ISSUE, form=form, **shown)
    return _issued(document_id, _("Issued as %(number)s", number=number))


@blueprint.post("/factura/<int:document_id>/answer")
def answer(document_id: int) -> Response:
    """The customer has accepted or declined a quote, or neither after all."""
    move = request.form.get("move", "")
    if move not in ANSWERED:
        raise BadRequest
    services.answer(document_id, Move(move))
    return _changed(document_id, views.answered(Move(move)))


@blueprint.route("/factura/<int:document_id>/cancellation", methods=["GET", "POST"])
def cancellation(document_id: int) -> Response:
    """Asks whether an issued document is to be cancelled, and does it."""
    if refusal := _refusal(document_id):
        return refusal
    if request.method == "GET":
        return responses.show(CANCEL, **views.cancelling(document_id))
    credit_note_id = services.cancel(document_id)
    if credit_note_id is None:
        return _changed(document_id, _("Cancelled"))
    reason = paper.keep_pdf(credit_note_id)
    number = queries.row(credit_note_id).number
    return _changed(
        document_id,
        _("Cancelled by credit note %(number)s", number=number),
        reason=reason,
        link=(url_for(".show", document_id=credit_note_id), _("Open the credit note")),
    )


@blueprint.route("/factura/<int:document_id>/removal", methods=["GET", "POST"])
def discard(document_id: int) -> Response:
    """Asks whether a draft is to be thrown away, and does it."""
    if refusal := _refusal(document_id):
        return refusal
    if request.method == "GET":
        return responses.show(DISCARD, **views.discarding(document_id))
    customer_id = queries.row(document_id).customer_id
    services.discard(document_id)
    to = url_for("factura.detail", customer_id=customer_id)
    return responses.moved(to, _("Draft thrown away"))


@blueprint.post("/factura/<int:document_id>/follow-up")
def follow_up(document_id: int) -> Response:
    """Begin a document of another kind with the lines of this one."""
    kind, key = request.form.get("kind", ""), request.form.get("key")
    if kind not in list(Kind):
        raise BadRequest
    return _begun(services.follow_up(document_id, kind, key))


@blueprint.post("/factura/<int:document_id>/copy")
def copy(document_id: int) -> Response:
    """Begin a document like this one."""
    return _begun(services.copy(document_id, request.form.get("key")))


@blueprint.get("/factura/<int:document_id>/pdf")
def pdf(document_id: int) -> Response:
    """The stored PDF, exactly as it was made at issue."""
    found = queries.row(document_id)
    if found.pdf_digest is None:
        raise Refused(_("There is no PDF of this document yet."))
    if paper.compared(found.pdf_digest) == Condition.CHANGED:
        return responses.failed(410, _("File changed"), views.CONDITIONS[Condition.CHANGED])
    return download(found.pdf_digest, paper.file_name(found))


@blueprint.post("/factura/<int:document_id>/pdf")
@reads_first
def draw(document_id: int) -> Response:
    """Make the PDF that could not be made when it was issued."""
    reason = paper.keep_pdf(document_id)
    return _changed(document_id, None if reason else _("The PDF is there"), reason=reason)


@blueprint.get("/factura/<int:document_id>/preview")
def preview(document_id: int) -> Response:
    """The sheets as pictures: one of them to look at, or all of them to print."""
    found = queries.row(document_id)
    number = positive(request.args, "page") or 1
    is_part = responses.is_fragment()
    try:
        if is_part:
            return responses.answer(render(SHEET, **_sheet(found, number)))
        return responses.show(PAPER, **_papers(found))
    except RenderFailed as reason:
        told = views.why(reason)
    if is_part:
        return responses.answer(render(SHEET, document_id=document_id, reason=told))
    return responses.failed(409, _("Not possible"), told)


@blueprint.post("/factura/<int:document_id>/mail")
@reads_first
def send(document_id: int) -> Response:
    """Begin a mail to the customer that the PDF goes with, and open it."""
    found = queries.row(document_id)
    if reason := hindrance(found.customer_id):
        raise Refused(reason)
    stored = paper.pdf_of(document_id)
    _prove(stored.name)
    mail = mails.begun(found)
    writing()
    draft = drafts.keep(found.customer_id, mail.sheet, mail.values)
    assert draft is not None  # nobody else knows its sheet
    drafts.attach(draft, [Attachment(paper.file_name(found), stored.name, stored.size, PDF)])
    return responses.saved(
        None,
        None,
        to=url_for("mail.new", customer_id=found.customer_id, draft=draft.id),
        dialog=("mail/compose.html", mail_views.dialog(Mail.resumed(draft), draft)),
    )


def _refusal(document_id: int) -> Response | None:
    return trashed.refusal(queries.row(document_id).customer_id)


def _issued(document_id: int, text: str) -> Response:
    return _changed(document_id, text, reason=paper.keep_pdf(document_id))


def _changed(
    document_id: int,
    text: str | None,
    *,
    reason: RenderFailed | None = None,
    link: tuple[str, str] | None = None,
) -> Response:
    """The document as it is now; `reason` is why it has no PDF yet."""
    return responses.saved(
        None,
        text,
        to=url_for(".show", document_id=document_id),
        link=link,
        fresh={views.PLACE: _fresh(document_id)},
        also=[Toast(text=views.why(reason), kind="error")] if reason else [],
    )


def _fresh(document_id: int) -> Any:
    return render(DOCUMENT, **views.document(document_id))


def _begun(document_id: int) -> Response:
    kind = kinds[Kind(queries.row(document_id).kind)]
    to = url_for("factura_editor.edit", document_id=document_id)
    return responses.moved(to, _("%(kind)s begun", kind=kind))


def _sheet(found: Any, number: int) -> dict[str, Any]:
    """A page of the stored PDF, or of what a draft would become."""
    if found.pdf_digest:
        shown = rendering.render_page(_stored(found), number - 1, DPI)
    else:
        html = paper.html_of(found.id)
        shown = rendering.render_preview(html, number - 1, DPI, timeout=paper.LONGEST)
    picture = base64.b64encode(shown.picture).decode()
    page = min(number, shown.pages)
    told = {"page": page, "pages": shown.pages, "picture": picture, "reason": ""}
    return {"document_id": found.id, **told}


def _papers(found: Any) -> dict[str, Any]:
    data = _stored(found) if found.pdf_digest else paper.draft_of(found.id)
    pages, count = rendering.render_pictures(data, PAPER_DPI, MOST_PAPER)
    pictures = [base64.b64encode(page).decode() for page in pages]
    return {**views.title(found), "pictures": pictures, "pages": count}


def _stored(found: Any) -> bytes:
    """What lies there now, if it is what was stored."""
    _prove(found.pdf_digest)
    return files.path_of(found.pdf_digest).read_bytes()


def _prove(digest: str) -> None:
    """Refuse what is lost or is not what was stored."""
    condition = paper.compared(digest)
    if condition != Condition.GOOD:
        raise Refused(views.CONDITIONS[condition])
