"""What the pages of serials show."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any

from flask import url_for

from app.core import i18n, queue, rendering
from app.core.i18n import _, _n, number
from app.core.outbox import BROKEN, RESTORED
from app.core.outbox import State as Outgoing
from app.core.panels import positive
from app.core.rendering import RenderFailed
from app.domain.customers.labels import choices
from app.domain.letters.layout import document
from app.domain.letters.queries import style
from app.domain.mailing.queries import hindrance
from app.domain.serials import check, labels, queries, rules
from app.domain.serials.check import Text
from app.domain.serials.production import sheet_of
from app.domain.serials.queries import Asked
from app.domain.serials.rules import Fate, Standing, Tally, unrendered
from app.domain.templates.rules import Kind, hindrance_to_send, pieces
from app.shared.outgoing import standing as standing_of_mail

LONGEST_QUERY = 200
MOST_PAGES = 100_000
DPI = 90
"""Dots per inch of a letter's preview."""


def title(kind: str, count: int) -> str:
    """What the dialog is about: for how many customers a template is chosen."""
    told = number(count)
    if kind == Kind.MAIL:
        return _n(
            "E-mail to %(count)s customer", "E-mail to %(count)s customers", count, count=told
        )
    return _n("Letter to %(count)s customer", "Letter to %(count)s customers", count, count=told)


def listing(before: int | None) -> dict[str, Any]:
    """A page of serials, newest first."""
    found = queries.serials(before)
    rows = [dict(row._mapping) | {"standing": _word(row)} for row in found.rows]
    return {"serials": rows, "older": found.older, "before": before}


def one(found: Any, arguments: Mapping[str, str]) -> dict[str, Any]:
    """One serial, and by its state who would get it, or how far it is."""
    tally = queries.tally(found.id, found.kind)
    standing = queries.standing(found)
    is_draft = standing is Standing.DRAFT
    usual = (Fate.WAITING if tally.waiting else Fate.LEFT_OUT) if is_draft else None
    asked = _asked(arguments, usual)
    shown = {
        "serial": found,
        "standing": labels.standings[standing],
        "is_draft": is_draft,
        "tally": tally,
        "notices": list(_notices(found, standing, tally)),
        "asked": asked,
        "tabs": list(_tabs(found, tally, asked, is_draft)),
        "list": _recipients(found, asked, is_draft),
        "poll": _here(found, arguments) if standing in rules.MOVING else None,
    }
    return shown | (
        _check(found, tally, arguments) if is_draft else _progress(found, tally, standing)
    )


def preview(found: Any, n: int) -> dict[str, Any]:
    """What the n-th of those who get it would get, and the way to those beside.

    A letter is drawn by `drawn`, which takes its time.
    """
    customer_id = queries.nth(found.id, n)
    text = Text.of(found)
    judged = check.judge(text, [customer_id]) if customer_id is not None else []
    seen = judged[0] if judged else None
    return {
        "serial": found,
        "seen": seen,
        "subject": list(pieces(text.subject, seen.values)) if seen else [],
        "body": list(pieces(text.body, seen.values)) if seen else [],
        "reason": labels.told(seen.reason, seen.detail) if seen and seen.reason else "",
        "place": _("%(n)s of %(count)s", n=number(n), count=number(found.addressed)),
        "n": n,
        "previous": n - 1 if n > 1 else None,
        "next": n + 1 if n < found.addressed else None,
        "picture": "",
        "is_letter": found.kind == Kind.LETTER,
    }


def drawn(found: Any, n: int) -> dict[str, Any]:
    """The same with the first page of the letter as it would be printed."""
    shown = preview(found, n)
    if found.kind != Kind.LETTER or shown["seen"] is None or shown["reason"]:
        return shown | {"is_letter": False}
    sheet = sheet_of(shown["seen"], Text.of(found), i18n.today())
    try:
        page = rendering.render_preview(document(sheet, style()), 0, DPI)
    except RenderFailed as why:
        return shown | {"is_letter": False, "reason": labels.told(unrendered(why.code), why.detail)}
    return shown | {"picture": base64.b64encode(page.picture).decode()}


