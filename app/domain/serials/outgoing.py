"""Serials as the outbox shows them: one row each, instead of one for every mail of theirs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, func, or_, select

from app.core.database import db, listed, table
from app.core.outbox import OutboxEntry
from app.core.outbox import State as Outgoing
from app.domain.serials.models import Serial

MOST = 20
"""Serials in the outbox, whose own page has all."""
ORDER = (Outgoing.FAILED, Outgoing.WAITING, Outgoing.SENT)
"""What somebody has to look at comes first. What was called off is no more."""

SERIAL, ENTRY = table(Serial).c, table(OutboxEntry).c
HAS = {
    state: select(ENTRY.id)
    .where(ENTRY.batch == SERIAL.id, ENTRY.state == state)
    .correlate(table(Serial))
    .exists()
    for state in ORDER
}


def _latest(states: Collection[Outgoing]) -> Select[*tuple[Any, ...]]:
    """Those with mails in one of these states: what failed first, then the newest."""
    place = case(*((HAS[state], n) for n, state in enumerate(ORDER)))
    return (
        select(
            SERIAL.id,
            SERIAL.name,
            SERIAL.state,
            SERIAL.user_name,
            func.coalesce(SERIAL.started_at, SERIAL.created_at).label("at"),
        )
        .where(or_(*(HAS[state] for state in states)))
        .order_by(place, SERIAL.id.desc())
        .limit(MOST)
    )


OF_ONE_STATE = {state: _latest([state]) for state in ORDER}
OF_ANY_STATE = _latest(ORDER)
COUNTS = (
    select(ENTRY.batch, ENTRY.state, func.count())
    .where(ENTRY.batch.in_(listed("serial_ids")), ENTRY.state.in_(ORDER))
    .group_by(ENTRY.batch, ENTRY.state)
)


@dataclass(frozen=True, slots=True)
class Underway:
    """A serial, and how many of its mails are in which state."""

    serial: Any
    counts: dict[str, int]


def underway(state: Outgoing | None) -> list[Underway]:
    """The serials that have mails in this state, or with None in any that is shown."""
    found = db.session.execute(OF_ANY_STATE if state is None else OF_ONE_STATE[state]).all()
    counts: dict[int, dict[str, int]] = {row.id: {} for row in found}
    if found:
        for serial_id, one, count in db.session.execute(COUNTS, {"serial_ids": list(counts)}):
            counts[serial_id][one] = count
    return [Underway(row, counts[row.id]) for row in found]
