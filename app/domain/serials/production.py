"""Making what a serial is for: its mails into the outbox, its letters into one file.

The worker takes step after step, each a short transaction that the caller commits. Whatever is slow
(judging, filling in, rendering) is done before the write lock is taken; behind it is looked once
more whether it is still wanted. The recipients who wait are the truth: killed and begun again it
goes on with the next of them, and two who do it at once make nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import bindparam, update

from app.core import audit, outbox
from app.core.database import db, now, table
from app.core.outbox import NotNow
from app.domain.customers.services import touch_all
from app.domain.groups.queries import gets_no_information
from app.domain.mailing import queries as mailing
from app.domain.mailing.headers import Mailbox
from app.domain.mailing.headers import name as header_name
from app.domain.mailing.services import Outgoing, send_mails
from app.domain.messages.services import withdraw_messages
from app.domain.serials import check, queries
from app.domain.serials.check import Judged, Text
from app.domain.serials.models import Serial, SerialRecipient
from app.domain.serials.rules import Fate, Reason, State, subject_of
from app.domain.templates.rules import filled

MAILS = 250
"""Mails that are made, or taken back, in one transaction."""

SERIALS, RECIPIENTS = table(Serial), table(SerialRecipient)
SERIAL, TO = SERIALS.c, RECIPIENTS.c
TOLD = ("state", "person_id", "address", "reason", "detail", "message_id", "outbox_id")
MARK = (
    update(RECIPIENTS)
    .where(TO.serial_id == bindparam("of_serial"), TO.position == bindparam("at"))
    .values({column: bindparam(column) for column in TOLD})
)
CALL_OFF = (
    update(RECIPIENTS)
    .where(TO.serial_id == bindparam("of_serial"), TO.position == bindparam("at"))
    .values({column: bindparam(column) for column in ("state", "reason")})
)


def produce(serial_id: int) -> Iterator[None]:
    """Do what there is to do for a serial, from wherever it is; the caller commits each step.

    Begin it with nothing unsaved. It ends early when somebody pauses the serial or calls it off.
    Raises NotNow while no mail can be sent.
    """
    yield from _let_go(serial_id)
    yield from _take_back(serial_id)
    yield from _make_mails(serial_id)
    _finish(serial_id)
    yield


def _let_go(serial_id: int) -> Iterator[None]:
    """What was held back goes on, but not to those who should not get it any more."""
    after = 0
    while queries.state_of(serial_id) == State.PREPARING:
        held = queries.held(serial_id, after, check.CHUNK)
        if not held:
            break
        after = held[-1].position
        unwelcome = check.unwelcome([row.customer_id for row in held])
        outbox.cancel_all([row.outbox_id for row in held if row.customer_id in unwelcome])
        yield
    if after and queries.state_of(serial_id) == State.PREPARING:
        outbox.release(serial_id)
    yield


def _take_back(serial_id: int) -> Iterator[None]:
    """Mails that were called off before they were sent are no messages of their customers."""
    while rows := queries.to_withdraw(serial_id, MAILS):
        customer_ids = [row.customer_id for row in rows]
        silent = gets_no_information(customer_ids)
        withdraw_messages([row.message_id for row in rows])
        marks = [_called_off(serial_id, row, row.customer_id in silent) for row in rows]
        db.session.connection().execute(CALL_OFF, marks)
        gone = [("customer", f"{row.number} {row.customer_name}", None) for row in rows]
        audit.record("serials", "withdrawn", subject=subject_of(rows[0]), changes=gone)
        touch_all(customer_ids)
        yield
    yield


def _called_off(serial_id: int, row: Any, is_silent: bool) -> dict[str, Any]:
    """What becomes of somebody whose mail was called off, and why if it was not for all."""
    fate, reason = Fate.CANCELLED, ""
    if is_silent:
        fate, reason = Fate.LEFT_OUT, Reason.SILENT
    elif row.removed_at is not None:
        fate, reason = Fate.FAILED, Reason.IN_TRASH
    return {"of_serial": serial_id, "at": row.position, "state": fate, "reason": reason}


def _make_mails(serial_id: int) -> Iterator[None]:
    """The mails of those who wait, some at a time."""
    while True:
        with _reading():
            found = queries.serial(serial_id)
            waiting = queries.next_waiting(serial_id, MAILS)
            if found.state != State.PREPARING or not waiting:
                return
            if hindrance := mailing.hindrance():
                raise NotNow("no_account", str(hindrance), ends_round=True)
            text = Text.of(found)
            judged = _judged(text, waiting)
            mails = {at: _mail(text, one) for at, one in judged.items() if not one.reason}
        if queries.state_of(serial_id) == State.PREPARING:
            wanted = _still_wanted(serial_id, judged)
            ready = [at for at in wanted if at in mails]
            sent = send_mails(
                [(wanted[at].addressee.customer_id, mails[at]) for at in ready], batch=serial_id
            )
            _mark(found, wanted, dict(zip(ready, sent, strict=True)))
        yield


def _judged(text: Text, waiting: Sequence[Any]) -> dict[int, Judged]:
    """Those who wait, judged by what is known of them now, by their position."""
    places = {row.customer_id: row.position for row in waiting}
    judged = check.judge(text, [*places])
    return {places[one.addressee.customer_id]: one for one in judged}


def _mail(text: Text, one: Judged) -> Outgoing:
    to = str(Mailbox(header_name(one.name), one.address))
    return Outgoing([to], [], [], filled(text.subject, one.values), filled(text.body, one.values))


def _still_wanted(serial_id: int, judged: Mapping[int, Judged]) -> dict[int, Judged]:
    """Those for whom nobody else made it meanwhile; who became unwelcome is judged again."""
    waiting = queries.still_waiting(serial_id, judged.keys())
    unwelcome = check.unwelcome([one.addressee.customer_id for one in judged.values()])
    return {
        at: one
        for at, one in judged.items()
        if at in waiting and (one.reason or one.addressee.customer_id not in unwelcome)
    }


def _mark(
    found: Any, wanted: Mapping[int, Judged], made: Mapping[int, tuple[int, int | None]]
) -> None:
    """Write what became of them: `made` are message and entry by position, the rest have a reason.

    Asking for no information is no failure, but a wish.
    """
    rows = [_told(found.id, at, one, made.get(at)) for at, one in wanted.items()]
    if rows:
        db.session.connection().execute(MARK, rows)
    some = [wanted[at] for at in made]
    if some:
        lines = [("customer", None, f"{one.number} {one.customer_name}") for one in some]
        audit.record("serials", "made", subject=subject_of(found), changes=lines)
        touch_all([one.addressee.customer_id for one in some])


def _told(
    serial_id: int, at: int, one: Judged, made: tuple[int, int | None] | None
) -> dict[str, Any]:
    fate = Fate.MADE if made else Fate.LEFT_OUT if one.reason == Reason.SILENT else Fate.FAILED
    message_id, outbox_id = made or (None, None)
    return {
        "of_serial": serial_id,
        "at": at,
        "state": fate,
        "person_id": one.addressee.person_id,
        "address": one.address[:254],
        "reason": one.reason,
        "detail": one.detail[:500],
        "message_id": message_id,
        "outbox_id": outbox_id,
    }


def _finish(serial_id: int) -> None:
    """All of them are made, unless somebody waits again."""
    if queries.state_of(serial_id) == State.PREPARING and not queries.next_waiting(serial_id, 1):
        ended = update(SERIALS).where(SERIAL.id == serial_id)
        db.session.execute(ended.values(state=State.MADE, finished_at=now()))


@contextmanager
def _reading() -> Iterator[None]:
    """Read beside those who write; what follows takes the write lock."""
    db.session.connection(execution_options={"read_only": True})
    try:
        yield
    finally:
        db.session.rollback()
