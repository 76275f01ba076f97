"""A stretch of days as an address asks for it: this year, last month, from one day to another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Self

from app.core.i18n import _l

EVER = ""
RANGE = "range"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """The days from `since` to `until`, both of them included; None has no end there."""

    name: str = EVER
    since: date | None = None
    until: date | None = None

    @classmethod
    def of(cls, arguments: Mapping[str, str], today: date, usual: str = EVER) -> Self:
        """What `period`, `since` and `until` ask for; who only tells days means those."""
        since, until = _day(arguments.get("since")), _day(arguments.get("until"))
        name = arguments.get("period", RANGE if since or until else usual)
        if name in SPANS:
            return cls(name, *SPANS[name](today))
        return cls(RANGE, since, until) if name == RANGE else cls()

    def arguments(self) -> dict[str, Any]:
        """How an address asks for it."""
        if self.name != RANGE:
            return {"period": self.name or None}
        return {"period": self.name, "since": self.since, "until": self.until}


def this_month(today: date) -> tuple[date, date]:
    first = today.replace(day=1)
    return first, _next_month(first) - DAY


def last_month(today: date) -> tuple[date, date]:
    return this_month(today.replace(day=1) - DAY)


def last_quarter(today: date) -> tuple[date, date]:
    """The three months before those in which this day lies."""
    last = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1) - DAY
    return last.replace(month=last.month - 2, day=1), last


def this_year(today: date) -> tuple[date, date]:
    return date(today.year, 1, 1), date(today.year, 12, 31)


def last_year(today: date) -> tuple[date, date]:
    return this_year(date(today.year - 1, 1, 1))


SPANS: dict[str, Callable[[date], tuple[date, date]]] = {
    "this_month": this_month,
    "last_month": last_month,
    "last_quarter": last_quarter,
    "this_year": this_year,
    "last_year": last_year,
}
NAMES = {
    EVER: _l("Any time"),
    "this_month": _l("This month"),
    "last_month": _l("Last month"),
    "last_quarter": _l("Last quarter"),
    "this_year": _l("This year"),
    "last_year": _l("Last year"),
    RANGE: _l("From – to"),
}


def _next_month(first: date) -> date:
    return (first + 31 * DAY).replace(day=1)


def _day(typed: str | None) -> date | None:
    try:
        return date.fromisoformat(typed or "")
    except ValueError:
        return None
