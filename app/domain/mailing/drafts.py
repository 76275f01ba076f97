"""Drafts: what a colleague writes to a customer, kept while it is written.

Nobody else reads them, so no entry tells of them; only the screen of whoever writes hears of them.
A form that is open (a `Sheet`) names the draft it began with and itself. It goes on with that draft
as long as no other window wrote into it meanwhile; what is written on an older state becomes a
draft of its own. So two windows never destroy what was written in the other, and a form that is
sent twice, or saved late, does nothing the second time.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, select
from werkzeug.exceptions import NotFound

from app.core import audit, i18n, paging
from app.core.database import db, listed, now, table
from app.core.events import announce
from app.core.i18n import _, _l, _n
from app.core.problems import Invalid, Problem, Refused
from app.domain.customers.models import Customer
from app.domain.customers.queries import customer_exists
from app.domain.mailing import headers, rules, services
from app.domain.mailing.models import DraftAttachment, MailDraft
from app.domain.mailing.services import Outgoing
from app.domain.messages.queries import customers_of
from app.domain.messages.services import Attachment

DELAY = timedelta(seconds=10)
"""How long a mail waits for somebody to think again."""
MOST_FILES = 50
MOST_SHOWN = 5
"""Drafts that a list tells of."""
LONGEST_NAME = 80
NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")

DRAFT, FILE, CUSTOMER = (table(m).c for m in (MailDraft, DraftAttachment, Customer))
MINE = (
    MailDraft.customer_id == bindparam("customer_id"),
    MailDraft.user_id == bindparam("user_id"),
)
LATEST = (
    select(MailDraft)
    .where(*MINE, MailDraft.removed_at.is_(None))
    .order_by(MailDraft.changed_at.desc(), MailDraft.id.desc())
    .limit(paging.LATEST_ROWS)
)
BY_KEY = select(MailDraft).where(*MINE, MailDraft.key == bindparam("key"))
BY_MESSAGE = select(MailDraft).where(*MINE, MailDraft.message_id == bindparam("message_id"))
ANYBODYS = select(MailDraft).where(
    MailDraft.customer_id.in_(listed("customer_ids")),
    MailDraft.message_id == bindparam("message_id"),
)
LINES = (
    select(
        DRAFT.id,
        DRAFT.customer_id,
        CUSTOMER.name.label("customer_name"),
        DRAFT["values"]["subject"].as_string().label("subject"),
        func.substr(DRAFT["values"]["text"].as_string(), 1, 300).label("text"),
        DRAFT.changed_at,
    )
    .join_from(table(MailDraft), table(Customer), CUSTOMER.id == DRAFT.customer_id)
    .where(
        DRAFT.user_id == bindparam("user_id"),
        DRAFT.removed_at.is_(None),
        CUSTOMER.removed_at.is_(None),
    )
    .order_by(DRAFT.changed_at.desc(), DRAFT.id.desc())
    .limit(MOST_SHOWN)
)
LINES_TO = LINES.where(DRAFT.customer_id == bindparam("customer_id"))
FILES = select(*FILE).where(FILE.draft_id == bindparam("draft_id")).order_by(FILE.id)
COUNT = paging.counting(
    select(DRAFT.id).where(
        DRAFT.customer_id == bindparam("customer_id"), DRAFT.removed_at.is_(None)
    )
)
# Names are written in hexadecimal digits: all that begin like `first` sort before `beyond`.
NEEDED = (
    select(FILE.digest, func.min(DRAFT.customer_id).label("customer_id"))
    .join_from(table(DraftAttachment), table(MailDraft), DRAFT.id == FILE.draft_id)
    .where(FILE.digest >= bindparam("first"), FILE.digest < bindparam("beyond"))
    .group_by(FILE.digest)
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form that is open: the draft it began with, in the version it saw, and its own name."""

    key: str
    pen: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A draft as one line tells of it: what it is called, to whom it goes, when it was saved."""

    id: int
    name: str
    customer_id: int
    customer_name: str
    saved: str


def new_sheet() -> Sheet:
    """A form for something new."""
    return Sheet(_name(), _name())


def sheet_of(draft: MailDraft) -> Sheet:
    """A form that goes on with a draft."""
    return Sheet(draft.key, _name(), str(draft.version))


def sheet_as_sent(key: str, pen: str, version: str) -> Sheet:
    """The form that these names came from; what is no name gets another one."""
    known = [name if NAME.fullmatch(name) else _name() for name in (key, pen)]
    return Sheet(known[0], known[1], version)


def latest(customer_id: int) -> list[MailDraft]:
    """What the current user has not sent yet, the latest first; as a rule that is one."""
    return list(db.session.scalars(LATEST, _mine(customer_id)))


def lines(customer_id: int | None = None) -> list[Line]:
    """What the current user has not sent yet, to one customer or to all; the latest five."""
    asked = LINES if customer_id is None else LINES_TO
    return [_line(row) for row in db.session.execute(asked, _mine(customer_id))]


def called(subject: str | None, text: str | None) -> str:
    """What a draft is called, for a sentence: its subject, or how it begins, in quotation marks."""
    words, _signature = rules.signature_of(text or "")
    name = headers.line(subject or words.strip().partition("\n")[0])[:LONGEST_NAME]
    return _("“%(name)s”", name=name) if name else _("without a subject")


def when(draft: Any) -> str:
    """When a draft was saved, by the clock of today or with its day."""
    at = i18n.here(draft.changed_at)
    return f"{at:%H:%M}" if at.date() == i18n.today() else i18n.moment(draft.changed_at)


def draft(customer_id: int, draft_id: int, *, removed: bool = False) -> MailDraft:
    """A draft of the current user to this customer; NotFound for anybody else's."""
    found = db.session.get(MailDraft, draft_id)
    if found is None or (found.customer_id, found.user_id) != (customer_id, audit.author()[0]):
        raise NotFound
    if (found.removed_at is not None) != removed or (removed and found.message_id):
        raise NotFound
    return found


