"""In which states an import is, and what may be done in each."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from app.core.i18n import _l


class State(StrEnum):
    """Where an import stands.

    Of a page's import a preview is shown until somebody starts it; then it waits for a process to
    take it up. An import of the command begins by running. One that failed broke off with an error;
    one that was cut off is still called running.
    """

    PREVIEW = "preview"
    WAITING = "waiting"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    REVERTING = "reverting"
    REVERTED = "reverted"


UNREAD = (State.PREVIEW, State.WAITING, State.RUNNING)
"""States in which the stored file is still needed."""
BROUGHT_IN = (State.WAITING, State.RUNNING, State.FINISHED, State.FAILED)
"""States in which the customers of a file have come, or are about to."""
GOING_ON = (State.WAITING, State.RUNNING, State.REVERTING)

SILENCE = timedelta(minutes=1)
"""After which nobody will come any more to what waits for a process."""
KEPT = timedelta(days=30)
"""How long the file of an import that nobody starts is kept."""

NO_ROWS = _l("There is no row below the headings; nothing would be imported.")


def job(batch_id: int) -> str:
    """What the process is called that works on an import."""
    return f"import-{batch_id}"


def is_cut_off(state: str, beat_at: datetime | None, is_held: bool, moment: datetime) -> bool:
    """Whether what should be going on has stopped; `is_held` tells that its process lives.

    One that lives may be silent for long, on a busy machine or over a large file. Whoever waits, or
    is being reverted, has no process in its first seconds.
    """
    if state not in GOING_ON or is_held:
        return False
    is_silent = beat_at is None or moment - beat_at > SILENCE
    return is_silent or state == State.RUNNING


def hindrance_to_start(batch_id: int, state: str, cut_off: bool) -> Any:
    """Why an import cannot be started, or None. One that nobody took up can, once more."""
    if state == State.PREVIEW or (state == State.WAITING and cut_off):
        return None
    return _l("Import %(number)d has been started already.", number=batch_id)


def hindrance_to_revert(batch_id: int, state: str, cut_off: bool, new: int) -> Any:
    """Why an import cannot be taken back, or None. One that was cut off can.

    Of one that ended without anybody `new` there is nothing to take back; one that was cut off
    still has its file.
    """
    if state == State.REVERTED:
        return _l("Import %(number)d has been reverted already.", number=batch_id)
    if state in (State.PREVIEW, State.WAITING):
        return _l("Import %(number)d has added nobody yet.", number=batch_id)
    if state in (State.FINISHED, State.FAILED) and not new:
        return _l("Import %(number)d has added nobody.", number=batch_id)
    if state == State.REVERTING and not cut_off:
        return _l("Import %(number)d is being reverted already.", number=batch_id)
    if state == State.RUNNING and not cut_off:
        return _l("Import %(number)d is still running.", number=batch_id)
    return None


def hindrance_to_tell(batch_id: int, state: str, cut_off: bool) -> Any:
    """Why it cannot be told yet what an import has refused, or None."""
    if state in UNREAD and not cut_off:
        return _l("Import %(number)d has not ended yet.", number=batch_id)
    return None
