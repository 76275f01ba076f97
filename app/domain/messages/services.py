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

from sqlalchemy import delete, insert, select, update
from werkzeug.exceptions import NotFound

from app.core import audit, i18n, outbox
from app.core.database import db, listed, next_ids, now, table
from app.core.events import announce
from app.core.files import Stored
from app.core.i18n import _l
from app.core.outbox import OutboxEntry
from app.core.problems import Invalid, Refused
from app.core.text import spellings
from app.domain.customers.services import touch
from app.domain.documents.services import Upload, add_documents
from app.domain.follow_ups import services as follow_ups
from app.domain.messages import queries, rules
from app.domain.messages.models import Message, MessageAttachment, MessageLink

TOO_LATE = _l("This is just being sent, or has left already.")


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
    that is to leave; and the `key` of the form, if there was one. What comes in by itself is
    unread.
    """
    author_id, author_name = audit.author()
    message = Message(
        channel=values["channel"],
        direction=values["direction"],
        subject=values["subject"],
        body=values["text"],
        words=_words(values, attachments),
        at=values["at"],
        author_id=author_id,
        author_name=author_name,
        created_at=now(),
        envelope=values.get("envelope"),
        outbox_id=values.get("outbox_id"),
        key=values.get("key"),
    )
    message.read_at = None if rules.can_be_unread(message) else now()
    db.session.add(message)
    db.session.flush()
    _link(message, customer_ids)
    _attach(message, attachments)
    changes = [*audit.difference({}, _told(message)), *follow_ups.plan(message, values)]
    _tell("recorded", message, changes)
    return message.id


@dataclass(frozen=True, slots=True)
class Record:
    """What the team said to one customer, with the values of `record_message`."""

    customer_id: int
    values: Mapping[str, Any]
    attachments: Sequence[Attachment] = ()


def record_messages(records: Sequence[Record]) -> list[int]:
    """Write down what was said to many customers, a message for each; their ids in this order.

    Whoever calls it touches the customers and writes one entry of the trail for all of them.
    """
    author_id, author_name = audit.author()
    shared = {"author_id": author_id, "author_name": author_name}
    shared |= {"created_at": now(), "read_at": now()}
    ids = list(next_ids(table(Message), len(records)))
    rows = [shared | _row(record) | {"id": id} for id, record in zip(ids, records, strict=True)]
    links = [
        {"message_id": id, "customer_id": record.customer_id, "at": record.values["at"]}
        for id, record in zip(ids, records, strict=True)
    ]
    files = [
        {"message_id": id, "position": position} | asdict(attachment)
        for id, record in zip(ids, records, strict=True)
        for position, attachment in enumerate(record.attachments)
    ]
    for model, some in ((Message, rows), (MessageLink, links), (MessageAttachment, files)):
        if some:
            db.session.connection().execute(insert(table(model)), some)
    return ids


def withdraw_messages(message_ids: Sequence[int]) -> None:
    """Many messages did not leave the house after all; told and touched as by `record_messages`."""
    message, link = table(Message), table(MessageLink)
    facts = {"ids": list(message_ids)}
    gone = update(message).where(message.c.id.in_(listed("ids")))
    values = {"removed_at": now(), "version": message.c.version + 1}
    db.session.connection().execute(gone.values(values), facts)
    theirs = update(link).where(link.c.message_id.in_(listed("ids")))
    db.session.connection().execute(theirs.values(removed=True), facts)


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


def keep_as_document(customer_id: int, message_id: int, attachment_id: int) -> int:
    """Keep what goes with a message among the customer's documents; the id of the document.

    It shares the stored file. What is among them already is not kept twice.
    """
    found = queries.attachment(customer_id, message_id, attachment_id)
    if found.kept_id is not None:
        return found.kept_id
    upload = Upload(found.name, Stored(found.digest, found.size))
    [document_id] = add_documents(customer_id, [upload])
    return document_id


def retry(customer_id: int, message_id: int) -> None:
    """Have a message sent at once that could not be sent, or waits for its next try.

    Raises Refused for one that is on its way, that left, or that nothing sends.
    """
    message = queries.message(customer_id, message_id)
    if message.outbox_id is None or not outbox.try_again(message.outbox_id):
        raise Refused(TOO_LATE)
    _tell("retried", message, [])


def retry_entry(entry_id: int, name: str) -> None:
    """Have something sent at once that belongs to no message; `name` is what it is called."""
    if not outbox.try_again(entry_id):
        raise Refused(TOO_LATE)
    audit.record("messages", "entry_retried", subject=name)


def cancel_entry(entry_id: int, name: str) -> None:
    """Keep something from leaving that belongs to no message."""
    if not outbox.cancel(entry_id):
        raise Refused(TOO_LATE)
    audit.record("messages", "entry_cancelled", subject=name)


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


def go_on(customer_id: int) -> None:
    """A customer came back from the trash: what was kept back meanwhile leaves now.

    What could not leave for a day is given up, so that nobody gets old news unasked.
    """
    for entry_id in queries.resting(customer_id):
        outbox.try_again(entry_id)


def forget_customers(customer_ids: Sequence[int]) -> None:
    """Customers left for good: so do the messages that belong to nobody else.

    What of them was still to be sent is not sent any more.
    """
    link, message = table(MessageLink), table(Message)
    attachment, entry = table(MessageAttachment), table(OutboxEntry)
    theirs = link.c.customer_id.in_(customer_ids)
    ids = db.session.scalars(select(link.c.message_id).where(theirs).distinct()).all()
    db.session.execute(delete(link).where(theirs))
    others = select(link.c.message_id).where(link.c.message_id == message.c.id).exists()
    nobodys = select(message.c.id, message.c.outbox_id).where(
        message.c.id.in_(listed("ids")), ~others
    )
    gone = db.session.execute(nobodys, {"ids": list(ids)}).all()
    _forget(attachment.c.message_id, [row.id for row in gone])
    _forget(message.c.id, [row.id for row in gone])
    _forget(entry.c.id, [row.outbox_id for row in gone if row.outbox_id])


def _forget(column: Any, ids: Sequence[int]) -> None:
    """Delete the rows in which a column holds one of these."""
    db.session.execute(delete(column.table).where(column.in_(listed("ids"))), {"ids": list(ids)})


def _words(values: Mapping[str, Any], attachments: Sequence[Attachment]) -> str:
    """By what a message is found: what it says, whom it goes to, what goes with it."""
    people = rules.recipients(values.get("envelope"))
    names = [attachment.name for attachment in attachments]
    return spellings("\n".join([values["subject"], values["text"], *people, *names]))


def _row(record: Record) -> dict[str, Any]:
    """The columns of a message that its own values tell."""
    values = record.values
    told = {key: values[key] for key in ("channel", "direction", "subject", "at")}
    more = {key: values.get(key) for key in ("envelope", "outbox_id")}
    return told | more | {"body": values["text"], "words": _words(values, record.attachments)}


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
