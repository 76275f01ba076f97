"""The number ranges as people set them, and the number each gives next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from app.core import audit
from app.core.database import db
from app.core.events import announce
from app.core.forms import Editable
from app.core.numbers import Counter
from app.core.problems import Invalid
from app.domain.factura import numbering, setting_rules, settings
from app.domain.factura.labels import kinds
from app.domain.factura.models import NumberRange
from app.domain.factura.rules import Kind

MOST_STEPS = 1_000


def editable(kind: str) -> Editable:
    """A range as its form shows it; no version before it is saved first."""
    row = settings.number_range(kind)
    return Editable(_told(row), str(row.version or ""))


def last_given(row: NumberRange, on: date) -> int:
    """The last number that the range has given, in the year of this day if it is in the number."""
    name = numbering.counter(row, on.year)
    return db.session.scalar(select(Counter.value).where(Counter.name == name)) or 0


def next_number(row: NumberRange, on: date) -> str:
    """What the next document gets that is issued on this day, as `numbering.take` gives it."""
    value = max(row.start, last_given(row, on) + 1)
    for step in range(MOST_STEPS):
        number = numbering.written(row, on.year, value + step)
        if not numbering.kinds_with(number):
            return number
    return numbering.written(row, on.year, value + MOST_STEPS)


def tried(kind: str, values: Mapping[str, Any]) -> NumberRange:
    """A range as it would be with these values."""
    return NumberRange(kind=kind, **{field: values[field] for field in setting_rules.RANGE})


def save_range(kind: str, values: Mapping[str, Any], on: date) -> None:
    """Number documents of a kind otherwise from now on; what is issued keeps its number."""
    row = settings.number_range(kind)
    check_range(kind, values, on)
    before = _told(row)
    for field in setting_rules.RANGE:
        setattr(row, field, values[field])
    if changes := audit.difference(before, _told(row)):
        db.session.add(row)
        db.session.flush()
        audit.record("factura", "range_changed", subject=str(kinds[Kind(kind)]), changes=changes)
        announce("factura_settings.changed")


def check_range(kind: str, values: Mapping[str, Any], on: date) -> None:
    """Raises Invalid for values that cannot be: another kind's prefix, a start that was given."""
    others = [settings.number_range(other) for other in Kind if other != kind]
    known = {setting_rules.beginning(row.prefix, row.with_year) for row in others}
    is_new = values["start"] != settings.number_range(kind).start
    given = last_given(tried(kind, values), on) if is_new else None
    if problems := setting_rules.check_range(values, known, given):
        raise Invalid(problems)


def _told(row: NumberRange) -> dict[str, Any]:
    return {field: getattr(row, field) for field in setting_rules.RANGE}
