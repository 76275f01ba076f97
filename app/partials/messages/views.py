"""What the panel, its detail page and a message's own page show."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any

from app.core import auth, i18n
from app.core.i18n import _, _n, count
from app.core.panels import positive
from app.domain.customers.queries import name_of
from app.domain.documents import rules as documents
from app.domain.follow_ups import queries as follow_ups
from app.domain.mailing import drafts
from app.domain.messages import queries, rules
from app.domain.messages.labels import channels, choices, directions, people
from app.domain.messages.models import Message
from app.domain.messages.rules import Channel, Direction, Occasion
from app.shared.follow_ups import mark, marks
from app.shared.outgoing import standing

IN_A_LINE = 3
"""Attachments told in a list; all of them stand in the message itself."""

LISTED, SHOWN = "message", "shown"
"""The places of a state: in a list, and where the message is shown whole, perhaps above it."""
ICONS = {
    Channel.MAIL: "mail",
    Channel.FORM: "clipboard-list",
    Channel.PORTAL: "globe",
    Channel.PHONE: "phone",
    Channel.VISIT: "handshake",
    Channel.LETTER: "file-text",
    Direction.IN: "arrow-down-left",
    Direction.OUT: "arrow-up-right",
}


def panel(customer_id: int) -> dict[str, Any]:
    rows = queries.latest(customer_id)
    return {
        "messages": [_line(row) for row in rows],
        "follow_ups": marks("messages", customer_id, rows),
        "shown": len(rows),
        "total": count(queries.count(customer_id, rows)),
        "unread": _unread(customer_id, rows),
        "drafts": drafts.lines(customer_id) if auth.may("messages.edit") else [],
    }


def detail(customer_id: int, arguments: Mapping[str, str]) -> dict[str, Any]:
    """All of them, newest first, searched, filtered and paged."""
    words = arguments.get("q", "")[:200]
    channel = _known(arguments.get("channel"), channels)
    direction = _known(arguments.get("direction"), directions)
    before = positive(arguments, "before")
    found = queries.search(customer_id, words, channel, direction, before)
    return {
        "messages": [_line(row) for row in found.rows],
        "follow_ups": marks("messages", customer_id, found.rows),
        "older": found.older,
        "before": before,
        "filters": {
            "q": words or None,
            "channel": channel or None,
            "direction": direction or None,
        },
        "is_filtered": bool(words or channel or direction or before),
        "channels": channels,
        "directions": directions,
        "unread": _unread(customer_id, found.rows),
    }


def message(customer_id: int, message: Message) -> dict[str, Any]:
    """One message, whole."""
    name = follow_ups.name_of(message.assignee_id)
    is_sent = message.outbox_id is not None
    attached = queries.attachments_of(customer_id, message.id)
    return {
        "customer_id": customer_id,
        "customer_name": name_of(customer_id),
        "others": queries.other_customers(customer_id, message.id),
        "message": _in_short(message) | {"text": message.body, "edited_at": message.edited_at},
        "people": _people(message.envelope or {}),
        "attachments": [_attachment(row) for row in attached],
        "is_on_paper": rules.occasion_of(message) == Occasion.LETTER_OUT and bool(attached),
        "state": state(queries.standing(customer_id, message.id), SHOWN) if is_sent else None,
        "can_be_unread": rules.can_be_unread(message),
        "follow_up": mark(
            "messages", customer_id, message.id, message.due_on, name, message.done_at
        )
        if message.due_on
        else None,
    }


def state(row: Any, place: str) -> dict[str, Any]:
    """How far a message got, for its place on screen: in a list, or where it is shown whole."""
    return {
        "id": row.id,
        "place": place,
        "key": f"{place}-{row.id}-state",
        "is_whole": place == SHOWN,
        "title": row.subject or choices["occasion"][rules.occasion_of(row)],
        "standing": standing(row),
    }


def _line(row: Any) -> dict[str, Any]:
    """A message as a list tells of it, with what goes with it and how far it got."""
    files = sorted(row.files, key=lambda file: file["position"])
    return _in_short(row) | {
        "to": _to(rules.names(row)) if row.direction == Direction.OUT else "",
        "files": [file | {"size": i18n.size(file["size"])} for file in files[:IN_A_LINE]],
        "more_files": len(files[IN_A_LINE:]),
        "state": state(row, LISTED) if row.outbox_id is not None else None,
    }


def _to(names: list[str]) -> str:
    """Whom a mail or a letter goes to, shortly."""
    if not names:
        return ""
    first, others = names[0], len(names) - 1
    if not others:
        return _("to %(name)s", name=first)
    return _n("to %(name)s and one other", "to %(name)s and %(num)d others", others, name=first)


def _attachment(row: Any) -> dict[str, Any]:
    kind, icon = documents.kind(row.name), documents.icon(row.name)
    before = row.kept_id and row.kept_id + 1  # the page of the documents that begins with it
    shown = {"kind": kind, "icon": icon, "size": i18n.size(row.size), "kept_before": before}
    return {**row._mapping, **shown}


def _people(envelope: Mapping[str, Any]) -> list[tuple[Any, list[str]]]:
    """Who wrote a mail and who got it, each under what it is called."""
    sender = [envelope["sender"]] if envelope.get("sender") else []
    known = {"sender": sender} | {part: envelope.get(part, []) for part in rules.RECIPIENTS}
    return [
        (people[part], [one.replace("\n", ", ") for one in found])
        for part, found in known.items()
        if found
    ]


def _in_short(row: Any) -> dict[str, Any]:
    """What a line in a list says. Without a subject the first line of the text stands for it."""
    first = row.body.strip().partition("\n")[0]
    return {
        "id": row.id,
        "icons": [ICONS[row.direction], ICONS[row.channel]],
        "occasion": choices["occasion"][rules.occasion_of(row)],
        "title": row.subject or first,
        "line": first if row.subject else "",
        "at": row.at,
        "by": row.author_name,
        "is_unread": _is_unread(row),
        "is_by_hand": rules.is_by_hand(row),
    }


def _is_unread(row: Any) -> bool:
    return row.read_at is None if isinstance(row, Message) else row.unread


def _unread(customer_id: int, rows: Sequence[Any]) -> str:
    """How many are unread, in words; nothing where none is."""
    found = queries.unread(customer_id) if rows else 0
    shown = count(found)
    return _n("%(num)s unread", "%(num)s unread", found, num=shown) if found else ""


def _known(typed: str | None, known: Container[str]) -> str:
    return typed if typed and typed in known else ""
