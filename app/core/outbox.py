"""The outbox: what is to leave the house, as rows.

A verb puts an entry in the transaction of what it does; the worker takes it after the commit,
delivers it and says how it went. Nothing is sent inside a transaction, nothing that was put is
lost, and what was confirmed is never sent again. docs/adr/0009 tells why.

An entry is taken for a while (`lease_until`). Whoever took it and died leaves it to the next. Its
`reference` is given before the first try and never changes, so whoever gets it twice can tell:
that happens when the worker dies between the delivery and the word about it, and cannot be helped.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import make_msgid
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import (
    JSON,
    Connection,
    Index,
    String,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.core import audit, queue
from app.core.database import (
    Model,
    UTCDateTime,
    after_commit,
    db,
    next_ids,
    now,
    short_transaction,
    table,
)

PAUSES = (1, 2, 5, 10, 20, 30)
"""Minutes between the first tries; from then on an hour."""
LONGEST = timedelta(hours=24)
"""How long it is tried, from the first try on."""
LEASE = timedelta(minutes=15)
"""Longer than a delivery takes; one that needs more renews it."""
BROKEN = "broken"
"""Our own fault; the detail is the reference under which the log tells more."""
RESTORED = "restored"
"""It waited when the backup was made that is in place now; perhaps it has been sent since."""


DUE = ("state", "held", "due_at", "id")


class State(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


class OutboxEntry(Model):
    """Something to deliver, by the job of this `kind`; `payload` is what that job needs to know.

    `held` keeps it back while its `batch` is paused. One that was called off while the worker had
    it is CANCELLED and still has its lease: it ends so, or SENT if it leaves all the same. `error`
    is a code in the words of the job, `detail` what the other side said; a sent entry may have one
    too (some of its recipients were refused).
    """

    __tablename__ = "outbox_entry"
    __table_args__ = (
        Index("ix_outbox_entry_due", *DUE, sqlite_where=text("batch IS NULL")),
        Index("ix_outbox_entry_due_batch", *DUE, sqlite_where=text("batch IS NOT NULL")),
        Index("ix_outbox_entry_batch", "batch", "state", "id"),
        Index("ix_outbox_entry_state", "state", "id"),
        Index("ix_outbox_entry_failed", "user_id", "kind", sqlite_where=text("state = 'failed'")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    reference: Mapped[str] = mapped_column(String(255), unique=True)
    state: Mapped[str] = mapped_column(String(10), default=State.WAITING)
    held: Mapped[bool] = mapped_column(default=False)
    batch: Mapped[int | None]
    user_id: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    first_tried_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(String(40), default="")
    detail: Mapped[str] = mapped_column(String(500), default="")
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Undelivered(Exception):
    """It could not be delivered: `code` says why in a word of the job, `detail` what was heard.

    `keep` goes into the payload, for the next try.
    """

    def __init__(self, code: str, detail: str = "", *, keep: Mapping[str, Any] | None = None):
        super().__init__(code, detail)
        self.code, self.detail, self.keep = code, detail[:500], keep or {}


class NotNow(Undelivered):
    """It is worth trying again later.

    `ends_round` tells that it is the road that is closed and not this one entry: nothing else of
    its kind needs to be tried just now. A list "done" in `keep` are those whom it reached already.
    """

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        ends_round: bool = False,
        keep: Mapping[str, Any] | None = None,
    ):
        super().__init__(code, detail, keep=keep)
        self.ends_round = ends_round


class Never(Undelivered):
    """Trying again would not help; somebody has to look."""


class Partly(Undelivered):
    """It has left the house, but not all of it; trying again would repeat what did."""


class Later(Undelivered):
    """It goes on in `delay`: nothing failed, and this was no try."""

    def __init__(self, delay: timedelta = timedelta(0)):
        super().__init__("later")
        self.delay = delay


ENTRY = table(OutboxEntry).c
REACHED = func.coalesce(func.json_array_length(ENTRY.payload, "$.done"), 0)
"""How many of its recipients have got what waits for the others."""
NOW = bindparam("now", type_=UTCDateTime())
IS_FREE = ENTRY.lease_until.is_(None) | (ENTRY.lease_until < NOW)
IS_DUE = (ENTRY.state == State.WAITING) & ~ENTRY.held & (ENTRY.due_at <= NOW) & IS_FREE
IS_ITS = (ENTRY.state == State.WAITING) | (
    (ENTRY.state == State.CANCELLED) & ENTRY.lease_until.is_not(None)
)
"""What whoever delivers it may still tell of."""
FIRST_TRIED = func.coalesce(ENTRY.first_tried_at, NOW, type_=UTCDateTime())
NEXT = (
    select(ENTRY.id)
    .where(
        IS_DUE,
        ENTRY.kind.in_(bindparam("kinds", expanding=True)),
        ENTRY.id.not_in(bindparam("besides", expanding=True)),
    )
    .order_by(ENTRY.due_at, ENTRY.id)
    .limit(1)
)
ALONE = NEXT.where(ENTRY.batch.is_(None)).scalar_subquery()
OF_BATCH = NEXT.where(ENTRY.batch.is_not(None)).scalar_subquery()
TAKE = (
    update(table(OutboxEntry))
    .where(ENTRY.id == func.coalesce(ALONE, OF_BATCH))
    .values(
        lease_until=bindparam("until", type_=UTCDateTime()),
        tries=ENTRY.tries + 1,
        first_tried_at=FIRST_TRIED,
    )
    .returning(*ENTRY)
)


def put(
    kind: str,
    payload: dict[str, Any] | None = None,
    *,
    delay: timedelta = timedelta(0),
    batch: int | None = None,
    domain: str | None = None,
) -> int:
    """Have something delivered once this transaction is committed, `delay` later; its id.

    `domain` is what its reference ends in: of whom it comes from, else the host of this server.
    """
    values = row(kind, payload, delay, batch, domain)
    entry_id = db.session.scalar(insert(OutboxEntry).values(values).returning(OutboxEntry.id))
    assert entry_id is not None
    after_commit(lambda: queue.wake(delay))
    return entry_id


def put_all(kind: str, count: int, *, batch: int, domain: str | None = None) -> list[int]:
    """Put so many entries of a batch at once and return their ids."""
    ids = next_ids(table(OutboxEntry), count)
    rows = [row(kind, batch=batch, domain=domain) | {"id": entry_id} for entry_id in ids]
    if rows:
        db.session.connection().execute(insert(table(OutboxEntry)), rows)
    after_commit(queue.wake)
    return list(ids)


def row(
    kind: str,
    payload: dict[str, Any] | None = None,
    delay: timedelta = timedelta(0),
    batch: int | None = None,
    domain: str | None = None,
) -> dict[str, Any]:
    """The row of an entry that waits; verbs `put`, the demo tells what left long ago."""
    moment = now()
    return {
        "kind": kind,
        "payload": payload or {},
        "reference": make_msgid(domain=domain or _domain()),
        "batch": batch,
        "user_id": audit.author()[0],
        "created_at": moment,
        "due_at": moment + delay,
    }


def take(kinds: Sequence[str], besides: Collection[int] = ()) -> Any | None:
    """The next entry that is due, taken for a while so that nobody else delivers it; or None.

    One mail to one customer does not wait for the thousands of a batch. `besides` are entries the
    caller has in hand, however long that takes.
    """
    moment = now()
    facts = {"now": moment, "until": moment + LEASE}
    facts |= {"kinds": list(kinds), "besides": list(besides)}
    with short_transaction() as connection:
        return connection.execute(TAKE, facts).first()


def renew(entry_id: int) -> None:
    """Whoever delivers it needs longer."""
    _write(entry_id, lease_until=now() + LEASE)


def confirm(entry_id: int, error: str = "", detail: str = "") -> None:
    """It has left the house; `error` tells what did not. The first word about it counts."""
    _write(
        entry_id,
        state=State.SENT,
        done_at=now(),
        lease_until=None,
        error=error,
        detail=detail[:500],
    )


def postpone(entry: Any, reason: Undelivered) -> None:
    """It could not be delivered now: later again, or after a day no more."""
    moment = now()
    if moment - (entry.first_tried_at or moment) >= LONGEST:
        becomes: dict[str, Any] = {"state": State.FAILED, "done_at": moment}
    else:
        becomes = {"due_at": moment + pause(entry.tries)}
    if reason.keep:
        becomes["payload"] = entry.payload | reason.keep
    told = {"error": reason.code, "detail": reason.detail}
    _keep(entry.id, **becomes, **told)


def put_off(entry: Any, reason: Later) -> None:
    """It was not tried to the end, and goes on."""
    _keep(entry.id, due_at=now() + reason.delay, tries=entry.tries - 1)
    queue.wake(reason.delay)


def postpone_all(kind: str, reason: Undelivered) -> None:
    """The road is closed: whatever is due of this kind counts as tried, and waits as well.

    Else each of 10,000 would ask for the road again, and wait its turn without a word.
    """
    moment = now()
    these = update(table(OutboxEntry)).where(IS_DUE, ENTRY.kind == kind)
    told = {"error": reason.code, "detail": reason.detail}
    pauses = {n: literal(moment + pause(n), UTCDateTime()) for n in range(1, len(PAUSES) + 1)}
    waits = {
        "tries": ENTRY.tries + 1,
        "first_tried_at": FIRST_TRIED,
        "due_at": case(
            pauses, value=ENTRY.tries + 1, else_=literal(moment + pause(99), UTCDateTime())
        ),
    }
    ends = {"state": State.FAILED, "done_at": moment}
    with short_transaction() as connection:
        connection.execute(
            these.where(ENTRY.first_tried_at <= moment - LONGEST).values(**ends, **told),
            {"now": moment},
        )
        connection.execute(these.values(**waits, **told), {"now": moment})


def fail(entry_id: int, reason: Undelivered) -> None:
    """It cannot be delivered; it stays until somebody has it tried again."""
    told = {"error": reason.code, "detail": reason.detail}
    _keep(entry_id, state=State.FAILED, done_at=now(), **told)


def pause(tries: int) -> timedelta:
    """How long to wait after so many tries."""
    return timedelta(minutes=PAUSES[tries - 1] if tries <= len(PAUSES) else 60)


def cancel(entry_id: int) -> bool:
    """Keep it from being delivered (any more).

    False if the worker has it, or had it already, be it that it reached only some.
    """
    rests = ENTRY.state.in_((State.WAITING, State.FAILED)) & ENTRY.lease_until.is_(None)
    whole = REACHED == 0
    return _change(ENTRY.id == entry_id, rests, whole, state=State.CANCELLED, done_at=now()) > 0


def try_again(entry_id: int) -> bool:
    """Have an entry that failed, or waits for its next try, delivered at once."""
    waits = ENTRY.state.in_((State.WAITING, State.FAILED)) & ENTRY.lease_until.is_(None)
    fresh = {"state": State.WAITING, "due_at": now(), "done_at": None, "first_tried_at": None}
    changed = _change(ENTRY.id == entry_id, waits, tries=0, **fresh)
    after_commit(queue.wake)
    return changed > 0


def hold(batch: int) -> None:
    """Keep back what waits of a batch, until `release`; what the worker has it delivers."""
    _change(ENTRY.batch == batch, ENTRY.state == State.WAITING, held=True)


def release(entry_ids: Sequence[int]) -> None:
    """Let these go on that were held, however they stand by now; they have a day from here on."""
    fresh = {"held": False, "first_tried_at": None, "tries": 0}
    _change(_among(entry_ids), ENTRY.held, **fresh)
    after_commit(queue.wake)


def cancel_batch(batch: int) -> int:
    """Keep what waits of a batch from being delivered; how many that were.

    What the worker has may leave all the same; if it does not, it is not tried again.
    """
    return _call_off(ENTRY.batch == batch)


def cancel_all(entry_ids: Sequence[int]) -> int:
    """Keep these from being delivered, as `cancel_batch` does."""
    return _call_off(_among(entry_ids))


def try_batch_again(batch: int) -> int:
    """Have all of a batch that failed wait again, held until `release`; how many these are."""
    fresh = {"state": State.WAITING, "due_at": now(), "done_at": None, "first_tried_at": None}
    failed = (ENTRY.batch == batch, ENTRY.state == State.FAILED)
    return _change(*failed, held=True, tries=0, error="", detail="", **fresh)


def free_all() -> None:
    """Nobody delivers anything: the only worker has just begun."""
    with short_transaction() as connection:
        theirs = update(table(OutboxEntry)).where(ENTRY.lease_until.is_not(None))
        connection.execute(theirs.values(lease_until=None))


def doubt_all(connection: Connection) -> int:
    """A backup is restored: somebody has to say of each that waits whether it should go."""
    told = {"state": State.FAILED, "error": RESTORED, "done_at": now(), "lease_until": None}
    waiting = update(table(OutboxEntry)).where(ENTRY.state == State.WAITING)
    return connection.execute(waiting.values(**told)).rowcount


def forget(kind: str, before: datetime) -> int:
    """Delete entries of a kind that were done before then; how many. Their job knows no more."""
    done = delete(table(OutboxEntry)).where(ENTRY.kind == kind, ENTRY.done_at < before)
    result: Any = db.session.execute(done)
    return result.rowcount


def forget_resting(kind: str) -> None:
    """Delete all entries of a kind that nobody has in hand."""
    db.session.execute(
        delete(table(OutboxEntry)).where(ENTRY.kind == kind, ENTRY.lease_until.is_(None))
    )


def _domain() -> str:
    """The host of the operator's address."""
    return urlsplit(current_app.config["BASE_URL"]).hostname or "localhost"


