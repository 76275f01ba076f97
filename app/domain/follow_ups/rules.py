"""What must hold for follow-ups, and what they are today."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from app.core.i18n import _l
from app.core.problems import Problem

EARLIEST = date(2000, 1, 1)
FURTHEST = timedelta(days=10 * 366)


def check_follow_up(
    values: Mapping[str, Any], colleagues: Collection[int], today: date
) -> list[Problem]:
    """A follow-up has a believable day and a colleague who may be asked.

    Without a day there is none, whoever is named. A day in the past may be written: the follow-up
    is overdue at once, and everybody sees it.
    """
    due_on = values.get("follow_up_on")
    if due_on is None:
        return []
    problems = []
    if not EARLIEST <= due_on <= today + FURTHEST:
        message = _l("Please check the year.")
        problems.append(Problem("follow_up_on", "unbelievable", message))
    if values.get("follow_up_by") not in colleagues:
        message = _l("Please choose one of the list.")
        problems.append(Problem("follow_up_by", "unknown", message))
    return problems


def state(due_on: date, done_at: datetime | None, today: date) -> str:
    """What a follow-up is: "done", "overdue", due "today", or "open" until its day."""
    if done_at is not None:
        return "done"
    if due_on == today:
        return "today"
    return "overdue" if due_on < today else "open"
