"""What is asked about reminding: levels, invoices that are due for it, runs and pauses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Date,
    Integer,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    text,
    tuple_,
    type_coerce,
)
from werkzeug.exceptions import NotFound

from app.core import i18n, paging
from app.core.database import db, table
from app.core.forms import Editable
from app.core.i18n import today
from app.core.outbox import OutboxEntry
from app.core.outbox import State as Outgoing
from app.core.paging import PAGE
from app.domain.customers.addressees import Addressee, recipients
from app.domain.customers.models import Customer
from app.domain.factura.models import OWED, FacturaDocument
from app.domain.factura.rules import Kind, State
from app.domain.factura.settings import settings
from app.domain.groups.queries import gets_no_information
from app.domain.letters.queries import SWISS, written
from app.domain.messages.models import Message, MessageAttachment, MessageLink
from app.domain.messages.queries import STANDING
from app.domain.messages.rules import Direction
from app.domain.reminders import rules
from app.domain.reminders.labels import placeholders
from app.domain.reminders.models import ReminderLevel, ReminderPause, ReminderRun
from app.domain.reminders.rules import DEFAULTS, LEVELS, Level, Next, Reached
from app.domain.settings.queries import team
from app.domain.templates import queries as templates
from app.domain.templates import rules as texts
from app.domain.templates.placeholders import BY_HAND

MOST_PAUSES = 100
PLACES = tuple(rules.LONGEST)
REACHED = (0, 1, 2)
"""Levels of an invoice that can be followed by another."""

DOCUMENT, CUSTOMER, PAUSE, RUN = (
    table(model).c for model in (FacturaDocument, Customer, ReminderPause, ReminderRun)
)
MESSAGE, ATTACHMENT, LINK = (table(m).c for m in (Message, MessageAttachment, MessageLink))
ENTRY = table(OutboxEntry).c
LEVEL_ROWS = select(*table(ReminderLevel).c)
REMINDER = table(FacturaDocument).alias("reminder")
OF_INVOICE = (
    REMINDER.c.origin_id == DOCUMENT.id,
    REMINDER.c.kind == Kind.REMINDER,
    REMINDER.c.state == State.ISSUED,
)
LAST_ON = select(func.max(REMINDER.c.issued_on)).where(*OF_INVOICE).scalar_subquery()
LAST_ID = select(func.max(REMINDER.c.id)).where(*OF_INVOICE).scalar_subquery()
TODAY = bindparam("today", type_=Date)
PAUSED_UNTIL = (
    select(func.max(PAUSE.until))
    .where(
        PAUSE.customer_id == DOCUMENT.customer_id,
        or_(PAUSE.document_id.is_(None), PAUSE.document_id == DOCUMENT.id),
        PAUSE.until > TODAY,
    )
    .scalar_subquery()
)
INVOICE = (
    DOCUMENT.id,
    DOCUMENT.kind,
    DOCUMENT.state,
    DOCUMENT.number,
    DOCUMENT.subject,
    DOCUMENT.language,
    DOCUMENT.issued_on,
    DOCUMENT.due_on,
    DOCUMENT.currency,
    DOCUMENT.total,
    DOCUMENT.paid,
    DOCUMENT.reminder_level,
    DOCUMENT.address_key,
    DOCUMENT.person_id,
    DOCUMENT.customer_id,
    CUSTOMER.list_name.label("customer_name"),
    CUSTOMER.number.label("customer_number"),
    CUSTOMER.removed_at,
    LAST_ON.label("last_on"),
    type_coerce(func.coalesce(LAST_ID, 0), Integer).label("last_id"),
    PAUSED_UNTIL.label("paused_until"),
)
INVOICES = select(*INVOICE).join_from(
    table(FacturaDocument), table(Customer), CUSTOMER.id == DOCUMENT.customer_id
)
ONE = INVOICES.where(DOCUMENT.id == bindparam("document_id"))
# Said in the very words of the partial index, in whose order they are picked. All that is asked of
# an invoice before it is picked stands in that index.
CUTOFF = {level: bindparam(f"cutoff_{level}", type_=Date) for level in REACHED}
IS_DUE = and_(
    text(OWED),
    DOCUMENT.due_on < TODAY,
    case(
        (DOCUMENT.reminder_level == 0, DOCUMENT.due_on <= CUTOFF[0]),
        *(
            (DOCUMENT.reminder_level == level, func.coalesce(LAST_ON, DOCUMENT.due_on) <= cutoff)
            for level, cutoff in CUTOFF.items()
            if level
        ),
        else_=text("0"),
    ),
    exists().where(CUSTOMER.id == DOCUMENT.customer_id, CUSTOMER.removed_at.is_(None)),
    PAUSED_UNTIL.is_(None),
)
IN_ORDER = (DOCUMENT.due_on, DOCUMENT.id)
PICKED = select(DOCUMENT.id).where(IS_DUE).order_by(*IN_ORDER).limit(PAGE + 1)
PICKED_AFTER = PICKED.where(
    DOCUMENT.due_on >= bindparam("after_due", type_=Date),
    tuple_(*IN_ORDER) > tuple_(bindparam("after_due", type_=Date), bindparam("after_id")),
)
DUE, DUE_AFTER = (
    INVOICES.join(picked, picked.c.id == DOCUMENT.id).order_by(*IN_ORDER)
    for picked in (PICKED.subquery("picked"), PICKED_AFTER.subquery("picked"))
)
COUNT = paging.counting(select(DOCUMENT.id).where(IS_DUE))
PLACE = select(DOCUMENT.due_on).where(DOCUMENT.id == bindparam("document_id"))
NUMBER = select(DOCUMENT.number).where(DOCUMENT.id == bindparam("document_id"))
PAUSES = (
    select(
        PAUSE.id,
        PAUSE.customer_id,
        PAUSE.document_id,
        PAUSE.until,
        PAUSE.reason,
        CUSTOMER.list_name.label("customer_name"),
        DOCUMENT.number,
    )
    .select_from(
        table(ReminderPause)
        .join(table(Customer), CUSTOMER.id == PAUSE.customer_id)
        .outerjoin(table(FacturaDocument), DOCUMENT.id == PAUSE.document_id)
    )
    .where(PAUSE.until > TODAY)
    .order_by(PAUSE.until, PAUSE.id)
    .limit(MOST_PAUSES)
)
RUN_BY_KEY = select(RUN.id).where(RUN.key == bindparam("key"))
RESULT = func.json_each(RUN.results).table_valued("value")
MADE_ANY = exists().where(func.json_extract(RESULT.c.value, "$[2]").is_not(None))
RUNS = select(*RUN).where(MADE_ANY).order_by(RUN.id.desc())
MADE = select(
    DOCUMENT.id,
    DOCUMENT.number,
    DOCUMENT.state,
    DOCUMENT.subject,
    DOCUMENT.currency,
    DOCUMENT.total,
    DOCUMENT.language,
    DOCUMENT.reminder_level,
    DOCUMENT.pdf_digest,
    DOCUMENT.pdf_size,
    DOCUMENT.customer_id,
    DOCUMENT.person_id,
).where(DOCUMENT.id.in_(bindparam("ids", expanding=True)))
SENT = (
    select(ATTACHMENT.digest, MESSAGE.id.label("message_id"), LINK.customer_id, *STANDING)
    .join_from(table(MessageAttachment), table(Message), MESSAGE.id == ATTACHMENT.message_id)
    .join(table(MessageLink), LINK.message_id == MESSAGE.id)
    .join(table(OutboxEntry), ENTRY.id == MESSAGE.outbox_id)
    .where(
        ATTACHMENT.digest.in_(bindparam("digests", expanding=True)),
        MESSAGE.direction == Direction.OUT,
        MESSAGE.removed_at.is_(None),
        ENTRY.state != Outgoing.CANCELLED,
    )
    .order_by(MESSAGE.id)
)
OF_RUN = INVOICES.where(DOCUMENT.id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True)
class Asked:
    """Which invoices are asked for: those due for this level (0: any), after this one."""

    level: int = 0
    after: int | None = None


@dataclass(frozen=True)
class Contact:
    """How a customer is reached: by mail at this address, if any.

    Who wants no information gets reminders all the same: they are no advertising.
    """

    email: str
    name: str
    is_silent: bool


def levels() -> list[Level]:
    """The three levels, as the team has them or as they are until it says otherwise."""
    saved = {row.level: row for row in db.session.execute(LEVEL_ROWS)}
    return [_level(saved[d.level]) if d.level in saved else _default(d) for d in DEFAULTS]


def level(number: int) -> Level:
    """One of them; NotFound for any other number."""
    found = next((one for one in levels() if one.level == number), None)
    if found is None:
        raise NotFound
    return found


def editable(level: Level) -> Editable:
    """A level as its form shows it, the fee in major units."""
    values = {name: getattr(level, name) for name in ("active", "days", "payment_days")}
    values["fee"] = i18n.amount(level.fee, fee_currency())
    for language in texts.LANGUAGES:
        values |= {f"{place}_{language}": level.text(place, language) for place in PLACES}
    return Editable(values, str(level.version or ""))


def typed(number: int, values: Mapping[str, Any]) -> Level:
    """A level as its form has it, for those who look at it before they save; no fee if none can be
    read."""
    kept = {
        language: {place: values[f"{place}_{language}"] for place in PLACES}
        for language in texts.LANGUAGES
    }
    fee = minor_fee(values["fee"]) or 0
    return Level(number, values["days"] or 0, values["payment_days"] or 0, fee, True, kept)


def minor_fee(value: Decimal | None) -> int | None:
    """A fee in minor units of the team's currency, nothing being no fee; None if it has none so
    small."""
    try:
        return i18n.minor(value, fee_currency()) if value else 0
    except ValueError:
        return None


def default(number: int) -> Level:
    """A level as it is without a word of the team."""
    return next(_default(one) for one in DEFAULTS if one.level == number)


def spelled(text: str) -> str:
    """A text of ours as it is spelled where the team is: CH and LI write no ß."""
    return text.replace("ß", "ss") if team().country in SWISS else text


def fee_currency() -> str:
    """The currency that fees are in."""
    return settings().currency


def known_placeholders() -> dict[str, Any]:
    """What the text of a reminder can name, with its label."""
    house = {name: label for name, label in templates.known().items() if name not in BY_HAND}
    return placeholders | house


def due(asked: Asked, day: date | None = None) -> tuple[list[Any], bool]:
    """A page of the invoices that are due for reminding, the oldest first, and whether more are."""
    facts = _facts(asked.level, day or today())
    last = db.session.scalar(PLACE, {"document_id": asked.after}) if asked.after else None
    if last is not None:
        facts |= {"after_due": last, "after_id": asked.after}
    rows = db.session.execute(DUE if last is None else DUE_AFTER, facts).all()
    return list(rows[:PAGE]), len(rows) > PAGE


def count(asked: Asked, day: date | None = None) -> int:
    """How many are due for reminding, counted up to 1,001."""
    return db.session.scalar(COUNT, _facts(asked.level, day or today())) or 0


def invoice(document_id: int, day: date | None = None) -> Any:
    """An invoice with its customer and its last reminder; NotFound for whatever is none."""
    facts = {"document_id": document_id, "today": day or today()}
    row = db.session.execute(ONE, facts).first()
    if row is None or row.kind != Kind.INVOICE:
        raise NotFound
    return row


def next_of(row: Any, levels: Sequence[Level]) -> Next | None:
    """Which reminder of an invoice comes next, and from which day on."""
    return rules.next_reminder(levels, Reached(row.reminder_level, row.due_on, row.last_on))


def contacts(rows: Sequence[Any]) -> dict[int, Contact]:
    """How those are reached whom up to 1,000 invoices are for, by the invoice's id.

    The contact person it is for, or the main one, comes before the customer.
    """
    meant = {row.id: Addressee(row.customer_id, row.person_id) for row in rows}
    found = recipients(list(dict.fromkeys(meant.values())))
    silent = gets_no_information([row.customer_id for row in rows]) if rows else set()
    return {
        document_id: _contact(found[addressee], addressee.customer_id in silent)
        for document_id, addressee in meant.items()
        if addressee in found
    }


def filled(row: Any, level: Level, *, fee: int, on: date) -> dict[str, str]:
    """The subject, intro and closing of the reminder of an invoice, in its language.

    What nobody knows stays as it is in the text.
    """
    written_texts = {place: level.text(place, row.language) for place in PLACES}
    values = values_of(
        row, level, fee=fee, on=on, names=texts.names("".join(written_texts.values()))
    )
    return {place: texts.filled(words, values) for place, words in written_texts.items()}


def values_of(
    row: Any, level: Level, *, fee: int, on: date, names: Sequence[str] = ()
) -> dict[str, str]:
    """What the placeholders stand for in the reminder of an invoice that is made on this day."""
    addressee = Addressee(row.customer_id, row.person_id, row.language)
    house = templates.values_of([addressee], names)[addressee] if names else {}
    return house | own_values(row, level, fee=fee, on=on)


def own_values(row: Any, level: Level, *, fee: int, on: date) -> dict[str, str]:
    """What the placeholders stand for that only a reminder knows."""
    open_amount = row.total - row.paid
    return {
        "invoice_number": row.number or "",
        "invoice_date": written(row.issued_on, row.language),
        "due_date": written(row.due_on, row.language),
        "days_overdue": str(rules.days_late(row.due_on, on)),
        "open_amount": told_amount(open_amount, row),
        "fee": told_amount(fee, row),
        "amount_due": told_amount(open_amount + fee, row),
        "new_due_date": written(rules.later(on, level.payment_days), row.language),
    }


def told_amount(minor: int, row: Any) -> str:
    """An amount as a letter in the language of the document has it."""
    return i18n.money_in(minor, row.currency, row.language, team().country)


def fee_of(row: Any, level: Level) -> int:
    """The fee of a level; none for an invoice in another currency than fees are in."""
    return level.fee if row.currency == fee_currency() else 0


def pauses() -> list[Any]:
    """Who and what is not to be reminded for now, the next day first."""
    return list(db.session.execute(PAUSES, {"today": today()}))


def pause(pause_id: int) -> ReminderPause:
    """A pause; NotFound if it is over or was taken back."""
    found = db.session.get(ReminderPause, pause_id)
    if found is None:
        raise NotFound
    return found


def pause_of(customer_id: int, document_id: int | None) -> ReminderPause | None:
    """The pause of an invoice, or of a customer as a whole."""
    asked = select(ReminderPause).where(ReminderPause.customer_id == customer_id)
    return db.session.scalar(
        asked.where(ReminderPause.document_id.is_not_distinct_from(document_id))
    )


def number_of(document_id: int) -> str:
    """What a document is called."""
    return db.session.scalar(NUMBER, {"document_id": document_id}) or ""


def run(run_id: int) -> Any:
    """Reminders that were made together; NotFound if there were none."""
    row = db.session.execute(select(*RUN).where(RUN.id == run_id)).first()
    if row is None:
        raise NotFound
    return row


def run_of(key: str) -> int | None:
    """The run that the form of this key began, if it did."""
    return db.session.scalar(RUN_BY_KEY, {"key": key})


def runs(before: int | None) -> paging.Page:
    """What was made together, newest first; where nothing was made there is nothing to tell."""
    return paging.page(RUNS if before is None else RUNS.where(RUN.id < before), {})


def invoices(ids: Sequence[int]) -> dict[int, Any]:
    """These invoices as `invoice` has them."""
    facts = {"ids": list(ids), "today": today()}
    return {row.id: row for row in db.session.execute(OF_RUN, facts)}


def reminders(ids: Sequence[int]) -> dict[int, Any]:
    """These reminders: number, state, total, and their PDF if it is made."""
    return {row.id: row for row in db.session.execute(MADE, {"ids": list(ids)})}


def sent_with(digests: Sequence[str]) -> dict[str, Any]:
    """How far the mails got that these stored PDFs went with, the latest of each."""
    rows = db.session.execute(SENT, {"digests": list(digests)}) if digests else ()
    return {row.digest: row for row in rows}


def _contact(who: Any, is_silent: bool) -> Contact:
    own = who.person.email if who.person else ""
    return Contact(own or who.customer.email or "", who.customer.name, is_silent)


def _level(row: Any) -> Level:
    kept: Mapping[str, Any] = row.texts or {}
    return Level(
        row.level, row.days, row.payment_days, row.fee, row.active, kept, version=row.version
    )


def _default(level: Level) -> Level:
    spelt = {
        language: {place: spelled(words) for place, words in places.items()}
        for language, places in level.texts.items()
    }
    return replace(level, texts=spelt)


def _facts(wanted: int, day: date) -> dict[str, Any]:
    """Until which day the last reminder (or the due day) must lie, for each level reached.

    None for those that no level follows, or another one than is wanted.
    """
    ours = levels()
    facts: dict[str, Any] = {"today": day}
    for reached in REACHED:
        follows = rules.next_level(ours, reached)
        if follows is None or wanted not in (0, follows.level):
            facts[f"cutoff_{reached}"] = None
        else:
            facts[f"cutoff_{reached}"] = day - timedelta(follows.days)
    return facts


assert LEVELS[-1] == len(REACHED)