def files(draft_id: int) -> list[Any]:
    """The files that go with a draft, in the order they were added."""
    return list(db.session.execute(FILES, {"draft_id": draft_id}))


def attachments(draft_id: int) -> list[Attachment]:
    """The same files as a mail takes them along."""
    return [
        Attachment(row.name, row.digest, row.size, row.media_type, row.document_id)
        for row in files(draft_id)
    ]


def count(customer_id: int) -> int:
    """How many drafts to a customer there are, of all colleagues, counted up to 1,001."""
    return paging.total(COUNT, {"customer_id": customer_id})


def sent_as(customer_id: int, sheet: Sheet) -> int | None:
    """The message that a form was sent as already, or None."""
    found = (_by_key(customer_id, name) for name in (sheet.key, sheet.pen))
    ours = [one.message_id for one in found if one is not None and one.pen == sheet.pen]
    return next((message_id for message_id in ours if message_id), None)


def keep(
    customer_id: int, sheet: Sheet, values: Mapping[str, Any], *, begins: bool = True
) -> MailDraft | None:
    """Write down what a form holds, in the draft it may write into.

    None if that was sent or discarded from this very form: a late save brings nothing back. Unless
    it `begins` one, also None where nothing is kept yet.
    """
    if not customer_exists(customer_id):
        raise Refused(_l("This customer has been deleted."))
    found = _writable(customer_id, sheet)
    if found.removed_at is not None or not (begins or found.id):
        return None
    before = _shown(found)
    found.values, found.pen, found.changed_at = dict(values), sheet.pen, now()
    db.session.add(found)
    db.session.flush()
    if _shown(found) != before:
        announce("mail_draft.changed")
    return found


def keep_anyway(
    customer_id: int, sheet: Sheet, values: Mapping[str, Any], attached: Sequence[Attachment] = ()
) -> MailDraft | None:
    """After a refusal: undo everything, but keep what was written. It outlives the answer."""
    db.session.rollback()
    found = keep(customer_id, sheet, values)
    if found is not None:
        with suppress(Invalid):
            attach(found, attached)
    db.session.commit()
    return found


def attach(draft: MailDraft, attached: Sequence[Attachment]) -> None:
    """Let these files go with a draft, each once. Raises Invalid for too many."""
    known = {(row.digest, row.name) for row in files(draft.id)}
    added = [one for one in attached if (one.digest, one.name) not in known]
    if len(known) + len(added) > MOST_FILES:
        message = _l("At most %(n)d files can go with a mail.", n=MOST_FILES)
        raise Invalid([Problem("files", "too_many", message)])
    db.session.add_all(DraftAttachment(draft_id=draft.id, **asdict(one)) for one in added)
    db.session.flush()


def detach(draft: MailDraft, attachment_id: int) -> None:
    """A file does not go with a draft after all; one that is gone already is none."""
    theirs = DraftAttachment.draft_id == draft.id, DraftAttachment.id == attachment_id
    db.session.execute(delete(DraftAttachment).where(*theirs))


