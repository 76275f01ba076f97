"""What happens to letters: put on a sheet, finished and kept, and given another look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import segno.helpers

from app.core import audit, i18n
from app.core.database import db, now
from app.core.events import announce
from app.core.files import Stored
from app.core.i18n import _
from app.core.problems import Invalid
from app.domain.banking.models import TeamAccount
from app.domain.banking.rules import group
from app.domain.customers.queries import name_of
from app.domain.letters import queries, rules
from app.domain.letters.layout import Payment, Sheet
from app.domain.letters.models import LetterSettings
from app.domain.messages.rules import Channel, Direction
from app.domain.messages.services import (
    Attachment,
    Record,
    record_message,
    record_messages,
)

WORDS = {
    "de": ("Bezahlen mit der Banking-App", "Empfänger", "IBAN", "Betrag", "Verwendungszweck"),
    "en": ("Pay with your banking app", "Payee", "IBAN", "Amount", "Reference"),
}


@dataclass(frozen=True, slots=True)
class Finished:
    """A letter to a customer, and its stored PDF."""

    customer_id: int
    customer_name: str
    sheet: Sheet
    pdf: Stored


def sheet_for(
    address: Sequence[str],
    subject: str,
    text: str,
    *,
    on: date,
    language: str,
    payment: Payment | None = None,
) -> Sheet:
    """The sheet of a letter whose texts are filled in; `layout.document` makes it a document."""
    return Sheet(tuple(address), queries.written(on, language), subject, text, language, payment)


def payment_for(
    account: TeamAccount, typed: str, reference: str, language: str, country: str
) -> Payment:
    """What is to be paid to the team, with the code that banking apps read (EPC069-12)."""
    to_pay = rules.amount(typed)
    assert to_pay is not None
    code = segno.helpers.make_epc_qr(
        name=account.account_holder,
        iban=account.iban,
        amount=to_pay,
        text=reference or None,
        bic=account.bic or None,
        encoding=1,
    )
    heading, *names = WORDS[language]
    minor = int(to_pay * 100)
    values = (
        account.account_holder,
        group(account.iban),
        i18n.money_in(minor, "EUR", language, country),
        reference,
    )
    rows = tuple((name, value) for name, value in zip(names, values, strict=True) if value)
    return Payment(code.png_data_uri(scale=8, border=0), heading, rows)


def finish(customer_id: int, sheet: Sheet, pdf: Stored, *, on: date, key: str | None = None) -> int:
    """A letter is finished: an outgoing message with the PDF exactly as it goes out; its id.

    The second time with the same `key` it is finished already, and that is its message.
    """
    if message_id := queries.finished_as(key):
        return message_id
    record = _record(Finished(customer_id, name_of(customer_id), sheet, pdf), on)
    return record_message([customer_id], {**record.values, "key": key}, record.attachments)


def finish_many(letters: Sequence[Finished], *, on: date) -> list[int]:
    """The same for many customers; whoever calls it touches them and tells what was done."""
    return record_messages([_record(letter, on) for letter in letters])


def _record(letter: Finished, on: date) -> Record:
    """A letter as a message keeps it."""
    name = rules.file_name(_("Letter"), on, letter.customer_name)
    values = {
        "channel": Channel.LETTER,
        "direction": Direction.OUT,
        "subject": letter.sheet.subject,
        "text": letter.sheet.text,
        "at": now(),
        "envelope": {"sender": "", "to": ["\n".join(letter.sheet.address)], "cc": [], "bcc": []},
    }
    file = Attachment(name, letter.pdf.name, letter.pdf.size, queries.PDF)
    return Record(letter.customer_id, values, [file])


def save_settings(values: Mapping[str, Any]) -> None:
    """Change how all letters look from now on."""
    if problems := rules.check_settings(values):
        raise Invalid(problems)
    row = queries.settings()
    before = _values(row) if row.version else {}
    for name in ("window", *rules.LONGEST):
        setattr(row, name, values[name])
    changes = audit.difference(before, _values(row))
    if changes:
        db.session.add(row)
        db.session.flush()
        audit.record("letters", "changed", changes=changes)
        announce("letter_settings.changed")


def _values(row: LetterSettings) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("window", *rules.LONGEST)}
