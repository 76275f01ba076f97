"""What is asked about serials: which there are, how far one is, and who it is for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, func, select, true
from werkzeug.exceptions import NotFound

from app.core.database import UTCDateTime, db, listed, now, table
from app.core.i18n import _l
from app.core.outbox import RESTORED, OutboxEntry
from app.core.outbox import State as Outgoing
from app.core.paging import Page, cut
from app.domain.customers.models import Customer
from app.domain.customers.queries import found_ids
from app.domain.messages.models import MessageAttachment
from app.domain.messages.queries import STANDING
from app.domain.serials import rules
from app.domain.serials.models import Serial, SerialRecipient
from app.domain.serials.rules import Fate, Standing, Tally
from app.domain.templates.rules import Kind

PAGE = 50
SERIALS = 20
"""Serials on a page of the list."""
MOST_REASONS = 10
MOST_FOUND = 20_000
"""Customers that words may find, of whom those in a serial are shown."""

RECIPIENTS, ENTRIES = table(SerialRecipient), table(OutboxEntry)
SERIAL, TO, ENTRY = table(Serial).c, RECIPIENTS.c, ENTRIES.c
CUSTOMER, ATTACHMENT = table(Customer).c, table(MessageAttachment).c
OF = TO.serial_id == bindparam("serial_id")

_own_entry = ENTRIES.alias("own_entry")
IS_WAITING = (
    select(ENTRY.id)
    .where(ENTRY.batch == SERIAL.id, ENTRY.state == Outgoing.WAITING)
    .correlate(table(Serial))
    .exists()
)
FAILED = (
    select(func.count())
    .where(ENTRY.batch == SERIAL.id, ENTRY.state == Outgoing.FAILED)
    .correlate(table(Serial))
    .scalar_subquery()
) + (
    select(func.count())
    .where(TO.serial_id == SERIAL.id, TO.state == Fate.FAILED)
    .correlate(table(Serial))
    .scalar_subquery()
)
SHOWN = select(
    SERIAL.id,
    SERIAL.kind,
    SERIAL.state,
    SERIAL.name,
    SERIAL.language,
    SERIAL.subject,
    SERIAL.body,
    SERIAL.options,
    SERIAL.addressed,
    SERIAL.digest,
    SERIAL.template_id,
    SERIAL.user_id,
    SERIAL.user_name,
    SERIAL.created_at,
    SERIAL.started_at,
    SERIAL.finished_at,
    SERIAL.files,
    SERIAL.outbox_id,
    IS_WAITING.label("is_waiting"),
    FAILED.label("failed"),
    _own_entry.c.state.label("own_state"),
    _own_entry.c.error.label("own_error"),
).select_from(table(Serial).outerjoin(_own_entry, _own_entry.c.id == SERIAL.outbox_id))
ONE = SHOWN.where(SERIAL.id == bindparam("serial_id"))
LATEST = SHOWN.order_by(SERIAL.id.desc())

FATES = select(TO.state, func.count()).where(OF).group_by(TO.state)
OUTGOING = (
    select(ENTRY.state, func.count())
    .where(ENTRY.batch == bindparam("serial_id"))
    .group_by(ENTRY.state)
)
REASONS = (
    select(TO.reason, TO.detail, func.count().label("count"))
    .where(OF, TO.state == Fate.LEFT_OUT)
    .group_by(TO.reason, TO.detail)
    .order_by(func.count().desc(), TO.reason, TO.detail)
    .limit(MOST_REASONS)
)
ELSEWHERE = (
    select(func.count())
    .join_from(RECIPIENTS, table(Customer), CUSTOMER.id == TO.customer_id)
    .where(OF, TO.state == Fate.WAITING, CUSTOMER.language != bindparam("language"))
)
EVERYBODY = select(TO.customer_id).where(OF).order_by(TO.position)
NTH = (
    select(TO.customer_id)
    .where(OF, TO.state == Fate.WAITING)
    .order_by(TO.position)
    .limit(1)
    .offset(bindparam("n"))
)

LISTED = (
    select(
        TO.position,
        TO.customer_id,
        TO.address,
        TO.state.label("fate"),
        TO.reason,
        TO.detail.label("reason_detail"),
        TO.message_id,
        CUSTOMER.number,
        CUSTOMER.list_name,
        CUSTOMER.language,
        CUSTOMER.removed_at,
        ENTRY.id.label("entry_id"),
        *STANDING,
    )
    .select_from(
        RECIPIENTS.join(table(Customer), CUSTOMER.id == TO.customer_id).outerjoin(
            ENTRIES, ENTRY.id == TO.outbox_id
        )
    )
    .where(OF)
    .order_by(TO.position)
)
PLACES = select(TO.position).where(OF).order_by(TO.position)
AMONG = TO.customer_id.in_(listed("customer_ids"))


def _made_and(state: str) -> Any:
    return (TO.state == Fate.MADE) & (ENTRY.state == state)


NARROWED: Mapping[Fate, Any] = {
    Fate.WAITING: (TO.state == Fate.WAITING) | _made_and(Outgoing.WAITING),
    Fate.MADE: (TO.state == Fate.MADE) & ENTRY.id.is_(None) | _made_and(Outgoing.SENT),
    Fate.FAILED: (TO.state == Fate.FAILED) | _made_and(Outgoing.FAILED),
    Fate.LEFT_OUT: TO.state == Fate.LEFT_OUT,
    Fate.CANCELLED: (TO.state == Fate.CANCELLED) | _made_and(Outgoing.CANCELLED),
}
"""Who is shown of a fate; a mail's goes on in the outbox, a letter has no entry there."""