def _word(row: Any) -> labels.Word:
    return labels.standings[queries.standing(row)]


def _asked(arguments: Mapping[str, str], usual: Fate | None) -> Asked:
    """Whom an address asks for; what is no fate shows everybody."""
    told = arguments.get("show", "")
    fate = Fate(told) if told in tuple(Fate) else None if told else usual
    page = min(positive(arguments, "page") or 1, MOST_PAGES)
    return Asked(fate, arguments.get("q", "")[:LONGEST_QUERY], page)


def _here(found: Any, arguments: Mapping[str, str], **over: Any) -> str:
    """This page, with what is asked for on it."""
    asked: dict[str, Any] = {key: arguments.get(key) or None for key in ("show", "q", "page")}
    asked |= over
    return url_for("serials.show_one", serial_id=found.id, **asked)


def _tabs(found: Any, tally: Tally, asked: Asked, is_draft: bool) -> Iterator[dict[str, Any]]:
    """Ways to see only some of the recipients, each with its number."""
    counts = {
        Fate.WAITING: tally.waiting,
        Fate.MADE: tally.sent,
        Fate.FAILED: tally.failed,
        Fate.LEFT_OUT: tally.left_out,
        Fate.CANCELLED: tally.cancelled,
    }
    words = {fate: word.name for fate, word in labels.fates[Kind(found.kind)].items()}
    if is_draft:
        words[Fate.WAITING] = _("Get it")
    else:
        yield _tab(found, None, _("All"), sum(counts.values()), asked)
    for fate, count in counts.items():
        if count or fate is asked.fate or (is_draft and fate in (Fate.WAITING, Fate.LEFT_OUT)):
            yield _tab(found, fate, words[fate], count, asked)


def _tab(found: Any, fate: Fate | None, name: Any, count: int, asked: Asked) -> dict[str, Any]:
    url = url_for("serials.show_one", serial_id=found.id, show=fate or "all", q=asked.words or None)
    return {"name": name, "count": number(count), "url": url, "is_shown": fate == asked.fate}


def _recipients(found: Any, asked: Asked, is_draft: bool) -> dict[str, Any]:
    """A page of the recipients, and the way to those before and behind."""
    rows, is_more = queries.recipients(found.id, asked)
    turn = {"show": asked.fate or "all", "q": asked.words or None}
    first = (asked.page - 1) * queries.PAGE + 1
    return {
        "rows": [_row(found, row, is_draft) for row in rows],
        "previous": _here(found, {}, **turn, page=asked.page - 1) if asked.page > 1 else None,
        "next": _here(found, {}, **turn, page=asked.page + 1) if is_more else None,
        "place": f"{number(first)}–{number(first + len(rows) - 1)}",
        "is_narrowed": bool(asked.words or asked.fate),
    }


def _row(found: Any, row: Any, is_draft: bool) -> dict[str, Any]:
    is_elsewhere = row.language != found.language and row.fate != Fate.LEFT_OUT
    return {
        "position": row.position,
        "customer_id": row.customer_id,
        "name": row.list_name,
        "number": row.number,
        "address": row.address,
        "message_url": _message(row),
        "is_trashed": row.removed_at is not None,
        "language": choices["language"].get(row.language, row.language) if is_elsewhere else "",
        "reason": labels.told(row.reason, row.reason_detail) if row.reason else "",
        "mail": standing_of_mail(row) if row.entry_id and row.fate == Fate.MADE else None,
        "fate": None if is_draft else labels.fates[Kind(found.kind)][Fate(row.fate)],
    }


def _message(row: Any) -> str | None:
    """Where the mail or the letter is told; a mail that was taken back is nowhere."""
    is_there = row.fate == Fate.MADE and row.removed_at is None and row.state != Outgoing.CANCELLED
    if not is_there:
        return None
    return url_for("messages.show", customer_id=row.customer_id, message_id=row.message_id)


