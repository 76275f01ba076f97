"""Which number a document gets: the next of its range, inside the transaction that issues it.

A transaction that rolls back gives its number back, so there is no gap, and the write lock keeps
two of them apart, so there is no double. docs/adr/0012 tells more.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import bindparam, func, select

from app.core import numbers
from app.core.database import db, table
from app.domain.factura import settings
from app.domain.factura.models import FacturaDocument, NumberRange

DOCUMENT = table(FacturaDocument).c
KINDS = select(DOCUMENT.kind).where(DOCUMENT.number == bindparam("number"))
LAST = select(func.max(DOCUMENT.issued_on)).where(
    DOCUMENT.kind == bindparam("kind"),
    DOCUMENT.issued_on.is_not(None),
    DOCUMENT.issued_on >= bindparam("since"),
    DOCUMENT.issued_on <= bindparam("until"),
)


def take(kind: str, on: date) -> str:
    """The next number of a kind on this day; one that is taken already is stepped over.

    How a kind is numbered is kept with its first number, whatever would be usual later.
    """
    number_range = settings.number_range(kind)
    db.session.add(number_range)
    name = counter(number_range, on.year)
    while True:
        number = written(number_range, on.year, numbers.take(name, number_range.start))
        if not kinds_with(number):
            return number


def counter(number_range: NumberRange, year: int) -> str:
    """The counter of a range: of its own in each year, if the year is in the number."""
    name = f"factura:{number_range.kind}"
    return f"{name}:{year}" if number_range.with_year else name


def written(number_range: NumberRange, year: int, value: int) -> str:
    """A number as its range has it: RE-2026-0001."""
    digits = str(value).zfill(number_range.digits)
    return f"{number_range.prefix}{f'{year}-' if number_range.with_year else ''}{digits}"


def kinds_with(number: str) -> Collection[str]:
    """The kinds of the documents that have this number.

    One that is given here stands for one document whatever its kind; other programs were free.
    """
    return db.session.scalars(KINDS, {"number": number}).all()


def last_day(kind: str, on: date, today: date) -> date | None:
    """The day the last document was issued in the range of this day; none is issued before it."""
    begins = date(on.year, 1, 1) if settings.number_range(kind).with_year else date.min
    ends = date(on.year, 12, 31) if begins > date.min else today
    asked = {"kind": kind, "since": begins, "until": min(ends, today)}
    return db.session.scalar(LAST, asked)
