"""Payments as a table for the tax adviser: a row for each part of a payment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from app.core.i18n import _, amount, here
from app.domain.payments import listing, queries
from app.domain.payments.labels import methods
from app.domain.payments.listing import Wanted
from app.domain.payments.rules import Method

Cell = str | Decimal | date | None


def headings() -> list[str]:
    """What stands above the columns."""
    return [
        _("Received on"),
        _("Customer number"),
        _("Name"),
        _("Paid by"),
        _("Amount"),
        _("Currency"),
        _("Invoice"),
        _("Part"),
        _("Reminder fees"),
        _("Credit"),
        _("Remark"),
        _("Taken back on"),
        _("Amount taken back"),
    ]


def rows(wanted: Wanted) -> Iterator[list[Cell]]:
    """The payments that are wanted, from the first on.

    What belongs to a payment and not to a part of it (amount, fees, credit) stands in its first row
    only, so that columns can be added up. One that was taken back is in none of them but the last.
    """
    for chunk in listing.chunks(wanted):
        parts = queries.parts([row.id for row in chunk])
        for row in chunk:
            yield from _rows_of(row, parts[row.id])


def _rows_of(row: Any, parts: list[Any]) -> Iterator[list[Cell]]:
    def major(minor: int | None) -> Decimal | None:
        return amount(minor, row.currency) if minor else None

    note = ", ".join(filter(None, (row.credit_note_number, row.note)))
    counts = not row.taken_back_at
    for index, part in enumerate(parts or [None]):
        is_first = index == 0
        yield [
            row.received_on,
            row.customer_number,
            row.customer_name,
            str(methods[Method(row.method)]),
            major(row.amount) if is_first and counts else None,
            row.currency,
            part.number if part else None,
            major(part.amount) if part and counts else None,
            major(row.fees) if is_first and counts else None,
            major(row.left) if is_first and counts else None,
            note if is_first else None,
            None if counts else here(row.taken_back_at).date(),
            major(row.amount) if is_first and not counts else None,
        ]
