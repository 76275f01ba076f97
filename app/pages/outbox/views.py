"""What the outbox page shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from typing import Any

from flask import url_for

from app.core import auth
from app.core.i18n import _, _l, _n, number
from app.core.outbox import State
from app.core.panels import numbers
from app.core.rendering import RenderFailed
from app.domain.factura import paper
from app.domain.letters.labels import failures, said
from app.domain.mailing import labels as mailing
from app.domain.mailing import queries as mail
from app.domain.messages import outgoing, rules
from app.domain.serials import outgoing as serials
from app.domain.serials.rules import State as SerialState
from app.shared.outgoing import LOOKS, SELDOM, Standing, is_idle, standing

FILTERS = {
    "": _l("Everything"),
    State.FAILED: _l("Not sent"),
    State.WAITING: _l("Waits"),
    State.SENT: _l("Sent"),
}
HEADINGS = {
    State.FAILED: _l("Not sent"),
    State.WAITING: _l("On its way"),
    State.SENT: _l("Sent"),
}
NOTHING = {
    "": _l("Nothing has been sent yet."),
    State.FAILED: _l("Nothing failed."),
    State.WAITING: _l("Nothing waits."),
    State.SENT: _l("Nothing has been sent yet."),
}
TEST = "mail_test"
OF_THE_HOUSE = {
    TEST: _l("Test of the mail server"),
    "password": _l("Link for a new password"),
}
"""What the application itself sends; only admins see it, and nobody to whom."""
FEW = 3
"""Serials that are told though nothing of them failed or waits; the newest."""
NOT_OF_THE_ROAD = {"busy", "sender_refused"}
"""What a mail server may say of one mail, while it takes others."""
ROAD = mailing.advice.keys() - NOT_OF_THE_ROAD


def page(arguments: Mapping[str, str]) -> dict[str, Any]:
    """The list, filtered and paged, and what keeps it from getting shorter."""
    chosen = arguments.get("state", "")
    chosen = State(chosen) if chosen in HEADINGS else ""
    before = _place(arguments.get("before", ""))
    states = [chosen] if chosen else list(HEADINGS)
    found = outgoing.entries(states, before, kinds())
    rows = list(_rows(found.rows))
    of_serials = [] if before else list(_serials(chosen or None))
    return {
        "serials": of_serials,
        "papers": [] if before or chosen not in ("", State.FAILED) else list(_papers()),
        "sections": [
            (HEADINGS[State(state)], list(those))
            for state, those in groupby(rows, lambda row: row["state"])
        ],
        "filters": [(value, name, value == chosen) for value, name in FILTERS.items()],
        "chosen": chosen or None,
        "before": arguments.get("before") if before else None,
        "older": "{}-{}".format(*found.older) if found.older else None,
        "nothing": NOTHING[chosen],
        "notices": list(_notices(rows)),
        "pause": _pause(one["pause"] for one in [*of_serials, *rows]),
    }


def kinds() -> list[str]:
    """The kinds of entries the user sees that belong to no message."""
    return list(OF_THE_HOUSE) if auth.may("settings.view") else []


def called(kind: str) -> str:
    """What an entry is that belongs to no message."""
    return str(OF_THE_HOUSE[kind])


def paper_of(entry_id: int) -> str | None:
    """The number of the document whose PDF an entry makes, for those who may have it made."""
    found = paper.drawn_by(entry_id) if auth.may("factura.edit") else None
    return found and found.number


def _place(told: str) -> outgoing.Place | None:
    """The place that an address tells as "failed-17"; None for any other text."""
    state, _dash, entry_id = told.partition("-")
    ids = numbers([entry_id])
    return (State(state), ids[0]) if state in HEADINGS and ids else None


def _rows(rows: list[Any]) -> Iterator[dict[str, Any]]:
    owners = outgoing.customers(rows)
    for row in rows:
        found = _standing(row)
        whose = owners.get(row.message_id, [])
        yield {
            "id": row.id,
            "state": row.state,
            "at": row.created_at,
            "by": row.author_name or row.user_name or "",
            "title": _title(row),
            "url": _url(row, whose),
            "to": _to(rules.recipients(row.envelope)),
            "customer": whose[0] if whose else None,
            "others": len(whose[1:]),
            "standing": found,
            "pause": found.pause,
            "is_open": row.message_id is None or any(not one.removed_at for one in whose),
        }


def _standing(row: Any) -> Standing:
    """How far it got. A test is begun anew instead of being taken back."""
    found = standing(row)
    return replace(found, may_take_back=False) if row.kind == TEST else found


def _serials(state: State | None) -> Iterator[dict[str, Any]]:
    """Serials in a row each: all of which something failed or waits, and the newest others."""
    others = serials.MOST if state else FEW
    for found in serials.underway(state) if auth.may("serials.view") else ():
        serial, counts = found.serial, found.counts
        is_underway = bool(counts.keys() - {State.SENT})
        if not is_underway and not others:
            return
        others -= not is_underway
        show = State.FAILED if State.FAILED in counts else None
        yield {
            "id": serial.id,
            "name": serial.name,
            "url": url_for("serials.show_one", serial_id=serial.id, show=show),
            "at": serial.at,
            "by": serial.user_name,
            "parts": list(_parts(counts, serial.state == SerialState.PAUSED)),
            "pause": SELDOM if State.WAITING in counts else 0,
        }


def _papers() -> Iterator[dict[str, Any]]:
    """Documents that were issued and whose PDF could not be made."""
    for row in paper.failed() if auth.may("factura.view") else ():
        code = row.error if row.error in (*failures, "glyphs") else "broken"
        yield {
            "id": row.id,
            "number": row.number,
            "url": url_for("factura_document.show", document_id=row.document_id),
            "at": row.created_at,
            "reason": said(RenderFailed(code, row.detail)),
        }


def _parts(counts: Mapping[str, int], is_paused: bool) -> Iterator[tuple[str, str, str]]:
    """Look, icon and words of how many mails of a serial are in which state."""
    if failed := counts.get(State.FAILED):
        yield *LOOKS[rules.Stage.FAILED], _("%(count)s not sent", count=number(failed))
    if waiting := counts.get(State.WAITING):
        if is_paused:
            yield *LOOKS[rules.Stage.PAUSED], _("%(count)s paused", count=number(waiting))
        else:
            yield *LOOKS[rules.Stage.WAITING], _("%(count)s waiting", count=number(waiting))
    if sent := counts.get(State.SENT):
        yield *LOOKS[rules.Stage.SENT], _("%(count)s sent", count=number(sent))


def _title(row: Any) -> str:
    if row.message_id is None:
        return called(row.kind)
    return row.subject or row.body.strip().partition("\n")[0] or _("E-mail")


def _url(row: Any, whose: list[Any]) -> str | None:
    """Where a message is read; with those in the trash none can be."""
    alive = next((owner.id for owner in whose if owner.removed_at is None), None)
    if alive is None:
        return None
    return url_for("messages.show", customer_id=alive, message_id=row.message_id)


def _to(recipients: list[str]) -> str:
    if len(recipients) < 2:
        return "".join(map(rules.name_of, recipients))
    name, others = rules.name_of(recipients[0]), len(recipients) - 1
    return _n("%(name)s and one other", "%(name)s and %(num)d others", others, name=name)


def _notices(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Why nothing leaves; where nothing waits it is nobody's trouble."""
    if mail.account() is None:
        yield _("No mail server is set up: no e-mail leaves the house.")
    elif code := outgoing.hindered_by(ROAD):
        yield _("E-mails wait: %(reason)s", reason=mailing.errors[code])
    if is_idle():
        yield _("The worker is not running: what waits stays until it does.")


def _pause(pauses: Iterable[int]) -> int:
    """Seconds until the list may look otherwise; 0 if nothing in it moves."""
    return min(filter(None, pauses), default=0)
