from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, Response, request, url_for

from app.core import responses
from app.core.database import reads_first, writing
from app.core.i18n import _
from app.core.panels import numbers, positive
from app.core.problems import Invalid, Problem, Refused
from app.core.responses import Toast
from app.core.templating import render
from app.domain.documents import queries as documents
from app.domain.documents import rules as document_rules
from app.domain.documents.services import Upload
from app.domain.mailing import drafts
from app.domain.mailing.models import MailDraft
from app.domain.mailing.queries import hindrance
from app.domain.messages import queries as messages
from app.domain.messages.services import Attachment
from app.domain.templates.services import use_template
from app.partials.mail import views
from app.partials.mail.mail import Mail
from app.shared.uploads import kept_uploads

blueprint = Blueprint("mail", __name__)


@blueprint.route("/new", methods=["GET", "POST"])
@reads_first
def new(customer_id: int) -> Response:
    """The dialog of a mail: the draft that was asked for (`draft`), the latest one, or a new one.

    `to` is an address that is to be ticked in a new one.
    """
    if request.method == "POST":
        return _send(customer_id)
    if reason := hindrance(customer_id):
        return responses.show("mail/hindered.html", **views.hindered(customer_id, reason))
    if asked := positive(request.args, "draft"):
        draft = drafts.draft(customer_id, asked)
        return views.show(Mail.resumed(draft), draft)
    to = request.args.get("to", "")
    if not to and (found := drafts.latest(customer_id)):
        return views.show(Mail.resumed(found[0]), found[0])
    return views.show(Mail.begun(customer_id, to=to))


@blueprint.route("/template", methods=["GET", "POST"])
@reads_first
def template(customer_id: int) -> Response:
    """The same dialog, filled in by the template that was used last, or by another (`template`)."""
    if request.method == "POST":
        return _send(customer_id)
    if reason := hindrance(customer_id):
        return responses.show("mail/hindered.html", **views.hindered(customer_id, reason))
    offered = views.template_choices(customer_id)
    if not offered:
        return responses.show("mail/no_templates.html", customer_id=customer_id)
    asked = positive(request.args, "template")
    known = [one.id for one in offered]
    return views.show(Mail.begun(customer_id, asked if asked in known else known[0]))


@blueprint.post("/draft")
def save(customer_id: int) -> Response:
    """Keep what was written. The button pressed may close the dialog, or take its template's text.

    With script this happens by itself after every pause; the answer has what follows a change.
    """
    mail, action = Mail.sent(customer_id), request.form.get("action")
    is_other = mail.follow(takes=action == "take")
    begins = not mail.is_blank or (action != "close" and not responses.is_fragment())
    draft = drafts.keep(customer_id, mail.sheet, mail.values, begins=begins)
    if action == "close":
        return responses.saved(customer_id, _("Draft saved") if draft else None)
    return _answer(mail, draft, words=is_other)


@blueprint.post("/draft/removal")
def discard(customer_id: int) -> Response:
    """Put a draft away, as it was written in the end; the toast takes it back."""
    mail = Mail.sent(customer_id)
    drafts.keep(customer_id, mail.sheet, mail.values, begins=not mail.is_blank)
    draft = drafts.discard(customer_id, mail.sheet)
    if draft is None:
        return responses.saved(customer_id, None)
    undo = url_for(".restore", customer_id=customer_id, draft_id=draft.id)
    return responses.saved(customer_id, _("Draft discarded"), undo=undo)


@blueprint.post("/drafts/<int:draft_id>/restoration")
def restore(customer_id: int, draft_id: int) -> Response:
    """Bring a discarded draft back, and open it."""
    draft = drafts.restore(customer_id, draft_id)
    return _reopened(draft, _("Draft is back"))


@blueprint.post("/attachments")
@reads_first
def attach(customer_id: int) -> Response:
    """Let files go with the mail: those that were sent, and a document of the customer."""
    uploads, problems = kept_uploads()
    mail = Mail.sent(customer_id)
    writing()
    attached = [*map(_attachment, uploads), *_chosen_documents(customer_id)]
    draft = drafts.keep(customer_id, mail.sheet, mail.values)
    if draft is None:
        raise Refused(_("This e-mail was sent or discarded meanwhile."))
    drafts.attach(draft, attached)
    if not attached and not problems:
        problems = [Problem("files", "required", _("Please choose a file."))]
    return _answer(mail, draft, files=True, problems=problems)


@blueprint.post("/attachments/<int:attachment_id>/removal")
def detach(customer_id: int, attachment_id: int) -> Response:
    """A file does not go with the mail after all."""
    mail = Mail.sent(customer_id)
    draft = drafts.keep(customer_id, mail.sheet, mail.values, begins=False)
    if draft is None:
        raise Refused(_("This e-mail was sent or discarded meanwhile."))
    drafts.detach(draft, attachment_id)
    return _answer(mail, draft, files=True)