def _check(found: Any, tally: Tally, arguments: Mapping[str, str]) -> dict[str, Any]:
    """What is looked at before anything is sent."""
    reasons = queries.reasons(found.id) if tally.left_out else ()
    elsewhere = queries.elsewhere(found.id, found.language) if tally.waiting else 0
    twice = queries.twice(found.id) if found.kind == Kind.MAIL and tally.waiting else []
    return preview(found, 1) | {
        "is_changed": "changed" in arguments,
        "button": _button(found.kind, tally.waiting),
        "hindrance": _hindrance(found, tally),
        "left_out": [labels.left_out(*reason) for reason in reasons],
        "elsewhere": labels.elsewhere(elsewhere, found.language) if elsewhere else "",
        "twice": labels.twice(twice) if twice else "",
        "addresses": [f"{number(row.count)}: {row.address}" for row in twice],
    }


def _button(kind: str, count: int) -> str:
    """What happens when it is pressed."""
    if kind == Kind.MAIL:
        return _n("Send %(count)s mail", "Send %(count)s mails", count, count=number(count))
    return _n("Make %(count)s letter", "Make %(count)s letters", count, count=number(count))


def _hindrance(found: Any, tally: Tally) -> Any:
    """Why it cannot be started, or None."""
    if not tally.waiting:
        return _("Nobody gets this.")
    if reason := hindrance_to_send(found.subject, found.body):
        return reason
    return hindrance() if found.kind == Kind.MAIL else None


def _progress(found: Any, tally: Tally, standing: Standing) -> dict[str, Any]:
    """How far it is, and what can be done."""
    is_over = standing in (Standing.FINISHED, Standing.CANCELLED)
    return {
        "bar": None if is_over else {"value": tally.done, "max": max(tally.addressed, 1)},
        "told": labels.progress(found.kind, tally),
        "explanation": _explanation(found, standing),
        "may_pause": not rules.hindrance_to_pause(standing),
        "may_go_on": not rules.hindrance_to_go_on(standing),
        "may_cancel": not rules.hindrance_to_cancel(standing),
        "may_retry": not rules.hindrance_to_retry(standing, tally.failed),
        "is_asking": asks(found),
        "files": list(_files(found)),
    }


def _explanation(found: Any, standing: Standing) -> Any:
    """What its state means; after a restore nothing went wrong, and a notice tells more."""
    is_restored = standing is Standing.BROKEN and found.own_error == RESTORED
    return "" if is_restored else labels.standings[standing].explanation


def asks(found: Any) -> bool:
    """Whether to ask before it goes on or is tried again: perhaps it left since the backup."""
    return found.own_error == RESTORED or bool(found.failed and queries.restored(found.id))


def _files(found: Any) -> Iterator[dict[str, str]]:
    """The PDFs of all letters; several if they are too many for one."""
    made = found.files or []
    for part, file in enumerate(made, start=1):
        url = url_for("serials.letters", serial_id=found.id, part=part if part > 1 else None)
        yield {"url": url, "name": labels.file(file, made[1:])}


def _notices(found: Any, standing: Standing, tally: Tally) -> Iterator[str]:
    """What somebody should know about how a serial goes on, or ended."""
    is_done = found.own_state in (Outgoing.SENT, None)
    is_over = is_done and standing in (Standing.FINISHED, Standing.CANCELLED)
    if standing in rules.MOVING and not queue.is_working():
        yield _("The worker is not running. It goes on as soon as the worker does.")
    if found.own_state in (Outgoing.WAITING, Outgoing.FAILED) and found.own_error:
        yield str(labels.errors.get(found.own_error, labels.errors[BROKEN]))
    if lost := sum(file["lost"] for file in found.files or ()):
        yield labels.lost(lost)
    if is_over and found.kind == Kind.LETTER and tally.sent and not found.files:
        yield _(
            "There is no file of all letters any more: it is kept for %(days)s days, "
            "and goes when one of these customers is deleted for good. "
            "Each letter stays with its customer.",
            days=number(rules.KEPT.days),
        )
