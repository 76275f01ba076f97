"""What happens when the team reminds: levels changed, reminders made, reminding paused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete
from werkzeug.exceptions import NotFound

from app.core import audit
from app.core.database import db, now
from app.core.events import announce
from app.core.i18n import _l, amount, day, today, untold
from app.core.problems import Invalid, Refused
from app.domain.articles.tax import Treatment
from app.domain.customers.addressees import Addressee
from app.domain.customers.services import touch
from app.domain.factura import queries as documents
from app.domain.factura import services as factura
from app.domain.factura.rules import Kind
from app.domain.mailing.headers import Mailbox
from app.domain.mailing.headers import name as header_name
from app.domain.mailing.services import Outgoing, send_mail
from app.domain.messages.services import Attachment
from app.domain.reminders import labels, queries, rules
from app.domain.reminders.lines import lines_of
from app.domain.reminders.models import ReminderLevel, ReminderPause, ReminderRun
from app.domain.reminders.queries import Contact
from app.domain.reminders.rules import Level
from app.domain.reminders.texts import MAIL
from app.domain.settings.queries import team
from app.domain.templates.queries import values_of
from app.domain.templates.rules import LANGUAGES, check_filled

OTHERWISE = _l("Meanwhile somebody else has reminded of this invoice.")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A reminder that somebody wants made: of which invoice, at which level.

    `seen` is its last reminder as whoever wants it has seen it (0 for none).
    """

    invoice_id: int
    level: int
    seen: int


def save_level(number: int, values: Mapping[str, Any]) -> None:
    """Change how the team reminds at a level, from now on; `fee` is in major units or None."""
    level = queries.level(number)
    values = {**values, "level": number, "fee": queries.minor_fee(values["fee"])}
    if problems := rules.check_level(values, queries.known_placeholders()):
        raise Invalid(problems)
    row = db.session.get(ReminderLevel, number) or ReminderLevel(level=number)
    row.active, row.days = values["active"], values["days"]
    row.payment_days, row.fee = values["payment_days"], values["fee"]
    row.texts = {
        language: {place: values[f"{place}_{language}"] for place in rules.LONGEST}
        for language in LANGUAGES
    }
    changes = audit.difference(_told(level), _told(row))
    if changes or level.version is None:
        db.session.add(row)
        _tell_level("level_changed", number, changes)


def reset_level(number: int) -> None:
    """Let a level be as it is without a word of the team."""
    level = queries.level(number)
    row = db.session.get(ReminderLevel, number)
    if row is None:
        return
    db.session.delete(row)
    _tell_level(
        "level_reset", number, audit.difference(_told(level), _told(queries.default(number)))
    )


def begin_run(key: str) -> tuple[int, bool]:
    """The run that the form of this key stands for, and whether it begins with this."""
    if (known := queries.run_of(key)) is not None:
        return known, False
    author_id, author_name = audit.author()
    run = ReminderRun(
        key=key, author_id=author_id, author_name=author_name, created_at=now(), results=[]
    )
    db.session.add(run)
    db.session.flush()
    return run.id, True


def make_reminders(run_id: int, wanted: Sequence[Wanted]) -> Iterator[None]:
    """Make and issue these reminders, at most MOST_AT_ONCE; the caller commits each step.

    One that a rule refuses stops no other: the run tells why there is none.
    """
    if len(wanted) > rules.MOST_AT_ONCE:
        raise Refused(_l("At most %(most)d reminders are made at once.", most=rules.MOST_AT_ONCE))
    levels = queries.levels()
    for one in wanted:
        made, reasons = _made(run_id, one, levels)
        _note(run_id, [one.invoice_id, one.level, made, reasons])
        yield
    run = db.session.get_one(ReminderRun, run_id)
    run.finished_at = now()
    count = sum(1 for result in run.results if result[2])
    audit.record("reminders", "run", changes=[("reminders", None, count)] if count else [])
    yield


def make_reminder(
    wanted: Wanted,
    texts: Mapping[str, str] | None = None,
    *,
    with_fee: bool = True,
    key: str | None = None,
    on: date | None = None,
    levels: Sequence[Level] | None = None,
) -> int:
    """Make the reminder of an invoice, issue it, and return its id.

    `texts` are its subject, intro and closing, with nothing left to fill in; without them those of
    the level are filled in. Refused while nobody may be reminded of the invoice, if its customer is
    not to be reminded yet, or if somebody else reminded meanwhile; Invalid for texts.
    """
    if known := documents.by_key(key):
        return known
    on = on or today()
    invoice = queries.invoice(wanted.invoice_id, on)
    level = _level(wanted.level, levels or queries.levels())
    _check(invoice, wanted, on)
    fee = queries.fee_of(invoice, level) if with_fee else 0
    words = texts or queries.filled(invoice, level, fee=fee, on=on)
    _check_words(words)
    document_id = factura.add_draft(_draft(invoice, level, words, fee), key)
    factura.issue(document_id, on)
    return document_id


def mail_reminders(reminders: Sequence[tuple[Any, Contact]]) -> Iterator[None]:
    """Have these reminders sent with their stored PDFs; the caller commits each step.

    One that has gone by mail meanwhile, or cannot be sent to that address, is left out.
    """
    for reminder, contact in reminders:
        if not queries.sent_with([reminder.pdf_digest]) and _sent(reminder, contact):
            yield


