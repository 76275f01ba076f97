"""A reminder on its sheet before it is made: with what is known today, or an invented one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from app.core.i18n import minor, today
from app.domain.articles.tax import Treatment
from app.domain.factura import freezing, paper
from app.domain.factura.rules import MAIN, Kind, State
from app.domain.factura.totals import totals
from app.domain.letters.layout import Window
from app.domain.letters.queries import style
from app.domain.reminders import queries, rules
from app.domain.reminders.lines import lines_of
from app.domain.reminders.rules import Level
from app.domain.templates.rules import filled

ADDRESSES = {
    Window.DIN: ("Frau Tanja Müller", "Hauptstraße 5a", "50667 Köln"),
    Window.SWISS: ("Frau Tanja Müller", "Bahnhofstrasse 5a", "8001 Zürich"),
}
SALUTATIONS = {"de": "Sehr geehrte Frau Müller,", "en": "Dear Ms Müller,"}
NUMBER = {"de": "MA-0007", "en": "RM-0007"}
LATE = 30
"""Days that the invented invoice is late."""


def document(invoice: Any, level: Level, words: Mapping[str, str], *, fee: int, on: date) -> str:
    """The reminder of an invoice as it would be made on this day, for the renderer."""
    reminder, lines = _reminder(invoice, level, words, on), _lines(invoice, fee)
    counted = totals(
        lines,
        is_gross=reminder.is_gross,
        treatment=reminder.treatment,
        currency=reminder.currency,
    )
    return _html(reminder, lines, freezing.frozen(reminder, counted, invoice))


def sample(level: Level, language: str) -> str:
    """The reminder of an invoice that nobody has, for the renderer."""
    on = today()
    invoice = _invented(on, language)
    values = queries.own_values(invoice, level, fee=level.fee, on=on)
    values |= {"salutation": SALUTATIONS[language]}
    words = {place: filled(level.text(place, language), values) for place in rules.LONGEST}
    origin = {"kind": Kind.INVOICE, "number": invoice.number}
    frozen = freezing.of_team() | {
        "address": ADDRESSES[style().window],
        "customer": {"number": "10234", "vat_number": ""},
        "sentence": "",
        "taxes": [],
        "origin": origin | {"issued_on": invoice.issued_on.isoformat()},
    }
    reminder = _reminder(invoice, level, words, on)
    reminder.number = NUMBER[language]
    return _html(reminder, _lines(invoice, level.fee), frozen)


def _reminder(invoice: Any, level: Level, words: Mapping[str, str], on: date) -> Any:
    """What its row would hold; without a number it is a draft."""
    return SimpleNamespace(
        **words,
        kind=Kind.REMINDER,
        state=State.DRAFT,
        language=invoice.language,
        number="",
        issued_on=on,
        due_on=rules.later(on, level.payment_days),
        service_on=None,
        service_until=None,
        currency=invoice.currency,
        is_gross=True,
        treatment=Treatment.TAXED,
        customer_id=invoice.customer_id,
        person_id=invoice.person_id,
        address_key=invoice.address_key,
    )


def _invented(on: date, language: str) -> Any:
    due_on = on - timedelta(LATE)
    return SimpleNamespace(
        number=f"RE-{due_on.year}-0012",
        issued_on=due_on - timedelta(14),
        due_on=due_on,
        currency=queries.fee_currency(),
        total=34_000,
        paid=0,
        language=language,
        customer_id=0,
        person_id=None,
        address_key=MAIN,
    )


def _lines(invoice: Any, fee: int) -> list[Any]:
    """The lines as they would be kept."""
    return [
        SimpleNamespace(
            number=line.number,
            text=line.text,
            unit=line.unit,
            quantity=line.quantity,
            price=line.price,
            discount=line.discount,
            tax=line.tax,
            tax_rate=Decimal(0),
            amount=minor(line.price or Decimal(0), invoice.currency),
        )
        for line in lines_of(invoice, fee)
    ]


def _html(reminder: Any, lines: Sequence[Any], frozen: Mapping[str, Any]) -> str:
    total = sum(line.amount for line in lines)
    reminder.frozen, reminder.net, reminder.total = frozen, total, total
    return paper.html_with(reminder, lines)
