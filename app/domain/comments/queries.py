"""What is asked about comments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, select
from werkzeug.exceptions import NotFound

from app.core.database import contains, db, table
from app.domain.comments.models import Comment

COUNTED = 1000
PAGE = 50
LATEST_ROWS = 5

COMMENT = table(Comment).c
OF = (COMMENT.customer_id == bindparam("customer_id"), COMMENT.removed_at.is_(None))
SHOWN = select(
    COMMENT.id,
    COMMENT.body,
    COMMENT.pinned,
    COMMENT.author_id,
    COMMENT.author_name,
    COMMENT.created_at,
    COMMENT.edited_at,
).where(*OF)
LATEST = SHOWN.order_by(COMMENT.pinned.desc(), COMMENT.id.desc()).limit(LATEST_ROWS)
COUNT = select(func.count()).select_from(
    select(COMMENT.id).where(*OF).limit(COUNTED + 1).subquery()
)


@dataclass(frozen=True)
class Comments:
    """A page of comments, newest first; `older` is the id to go on before, None at the end."""

    rows: list[Any]
    older: int | None


def comment(customer_id: int, comment_id: int, *, removed: bool = False) -> Comment:
    """A comment of this customer; NotFound for anybody else's."""
    found = db.session.get(Comment, comment_id)
    if found is None or found.customer_id != customer_id:
        raise NotFound
    if (found.removed_at is not None) != removed:
        raise NotFound
    return found


def latest(customer_id: int) -> list[Any]:
    """The five on the overview: pinned ones first, then the newest."""
    return list(db.session.execute(LATEST, {"customer_id": customer_id}))


def count(customer_id: int, shown: Sequence[Any] = ()) -> int:
    """How many there are, counted up to 1,001; fewer than five `latest` ones are all."""
    if shown and len(shown) < LATEST_ROWS:
        return len(shown)
    return db.session.scalar(COUNT, {"customer_id": customer_id}) or 0


def search(customer_id: int, words: str, before: int | None) -> Comments:
    """Comments containing every word, newest first, older than `before`."""
    found = SHOWN.order_by(COMMENT.id.desc()).limit(PAGE + 1)
    for word in words.split():
        found = found.where(contains(COMMENT.body, word))
    if before is not None:
        found = found.where(COMMENT.id < before)
    rows = list(db.session.execute(found, {"customer_id": customer_id}))
    older = rows[PAGE - 1].id if len(rows) > PAGE else None
    return Comments(rows[:PAGE], older)
