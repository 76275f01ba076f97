"""What is asked about messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, func, or_, select, tuple_
from werkzeug.exceptions import NotFound

from app.core import i18n, paging
from app.core.database import UTCDateTime, db, table
from app.core.forms import Editable
from app.core.i18n import _, _l, _n
from app.core.paging import LATEST_ROWS, Page
from app.core.problems import Refused
from app.core.text import parse_query
from app.domain.customers.models import Customer
from app.domain.follow_ups import queries as follow_up
from app.domain.messages import rules
from app.domain.messages.models import Message, MessageLink
from app.domain.team.models import User

LINK, MESSAGE, CUSTOMER, USER = (table(m).c for m in (MessageLink, Message, Customer, User))
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
        LINK.unread,
        USER.name.label("assignee_name"),
    )
    .select_from(
        table(MessageLink)
        .join(table(Message), MESSAGE.id == LINK.message_id)
        .outerjoin(table(User), USER.id == MESSAGE.assignee_id)
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
