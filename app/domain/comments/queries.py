"""What is asked about comments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select
from werkzeug.exceptions import NotFound

from app.core import i18n, paging
from app.core.database import contains, db, table
from app.core.forms import Editable
from app.core.i18n import _, _n
from app.core.paging import LATEST_ROWS, Page
from app.domain.comments.models import Comment
from app.domain.customers.models import Customer
from app.domain.follow_ups import queries as follow_up
from app.domain.team.models import User

COMMENT, CUSTOMER, USER = (table(model).c for model in (Comment, Customer, User))
OF = (COMMENT.customer_id == bindparam("customer_id"), COMMENT.removed_at.is_(None))
SHOWN = (
    select(
        COMMENT.id,
        COMMENT.body,
        COMMENT.pinned,
        COMMENT.author_id,
        COMMENT.author_name,
        COMMENT.created_at,
        COMMENT.edited_at,
        COMMENT.due_on,
        COMMENT.done_at,
        USER.name.label("assignee_name"),
    )
    .select_from(table(Comment).outerjoin(table(User), USER.id == COMMENT.assignee_id))
    .where(*OF)
)
LATEST = SHOWN.order_by(COMMENT.pinned.desc(), COMMENT.id.desc()).limit(LATEST_ROWS)
COUNT = paging.counting(select(COMMENT.id).where(*OF))
FOLLOW_UPS = (
    select(
        COMMENT.id.label("thing_id"),
        COMMENT.customer_id,
        CUSTOMER.name.label("customer_name"),
        follow_up.excerpt(COMMENT.body).label("text"),
        COMMENT.author_name,
        COMMENT.due_on,
        COMMENT.assignee_id,
        USER.name.label("assignee_name"),
    )
    .join_from(table(Comment), table(Customer), CUSTOMER.id == COMMENT.customer_id)
    .join(table(User), USER.id == COMMENT.assignee_id)
    .where(*follow_up.are_asked(COMMENT), CUSTOMER.removed_at.is_(None))
    .order_by(COMMENT.due_on, COMMENT.id)
    .limit(bindparam("most"))
)
FOLLOW_UPS_OF = FOLLOW_UPS.where(COMMENT.assignee_id == bindparam("assignee_id"))


def comment(customer_id: int, comment_id: int, *, removed: bool = False) -> Comment:
    """A comment of this customer; NotFound for anybody else's."""
    found = db.session.get(Comment, comment_id)
    if found is None or found.customer_id != customer_id:
        raise NotFound
    if (found.removed_at is not None) != removed:
        raise NotFound
    return found


def editable(comment: Comment) -> Editable:
    """A comment as its form shows it."""
    return Editable({"body": comment.body, **follow_up.stored(comment)}, str(comment.version))


def latest(customer_id: int) -> list[Any]:
    """The five on the overview: pinned ones first, then the newest."""
    return list(db.session.execute(LATEST, {"customer_id": customer_id}))


def count(customer_id: int, shown: Sequence[Any] | None = None) -> int:
    """How many there are, counted up to 1,001; fewer than five `latest` ones are all."""
    return paging.total(COUNT, {"customer_id": customer_id}, shown)


def search(customer_id: int, words: str, before: int | None) -> Page:
    """Comments containing every word, newest first, older than `before`."""
    found = SHOWN.order_by(COMMENT.id.desc())
    for word in words.split():
        found = found.where(contains(COMMENT.body, word))
    if before is not None:
        found = found.where(COMMENT.id < before)
    return paging.page(found, {"customer_id": customer_id})


def follow_ups(
    assignee_id: int | None, since: date, until: date, most: int
) -> list[follow_up.Item]:
    """The comments that somebody is to come back to, as `follow_ups.asked` wants them."""
    asked = FOLLOW_UPS if assignee_id is None else FOLLOW_UPS_OF
    facts = {"assignee_id": assignee_id, "since": since, "until": until, "most": most}
    rows = db.session.execute(asked, facts)
    kind = _("Comment")
    return [follow_up.Item(kind=kind, panel="comments", **row._mapping) for row in rows]


def belonging(customer_id: int) -> list[str]:
    """What goes with a customer who is deleted."""
    found = count(customer_id)
    said = _n("%(num)s comment", "%(num)s comments", found, num=i18n.count(found))
    return [said] if found else []
