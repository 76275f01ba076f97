"""Follow-ups on pages: their part of a form, their mark with its button, the answer to the button.

A panel whose things carry follow-ups has the endpoints `finish` and `reopen`, which take
`customer_id` and `thing_id`: by those every page knows where its button leads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from flask import Response, request, url_for
from flask_login import current_user
from markupsafe import Markup

from app.core import auth, i18n, responses
from app.core.forms import Choice, Day, Form
from app.core.i18n import _, today
from app.core.templating import render
from app.domain.follow_ups import queries, rules
from app.domain.follow_ups.labels import labels
from app.domain.follow_ups.models import FollowUp

MINE = "mine"
"""Whose follow-ups the start page shows to each by themselves; nobody needs their own name."""


class FollowUpForm(Form):
    """The part of a form that says who is to come back to a thing, and when."""

    follow_up_on = Day(labels["follow_up_on"])
    follow_up_by = Choice(labels["follow_up_by"], coerce=int, default=lambda: current_user.id)

    @classmethod
    def of(cls, values: Mapping[str, Any] | None = None, **more: Any) -> Self:
        """The form as sent, or filled; whoever opens it is proposed."""
        values = dict(values or {})
        kept = values.pop("follow_up_by", None)
        form = super().of(values | {"follow_up_by": kept or current_user.id}, **more)
        form.follow_up_by.choices = list(queries.colleagues(kept).items())
        return form

    def values(self) -> dict[str, Any]:
        """What was typed; without a day nobody is asked, whoever is proposed."""
        values = super().values()
        return values if values["follow_up_on"] else values | {"follow_up_by": None}

    @property
    def is_followed_up(self) -> bool:
        """Whether its fields must be in sight."""
        return bool(self.follow_up_on.raw_data or self.follow_up_on.data)


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A follow-up as a page shows it: its state, a sentence, and the button for who may press it.

    `url` finishes it, or opens it again; None for those who may only look. `reason` says why they
    cannot finish it.
    """

    id: str
    state: str
    text: str
    url: str | None
    reason: str | None


def marks(panel: str, customer_id: int, rows: Iterable[Any]) -> dict[int, Mark]:
    """The marks of those rows that carry a follow-up, by id."""
    return {
        row.id: mark(panel, customer_id, row.id, row.due_on, row.assignee_name, row.done_at)
        for row in rows
        if row.due_on
    }


def mark(
    panel: str,
    customer_id: int,
    thing_id: int,
    due_on: date,
    assignee: str | None,
    done_at: datetime | None = None,
    whose: str | None = None,
) -> Mark:
    """The mark of one follow-up; on the start page `whose` tells its button where to go back to."""
    state = rules.state(due_on, done_at, today())
    name = None if whose == MINE else assignee
    endpoint = f"{panel}.{'reopen' if done_at else 'finish'}"
    may = auth.may(auth.required(endpoint) or "")
    url = url_for(endpoint, customer_id=customer_id, thing_id=thing_id, whose=whose)
    return Mark(
        id=f"follow-up-{panel}-{thing_id}",
        state=state,
        text=" · ".join(filter(None, (_sentence(state, due_on, done_at), name))),
        url=url if may else None,
        reason=None if may or done_at else _("Your role does not allow this."),
    )


def changed(panel: str, customer_id: int, row: FollowUp, thing_id: int) -> Response:
    """The answer to the button: fresh panels, the fresh mark wherever else it is, and undo."""
    whose = request.args.get("whose")
    name = queries.name_of(row.assignee_id)
    assert row.due_on is not None
    fresh = mark(panel, customer_id, thing_id, row.due_on, name, row.done_at, whose)
    return responses.saved(
        customer_id,
        _("Follow-up done") if row.done_at else _("Follow-up is open again"),
        undo=fresh.url if row.done_at else None,
        to=url_for("start.show", whose=whose) if whose else None,
        fresh={fresh.id: _drawn(fresh)},
    )


def _drawn(fresh: Mark) -> Markup:
    return render("layouts/follow_up_mark.html", mark=fresh)


def _sentence(state: str, due_on: date, done_at: datetime | None) -> str:
    if done_at is not None:
        return _("done %(day)s", day=i18n.day(i18n.here(done_at).date()))
    if state == "today":
        return _("due today")
    if state == "overdue":
        return _("due since %(day)s", day=i18n.day(due_on))
    return _("until %(day)s", day=i18n.day(due_on))
