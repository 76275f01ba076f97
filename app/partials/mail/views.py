"""What the dialog of a mail shows, whole and in parts."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from flask import Response, current_app, g, request
from flask_login import current_user
from markupsafe import Markup

from app.core import i18n, responses
from app.core.i18n import _, _n
from app.core.problems import Invalid, Refused
from app.core.templating import render
from app.domain.customers.labels import choices as customer_choices
from app.domain.customers.queries import master, name_of
from app.domain.customers.rules import email_key
from app.domain.documents import queries as documents
from app.domain.documents import rules as document_rules
from app.domain.mailing import drafts, headers, queries, rules
from app.domain.mailing.models import MailDraft
from app.domain.mailing.recipients import recipients
from app.domain.templates import queries as templates
from app.domain.templates import rules as template_rules
from app.partials.mail.mail import Mail

MOST_MISSPELT = 3
"""Recipients told while somebody writes; sending tells all."""
OFFERED = 8
"""Documents of the customer that can be taken without searching."""


def dialog(mail: Mail, draft: MailDraft | None = None) -> dict[str, Any]:
    """The whole dialog; `draft` is what is kept of it, if it is."""
    customer_id = mail.customer_id
    shown = draft.id if draft else None
    return {
        "customer_id": customer_id,
        "name": name_of(customer_id),
        "mail": mail,
        "form": mail.form,
        "sender": sender(),
        "groups": _template_groups(mail) if mail.form.template.data else [],
        "others": [one for one in drafts.lines(customer_id) if one.id != shown],
        **files(draft),
        **picker(customer_id, request.args.get("q", "")),
        **state(mail, draft),
    }


def state(mail: Mail, draft: MailDraft | None) -> dict[str, Any]:
    """What follows every change of the form."""
    return {
        "customer_id": mail.customer_id,
        "form": mail.form,
        "send_label": send_label(mail),
        "open_placeholders": templates.called(mail.open_placeholders),
        "misspelt": mail.misspelt[:MOST_MISSPELT],
        "incomplete": template_rules.incomplete(*mail.words),
        "is_left_behind": mail.is_left_behind,
        "template_gone": bool(mail.form.template.data) and mail.template_words is None,
        "draft": draft,
        "saved": saved(draft) if draft else "",
        "is_split": bool(draft) and draft.key != mail.sheet.key,
    }


def fresh(mail: Mail, draft: MailDraft | None) -> dict[str, Markup]:
    """The parts of the dialog that follow every change, by their ids."""
    context = state(mail, draft)
    parts = {"mail-send": "mail/send.html", "mail-notes": "mail/notes.html"}
    return {name: render(template, **context) for name, template in parts.items()}


def files(draft: MailDraft | None) -> dict[str, Any]:
    """The attachments, and how large they are together."""
    rows = drafts.files(draft.id) if draft else []
    size, most = sum(row.size for row in rows), rules.LARGEST_FILES
    limit = current_app.config["UPLOAD_LIMIT"]
    return {
        "files": [
            {"id": row.id, "name": row.name, "icon": document_rules.icon(row.name)}
            | {"size": i18n.size(row.size), "is_linked": row.document_id is not None}
            for row in rows
        ],
        "size": i18n.size(size),
        "most": i18n.size(most),
        "too_large": size > most,
        "limit": i18n.size(limit) if limit < most else "",
    }


def picker(customer_id: int, words: str) -> dict[str, Any]:
    """Documents of the customer to take along: the latest, or those of that name."""
    words = words[:200]
    rows = documents.search(customer_id, words, None).rows
    return {
        "query": words,
        "documents": [
            {"id": row.id, "name": row.name, "icon": document_rules.icon(row.name)}
            | {"size": i18n.size(row.size), "uploaded_at": row.uploaded_at}
            for row in rows[:OFFERED]
        ],
        "more": len(rows) > OFFERED,
    }


def send_label(mail: Mail) -> str:
    """The words on the button: who gets it."""
    found: dict[str, str] = {}
    for addresses in mail.addresses.values():
        for text in addresses:
            mailbox = headers.mailbox(text)
            found.setdefault(email_key(mailbox.address), mailbox.name or mailbox.address)
    if not found:
        return _("Send")
    if len(found) == 1:
        return _("Send to %(name)s", name=next(iter(found.values())))
    return _n("Send to %(num)d person", "Send to %(num)d people", len(found))


def saved(draft: MailDraft) -> str:
    return _("Draft saved %(time)s", time=drafts.when(draft))


def sender() -> str:
    """Whom it will come from."""
    account = queries.account()
    return str(rules.sender(account, current_user)) if account else ""


def hindered(customer_id: int, reason: Any) -> dict[str, Any]:
    """Why no mail can be sent, and what else can be done."""
    return {
        "customer_id": customer_id,
        "name": name_of(customer_id),
        "reason": reason,
        "people": recipients(customer_id),
        "drafts": drafts.lines(customer_id),
    }


def template_choices(customer_id: int) -> list[templates.Choice]:
    """The templates for mails, as they are offered for this customer."""
    if "mail_templates" not in g:
        kind = template_rules.Kind.MAIL
        g.mail_templates = templates.choices(kind, _language(customer_id))
    return g.mail_templates


def _language(customer_id: int) -> str:
    """The language to write in, of those that templates have."""
    language = master(customer_id).language
    return language if language in template_rules.LANGUAGES else "en"


def _template_groups(mail: Mail) -> list[tuple[str, list[Mapping[str, Any]]]]:
    known, own = customer_choices["language"], _language(mail.customer_id)
    chosen = mail.template_id
    offered = [
        {"id": one.id, "is_chosen": one.id == chosen, "group": one.group}
        | {"name": one.name if one.language == own else f"{one.name} ({known[one.language]})"}
        for one in template_choices(mail.customer_id)
    ]
    return [(group, list(some)) for group, some in groupby(offered, lambda one: one["group"])]


def show(mail: Mail, draft: MailDraft | None = None, status: int = 200) -> Response:
    """The dialog, or its page."""
    return responses.show("mail/compose.html", status, **dialog(mail, draft))


def refused(mail: Mail, draft: MailDraft | None, refusal: Invalid | Refused) -> Response:
    """The dialog with what keeps the mail from being sent."""
    if isinstance(refusal, Invalid):
        mail.form.tell(refusal.problems)
        return show(mail, draft, 422)
    mail.form.form_errors.append(refusal.message)
    return show(mail, draft, 409)
