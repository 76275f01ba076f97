"""The outbox as people look at it: what failed, what waits, what left, and whose message it is."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select, text
from werkzeug.exceptions import NotFound

from app.core import paging
from app.core.database import db, listed, table
from app.core.outbox import OutboxEntry, State, pause
from app.domain.customers.models import Customer
from app.domain.follow_ups.queries import excerpt
from app.domain.messages.models import Message, MessageLink
from app.domain.messages.queries import CUSTOMER, ENTRY, LINK, MESSAGE, STANDING, USER
from app.domain.team.models import User

ORDER = (State.FAILED, State.WAITING, State.SENT)
"""What somebody has to look at comes first. What was taken back is no more."""
LAST = 2**63 - 1
FEW = 20

Place = tuple[State, int]
"""An entry in the list: its state and its id."""

SHOWN = (
    select(
        ENTRY.id,
        ENTRY.kind,
        ENTRY.created_at,
        *STANDING,
        USER.name.label("user_name"),
        MESSAGE.id.label("message_id"),
        MESSAGE.subject,
        excerpt(MESSAGE.body).label("body"),
        MESSAGE.author_name,
        MESSAGE.envelope,
    )
    .select_from(
        table(OutboxEntry)
        .outerjoin(table(Message), MESSAGE.outbox_id == ENTRY.id)
        .outerjoin(table(User), USER.id == ENTRY.user_id)
    )
    .where(
        ENTRY.state == bindparam("state"),
        ENTRY.batch.is_(None),
        ENTRY.id < bindparam("before"),
        MESSAGE.id.is_not(None) | ENTRY.kind.in_(bindparam("kinds", expanding=True)),
    )
    .order_by(ENTRY.id.desc())
    .limit(bindparam("most"))
)
CUSTOMERS = (
    select(LINK.message_id, CUSTOMER.id, CUSTOMER.name, CUSTOMER.removed_at)
    .join_from(table(MessageLink), table(Customer), CUSTOMER.id == LINK.customer_id)
    .where(LINK.message_id.in_(listed("message_ids")))
    .order_by(LINK.message_id, CUSTOMER.id)
)
ONE = (
    select(ENTRY.id, ENTRY.kind, MESSAGE.id.label("message_id"), LINK.customer_id)
    .select_from(
        table(OutboxEntry)
        .outerjoin(table(Message), MESSAGE.outbox_id == ENTRY.id)
        .outerjoin(table(MessageLink), LINK.message_id == MESSAGE.id)
    )
    .where(ENTRY.id == bindparam("entry_id"))
    .order_by(LINK.customer_id)
    .limit(1)
)
# In the words of the index, which SQLite does not find by a value that is told later.
FAILED = select(ENTRY.id).where(
    text("state = 'failed'"), ENTRY.kind.in_(bindparam("kinds", expanding=True))
)
FAILED_OF_ALL = paging.counting(FAILED)
FAILED_OF_ONE = paging.counting(FAILED.where(ENTRY.user_id == bindparam("user_id")))
LONGEST_WAITING = (
    select(ENTRY.error, ENTRY.due_at, ENTRY.tries)
    .where(ENTRY.state == State.WAITING)
    .order_by(ENTRY.id)
    .limit(FEW)
)
LATEST_SENT = (
    select(ENTRY.done_at).where(ENTRY.state == State.SENT).order_by(ENTRY.id.desc()).limit(1)
)


@dataclass(frozen=True)
class Entries:
    """Some of the list; `older` is the place to go on behind, None at the end."""

    rows: list[Any]
    older: Place | None


def entries(states: Sequence[State], behind: Place | None, kinds: Sequence[str]) -> Entries:
    """A page of what is in these states, in the order of ORDER and the newest of each first.

    That is what belongs to messages, and of what does not these kinds. Mails of a serial are
    told by its own row (`serials.outgoing`).
    """
    state, last = behind or (ORDER[0], LAST)
    found: list[Any] = []
    for one in ORDER[ORDER.index(state) :]:
        if one in states and len(found) <= paging.PAGE:
            facts = {"state": one, "before": last if one == state else LAST}
            facts |= {"most": paging.PAGE + 1 - len(found), "kinds": kinds}
            found += db.session.execute(SHOWN, facts)
    rows = found[: paging.PAGE]
    is_more = len(found) > paging.PAGE
    return Entries(rows, (State(rows[-1].state), rows[-1].id) if is_more else None)


def customers(rows: Sequence[Any]) -> dict[int, list[Any]]:
    """Whose the messages of these entries are, by message; those in the trash, too."""
    ids = [row.message_id for row in rows if row.message_id is not None]
    found: dict[int, list[Any]] = {}
    for row in db.session.execute(CUSTOMERS, {"message_ids": ids}) if ids else ():
        found.setdefault(row.message_id, []).append(row)
    return found


def entry(entry_id: int) -> Any:
    """An entry with its message and the first of the message's customers, if there are any."""
    if (found := db.session.execute(ONE, {"entry_id": entry_id}).first()) is None:
        raise NotFound
    return found


def failed(user_id: int | None, kinds: Sequence[str]) -> int:
    """How many of these kinds could not be sent, counted up to 1,001.

    Those of one colleague, or with None everybody's.
    """
    counted = FAILED_OF_ALL if user_id is None else FAILED_OF_ONE
    return paging.total(counted, {"user_id": user_id, "kinds": kinds})


def hindered_by(codes: Container[str]) -> str | None:
    """Which of these errors keeps the ones that wait longest from leaving; None if none does.

    What they met before something else left is over.
    """
    tried = [row for row in db.session.execute(LONGEST_WAITING) if row.tries and row.error in codes]
    if not tried:
        return None
    sent_at = db.session.scalar(LATEST_SENT)
    latest = max(tried, key=lambda row: row.due_at - pause(row.tries))
    is_over = sent_at is not None and sent_at > latest.due_at - pause(latest.tries)
    return None if is_over else latest.error