NEXT = (
    select(TO.position, TO.customer_id)
    .where(OF, TO.state == Fate.WAITING)
    .order_by(TO.position)
    .limit(bindparam("most"))
)
STILL_WAITING = select(TO.position).where(
    OF, TO.state == Fate.WAITING, TO.position.in_(listed("positions"))
)
TO_WITHDRAW = (
    select(
        TO.position,
        TO.customer_id,
        TO.message_id,
        CUSTOMER.number,
        CUSTOMER.name.label("customer_name"),
        CUSTOMER.removed_at,
        SERIAL.id,
        SERIAL.name,
    )
    .join_from(RECIPIENTS, table(Serial), SERIAL.id == TO.serial_id)
    .join(ENTRIES, ENTRY.id == TO.outbox_id)
    .join(table(Customer), CUSTOMER.id == TO.customer_id)
    .where(
        OF,
        TO.state == Fate.MADE,
        ENTRY.state == Outgoing.CANCELLED,
        ENTRY.lease_until.is_(None),
    )
    .order_by(TO.position)
    .limit(bindparam("most"))
)
LEAVING = (
    select(ENTRY.id)
    .where(
        ENTRY.batch == bindparam("serial_id"),
        ENTRY.state == Outgoing.CANCELLED,
        ENTRY.lease_until.is_not(None),
    )
    .limit(1)
)
HELD = (
    select(TO.position, TO.customer_id, TO.outbox_id)
    .join_from(RECIPIENTS, ENTRIES, ENTRY.id == TO.outbox_id)
    .where(
        OF,
        TO.state == Fate.MADE,
        TO.position > bindparam("after"),
        ENTRY.held,
    )
    .order_by(TO.position)
    .limit(bindparam("most"))
)
STATE = select(SERIAL.state).where(SERIAL.id == bindparam("serial_id"))
LETTERS = (
    select(ATTACHMENT.digest, ATTACHMENT.size)
    .join_from(RECIPIENTS, table(MessageAttachment), ATTACHMENT.message_id == TO.message_id)
    .where(OF, TO.state == Fate.MADE)
    .order_by(TO.position)
)
_file = func.json_each(SERIAL.files).table_valued("value")
NAME = func.json_extract(_file.c.value, "$.name")
NAMED = (
    select(SERIAL.id, NAME.label("name"))
    .select_from(table(Serial).join(_file, true()))
    .where(NAME.like(bindparam("pattern")))
)
IN_HAND = (
    select(ENTRY.id)
    .where(
        ENTRY.state == Outgoing.WAITING,
        ENTRY.batch.is_(None),
        ENTRY.kind == bindparam("kind"),
        ENTRY.payload["serial_id"].as_integer() == bindparam("serial_id"),
        ENTRY.id != bindparam("entry_id"),
        ENTRY.lease_until >= bindparam("now", type_=UTCDateTime()),
    )
    .limit(1)
)
RESTORED_ONES = select(func.count()).where(
    ENTRY.batch == bindparam("serial_id"),
    ENTRY.state == Outgoing.FAILED,
    ENTRY.error == RESTORED,
)
TWICE = (
    select(TO.address, func.count().label("count"), func.count().over().label("all"))
    .where(OF, TO.state == Fate.WAITING)
    .group_by(func.lower(TO.address))
    .having(func.count() > 1)
    .order_by(func.count().desc(), TO.address)
    .limit(MOST_REASONS)
)
THERE = select(CUSTOMER.id).where(CUSTOMER.id.in_(listed("customer_ids")))


@dataclass(frozen=True, slots=True)
class Asked:
    """Who of a serial is shown: everybody, or those of one fate, whose words are all found."""

    fate: Fate | None = None
    words: str = ""
    page: int = 1


def serial(serial_id: int) -> Any:
    """What a page tells of a serial; NotFound if there is none."""
    found = serial_if_there(serial_id)
    if found is None:
        raise NotFound
    return found


def serial_if_there(serial_id: int) -> Any | None:
    """The same; None for one that was forgotten."""
    return db.session.execute(ONE, {"serial_id": serial_id}).first()


def standing(found: Any) -> Standing:
    """How a serial stands."""
    return rules.standing(found.state, found.is_waiting, found.own_state == Outgoing.FAILED)


def serials(before: int | None) -> Page:
    """Serials, newest first, older than `before`."""
    asked = LATEST if before is None else LATEST.where(SERIAL.id < before)
    return cut(db.session.execute(asked.limit(SERIALS + 1)).all(), SERIALS)


