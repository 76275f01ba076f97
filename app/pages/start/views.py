"""What the start page shows: follow-ups that are overdue, due today, and due next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import url_for
from flask_login import current_user

from app.core import auth
from app.core.i18n import _, _n, count
from app.domain.follow_ups import queries
from app.domain.follow_ups.queries import Item
from app.domain.mailing import drafts
from app.domain.mailing.drafts import Line
from app.domain.messages import outgoing
from app.domain.team.services import LINK
from app.shared.follow_ups import MINE, Mark, mark

MOST = 50
"""Follow-ups shown of each period."""
NEXT = timedelta(days=7)
DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A follow-up on the page; `url` leads to its panel on the customer's overview."""

    item: Item
    line: str
    url: str
    mark: Mark


@dataclass(frozen=True, kw_only=True)
class Period:
    key: str
    title: str
    rows: list[Row]
    is_cut: bool


def agenda(assignee_id: int | None, today: date) -> dict[str, Any]:
    """The periods in which something is due; `assignee_id` None stands for everybody."""
    periods = [
        _period("overdue", _("Overdue"), assignee_id, date.min, today - DAY),
        _period("today", _("Due today"), assignee_id, today, today),
        _period("next", _("In the next seven days"), assignee_id, today + DAY, today + NEXT),
    ]
    return {
        "day": today,
        "whose": "all" if assignee_id is None else MINE,
        "periods": [period for period in periods if period.rows],
        "most": MOST,
    }


def unsent() -> str:
    """What one should know that could not be sent: one's own mails, an admin everybody's."""
    if auth.may("settings.view"):
        found = outgoing.failed(None, ["mail", LINK])
    else:
        found = outgoing.failed(current_user.id, ["mail"])
    if not found:
        return ""
    num = count(found)
    return _n(
        "%(num)s e-mail could not be sent.", "%(num)s e-mails could not be sent.", found, num=num
    )


def my_drafts() -> list[Line]:
    """The mails somebody began last and has not sent, to whomever."""
    return drafts.lines() if auth.may("messages.edit") else []


def _period(key: str, title: str, assignee_id: int | None, since: date, until: date) -> Period:
    found = queries.open_ones(assignee_id, since, until, MOST + 1)
    whose = "all" if assignee_id is None else MINE
    rows = [_row(item, whose) for item in found[:MOST]]
    return Period(key=key, title=title, rows=rows, is_cut=len(found) > MOST)


def _row(item: Item, whose: str) -> Row:
    thing = (item.panel, item.customer_id, item.thing_id)
    overview = url_for("overview.show", customer_id=item.customer_id)
    return Row(
        item=item,
        line=item.text.strip().partition("\n")[0],
        url=f"{overview}#panel-{item.panel}",
        mark=mark(*thing, item.due_on, item.assignee_name, whose=whose),
    )
