"""What the page of a document and its dialogs show."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from flask import url_for

from app.core import auth
from app.core.i18n import _, _l, _n, day, decimal_in, language, money, price, size, today
from app.core.problems import Problem, errors, warnings
from app.core.rendering import RenderFailed
from app.domain.articles.tax import Code, Treatment
from app.domain.factura import checks, paper, queries, ranges, rules, settings
from app.domain.factura.labels import kinds, looks, statuses
from app.domain.factura.paper import Condition
from app.domain.factura.rules import PRICELESS, Kind, Move, State, Status
from app.domain.factura.sheet import Line, Paper, Tax
from app.domain.letters.labels import said
from app.domain.mailing.queries import hindrance
from app.domain.payments import queries as payments
from app.domain.payments.labels import methods
from app.domain.reminders.rules import hindrance as hindrance_to_remind
from app.shared.factura import shown
from app.shared.outgoing import standing

PLACE = "factura-document"
"""The id of what of the page is shown anew."""
CONDITIONS = {
    Condition.DUE: _l("The PDF has not been made yet."),
    Condition.MISSING: _l(
        "The PDF is missing on the server. It is not made anew: what was sent must be what is kept."
        " A backup may have it."
    ),
    Condition.CHANGED: _l(
        "The PDF on the server is not the one that was made at issue. Please ask whoever runs the "
        "server; a backup may have the right one."
    ),
    Condition.ELSEWHERE: paper.ELSEWHERE,
}


def document(document_id: int) -> dict[str, Any]:
    """The whole document, how it stands, and what belongs to it."""
    found = queries.row(document_id)
    status = queries.status_of(found, today())
    condition, related = paper.condition(found), shown(queries.related(found.id))
    sent, hindered = paper.sent(found), _mail_hindrance(found, condition)
    return {
        **title(found),
        "status": statuses[status],
        "look": looks[status],
        "reason": _reason(found, status),
        "facts": list(_facts(found)),
        "content": _content(found),
        "condition": condition,
        "note": CONDITIONS.get(condition),
        "digest": found.pdf_digest,
        "size": size(found.pdf_size) if found.pdf_size else "",
        "has_sheet": condition in (Condition.DRAFT, Condition.DUE, Condition.GOOD),
        "state": f"{found.version}-{found.pdf_digest or ''}"[:24],
        "actions": _actions(found),
        "primary": _next(found, sent, hindered),
        "may_edit": _may_edit(found),
        "moves": rules.allowed(found.kind, found.state),
        "mail_hindrance": hindered,
        "cancel_hindrance": _cancel_hindrance(found),
        "follow_ups": [
            {"kind": kind, "label": kinds[kind]}
            for kind in rules.follow_ups(found.kind, found.state)
        ],
        "may_copy": found.kind != Kind.REMINDER,
        "key": secrets.token_urlsafe(12),
        "origin": [one for one in related if one["id"] == found.origin_id],
        "made": [one for one in related if one["id"] != found.origin_id],
        "payments": _payments(found),
        "open": _open(found),
        "sent": [_sent(one) for one in sent],
    }


def why(reason: RenderFailed) -> str:
    """Why there is no PDF, in words."""
    if reason.code == "pages":
        most = paper.MOST_PAGES
        return _("This document is too long: it can have %(n)d pages at most.", n=most)
    if reason.code == "unkept":
        return _("The PDF could not be kept: the server's disk is full or cannot be written.")
    return said(reason)


def title(found: Any) -> dict[str, Any]:
    """What every page and dialog of a document needs to name it."""
    kind = kinds[Kind(found.kind)]
    name = f"{kind} {found.number}" if found.number else _("%(kind)s (draft)", kind=kind)
    return {
        "document_id": found.id,
        "url": url_for("factura_document.show", document_id=found.id),
        "name": name,
        "subject": found.subject,
        "number": found.number,
        "customer": {
            "id": found.customer_id,
            "name": found.customer_name,
            "number": found.customer_number,
            "is_there": found.customer_removed_at is None,
        },
    }


def issuing(document_id: int) -> dict[str, Any]:
    """What the form begins with: today, and the draft as it is now."""
    return {"issued_on": today(), "version": str(queries.row(document_id).version)}


def issue(document_id: int, on: date | None) -> dict[str, Any]:
    """What is told before a draft gets its number."""
    found = queries.document(document_id)
    rules.moved(found.kind, found.state, Move.ISSUE)
    problems = checks.to_issue(found, on or today())
    told = paper.paper_of(queries.row(document_id))
    is_priced = found.kind not in PRICELESS
    return {
        **title(queries.row(document_id)),
        "next_number": ranges.next_number(settings.number_range(found.kind), on or today()),
        "address": told.address,
        "total": money(told.total, told.currency) if is_priced else "",
        "lacking": [*_messages(errors(problems)), *_undrawable(document_id)],
        "warnings": _messages(warnings(problems)),
        "edit_url": url_for("factura_editor.edit", document_id=document_id),
    }


def _undrawable(document_id: int) -> list[str]:
    reason = paper.hindrance_to_draw(document_id)
    return [why(reason)] if reason else []


def cancelling(document_id: int) -> dict[str, Any]:
    """What is told before a document is cancelled, or why it cannot be."""
    found = queries.document(document_id)
    rules.moved(found.kind, found.state, Move.CANCEL)
    return {
        **title(queries.row(document_id)),
        "reason": checks.hindrance_to_cancel(found),
        "makes_credit_note": found.kind == Kind.INVOICE,
        "total": money(found.total, found.currency),
        "paid": money(found.paid, found.currency) if found.paid else "",
    }


def discarding(document_id: int) -> dict[str, Any]:
    found = queries.row(document_id)
    rules.moved(found.kind, found.state, Move.DISCARD)
    return title(found)


def answered(move: Move) -> str:
    return {
        Move.ACCEPT: _("The quote is accepted"),
        Move.DECLINE: _("The quote is declined"),
        Move.REOPEN: _("The quote is open again"),
    }[move]


def _reason(found: Any, status: Status) -> str:
    """Why it has this status, in a few words beside the badge."""
    if status in (Status.OVERDUE, *rules.REMINDED) and found.due_on:
        return _("due since %(day)s", day=day(found.due_on))
    if status == Status.PARTLY_PAID:
        paid, total = money(found.paid, found.currency), money(found.total, found.currency)
        return _("%(paid)s of %(total)s", paid=paid, total=total)
    if status == Status.OPEN and found.due_on:
        if found.kind != Kind.QUOTE:
            return _("due on %(day)s", day=day(found.due_on))
        if found.due_on < today():
            return _("expired on %(day)s", day=day(found.due_on))
        return _("valid until %(day)s", day=day(found.due_on))
    return ""


def _facts(found: Any) -> Iterator[tuple[Any, str]]:
    """What stands in a row of its own beside the lines."""
    if found.issued_on:
        yield _("Date"), day(found.issued_on)
    if found.service_on and found.service_until:
        since, until = day(found.service_on), day(found.service_until)
        yield _("Period of service"), f"{since} – {until}"
    elif found.service_on:
        yield _("Date of service"), day(found.service_on)
    if found.due_on:
        yield (_("Valid until") if found.kind == Kind.QUOTE else _("Payable by")), day(found.due_on)
    elif found.payment_days is not None and found.state == State.DRAFT:
        days = found.payment_days
        yield _("Term"), _n("%(num)d day from issue", "%(num)d days from issue", days)
    if found.author_name:
        yield _("Written by"), found.author_name


def _content(found: Any) -> dict[str, Any]:
    """What it says, to be read: the address, the lines, what they come to, the texts."""
    told = paper.paper_of(found)
    is_priced = told.kind not in PRICELESS
    is_taxed = is_priced and told.treatment == Treatment.TAXED and told.kind != Kind.REMINDER
    return {
        "address": told.address,
        "intro": told.intro,
        "closing": told.closing,
        "lines": list(_lines(told)),
        "is_priced": is_priced,
        "is_taxed": is_taxed,
        "has_discount": any(line.discount for line in told.lines),
        "is_gross": told.is_gross,
        "net": money(told.net, told.currency),
        "taxes": [_tax(told, tax) for tax in told.taxes] if is_taxed else [],
        "total": money(told.total, told.currency),
        "sentence": told.sentence if is_priced else "",
    }


def _lines(told: Paper) -> Iterator[dict[str, Any]]:
    """The lines with their positions; what is only a text has none."""
    position = 0
    for line in told.lines:
        position += line.quantity is not None
        shown_line = {"number": line.number, "text": line.text, "is_text": line.quantity is None}
        if line.quantity is not None:
            quantity = f"{_decimal(told, line.quantity)} {line.unit}".strip()
            shown_line |= {"position": position, "quantity": quantity, **_priced(told, line)}
        yield shown_line


def _priced(told: Paper, line: Line) -> dict[str, Any]:
    return {
        "price": price(line.price, told.currency) if line.price is not None else "",
        "discount": _per_cent(told, line.discount) if line.discount else "",
        "tax": _("exempt") if line.tax == Code.EXEMPT else _per_cent(told, line.tax_rate),
        "amount": money(line.amount, told.currency),
    }


def _tax(told: Paper, tax: Tax) -> tuple[str, str]:
    net = money(tax.net, told.currency)
    if tax.code == Code.EXEMPT:
        return _("exempt from tax (net %(net)s)", net=net), money(0, told.currency)
    rate = _per_cent(told, tax.rate)
    sentence = _("%(rate)s tax in it, net %(net)s", rate=rate, net=net)
    if not told.is_gross:
        sentence = _("%(rate)s tax on %(net)s", rate=rate, net=net)
    return sentence, money(tax.tax, told.currency)


def _decimal(told: Paper, value: Decimal) -> str:
    return decimal_in(value, language(), told.team.country)


def _per_cent(told: Paper, value: Decimal) -> str:
    return f"{_decimal(told, value)}\N{NO-BREAK SPACE}%"


def _payments(found: Any) -> list[dict[str, Any]]:
    """The payments on it, as far as they are for it."""
    return [
        {
            "id": row.id,
            "day": row.received_on,
            "amount": money(row.amount, found.currency),
            "method": methods.get(row.method, row.method),
            "note": row.note,
        }
        for row in payments.of_document(found.id)
    ]


def _open(found: Any) -> str:
    rest = rules.remainder(found.kind, found.state, found.paid, found.total)
    return money(rest, found.currency) if rest and rest < found.total else ""


def _sent(one: paper.Sent) -> dict[str, Any]:
    url = url_for("messages.show", customer_id=one.customer_id, message_id=one.message_id)
    return {
        "id": one.message_id,
        "url": url,
        "at": one.row.at,
        "to": ", ".join(one.to),
        "standing": standing(one.row) if one.row.state else None,
    }


def _actions(found: Any) -> list[dict[str, Any]]:
    """What can be done with it, the next step first; with a `reason` it cannot be done now."""
    if not _may_edit(found):
        return []
    if found.state == State.DRAFT:
        return list(_actions_of_draft(found))
    return list(_actions_of_issued(found))


def _actions_of_draft(found: Any) -> Iterator[dict[str, Any]]:
    lacking = _messages(errors(checks.to_issue(queries.document(found.id))))
    edit_url = url_for("factura_editor.edit", document_id=found.id)
    issue_url = url_for("factura_document.issue", document_id=found.id)
    yield _action("issue", _("Issue"), issue_url, "file-check", reason=" ".join(lacking))
    yield _action("edit", _("Edit"), edit_url, "pencil", dialog=False)


def _actions_of_issued(found: Any) -> Iterator[dict[str, Any]]:
    asks = found.kind == Kind.INVOICE and found.state == State.ISSUED
    if asks and found.paid < found.total:
        payment_url = url_for("payments.of_document", document_id=found.id)
        yield _action("payment", _("Record payment"), payment_url, "landmark")
    if asks:
        url = url_for("reminders.of_document", document_id=found.id)
        reason = hindrance_to_remind(_invoice(found), today())
        yield _action("remind", _("Remind"), url, "bell", reason=reason or "")


def _invoice(found: Any) -> Any:
    """An invoice as reminding looks at it."""
    return SimpleNamespace(**dict(found._mapping), removed_at=found.customer_removed_at)


def _action(
    name: str, label: str, url: str, icon: str, *, reason: Any = "", dialog: bool = True
) -> dict[str, Any]:
    return {
        "id": f"document-{name}",
        "label": label,
        "url": url,
        "icon": icon,
        "reason": str(reason),
        "dialog": dialog,
        "shortcut": "",
    }


def _messages(problems: Sequence[Problem]) -> list[str]:
    return list(dict.fromkeys(str(problem.message) for problem in problems))


def _next(found: Any, sent: Sequence[Any], hindered: str) -> str:
    """The button of what usually comes next."""
    if found.state == State.DRAFT:
        return "document-issue"
    return "document-payment" if sent or hindered else "document-mail"


def _may_edit(found: Any) -> bool:
    return auth.may("factura.edit") and found.customer_removed_at is None


def _cancel_hindrance(found: Any) -> str:
    is_possible = Move.CANCEL in rules.allowed(found.kind, found.state)
    return str(checks.hindrance_to_cancel(found) or "") if is_possible else ""


def _mail_hindrance(found: Any, condition: Condition) -> str:
    """Why it cannot be sent by mail now; empty if it can."""
    if condition not in (Condition.GOOD, Condition.DUE):
        return str(CONDITIONS.get(condition, ""))
    return str(hindrance(found.customer_id) or "")
