"""What happens to messages: recorded, edited, read, followed up, removed and brought back.

`record_message` takes whatever was said, by whatever road it came; `write_down` and `correct` are
for what a colleague writes down by hand. A message belongs to one or several customers, and every
one of them is told of each change. It can change as long as one of them is not in the trash; the
others find it as it is by then when they come back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from werkzeug.exceptions import NotFound

from app.core import audit, i18n
from app.core.database import db, now, table
from app.core.events import announce
from app.core.i18n import _l
from app.core.problems import Invalid, Refused
from app.core.text import spellings
from app.domain.customers.services import touch
from app.domain.follow_ups import services as follow_ups
from app.domain.messages import queries, rules
from app.domain.messages.models import Message, MessageAttachment, MessageLink


@dataclass(frozen=True, slots=True)
class Attachment:
    """A stored file that goes or came with a message; `size` in bytes.

    `document_id` is the document it was taken from.
    """

    name: str
    digest: str
    size: int
    media_type: str
    document_id: int | None = None


def record_message(
    customer_ids: Sequence[int],
    values: Mapping[str, Any],
    attachments: Sequence[Attachment] = (),
) -> int:
    """Write down what was said and return its id.

    `values` has `channel`, `direction`, `subject`, `text`, the instant `at`, and may have
    `follow_up_on` and `follow_up_by`; of a mail also its `envelope`, and the `outbox_id` of one
    that is to leave. What comes in by itself is unread.
    """
    author_id, author_name = audit.author()
    message = Message(
        channel=values["channel"],
        direction=values["direction"],
        subject=values["subject"],
        body=values["text"],
        words=spellings(f"{values['subject']}\n{values['text']}"),
        at=values["at"],
        author_id=author_id,
        author_name=author_name,
        created_at=now(),
        envelope=values.get("envelope"),
        outbox_id=values.get("outbox_id"),
    )
    message.read_at = None if rules.can_be_unread(message) else now()
    db.session.add(message)
    db.session.flush()
    _link(message, customer_ids)
    _attach(message, attachments)
    changes = [*audit.difference({}, _told(message)), *follow_ups.plan(message, values)]
    _tell("recorded", message, changes)
    return message.id


def write_down(customer_id: int, values: Mapping[str, Any]) -> int:
    """Record a call, a visit or a letter by hand and return its id.

    `values` has an `occasion` of `rules.BY_HAND`, and `at` as the clock showed it where the team
    works. Raises Invalid for values that do not hold.
    """
    _check(values)
    channel, direction = values["occasion"].split("-")
    at = rules.instant(values["at"], i18n.zone())
    more = {"channel": channel, "direction": direction, "at": at}
    return record_message([customer_id], {**values, **more})


def correct(customer_id: int, message_id: int, values: Mapping[str, Any]) -> None:
    """Change what was written down by hand; `values` are those of `write_down`."""
    message = queries.by_hand(customer_id, message_id)
    _check(values, message)
    before = _told(message)
    message.channel, message.direction = values["occasion"].split("-")
    message.subject, message.body = values["subject"], values["text"]
    message.words = spellings(f"{message.subject}\n{message.body}")
    message.at = _instant(values["at"], message.at)
    changes = audit.difference(before, _told(message))
    if changes:
        message.edited_at = now()
        _write_links(message, at=message.at)
    if changes := [*changes, *follow_ups.plan(message, values)]:
        _tell("edited", message, changes)


def mark_read(customer_id: int, message_id: int, is_read: bool) -> None:
    """Somebody has read it, or somebody is to read it again."""
    message = queries.message(customer_id, message_id)
    if not rules.can_be_unread(message):
        raise Refused(_l("Only messages that came in by themselves can be unread."))
    if (message.read_at is not None) == is_read:
        return
    message.read_at = now() if is_read else None
    _write_links(message, unread=not is_read)
    _tell("read" if is_read else "unread", message, [])


def plan_follow_up(customer_id: int, message_id: int, values: Mapping[str, Any]) -> None:
    """Say who is to come back to a message and when, or that nobody is."""
    message = queries.message(customer_id, message_id)
    if problems := follow_ups.problems(values, message):
        raise Invalid(problems)
    if changes := follow_ups.plan(message, values):
        _tell("followed_up", message, changes)


def finish_follow_up(customer_id: int, message_id: int) -> Message:
    """Nobody needs to come back to this message any more; `reopen_follow_up` takes it back."""
    message = queries.message(customer_id, message_id)
    if changes := follow_ups.finish(message):
        _tell("finished", message, changes)
    return message


def reopen_follow_up(customer_id: int, message_id: int) -> Message:
    """Somebody is to come back to it after all."""
    message = queries.message(customer_id, message_id)
    if changes := follow_ups.reopen(message):
        _tell("reopened", message, changes)
    return message


def withdraw(message_id: int) -> None:
    """A message did not leave the house after all: nobody sees it any more."""
    message = db.session.get(Message, message_id)
    if message is None:
        raise NotFound
    message.removed_at = now()
    _write_links(message, removed=True)
    _tell("withdrawn", message, audit.difference(_told(message), {}))


def remove_message(customer_id: int, message_id: int) -> None:
    """Take away what was written down by hand; `restore_message` brings it back."""
    message = queries.by_hand(customer_id, message_id)
    message.removed_at = now()
    _write_links(message, removed=True)
    _tell("removed", message, audit.difference(_told(message), {}))


def restore_message(customer_id: int, message_id: int) -> None:
    """Bring a removed message back."""
    message = queries.message(customer_id, message_id, removed=True)
    message.removed_at = None
    _write_links(message, removed=False)
    _tell("restored", message, [])


def forget_customers(customer_ids: Sequence[int]) -> None:
    """Customers left for good: so do the messages that belong to nobody else."""
    link, message = table(MessageLink), table(Message)
    theirs = link.c.customer_id.in_(customer_ids)
    ids = db.session.scalars(select(link.c.message_id).where(theirs).distinct()).all()
    db.session.execute(delete(link).where(theirs))
    others = select(link.c.message_id).where(link.c.message_id == bindparam("left")).exists()
    if ids:
        attachment = table(MessageAttachment)
        lone = delete(attachment).where(attachment.c.message_id == bindparam("left"), ~others)
        db.session.connection().execute(lone, [{"left": id} for id in ids])
        nobodys = delete(message).where(message.c.id == bindparam("left"), ~others)
        db.session.connection().execute(nobodys, [{"left": id} for id in ids])


def _check(values: Mapping[str, Any], message: Message | None = None) -> None:
    problems = rules.check_by_hand(values)
    if message is None or values["at"] != queries.to_the_minute(message.at):
        problems += rules.check_when(values["at"], now(), i18n.zone())
    if problems := [*problems, *follow_ups.problems(values, message)]:
        raise Invalid(problems)


def _instant(at: datetime, stored: datetime) -> datetime:
    """The instant of a time in the form; one left as it was stays, also in a repeated hour."""
    return stored if at == queries.to_the_minute(stored) else rules.instant(at, i18n.zone())


def _link(message: Message, customer_ids: Sequence[int]) -> None:
    row = {"message_id": message.id, "at": message.at, "unread": message.read_at is None}
    rows = [{"customer_id": customer_id} | row for customer_id in dict.fromkeys(customer_ids)]
    db.session.execute(insert(MessageLink), rows)


def _attach(message: Message, attachments: Sequence[Attachment]) -> None:
    rows = [
        {"message_id": message.id, "position": position} | asdict(attachment)
        for position, attachment in enumerate(attachments)
    ]
    if rows:
        db.session.execute(insert(MessageAttachment), rows)


def _write_links(message: Message, **values: Any) -> None:
    """What the links repeat of their message, so that their indexes hold it."""
    theirs = MessageLink.message_id == message.id
    db.session.execute(update(MessageLink).where(theirs).values(**values))


def _told(message: Message) -> dict[str, Any]:
    """A message as the history keeps it."""
    return {
        "occasion": rules.occasion_of(message),
        "subject": message.subject,
        "text": message.body,
        "at": message.at,
    }


def _tell(action: str, message: Message, changes: list[audit.Change]) -> None:
    db.session.flush()
    customer_ids = queries.customers_of(message.id)
    touch(*customer_ids)
    for customer_id in customer_ids:
        audit.record("messages", action, customer_id=customer_id, changes=changes)
        announce("message.changed", customer_id=customer_id)
