"""What is asked about messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, func, or_, select, tuple_
from werkzeug.exceptions import NotFound

from app.core import i18n, paging
from app.core.database import UTCDateTime, db, gathered, table
from app.core.forms import Editable
from app.core.i18n import _, _l, _n
from app.core.outbox import REACHED, OutboxEntry, State
from app.core.paging import LATEST_ROWS, Page
from app.core.problems import Refused
from app.core.text import parse_query
from app.domain.customers.models import Customer
from app.domain.documents.models import Document
from app.domain.follow_ups import queries as follow_up
from app.domain.messages import rules
from app.domain.messages.models import Message, MessageAttachment, MessageLink
from app.domain.team.models import User

LINK, MESSAGE, CUSTOMER, USER = (table(m).c for m in (MessageLink, Message, Customer, User))
ATTACHMENT, DOCUMENT, ENTRY = (table(m).c for m in (MessageAttachment, Document, OutboxEntry))
# What `rules.stage` looks at, and what explains it.
STANDING = (
    ENTRY.state,
    ENTRY.held,
    ENTRY.due_at,
    ENTRY.lease_until,
    ENTRY.tries,
    ENTRY.error,
    ENTRY.detail,
    ENTRY.done_at.label("ended_at"),
    REACHED.label("reached"),
)
FILES = (
    select(
        gathered(
            position=ATTACHMENT.position,
            id=ATTACHMENT.id,
            name=ATTACHMENT.name,
            size=ATTACHMENT.size,
        )
    )
    .where(ATTACHMENT.message_id == MESSAGE.id)
    .correlate(table(Message))
    .scalar_subquery()
)
OF = (LINK.customer_id == bindparam("customer_id"), ~LINK.removed)
SHOWN = (
    select(
        MESSAGE.id,
        MESSAGE.direction,
        MESSAGE.channel,
        MESSAGE.subject,
        follow_up.excerpt(MESSAGE.body).label("body"),
        MESSAGE.at,
        MESSAGE.author_name,
        MESSAGE.due_on,
        MESSAGE.done_at,
        MESSAGE.envelope,
        MESSAGE.outbox_id,
        FILES.label("files"),
        LINK.unread,
        USER.name.label("assignee_name"),
        *STANDING,
    )
    .select_from(
        table(MessageLink)
        .join(table(Message), MESSAGE.id == LINK.message_id)
        .outerjoin(table(User), USER.id == MESSAGE.assignee_id)
        .outerjoin(table(OutboxEntry), ENTRY.id == MESSAGE.outbox_id)
    )
    .where(*OF)
    .order_by(LINK.at.desc(), LINK.message_id.desc())
)
LATEST = SHOWN.limit(LATEST_ROWS)
OLDER = tuple_(LINK.at, LINK.message_id) < tuple_(
    bindparam("before_at", type_=UTCDateTime()), bindparam("before_id")
)
PLACE = select(LINK.at).where(
    LINK.customer_id == bindparam("customer_id"), LINK.message_id == bindparam("message_id")
)
COUNT = paging.counting(select(LINK.message_id).where(*OF))
UNREAD = paging.counting(select(LINK.message_id).where(*OF, LINK.unread))
OWNERS = select(LINK.customer_id).where(LINK.message_id == bindparam("message_id"))
OTHERS = (
    select(CUSTOMER.id, CUSTOMER.name)
    .join_from(table(MessageLink), table(Customer), CUSTOMER.id == LINK.customer_id)
    .where(
        LINK.message_id == bindparam("message_id"),
        LINK.customer_id != bindparam("customer_id"),
        CUSTOMER.removed_at.is_(None),
    )
    .order_by(CUSTOMER.name_sort, CUSTOMER.id)
    .limit(paging.PAGE)
)
# A document that holds the same; several may, and somebody may have uploaded it by themselves.
KEPT = (
    select(func.min(DOCUMENT.id))
    .where(
        DOCUMENT.digest == ATTACHMENT.digest,
        DOCUMENT.customer_id == bindparam("customer_id"),
        DOCUMENT.removed_at.is_(None),
    )
    .correlate(table(MessageAttachment))
    .scalar_subquery()
)
ATTACHMENTS = (
    select(
        ATTACHMENT.id,
        ATTACHMENT.name,
        ATTACHMENT.size,
        ATTACHMENT.digest,
        KEPT.label("kept_id"),
    )
    .where(ATTACHMENT.message_id == bindparam("message_id"))
    .order_by(ATTACHMENT.position, ATTACHMENT.id)
)
STATE = (
    select(
        MESSAGE.id,
        MESSAGE.channel,
        MESSAGE.direction,
        MESSAGE.subject,
        MESSAGE.outbox_id,
        *STANDING,
    )
    .join_from(table(MessageLink), table(Message), MESSAGE.id == LINK.message_id)
    .join(table(OutboxEntry), ENTRY.id == MESSAGE.outbox_id)
    .where(LINK.message_id == bindparam("message_id"), LINK.customer_id == bindparam("customer_id"))
)
ALIVE = (
    select(LINK.customer_id)
    .join_from(table(MessageLink), table(Customer), CUSTOMER.id == LINK.customer_id)
    .where(LINK.message_id == bindparam("message_id"), CUSTOMER.removed_at.is_(None))
    .limit(1)
)
RESTING = (
    select(ENTRY.id)
    .join_from(table(OutboxEntry), table(Message), MESSAGE.outbox_id == ENTRY.id)
    .join(table(MessageLink), LINK.message_id == MESSAGE.id)
    .where(
        ENTRY.state == State.WAITING,
        ENTRY.error == rules.IN_TRASH,
        LINK.customer_id == bindparam("customer_id"),
    )
)
# Names are written in hexadecimal digits: all that begin like `first` sort before `beyond`.
NEEDED = (
    select(ATTACHMENT.digest, func.min(ATTACHMENT.message_id).label("message_id"))
    .where(ATTACHMENT.digest >= bindparam("first"), ATTACHMENT.digest < bindparam("beyond"))
    .group_by(ATTACHMENT.digest)
)
# Of several customers the first one stands for all: a follow-up is done once.
FIRST = (
    select(func.min(LINK.customer_id))
    .join_from(table(MessageLink), table(Customer), CUSTOMER.id == LINK.customer_id)
    .where(LINK.message_id == MESSAGE.id, CUSTOMER.removed_at.is_(None))
    .correlate(table(Message))
    .scalar_subquery()
)
OWNER = table(Customer).alias("owner")
FOLLOW_UPS = (
    select(
        MESSAGE.id.label("thing_id"),
        OWNER.c.id.label("customer_id"),
        OWNER.c.name.label("customer_name"),
        MESSAGE.subject,
        follow_up.excerpt(MESSAGE.body).label("body"),
        MESSAGE.author_name,
        MESSAGE.due_on,
        MESSAGE.assignee_id,
        USER.name.label("assignee_name"),
    )
    .join_from(table(Message), OWNER, OWNER.c.id == FIRST)
    .join(table(User), USER.id == MESSAGE.assignee_id)
    .where(*follow_up.are_asked(MESSAGE))
    .order_by(MESSAGE.due_on, MESSAGE.id)
    .limit(bindparam("most"))
)
FOLLOW_UPS_OF = FOLLOW_UPS.where(MESSAGE.assignee_id == bindparam("assignee_id"))


def message(customer_id: int, message_id: int, *, removed: bool = False) -> Message:
    """A message of this customer; NotFound for anybody else's."""
    found = db.session.get(Message, message_id)
    if found is None or db.session.get(MessageLink, (message_id, customer_id)) is None:
        raise NotFound
    if (found.removed_at is not None) != removed:
        raise NotFound
    return found