def _among(entry_ids: Sequence[int]) -> Any:
    return ENTRY.id.in_(bindparam("ids", list(entry_ids), expanding=True))


def _call_off(*which: Any) -> int:
    return _change(*which, ENTRY.state == State.WAITING, state=State.CANCELLED, done_at=now())


def _change(*which: Any, **values: Any) -> int:
    """Change entries within the transaction of the verb; how many there were."""
    done: Any = db.session.execute(update(table(OutboxEntry)).where(*which).values(**values))
    return done.rowcount


def _write(entry_id: int, **values: Any) -> None:
    """Write how a delivery goes: at once and for good, whatever becomes of the rest."""
    entry = update(table(OutboxEntry)).where(ENTRY.id == entry_id, IS_ITS)
    with short_transaction() as connection:
        connection.execute(entry.values(**values))


def _keep(entry_id: int, **values: Any) -> None:
    """Write how a delivery went that did not leave; one that was called off stays so."""
    entry = update(table(OutboxEntry)).where(ENTRY.id == entry_id)
    with short_transaction() as connection:
        waiting = entry.where(ENTRY.state == State.WAITING)
        connection.execute(waiting.values(lease_until=None, **values))
        called_off = entry.where(ENTRY.state == State.CANCELLED)
        connection.execute(called_off.values(lease_until=None))
