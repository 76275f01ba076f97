"""What must hold for serials: in which state one is, who is left out, and what may be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from app.core.i18n import _l, number
from app.core.outbox import State as Outgoing
from app.domain.templates.rules import Kind

KEPT = timedelta(days=90)
"""How long the merged PDF of letters is kept; each letter stays with its customer."""
UNSTARTED_KEPT = timedelta(days=7)
"""How long a serial is kept that nobody starts."""
TOO_OFTEN = "joining"
"""Why a serial broke off: a worker died again and again over putting letters into one file."""
MOST = {Kind.MAIL: 50_000, Kind.LETTER: 5_000}
"""Recipients of one serial."""


class State(StrEnum):
    """What becomes of a serial: it is looked at, being made, held back, made, or called off.

    Of mails MADE says that all of them are in the outbox.
    """

    DRAFT = "draft"
    PREPARING = "preparing"
    PAUSED = "paused"
    MADE = "made"
    CANCELLED = "cancelled"


class Fate(StrEnum):
    """What becomes of a recipient."""

    WAITING = "waiting"
    MADE = "made"
    LEFT_OUT = "left_out"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Reason(StrEnum):
    """Why somebody gets nothing."""

    IN_TRASH = "in_trash"
    SILENT = "no_information"
    NO_EMAIL = "no_email"
    BAD_EMAIL = "bad_email"
    NO_ADDRESS = "no_address"
    LACKING = "placeholder"
    TOO_LONG = "too_long"


class Standing(StrEnum):
    """How a serial stands for those who look at it."""

    DRAFT = "draft"
    PREPARING = "preparing"
    SENDING = "sending"
    PAUSED = "paused"
    BROKEN = "broken"
    FINISHED = "finished"
    CANCELLED = "cancelled"


MOVING = (Standing.PREPARING, Standing.SENDING)
"""Standings that change by themselves."""


@dataclass(frozen=True, slots=True)
class Tally:
    """For how many of a serial's recipients what is so."""

    waiting: int = 0
    sent: int = 0
    failed: int = 0
    left_out: int = 0
    cancelled: int = 0

    @property
    def addressed(self) -> int:
        """All but those who were left out."""
        return self.waiting + self.sent + self.failed + self.cancelled

    @property
    def done(self) -> int:
        """Those of whom nothing more is expected by itself."""
        return self.addressed - self.waiting


def tally(kind: str, fates: Mapping[str, int], outgoing: Mapping[str, int]) -> Tally:
    """The recipients counted by their fate, and the mails that were made by how far they got."""
    count = {fate: fates.get(fate, 0) for fate in Fate}
    called_off = count[Fate.CANCELLED]
    if kind == Kind.LETTER:
        sent, waiting, failed = count[Fate.MADE], 0, 0
    else:
        sent, waiting, failed = (
            outgoing.get(state, 0) for state in (Outgoing.SENT, Outgoing.WAITING, Outgoing.FAILED)
        )
        called_off += count[Fate.MADE] - sent - waiting - failed
    return Tally(
        waiting=count[Fate.WAITING] + waiting,
        sent=sent,
        failed=count[Fate.FAILED] + failed,
        left_out=count[Fate.LEFT_OUT],
        cancelled=max(called_off, 0),
    )


def standing(state: str, is_waiting: bool, is_broken: bool) -> Standing:
    """How a serial stands: `is_waiting` if a mail of it is in the outbox still.

    `is_broken` tells that whoever made it gave up.
    """
    if state == State.PREPARING and is_broken:
        return Standing.BROKEN
    if state == State.MADE:
        return Standing.SENDING if is_waiting else Standing.FINISHED
    return Standing(state)


def subject_of(serial: Any) -> str:
    """What the trail calls a serial: the name of its template, and its number."""
    return f"{serial.name} ({serial.id})"


def unrendered(code: str) -> str:
    """The reason of a letter that could not be made, for a code of `rendering.RenderFailed`."""
    return f"letter_{code}"


def hindrance_to_take(kind: Kind, count: int) -> Any:
    """Why there are too many for one serial, or None."""
    if count <= MOST[kind]:
        return None
    return _l("At most %(most)s customers can be taken at once.", most=number(MOST[kind]))


def hindrance_to_pause(standing: Standing) -> Any:
    """Why a serial cannot be paused, or None."""
    return None if standing in MOVING else _l("Nothing is going on that could be paused.")


def hindrance_to_go_on(standing: Standing) -> Any:
    """Why a serial cannot go on, or None."""
    waits = standing in (Standing.PAUSED, Standing.BROKEN)
    return None if waits else _l("This serial is not paused.")


def hindrance_to_cancel(standing: Standing) -> Any:
    """Why a serial cannot be called off, or None."""
    may = standing in (*MOVING, Standing.PAUSED, Standing.BROKEN)
    return None if may else _l("This serial has ended already.")


def hindrance_to_retry(standing: Standing, failed: int) -> Any:
    """Why nothing can be tried again, or None."""
    if not failed:
        return _l("Nothing of this serial has failed.")
    if standing not in (*MOVING, Standing.FINISHED):
        return _l("This serial is not going on.")
    return None
