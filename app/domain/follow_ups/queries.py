"""What is asked about follow-ups, of whatever area they hang on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func

from app.core import auth, events
from app.core.database import db
from app.domain.follow_ups.models import FollowUp
from app.domain.team import queries as team
from app.domain.team.models import User

EXCERPT = 300
"""Letters of a text from which its first line is taken."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """An open follow-up, as an area answers `follow_ups.asked`.

    `kind` is what the thing is called, as "Comment", and `panel` the key of the panel in which it
    stands. Its endpoints `<panel>.finish` and `<panel>.reopen` take `customer_id` and `thing_id`,
    accept POST and answer with the fresh mark.
    """

    kind: str
    panel: str
    thing_id: int
    customer_id: int
    customer_name: str
    text: str
    author_name: str
    due_on: date
    assignee_id: int
    assignee_name: str


def open_ones(assignee_id: int | None, since: date, until: date, most: int) -> list[Item]:
    """What is due from one day to another, for a colleague or everybody; the earliest first.

    Whoever wants to know whether there are more asks for one more than is shown.
    """
    facts = {"assignee_id": assignee_id, "since": since, "until": until, "most": most}
    found = chain.from_iterable(events.ask("follow_ups.asked", **facts))
    return sorted(found, key=lambda item: (item.due_on, item.panel, item.thing_id))[:most]


def are_asked(thing: Any) -> tuple[ColumnElement[bool], ...]:
    """The conditions of `follow_ups.asked` but for the colleague, over the columns of a table."""
    return (
        thing.due_on.between(bindparam("since"), bindparam("until")),
        thing.done_at.is_(None),
        thing.removed_at.is_(None),
    )


def excerpt(text: Any) -> ColumnElement[str]:
    """The beginning of a column's text."""
    return func.substr(text, 1, EXCERPT)


def colleagues(kept: int | None = None) -> dict[int, str]:
    """Whom a follow-up can be given to, by id: who can finish it. Whoever has it may keep it."""
    return {
        user.id: user.name
        for user in team.users()
        if user.id == kept or (user.active and auth.grants(user.role, "follow_ups.edit"))
    }


def stored(row: FollowUp) -> dict[str, Any]:
    """The follow-up of a row as its form shows it."""
    return {"follow_up_on": row.due_on, "follow_up_by": row.assignee_id}


def name_of(user_id: int | None) -> str | None:
    user = db.session.get(User, user_id) if user_id else None
    return user.name if user else None