def pause_reminding(customer_id: int, document_id: int | None, values: Mapping[str, Any]) -> None:
    """Remind a customer, or of one invoice, not before a day; a pause there is changed."""
    if problems := rules.check_pause(values, today()):
        raise Invalid(problems)
    pause = queries.pause_of(customer_id, document_id)
    before = _told_pause(pause) if pause else {}
    pause = pause or ReminderPause(customer_id=customer_id, document_id=document_id)
    pause.until, pause.reason = values["until"], values["reason"]
    db.session.add(pause)
    _tell_pause("paused", pause, audit.difference(before, _told_pause(pause)))


def resume_reminding(pause_id: int) -> None:
    """Let a customer or an invoice be reminded again."""
    pause = queries.pause(pause_id)
    db.session.delete(pause)
    _tell_pause("resumed", pause, audit.difference(_told_pause(pause), {}))


def forget_customers(customer_ids: Sequence[int]) -> None:
    """Customers left for good: nobody needs to know when to remind them."""
    db.session.execute(delete(ReminderPause).where(ReminderPause.customer_id.in_(customer_ids)))


def _made(run_id: int, one: Wanted, levels: Sequence[Level]) -> tuple[int | None, list[Any]]:
    """The reminder, or why there is none; of what went wrong nothing is kept."""
    nested = db.session.begin_nested()
    try:
        made = make_reminder(one, key=f"{run_id}-{one.invoice_id}", levels=levels)
        nested.commit()
        return made, []
    except Refused as refusal:
        reasons = [refusal.message]
    except Invalid as refusal:
        reasons = [problem.message for problem in refusal.problems]
    except NotFound:
        reasons = [_l("This invoice does not exist.")]
    nested.rollback()
    return None, [untold(reason) for reason in reasons]


def _sent(reminder: Any, contact: Contact) -> bool:
    addressee = Addressee(reminder.customer_id, reminder.person_id, reminder.language)
    greeted = values_of([addressee], ["salutation"])[addressee]
    words = queries.spelled(MAIL[reminder.language]).format(
        salutation=greeted.get("salutation", ""), subject=reminder.subject, team=team().name
    )
    file = Attachment(
        f"{reminder.number}.pdf", reminder.pdf_digest, reminder.pdf_size, "application/pdf"
    )
    try:
        to = str(Mailbox(header_name(contact.name), contact.email))
        send_mail([reminder.customer_id], Outgoing([to], [], [], reminder.subject, words, [file]))
    except Invalid:
        return False
    return True


def _note(run_id: int, result: list[Any]) -> None:
    run = db.session.get_one(ReminderRun, run_id)
    run.results = [*run.results, result]
    db.session.flush()


def _level(number: int, levels: Sequence[Level]) -> Level:
    found = next((one for one in levels if one.level == number and one.active), None)
    if found is None:
        raise Refused(_l("This level is not used."))
    return found


def _check(invoice: Any, wanted: Wanted, on: date) -> None:
    if reason := rules.hindrance(invoice, on):
        raise Refused(reason)
    if invoice.last_id != wanted.seen:
        raise Refused(OTHERWISE)
    if invoice.paused_until:
        told = day(invoice.paused_until)
        raise Refused(_l("Nobody is to be reminded of this before %(day)s.", day=told))


def _check_words(words: Mapping[str, str]) -> None:
    known = queries.known_placeholders()
    problems = [*rules.check_text(words)]
    for place in rules.LONGEST:
        problems += check_filled(place, words[place], known)
    if problems:
        raise Invalid(problems)


def _draft(invoice: Any, level: Level, words: Mapping[str, str], fee: int) -> dict[str, Any]:
    """A document to read once: what is open and the fee are its lines, and there is no tax."""
    return {
        **{place: words[place] for place in rules.LONGEST},
        "customer_id": invoice.customer_id,
        "kind": Kind.REMINDER,
        "language": invoice.language,
        "currency": invoice.currency,
        "is_gross": True,
        "treatment": Treatment.TAXED,
        "service_on": None,
        "service_until": None,
        "payment_days": level.payment_days,
        "due_on": None,
        "address_key": invoice.address_key,
        "person_id": invoice.person_id,
        "origin_id": invoice.id,
        "reminder_level": level.level,
        "lines": list(lines_of(invoice, fee)),
    }


def _told(level: Any) -> dict[str, Any]:
    """A level as the history tells it; the fee as a decimal number with its currency."""
    currency = queries.fee_currency()
    texts = {
        name: (level.texts.get(language) or {}).get(place, "")
        for name, place, language in labels.text_fields
    }
    return {
        "is_used": level.active,
        "reminder_days": level.days,
        "reminder_term": level.payment_days,
        "reminder_fee": f"{amount(level.fee, currency)} {currency}",
        **texts,
    }


def _tell_level(action: str, number: int, changes: list[audit.Change]) -> None:
    db.session.flush()
    audit.record("reminders", action, subject=str(number), changes=changes)
    announce("reminder_levels.changed")


def _told_pause(pause: ReminderPause) -> dict[str, Any]:
    return {"paused_until": pause.until, "pause_reason": pause.reason}


def _tell_pause(action: str, pause: ReminderPause, changes: list[audit.Change]) -> None:
    db.session.flush()
    number = queries.number_of(pause.document_id) if pause.document_id else ""
    customer_id = pause.customer_id
    audit.record("reminders", action, customer_id=customer_id, subject=number, changes=changes)
    touch(customer_id)
    announce("reminders.paused", customer_id=customer_id)