@blueprint.post("/with/<int:message_id>/<int:attachment_id>")
def begin_with(customer_id: int, message_id: int, attachment_id: int) -> Response:
    """Begin a mail that a file goes with which went with a message before: a finished letter.

    It is called like the letter, and goes to whom that went to.
    """
    if reason := hindrance(customer_id):
        raise Refused(reason)
    found = messages.attachment(customer_id, message_id, attachment_id)
    mail = Mail.with_letter(customer_id, messages.message(customer_id, message_id))
    draft = drafts.keep(customer_id, mail.sheet, mail.values)
    assert draft is not None  # nobody else knows its sheet
    media_type = document_rules.media_type(found.name)
    drafts.attach(draft, [Attachment(found.name, found.digest, found.size, media_type)])
    return responses.saved(
        customer_id,
        None,
        to=_address(customer_id, draft),
        dialog=("mail/compose.html", views.dialog(Mail.resumed(draft), draft)),
    )


@blueprint.get("/documents")
def find_documents(customer_id: int) -> Response:
    """The documents of the customer whose names hold these words (`q`), to take along."""
    context = {"customer_id": customer_id, **views.picker(customer_id, request.args.get("q", ""))}
    if responses.is_fragment():
        return responses.answer(render("mail/documents.html", **context))
    return responses.moved(url_for(".new", customer_id=customer_id, q=context["query"] or None))


@blueprint.post("/<int:message_id>/withdrawal")
def take_back(customer_id: int, message_id: int) -> Response:
    """Keep a mail from leaving, and open its draft again."""
    draft = drafts.take_back(customer_id, message_id)
    return _reopened(draft, _("Taken back: nothing was sent"))


def _send(customer_id: int) -> Response:
    """Send what was written. Whatever comes in the way, it is kept as a draft."""
    uploads, problems = kept_uploads()
    mail = Mail.sent(customer_id)
    files = [*map(_attachment, uploads)]
    writing()
    try:
        if problems:
            raise Invalid(problems)
        message_id = _sent(mail, files)
    except (Invalid, Refused) as refusal:
        draft = drafts.keep_anyway(customer_id, mail.sheet, mail.values, files)
        return views.refused(mail, draft, refusal)
    undo = url_for(".take_back", customer_id=customer_id, message_id=message_id)
    return responses.saved(customer_id, _("Goes out in ten seconds"), undo=undo, ends=True)


def _sent(mail: Mail, files: Sequence[Attachment]) -> int:
    """The message as which a mail waits to be sent; the same form sends once."""
    draft = drafts.keep(mail.customer_id, mail.sheet, mail.values)
    if draft is None:
        if message_id := drafts.sent_as(mail.customer_id, mail.sheet):
            return message_id
        raise Refused(_("This e-mail was sent or discarded meanwhile."))
    drafts.attach(draft, files)
    outgoing = mail.outgoing(drafts.attachments(draft.id))
    is_storable = mail.form.validate()
    problems = mail.problems(outgoing)
    if problems or not is_storable:
        raise Invalid(problems)
    message_id = drafts.send(draft, outgoing)
    if mail.template_words is not None and mail.template_id:
        use_template(mail.template_id)
    return message_id


def _answer(
    mail: Mail,
    draft: MailDraft | None,
    *,
    words: bool = False,
    files: bool = False,
    problems: Sequence[Problem] = (),
) -> Response:
    """Kept: the parts of the dialog that changed, or the page of the draft."""
    customer_id, replaced = mail.customer_id, {}
    if words:
        replaced["mail-words"] = render("mail/words.html", **views.dialog(mail, draft))
    if files:
        replaced["mail-files"] = render(
            "mail/files.html", customer_id=customer_id, form=mail.form, **views.files(draft)
        )
    return responses.saved(
        customer_id,
        None,
        to=_address(customer_id, draft),
        dialog=("mail/saved.html", views.state(mail, draft)),
        fresh=views.fresh(mail, draft),
        replaced=replaced,
        also=[Toast(text=str(problem.message), kind="error") for problem in problems],
    )


def _address(customer_id: int, draft: MailDraft | None) -> str:
    """Where a plain browser goes on writing."""
    q = request.form.get("q") or None
    return url_for(".new", customer_id=customer_id, draft=draft.id if draft else None, q=q)


def _reopened(draft: MailDraft, text: str) -> Response:
    return responses.saved(
        draft.customer_id,
        text,
        to=_address(draft.customer_id, draft),
        opens=("mail/compose.html", views.dialog(Mail.resumed(draft), draft)),
    )


def _attachment(upload: Upload) -> Attachment:
    media_type = document_rules.media_type(upload.name)
    return Attachment(upload.name, upload.file.name, upload.file.size, media_type)


def _chosen_documents(customer_id: int) -> list[Attachment]:
    """Documents of the customer whose button was pressed; the stored file is linked, not copied."""
    found = numbers(request.form.getlist("document"))
    rows = [documents.document(customer_id, document_id) for document_id in found]
    return [Attachment(r.name, r.digest, r.size, r.media_type, r.id) for r in rows]