def by_hand(customer_id: int, message_id: int) -> Message:
    """A message of this customer that may be changed and removed; Refused for any other."""
    found = message(customer_id, message_id)
    if not rules.is_by_hand(found):
        raise Refused(_l("Only what was written down by hand can be changed or removed."))
    return found


def editable(message: Message) -> Editable:
    """What was written down by hand, as its form shows it."""
    values = {
        "occasion": rules.occasion_of(message),
        "subject": message.subject,
        "text": message.body,
        "at": to_the_minute(message.at),
    }
    return Editable(values | follow_up.stored(message), str(message.version))


def to_the_minute(instant: datetime) -> datetime:
    """An instant as a form shows it: by the team's clock, without seconds."""
    return i18n.here(instant).replace(second=0, microsecond=0)


def latest(customer_id: int) -> list[Any]:
    """The five on the overview, the newest first."""
    return list(db.session.execute(LATEST, {"customer_id": customer_id}))


def count(customer_id: int, shown: Sequence[Any] | None = None) -> int:
    """How many there are, counted up to 1,001; fewer than five `latest` ones are all."""
    return paging.total(COUNT, {"customer_id": customer_id}, shown)


def unread(customer_id: int) -> int:
    """How many nobody has read, counted up to 1,001."""
    return paging.total(UNREAD, {"customer_id": customer_id})


