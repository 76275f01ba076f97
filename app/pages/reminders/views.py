"""What the pages of reminders show."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from secrets import token_hex
from typing import Any

from flask import url_for

from app.core import i18n, queue, rendering
from app.core.database import now
from app.core.i18n import _, _n, money, today
from app.core.panels import positive
from app.core.rendering import RenderFailed
from app.domain.customers.labels import choices
from app.domain.letters.labels import said
from app.domain.mailing.queries import hindrance
from app.domain.reminders import drawing, queries, rules
from app.domain.reminders.labels import names
from app.domain.reminders.queries import Asked, Contact
from app.domain.reminders.rules import LEVELS, MOST_AT_ONCE, Level
from app.shared.outgoing import standing

STUCK = timedelta(minutes=2)
"""After so long without an end a run was broken off."""
DPI = 100
"""Dots per inch of a preview."""
POST, ALL = "post", "all"


def page(arguments: Mapping[str, str]) -> dict[str, Any]:
    """The invoices that are due for reminding, a page of them, and what is paused."""
    asked = _asked(arguments)
    levels = queries.levels()
    rows, is_more = queries.due(asked)
    count = queries.count(asked)
    return {
        "rows": [*_rows(rows, levels)],
        "tabs": list(_tabs(asked, levels)),
        "asked": asked,
        "count": i18n.count(count),
        "is_cut": count > MOST_AT_ONCE,
        "most": MOST_AT_ONCE,
        "key": token_hex(16),
        "first_url": _url(asked.level) if asked.after else None,
        "next_url": _url(asked.level, rows[-1].id) if is_more else None,
        "pauses": queries.pauses(),
        "uses_any": any(level.active for level in levels),
    }


def one(document_id: int, arguments: Mapping[str, str]) -> dict[str, Any]:
    """The reminder of one invoice, before it is made: its level, what it asks for, its words."""
    invoice = queries.invoice(document_id)
    levels = [level for level in queries.levels() if level.active]
    level = _level_asked(invoice, levels, arguments)
    with_fee = arguments.get("fee") != "0"
    fee = queries.fee_of(invoice, level) if level and with_fee else 0
    on = today()
    return {
        "invoice": invoice,
        "level": level,
        "level_name": names[level.level] if level else "",
        "levels": [(each.level, names[each.level]) for each in levels],
        "with_fee": with_fee,
        "has_fee": bool(level and queries.fee_of(invoice, level)),
        "reason": _hindrance(invoice, level, on),
        "open": money(invoice.total - invoice.paid, invoice.currency),
        "fee": money(fee, invoice.currency) if fee else "",
        "fee_minor": fee,
        "total": money(invoice.total - invoice.paid + fee, invoice.currency),
        "pay_by": rules.later(on, level.payment_days) if level else None,
        "late": late(rules.days_late(invoice.due_on, on)),
        "last": last(invoice),
        "language": choices["language"].get(invoice.language, invoice.language),
        "texts": queries.filled(invoice, level, fee=fee, on=on) if level else {},
        "filled_as": f"{level.level}-{'' if with_fee else 0}" if level else "",
    }


def fresh(shown: Mapping[str, Any]) -> dict[str, Any]:
    """What the form of a reminder begins with."""
    seen = str(shown["invoice"].last_id)
    return {"key": token_hex(16), "seen": seen, **shown["texts"]}


def preview(document_id: int, arguments: Mapping[str, str]) -> dict[str, Any]:
    """The pages of a reminder as they would be printed today."""
    shown = one(document_id, arguments)
    level, pictures, reason = shown["level"], [], shown["reason"]
    if level:
        try:
            texts, fee = shown["texts"], shown["fee_minor"]
            html = drawing.document(shown["invoice"], level, texts, fee=fee, on=today())
            page = rendering.render_preview(html, 0, DPI)
            pictures = [base64.b64encode(page.picture).decode()]
        except RenderFailed as failure:
            reason = said(failure)
    return shown | {"pictures": pictures, "reason": reason, "level": level and level.level}


def run(found: Any) -> dict[str, Any]:
    """What became of reminders that were made together, and what can be done with them."""
    invoices = queries.invoices([result[0] for result in found.results])
    made = queries.reminders([result[2] for result in found.results if result[2]])
    reached = queries.contacts(list(invoices.values()))
    mails = queries.sent_with([row.pdf_digest for row in made.values() if row.pdf_digest])
    rows = [_result(result, invoices, made, reached, mails) for result in found.results]
    good = [row for row in rows if row["reminder"]]
    is_going = found.finished_at is None and now() - found.created_at < STUCK
    lacking = sum(1 for row in good if not row["reminder"].pdf_digest)
    return {
        "run": found,
        "made": good,
        "failed": [row for row in rows if not row["reminder"]],
        "told": _told(len(good), len(rows) - len(good)),
        "is_going": is_going,
        "is_broken_off": found.finished_at is None and not is_going,
        "is_lacking": bool(lacking),
        "is_worker_missing": bool(lacking) and not queue.is_working(),
        "by_mail": sum(1 for row in good if row["may_send"]),
        "by_post": sum(1 for row in good if not row["email"]),
        "hindrance": hindrance(),
        "poll": is_going or lacking > 0,
    }


def to_mail(found: Any) -> list[tuple[Any, Contact]]:
    """The reminders of a run that can go by mail and have not yet, with whom they go to."""
    shown = run(found)
    return [(row["reminder"], row["contact"]) for row in shown["made"] if row["may_send"]]


def to_print(found: Any, which: str) -> list[Any]:
    """Those that are printed: all of them, or only those nobody gets by mail."""
    rows = run(found)["made"]
    return [row["reminder"] for row in rows if which == ALL or not row["email"]]


def runs(before: int | None) -> dict[str, Any]:
    """What was made together, newest first."""
    found = queries.runs(before)
    return {
        "runs": [
            {"run": row, "made": sum(1 for r in row.results if r[2]), "all": len(row.results)}
            for row in found.rows
        ],
        "older": found.older,
        "before": before,
    }


def late(days: int) -> str:
    return _n("%(num)d day late", "%(num)d days late", days)


def last(row: Any) -> str:
    """When it was reminded last, and how often."""
    if not row.last_on:
        return ""
    told = names.get(row.reminder_level, "")
    return _("%(level)s, %(day)s", level=told, day=i18n.day(row.last_on))


def _asked(arguments: Mapping[str, str]) -> Asked:
    level = positive(arguments, "level") or 0
    return Asked(level if level in LEVELS else 0, positive(arguments, "after"))


def _url(level: int, after: int | None = None) -> str:
    return url_for("reminders.show", level=level or None, after=after)


def _tabs(asked: Asked, levels: Sequence[Level]) -> Iterator[dict[str, Any]]:
    yield {"name": _("All"), "url": _url(0), "is_shown": not asked.level}
    for level in levels:
        if level.active or asked.level == level.level:
            is_shown = asked.level == level.level
            yield {"name": names[level.level], "url": _url(level.level), "is_shown": is_shown}


def _rows(rows: Sequence[Any], levels: Sequence[Level]) -> Iterator[dict[str, Any]]:
    reached = queries.contacts(rows)
    offered = [(level.level, names[level.level]) for level in levels if level.active]
    for row in rows:
        following = queries.next_of(row, levels)
        contact = reached.get(row.id)
        yield {
            "invoice": row,
            "open": money(row.total - row.paid, row.currency),
            "is_part": row.paid > 0,
            "late": late(rules.days_late(row.due_on, today())),
            "last": last(row),
            "level": following.level if following else 0,
            "levels": offered,
            "email": contact.email if contact else "",
            "is_silent": contact.is_silent if contact else False,
        }


def _level_asked(
    invoice: Any, levels: Sequence[Level], arguments: Mapping[str, str]
) -> Level | None:
    """The level that was chosen, or the one that follows, or the last there is."""
    told = positive(arguments, "level") or positive(arguments, f"level-{invoice.id}")
    chosen = next((level for level in levels if level.level == told), None)
    following = rules.next_level(levels, invoice.reminder_level)
    return chosen or following or (levels[-1] if levels else None)


def _hindrance(invoice: Any, level: Level | None, on: date) -> Any:
    """Why nobody can be reminded now, or None."""
    if reason := rules.hindrance(invoice, on):
        return reason
    if level is None:
        return _("No level of reminders is used; an admin changes that in the settings.")
    if invoice.paused_until:
        told = i18n.day(invoice.paused_until)
        return _("Nobody is to be reminded of this before %(day)s.", day=told)
    return None


def _result(
    result: Sequence[Any],
    invoices: Mapping[int, Any],
    made: Mapping[int, Any],
    reached: Mapping[int, Contact],
    mails: Mapping[str, Any],
) -> dict[str, Any]:
    invoice_id, level, reminder_id, reasons = result
    invoice, reminder = invoices.get(invoice_id), made.get(reminder_id)
    contact = reached.get(invoice_id)
    mail = mails.get(reminder.pdf_digest or "") if reminder else None
    email = contact.email if contact else ""
    is_out = reminder is not None and reminder.state == "issued"
    return {
        "invoice": invoice,
        "level": names.get(level, level),
        "reminder": reminder,
        "reason": " ".join(map(i18n.retold, reasons)),
        "total": money(reminder.total, reminder.currency) if reminder else "",
        "contact": contact,
        "email": email,
        "mail": standing(mail) if mail else None,
        "is_cancelled": reminder is not None and not is_out,
        "may_send": bool(is_out and email and reminder and reminder.pdf_digest and not mail),
    }


def _told(made: int, failed: int) -> str:
    told = _n("%(num)d reminder was made", "%(num)d reminders were made", made)
    others = _n("%(num)d was not", "%(num)d were not", failed)
    return f"{told}, {others}" if failed else told