def tally(serial_id: int, kind: str) -> Tally:
    """For how many of its recipients what is so."""
    facts = {"serial_id": serial_id}
    outgoing = _counts(OUTGOING, facts) if kind == Kind.MAIL else {}
    return rules.tally(kind, _counts(FATES, facts), outgoing)


def reasons(serial_id: int) -> list[Any]:
    """Why how many are left out, the commonest first: reason, detail, count."""
    return list(db.session.execute(REASONS, {"serial_id": serial_id}))


def elsewhere(serial_id: int, language: str) -> int:
    """How many get it in a language that is not theirs."""
    return db.session.scalar(ELSEWHERE, {"serial_id": serial_id, "language": language}) or 0


def twice(serial_id: int) -> list[Any]:
    """Addresses to which it goes for several customers: address, count, and of `all` of them."""
    return list(db.session.execute(TWICE, {"serial_id": serial_id}))


def everybody(serial_id: int) -> list[int]:
    """All its customers, in their order."""
    return list(db.session.scalars(EVERYBODY, {"serial_id": serial_id}))


def nth(serial_id: int, n: int) -> int | None:
    """The customer who gets it as the n-th, the first being 1; None behind the last."""
    return db.session.scalar(NTH, {"serial_id": serial_id, "n": n - 1})


def recipients(serial_id: int, asked: Asked) -> tuple[list[Any], bool]:
    """A page of its recipients, and whether others follow; words find who the list finds.

    Of those on other pages nothing but their place is read.
    """
    facts: dict[str, Any] = {"serial_id": serial_id}
    if asked.words:
        facts["customer_ids"] = found_ids(asked.words, None, MOST_FOUND)
    turned = _places(asked).limit(PAGE + 1).offset((asked.page - 1) * PAGE)
    places = list(db.session.scalars(turned, facts))
    shown = LISTED.where(TO.position.in_(listed("places")))
    rows = db.session.execute(shown, {"serial_id": serial_id, "places": places[:PAGE]})
    return list(rows), len(places) > PAGE


def next_waiting(serial_id: int, most: int) -> Sequence[Any]:
    """The next who wait to be made: position and customer."""
    return db.session.execute(NEXT, {"serial_id": serial_id, "most": most}).all()


def still_waiting(serial_id: int, positions: Collection[int]) -> set[int]:
    """Those of these places for whom nothing was made meanwhile."""
    facts = {"serial_id": serial_id, "positions": list(positions)}
    return set(db.session.scalars(STILL_WAITING, facts))


def to_withdraw(serial_id: int, most: int) -> Sequence[Any]:
    """Mails that were made and called off before they were sent, and what the trail calls them."""
    return db.session.execute(TO_WITHDRAW, {"serial_id": serial_id, "most": most}).all()


def is_leaving(serial_id: int) -> bool:
    """Whether the worker has a mail in hand that was called off."""
    return db.session.scalar(LEAVING, {"serial_id": serial_id}) is not None


def is_in_hand(kind: str, serial_id: int, entry_id: int) -> bool:
    """Whether the worker makes a serial already, for another entry of this kind."""
    facts = {"kind": kind, "serial_id": serial_id, "entry_id": entry_id, "now": now()}
    return db.session.scalar(IN_HAND, facts) is not None


def restored(serial_id: int) -> int:
    """How many of its mails waited when the backup was made that is in place now."""
    return db.session.scalar(RESTORED_ONES, {"serial_id": serial_id}) or 0


def there(customer_ids: Sequence[int]) -> set[int]:
    """Those of these customers who have not been deleted for good."""
    return set(db.session.scalars(THERE, {"customer_ids": list(customer_ids)}))


def held(serial_id: int, after: int, most: int) -> Sequence[Any]:
    """Mails that are made and kept back, behind a place: position, customer, entry."""
    facts = {"serial_id": serial_id, "after": after, "most": most}
    return db.session.execute(HELD, facts).all()


def state_of(serial_id: int) -> str | None:
    """In which state a serial is now; None if it is gone."""
    return db.session.scalar(STATE, {"serial_id": serial_id})


def letters(serial_id: int) -> list[Any]:
    """The stored PDFs of the letters that are made, in their order: digest and size."""
    return list(db.session.execute(LETTERS, {"serial_id": serial_id}))


def needed_files(prefix: str) -> dict[str, Any]:
    """The PDFs of all letters, as `files.named` asks."""
    found = db.session.execute(NAMED, {"pattern": f"{prefix}%"})
    return {row.name: _l("serial %(number)d", number=row.id) for row in found}


def _places(asked: Asked) -> Select[*tuple[Any, ...]]:
    """Where those stand who are asked for."""
    found = PLACES.where(AMONG) if asked.words else PLACES
    if asked.fate is None:
        return found
    with_entries = found.outerjoin_from(RECIPIENTS, ENTRIES, ENTRY.id == TO.outbox_id)
    return with_entries.where(NARROWED[asked.fate])


def _counts(statement: Select[*tuple[Any, ...]], facts: Mapping[str, Any]) -> dict[str, int]:
    return {row[0]: row[1] for row in db.session.execute(statement, facts)}
