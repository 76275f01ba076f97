"""What happens to serials: looked at, started, paused, called off, tried again, forgotten.

The worker makes what a serial is for (`production`); here it is only told to. Every verb is short,
however many recipients there are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, text, update

from app.core import audit, outbox
from app.core.database import db, listed, now, table
from app.core.i18n import _l, number
from app.core.problems import Refused
from app.domain.mailing.queries import hindrance
from app.domain.serials import queries, rules
from app.domain.serials.check import Found
from app.domain.serials.models import Serial, SerialRecipient
from app.domain.serials.rules import Fate, State
from app.domain.templates.rules import Kind, hindrance_to_send
from app.domain.templates.services import use_template

JOB = "serial"
"""The kind of the entry in the outbox by which the worker makes a serial."""

SERIALS, RECIPIENTS = table(Serial), table(SerialRecipient)
SERIAL, TO = SERIALS.c, RECIPIENTS.c
KEEP = text(
    "INSERT INTO serial_recipient"
    " (serial_id, position, customer_id, person_id, address, state, reason, detail)"
    " SELECT :serial_id, key + 1, value ->> 0, value ->> 1, value ->> 2,"
    f" CASE value ->> 3 WHEN '' THEN '{Fate.WAITING}' ELSE '{Fate.LEFT_OUT}' END,"
    " value ->> 3, value ->> 4 FROM json_each(:rows)"
)


def draft_serial(template: Any, options: Mapping[str, Any], found: Found) -> int:
    """Keep whom a template would go to, so that it can be looked at; the number of the serial.

    Nobody is written to before `start_serial`.
    """
    user_id, user_name = audit.author()
    values = {
        "kind": template.kind,
        "state": State.DRAFT,
        "template_id": template.id,
        "name": template.name,
        "language": template.language,
        "subject": template.subject,
        "body": template.body,
        "options": dict(options),
        "user_id": user_id,
        "user_name": user_name,
        "created_at": now(),
    }
    serial_id = db.session.execute(insert(SERIALS).returning(SERIAL.id), values).scalar_one()
    _keep(serial_id, found)
    return serial_id


def look_again(serial_id: int, found: Found) -> None:
    """Keep what was found by now of a serial that nobody has started yet."""
    if queries.serial(serial_id).state != State.DRAFT:
        raise Refused(STARTED)
    db.session.execute(delete(RECIPIENTS).where(TO.serial_id == serial_id))
    _keep(serial_id, found)


def start_serial(serial_id: int, seen: str) -> bool:
    """Have a serial made; False if it was started before, which then is all.

    `seen` is the digest of what somebody looked at. Raises Refused if that is not what is kept, if
    nobody gets it or half a placeholder stands in it, and for mails while none can be sent.
    """
    found = queries.serial(serial_id)
    if found.state != State.DRAFT:
        return False
    if found.digest != seen:
        raise Refused(_l("Meanwhile somebody else looked at this serial. Please check it again."))
    if not found.addressed:
        raise Refused(_l("Nobody gets this."))
    if reason := hindrance_to_send(found.subject, found.body):
        raise Refused(reason)
    if found.kind == Kind.MAIL and (reason := hindrance()):
        raise Refused(reason)
    user_id, user_name = audit.author()
    by = {"user_id": user_id, "user_name": user_name, "started_at": now()}
    _change(serial_id, (State.DRAFT,), state=State.PREPARING, **by)
    _put(serial_id)
    use_template(found.template_id)
    changes = audit.difference({}, {"recipients": number(found.addressed)})
    audit.record("serials", "started", subject=rules.subject_of(found), changes=changes)
    return True


def discard_serial(serial_id: int) -> None:
    """Forget a serial that nobody has started; Refused for any other."""
    if queries.serial(serial_id).state != State.DRAFT:
        raise Refused(STARTED)
    db.session.execute(delete(SERIALS).where(SERIAL.id == serial_id, SERIAL.state == State.DRAFT))


def pause_serial(serial_id: int) -> None:
    """Keep back what was not made and not sent yet; `resume_serial` lets it go on."""
    found = _checked(serial_id, rules.hindrance_to_pause)
    _change(serial_id, (State.PREPARING, State.MADE), state=State.PAUSED)
    outbox.hold(serial_id)
    _tell("paused", found)


def resume_serial(serial_id: int) -> None:
    """Let a serial go on that was paused or broke off.

    The worker lets go what was held back, but for those who came into the trash meanwhile or asked
    for no information.
    """
    found = _checked(serial_id, rules.hindrance_to_go_on)
    _change(serial_id, (State.PAUSED, State.PREPARING), state=State.PREPARING)
    _put(serial_id)
    _tell("resumed", found)


def cancel_serial(serial_id: int) -> None:
    """Call off what was not sent yet; the worker then takes the mails back that were made.

    What it has in hand may leave all the same.
    """
    found = _checked(serial_id, rules.hindrance_to_cancel)
    states = (State.PREPARING, State.PAUSED, State.MADE)
    _change(serial_id, states, state=State.CANCELLED, finished_at=now())
    waiting = update(RECIPIENTS).where(TO.serial_id == serial_id, TO.state == Fate.WAITING)
    db.session.execute(waiting.values(state=Fate.CANCELLED))
    outbox.cancel_batch(serial_id)
    _put(serial_id)
    _tell("cancelled", found)


def retry_serial(serial_id: int) -> None:
    """Try all once more that failed; who was left out stays so.

    The worker lets go the mails as after a pause: not to those who asked for no information.
    """
    found = queries.serial(serial_id)
    if reason := rules.hindrance_to_retry(queries.standing(found), found.failed):
        raise Refused(reason)
    failed = update(RECIPIENTS).where(TO.serial_id == serial_id, TO.state == Fate.FAILED)
    db.session.execute(failed.values(state=Fate.WAITING, reason="", detail=""))
    _change(serial_id, (State.PREPARING, State.MADE), state=State.PREPARING)
    outbox.try_batch_again(serial_id)
    _put(serial_id)
    _tell("retried", found)


def forget_files(before: datetime) -> int:
    """Forget the PDFs of all letters of serials that ended before then; how many these were.

    Each letter stays with its customer; the sweep takes the files away.
    """
    old = update(SERIALS).where(SERIAL.files.is_not(None), SERIAL.finished_at < before)
    done: Any = db.session.execute(old.values(files=None))
    return done.rowcount


def forget_drafts(before: datetime) -> int:
    """Forget the serials that nobody has started since then; how many these were."""
    old = delete(SERIALS).where(SERIAL.state == State.DRAFT, SERIAL.created_at < before)
    done: Any = db.session.execute(old)
    return done.rowcount


def forget_customers(customer_ids: Sequence[int]) -> None:
    """Customers left for good: no serial knows them any more.

    PDFs of all letters go, too, if one of theirs may be among them; the sweep takes the files.
    """
    theirs = TO.customer_id.in_(listed("customer_ids"))
    facts = {"customer_ids": list(customer_ids)}
    with_them = select(TO.serial_id).where(theirs, TO.state == Fate.MADE)
    of_them = update(SERIALS).where(SERIAL.files.is_not(None), SERIAL.id.in_(with_them))
    db.session.execute(of_them.values(files=None), facts)
    db.session.execute(delete(RECIPIENTS).where(theirs), facts)


STARTED = _l("This serial was started already.")


def _keep(serial_id: int, found: Found) -> None:
    """Keep whom it is for, but for those who were deleted for good since they were judged."""
    there = queries.there([row[0] for row in found.rows])
    found = Found([row for row in found.rows if row[0] in there])
    db.session.execute(KEEP, {"serial_id": serial_id, "rows": json.dumps(found.rows)})
    _change(serial_id, (State.DRAFT,), addressed=found.addressed, digest=found.digest)


def _checked(serial_id: int, hindrance_to: Any) -> Any:
    found = queries.serial(serial_id)
    if reason := hindrance_to(queries.standing(found)):
        raise Refused(reason)
    return found


def _change(serial_id: int, states: Sequence[State], **values: Any) -> None:
    """Change a serial if it is in one of these states."""
    of_it = update(SERIALS).where(SERIAL.id == serial_id, SERIAL.state.in_(states))
    db.session.execute(of_it.values(values))


def _put(serial_id: int) -> None:
    """Have the worker look at a serial; an entry too many does no harm."""
    entry_id = outbox.put(JOB, {"serial_id": serial_id})
    db.session.execute(update(SERIALS).where(SERIAL.id == serial_id).values(outbox_id=entry_id))


def _tell(action: str, found: Any) -> None:
    audit.record("serials", action, subject=rules.subject_of(found))
