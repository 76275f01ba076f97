"""What happens to a follow-up, for the verbs of the areas whose rows carry one.

These functions change the row and answer the changes for the audit trail, in people's names. The
verb that calls them writes the entry and announces what is news in its area.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.audit import Change, difference
from app.core.database import now
from app.core.i18n import _l, today
from app.core.problems import Problem, Refused
from app.domain.follow_ups import queries, rules
from app.domain.follow_ups.models import FollowUp


def problems(values: Mapping[str, Any], row: FollowUp | None = None) -> list[Problem]:
    """What is wrong with the follow-up in these values; `row` is what carries it already."""
    if values.get("follow_up_on") is None:
        return []
    kept = row.assignee_id if row else None
    return rules.check_follow_up(values, queries.colleagues(kept), today())


def plan(row: FollowUp, values: Mapping[str, Any]) -> list[Change]:
    """Write day and person; without a day the follow-up goes, another one opens it again.

    Values that do not speak of it leave it as it is.
    """
    if "follow_up_on" not in values:
        return []
    due_on = values["follow_up_on"]
    assignee_id = values.get("follow_up_by") if due_on else None
    if (due_on, assignee_id) == (row.due_on, row.assignee_id):
        return []
    before = _told(row)
    row.due_on, row.assignee_id, row.done_at = due_on, assignee_id, None
    return difference(before, _told(row))


def finish(row: FollowUp) -> list[Change]:
    """Nobody needs to look any more. Refused if there is nothing to follow up (any more)."""
    _check_planned(row)
    if row.done_at is not None:
        return []
    row.done_at = now()
    return [("follow_up_done", False, True)]


def reopen(row: FollowUp) -> list[Change]:
    """It was not done after all. Refused if there is nothing to follow up (any more)."""
    _check_planned(row)
    if row.done_at is None:
        return []
    row.done_at = None
    return [("follow_up_done", True, False)]


def _check_planned(row: FollowUp) -> None:
    if row.due_on is None:
        raise Refused(_l("There is nothing to follow up here any more."))


def _told(row: FollowUp) -> dict[str, Any]:
    person = queries.name_of(row.assignee_id)
    done = row.done_at is not None or None
    return {"follow_up_on": row.due_on, "follow_up_by": person, "follow_up_done": done}
