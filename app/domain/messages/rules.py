"""What must hold for messages.

An occasion is channel and direction in one word, "phone-in". Only some are written down by hand;
the others come from where they were sent or received, so what they say is not the team's to change.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from app.core.i18n import _l
from app.core.outbox import State
from app.core.problems import Problem

LONGEST_SUBJECT = 300
LONGEST = 20_000
"""Letters of a text written by hand."""
EARLIEST = 1900
"""The first year in which something can have been said."""
AHEAD = timedelta(days=1)
IN_TRASH = "trash"
"""The error of what waits because everybody it belongs to is in the trash."""
RECIPIENTS = ("to", "cc", "bcc")
"""The parts of an envelope that tell whom it goes to."""


class Channel(StrEnum):
    """The road by which something was said."""

    MAIL = "mail"
    FORM = "form"
    PORTAL = "portal"
    PHONE = "phone"
    VISIT = "visit"
    LETTER = "letter"


class Direction(StrEnum):
    """From the customer, or to the customer."""

    IN = "in"
    OUT = "out"


class Stage(StrEnum):
    """How far something that is to leave the house got."""

    WAITING = "waiting"
    PAUSED = "paused"
    SENDING = "sending"
    POSTPONED = "postponed"
    SENT = "sent"
    PARTLY = "partly"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Occasion(StrEnum):
    """A channel in a direction."""

    MAIL_IN = "mail-in"
    MAIL_OUT = "mail-out"
    FORM_IN = "form-in"
    FORM_OUT = "form-out"
    PORTAL_IN = "portal-in"
    PORTAL_OUT = "portal-out"
    PHONE_IN = "phone-in"
    PHONE_OUT = "phone-out"
    VISIT_IN = "visit-in"
    VISIT_OUT = "visit-out"
    LETTER_IN = "letter-in"
    LETTER_OUT = "letter-out"


BY_HAND = (
    Occasion.PHONE_IN,
    Occasion.PHONE_OUT,
    Occasion.VISIT_IN,
    Occasion.VISIT_OUT,
    Occasion.LETTER_IN,
)


def occasion_of(message: Any) -> Occasion:
    """What a message was. Raises ValueError for a channel or a direction that does not exist."""
    return Occasion(f"{message.channel}-{message.direction}")


def is_by_hand(message: Any) -> bool:
    """Whether a colleague wrote it down, who may change and remove it.

    A letter that was made here has an envelope, and stays as it went out.
    """
    return occasion_of(message) in BY_HAND and message.envelope is None


def can_be_unread(message: Any) -> bool:
    """Whether it came in by itself, so that somebody has to read it."""
    return message.direction == Direction.IN and not is_by_hand(message)


def recipients(envelope: Mapping[str, Any] | None) -> list[str]:
    """Whom a message goes to: "Name <address>", a bare address, or the lines of a postal one."""
    return [one for part in RECIPIENTS for one in (envelope or {}).get(part, ())]


def name_of(recipient: str) -> str:
    """What somebody is called who is written as "Name <address>"; else the address."""
    name, address = parseaddr(recipient)
    return name or address or recipient


def names(message: Any) -> list[str]:
    """What those are called whom a message goes to; of a letter the first line on the envelope."""
    people = recipients(message.envelope)
    if message.channel == Channel.LETTER:
        return [address.partition("\n")[0] for address in people]
    return [*map(name_of, people)]


def stage(entry: Any) -> Stage:
    """How far an entry of the outbox got.

    What the worker has it has, though its lease be over or it be called off: nobody can take it
    back, and if that worker died nobody knows before the next one begins whether it has left.
    """
    if entry.state == State.SENT:
        return Stage.PARTLY if entry.error else Stage.SENT
    if entry.lease_until:
        return Stage.SENDING
    if entry.state != State.WAITING:
        return Stage(entry.state)
    if entry.held:
        return Stage.PAUSED
    return Stage.POSTPONED if entry.tries and entry.error else Stage.WAITING


def check_by_hand(values: Mapping[str, Any]) -> list[Problem]:
    """What was written down by hand says what it was, and something about it."""
    problems = []
    if values["occasion"] not in BY_HAND:
        message = _l("Please choose one of the list.")
        problems.append(Problem("occasion", "unknown", message))
    if not (values["subject"] or values["text"]):
        message = _l("Please write what it was about.")
        problems.append(Problem("subject", "required", message))
    if len(values["subject"]) > LONGEST_SUBJECT:
        message = _l("A subject may have at most %(n)d characters.", n=LONGEST_SUBJECT)
        problems.append(Problem("subject", "too_long", message))
    if len(values["text"]) > LONGEST:
        message = _l("A text may have at most %(n)d characters.", n=LONGEST)
        problems.append(Problem("text", "too_long", message))
    return problems


def check_when(at: datetime | None, now: datetime, zone: ZoneInfo) -> list[Problem]:
    """A time read from the clock in `zone`: one that existed and is not in the future.

    A day ahead is let pass: somebody may write from where the clocks go before ours.
    """
    if at is None:
        return [Problem("at", "required", _l("Please say when it was."))]
    if at.year < EARLIEST:
        return [Problem("at", "unbelievable", _l("Please check the year."))]
    if at.replace(tzinfo=zone) > now + AHEAD:
        return [Problem("at", "future", _l("This is in the future."))]
    if instant(at, zone).astimezone(zone).replace(tzinfo=None) != at:
        message = _l("There was no such time: the clocks were put forward.")
        return [Problem("at", "skipped", message)]
    return []


def instant(at: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which the clock in a zone shows this; of two, the first."""
    return at.replace(tzinfo=zone).astimezone(UTC)