def send(draft: MailDraft, outgoing: Outgoing) -> int:
    """Have a draft sent in a moment and return the id of its message; `take_back` undoes it.

    Raises Invalid and Refused as `services.send_mail` does.
    """
    message_id = services.send_mail([draft.customer_id], outgoing, delay=DELAY)
    draft.message_id, draft.removed_at = message_id, now()
    _tell()
    return message_id


def take_back(customer_id: int, message_id: int) -> MailDraft:
    """Keep a mail from leaving and have its draft again.

    Refused once it is on its way, NotFound for what a colleague sent.
    """
    facts = _mine(customer_id) | {"message_id": message_id}
    found = db.session.scalar(BY_MESSAGE, facts)
    if found is None:
        raise NotFound
    services.unsend(message_id)
    return _written_again(found)


def unsend(message_id: int) -> MailDraft | None:
    """Keep a mail from leaving, whoever sent it; its author has the draft again, if it was one.

    Answers that draft. Refused once it is on its way.
    """
    services.unsend(message_id)
    facts = {"customer_ids": list(customers_of(message_id)), "message_id": message_id}
    found = db.session.scalar(ANYBODYS, facts)
    return found and _written_again(found)


def discard(customer_id: int, sheet: Sheet) -> MailDraft | None:
    """Put away the draft that a form writes into; `restore` brings it back.

    None if nothing of it is kept.
    """
    found = _writable(customer_id, sheet)
    if found.id is None or found.removed_at is not None:
        return None
    found.pen, found.removed_at = sheet.pen, now()
    _tell()
    return found


def restore(customer_id: int, draft_id: int) -> MailDraft:
    """Bring back a draft that was discarded."""
    found = draft(customer_id, draft_id, removed=True)
    found.removed_at, found.changed_at = None, now()
    _tell()
    return found


def belonging(customer_id: int) -> list[str]:
    """What goes with a customer who is deleted."""
    found = count(customer_id)
    return [_n("%(num)d e-mail draft", "%(num)d e-mail drafts", found)] if found else []


def forget_customers(customer_ids: Sequence[int]) -> None:
    """Customers left for good: so do the drafts to them. The sweep takes the files."""
    db.session.execute(delete(MailDraft).where(MailDraft.customer_id.in_(customer_ids)))


def forget_removed(before: datetime) -> None:
    """What was sent or discarded before this instant is taken back by nobody any more."""
    db.session.execute(delete(MailDraft).where(MailDraft.removed_at < before))


def needed_files(prefix: str) -> dict[str, Any]:
    """The stored files of all drafts, as `files.named` asks."""
    found = db.session.execute(NEEDED, {"first": prefix, "beyond": f"{prefix}g"})
    return {
        row.digest: _l("an e-mail draft to customer %(customer)d", customer=row.customer_id)
        for row in found
    }


def _line(row: Any) -> Line:
    name = called(row.subject, row.text)
    return Line(row.id, name, row.customer_id, row.customer_name, when(row))


def _written_again(draft: MailDraft) -> MailDraft:
    draft.message_id, draft.removed_at, draft.changed_at = None, None, now()
    _tell()
    return draft


def _tell() -> None:
    db.session.flush()
    announce("mail_draft.changed")


def _shown(draft: MailDraft) -> tuple[str, str] | None:
    """What lists tell of a draft, to the minute; None of one that is not kept yet."""
    if draft.id is None:
        return None
    return called(draft.values.get("subject"), draft.values.get("text")), when(draft)


def _writable(customer_id: int, sheet: Sheet) -> MailDraft:
    """The draft a form writes into: the one it began with, or its own beside that."""
    began = _by_key(customer_id, sheet.key)
    if began is None:
        return _new(customer_id, sheet.key, sheet.pen)
    is_as_seen = began.removed_at is None and str(began.version) == sheet.version
    if is_as_seen or began.pen == sheet.pen:
        return began
    return _by_key(customer_id, sheet.pen) or _new(customer_id, sheet.pen, sheet.pen)


def _by_key(customer_id: int, key: str) -> MailDraft | None:
    return db.session.scalar(
        BY_KEY,
        _mine(customer_id) | {"key": key},
        execution_options={"populate_existing": True},
    )


def _new(customer_id: int, key: str, pen: str) -> MailDraft:
    return MailDraft(customer_id=customer_id, user_id=audit.author()[0], key=key, pen=pen)


def _mine(customer_id: int | None) -> dict[str, Any]:
    return {"customer_id": customer_id, "user_id": audit.author()[0]}


def _name() -> str:
    return secrets.token_urlsafe(12)
