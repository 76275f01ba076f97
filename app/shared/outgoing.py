"""What leaves the house, as pages show it: how far it got, in words, and what can be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import g, url_for
from flask_login import current_user

from app.core import i18n, queue
from app.core.database import now
from app.core.i18n import _
from app.core.outbox import BROKEN
from app.domain.mailing.labels import errors
from app.domain.mailing.models import MailDraft
from app.domain.messages import rules
from app.domain.messages.rules import Stage

SOON = timedelta(minutes=1)
"""Within which something is expected to happen."""
OFTEN, SELDOM = 2, 30
"""Seconds between two looks at what is about to change, and at what may take hours."""
LOOKS = {
    Stage.WAITING: ("info", "clock"),
    Stage.PAUSED: ("neutral", "pause"),
    Stage.SENDING: ("info", "send"),
    Stage.POSTPONED: ("warn", "timer"),
    Stage.SENT: ("good", "check"),
    Stage.PARTLY: ("warn", "triangle-alert"),
    Stage.FAILED: ("bad", "circle-x"),
    Stage.CANCELLED: ("neutral", "undo-2"),
}
RESTING = (Stage.WAITING, Stage.PAUSED, Stage.POSTPONED, Stage.FAILED)
"""What nobody has in hand."""
STUCK = ("warn", "triangle-alert")
"""The look of what is due while nobody delivers."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How far something got: `text` says it, `reason` why it got no further, `heard` what the
    other side said. `pause` are the seconds until it is worth looking again; 0 at the end.
    """

    look: str
    icon: str
    text: str
    reason: str
    heard: str
    pause: int
    may_retry: bool
    may_take_back: bool


def standing(row: Any) -> Standing:
    """How far an entry of the outbox got, whose columns are `messages.queries.STANDING`."""
    moment = now()
    stage = rules.stage(row)
    is_stuck = stage in (Stage.WAITING, Stage.POSTPONED) and row.due_at <= moment and is_idle()
    look, icon = STUCK if is_stuck else LOOKS[stage]
    is_told = bool(row.error) and stage in (Stage.POSTPONED, Stage.FAILED, Stage.PARTLY)
    return Standing(
        look=look,
        icon=icon,
        text=_stuck(row) if is_stuck else _text(stage, row, moment),
        reason=_reason(row) if is_told else "",
        heard=row.detail if is_told and row.error != BROKEN else "",
        pause=_pause(stage, row, moment),
        may_retry=stage in (Stage.POSTPONED, Stage.FAILED),
        may_take_back=stage in RESTING and not row.reached,
    )


def is_idle() -> bool:
    """Whether nobody delivers what is due; a page asks once for all that it shows."""
    if "is_worker_idle" not in g:
        g.is_worker_idle = not queue.is_working()
    return g.is_worker_idle


def way_on(draft: MailDraft | None) -> tuple[str, str] | None:
    """Where the author of a mail that was taken back goes on writing; for nobody else."""
    if draft is None or draft.user_id != current_user.id:
        return None
    url = url_for("mail.new", customer_id=draft.customer_id, draft=draft.id)
    return url, _("Go on writing")


def _stuck(row: Any) -> str:
    if row.reached:
        return _("Not sent to everybody yet: the worker is not running")
    return _("Waits: the worker is not running")


def _text(stage: Stage, row: Any, moment: datetime) -> str:
    if stage is Stage.WAITING:
        return _waiting(row.due_at, moment)
    if stage is Stage.POSTPONED and row.reached:
        return _("Not sent to everybody yet, next try %(time)s", time=i18n.moment(row.due_at))
    if stage is Stage.POSTPONED:
        return _("Not sent yet, next try %(time)s", time=i18n.moment(row.due_at))
    if stage is Stage.SENT:
        return _("Sent %(time)s", time=i18n.moment(row.ended_at))
    if stage is Stage.PARTLY:
        return _("Sent %(time)s, but not to everybody", time=i18n.moment(row.ended_at))
    return {
        Stage.PAUSED: _("Paused"),
        Stage.SENDING: _("Is being sent"),
        Stage.FAILED: _("Not sent to everybody") if row.reached else _("Not sent"),
        Stage.CANCELLED: _("Taken back"),
    }[stage]


def _reason(row: Any) -> str:
    if row.error == BROKEN:
        return _(
            "Something went wrong here; in the log it is number %(number)s.", number=row.detail
        )
    return str(errors.get(row.error, errors[BROKEN]))


def _waiting(due_at: datetime, moment: datetime) -> str:
    if due_at <= moment:
        return _("Waits to be sent")
    if due_at - moment <= SOON:
        return _("Goes out in a few seconds")
    return _("Goes out %(time)s", time=i18n.moment(due_at))


def _pause(stage: Stage, row: Any, moment: datetime) -> int:
    if stage in (Stage.WAITING, Stage.POSTPONED):
        return OFTEN if abs(row.due_at - moment) <= SOON else SELDOM
    if stage is Stage.SENDING:
        return OFTEN if row.lease_until >= moment else SELDOM
    return SELDOM if stage is Stage.PAUSED else 0