def search(customer_id: int, words: str, channel: str, direction: str, before: int | None) -> Page:
    """Messages containing every word, by one channel and in one direction if told.

    Newest first, older than the message `before`. They are read along the index of the customer's
    messages until a page is full.
    """
    found, facts = SHOWN, {"customer_id": customer_id}
    for forms in parse_query(words).terms:
        found = found.where(or_(*(MESSAGE.words.contains(form, autoescape=True) for form in forms)))
    if channel:
        found = found.where(MESSAGE.channel == channel)
    if direction:
        found = found.where(MESSAGE.direction == direction)
    if before and (at := db.session.scalar(PLACE, facts | {"message_id": before})):
        found, facts = found.where(OLDER), facts | {"before_at": at, "before_id": before}
    return paging.page(found, facts)


def attachments_of(customer_id: int, message_id: int) -> list[Any]:
    """What goes with a message; `kept_id` is a document of the customer that holds the same."""
    facts = {"customer_id": customer_id, "message_id": message_id}
    return list(db.session.execute(ATTACHMENTS, facts))


def attachment(customer_id: int, message_id: int, attachment_id: int) -> Any:
    """A file that goes with a message of this customer; NotFound for any other."""
    message(customer_id, message_id)
    for found in attachments_of(customer_id, message_id):
        if found.id == attachment_id:
            return found
    raise NotFound


def standing(customer_id: int, message_id: int) -> Any:
    """How far a message got that is to leave the house, also one that was taken back.

    NotFound for anybody else's, and for one that nothing sends.
    """
    facts = {"customer_id": customer_id, "message_id": message_id}
    if (found := db.session.execute(STATE, facts).first()) is None:
        raise NotFound
    return found


def rests(message_id: int) -> bool:
    """Whether everybody a message belongs to is in the trash, so that it does not leave now."""
    return db.session.scalar(ALIVE, {"message_id": message_id}) is None


def resting(customer_id: int) -> Sequence[int]:
    """The entries of the outbox that were kept back because a customer was in the trash."""
    return db.session.scalars(RESTING, {"customer_id": customer_id}).all()


def needed_files(prefix: str) -> dict[str, Any]:
    """The stored files that go with messages, as `files.named` asks."""
    found = db.session.execute(NEEDED, {"first": prefix, "beyond": f"{prefix}g"})
    return {row.digest: _l("message %(id)d", id=row.message_id) for row in found}


def customers_of(message_id: int) -> Sequence[int]:
    """The customers a message belongs to."""
    return db.session.scalars(OWNERS, {"message_id": message_id}).all()


def other_customers(customer_id: int, message_id: int) -> list[Any]:
    """Who else a message belongs to: id and name."""
    return list(db.session.execute(OTHERS, {"customer_id": customer_id, "message_id": message_id}))


def follow_ups(
    assignee_id: int | None, since: date, until: date, most: int
) -> list[follow_up.Item]:
    """The messages that somebody is to come back to, as `follow_ups.asked` wants them."""
    asked = FOLLOW_UPS if assignee_id is None else FOLLOW_UPS_OF
    facts = {"assignee_id": assignee_id, "since": since, "until": until, "most": most}
    return [_item(row._mapping) for row in db.session.execute(asked, facts)]


def belonging(customer_id: int) -> list[str]:
    """What goes with a customer who is deleted."""
    found = count(customer_id)
    said = _n("%(num)s message", "%(num)s messages", found, num=i18n.count(found))
    return [said] if found else []


def _item(row: Any) -> follow_up.Item:
    said = {key: row[key] for key in row if key not in ("subject", "body")}
    text = row["subject"] or row["body"]
    return follow_up.Item(kind=_("Message"), panel="messages", text=text, **said)
