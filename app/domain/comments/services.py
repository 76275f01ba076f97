"""What happens to comments: written, edited, pinned, followed up, removed and brought back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete

from app.core import audit
from app.core.database import db, now
from app.core.events import announce
from app.core.problems import Invalid
from app.domain.comments import queries, rules
from app.domain.comments.models import Comment
from app.domain.customers.services import touch
from app.domain.follow_ups import services as follow_ups


def write_comment(customer_id: int, values: Mapping[str, Any]) -> int:
    """Write a comment and return its id; with `follow_up_on` somebody is to come back to it."""
    _check(values)
    author_id, author_name = audit.author()
    comment = Comment(
        customer_id=customer_id,
        body=values["body"],
        pinned=values.get("pinned", False),
        author_id=author_id,
        author_name=author_name,
        created_at=now(),
    )
    db.session.add(comment)
    changes = [*audit.difference({}, {"body": comment.body}), *follow_ups.plan(comment, values)]
    _tell("written", comment, changes)
    return comment.id


def edit_comment(customer_id: int, comment_id: int, values: Mapping[str, Any]) -> None:
    """Change what a comment says, or who is to come back to it."""
    comment = queries.comment(customer_id, comment_id)
    _check(values, comment)
    changes = audit.difference({"body": comment.body}, {"body": values["body"]})
    if changes:
        comment.body, comment.edited_at = values["body"], now()
    if changes := [*changes, *follow_ups.plan(comment, values)]:
        _tell("edited", comment, changes)


def pin_comment(customer_id: int, comment_id: int, pinned: bool) -> None:
    """Keep a comment at the top, or let it go back to its place."""
    comment = queries.comment(customer_id, comment_id)
    changes = audit.difference({"pinned": comment.pinned}, {"pinned": pinned})
    if not changes:
        return
    comment.pinned = pinned
    _tell("pinned" if pinned else "unpinned", comment, changes)


def finish_follow_up(customer_id: int, comment_id: int) -> Comment:
    """Nobody needs to come back to this comment any more; `reopen_follow_up` takes it back."""
    comment = queries.comment(customer_id, comment_id)
    if changes := follow_ups.finish(comment):
        _tell("finished", comment, changes)
    return comment


def reopen_follow_up(customer_id: int, comment_id: int) -> Comment:
    """Somebody is to come back to it after all."""
    comment = queries.comment(customer_id, comment_id)
    if changes := follow_ups.reopen(comment):
        _tell("reopened", comment, changes)
    return comment


def remove_comment(customer_id: int, comment_id: int) -> None:
    """Take a comment away; `restore_comment` brings it back."""
    comment = queries.comment(customer_id, comment_id)
    comment.removed_at = now()
    _tell("removed", comment, [("body", comment.body, None)])


def restore_comment(customer_id: int, comment_id: int) -> None:
    """Bring a removed comment back."""
    comment = queries.comment(customer_id, comment_id, removed=True)
    comment.removed_at = None
    _tell("restored", comment, [])


def forget_customers(customer_ids: Sequence[int]) -> None:
    """Customers left for good: so do the comments about them."""
    db.session.execute(delete(Comment).where(Comment.customer_id.in_(customer_ids)))


def _check(values: Mapping[str, Any], comment: Comment | None = None) -> None:
    if problems := [*rules.check_comment(values), *follow_ups.problems(values, comment)]:
        raise Invalid(problems)


def _tell(action: str, comment: Comment, changes: list[audit.Change]) -> None:
    db.session.flush()
    customer_id = comment.customer_id
    audit.record("comments", action, customer_id=customer_id, changes=changes)
    touch(customer_id)
    announce("comment.changed", customer_id=customer_id)
