"""What a reminder asks for, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from app.core.i18n import amount
from app.domain.articles.tax import Code
from app.domain.factura.rules import LineValues
from app.domain.letters.queries import written
from app.domain.reminders import queries

WORDS = {
    "de": {
        "claim": "Rechnung {number} vom {issued}, fällig am {due}",
        "part": "Rechnungsbetrag {total}, bezahlt {paid}",
        "fee": "Mahngebühr",
    },
    "en": {
        "claim": "Invoice {number} of {issued}, due on {due}",
        "part": "Amount of the invoice {total}, paid {paid}",
        "fee": "Reminder fee",
    },
}
"""What the lines of a reminder say in its own language."""


def lines_of(invoice: Any, fee: int) -> Iterator[LineValues]:
    """What is open of an invoice, and the fee for asking once more if there is one."""
    words = WORDS[invoice.language]
    claim = words["claim"].format(
        number=invoice.number,
        issued=written(invoice.issued_on, invoice.language),
        due=written(invoice.due_on, invoice.language),
    )
    if invoice.paid:
        part = words["part"].format(
            total=queries.told_amount(invoice.total, invoice),
            paid=queries.told_amount(invoice.paid, invoice),
        )
        claim = f"{claim}\n{part}"
    yield _line(claim, invoice.total - invoice.paid, invoice.currency)
    if fee:
        yield _line(words["fee"], fee, invoice.currency)


def _line(text: str, minor: int, currency: str) -> LineValues:
    return LineValues(
        article_id=None,
        number="",
        text=text,
        unit="",
        quantity=Decimal(1),
        price=amount(minor, currency),
        discount=Decimal(0),
        tax=Code.EXEMPT,
    )
