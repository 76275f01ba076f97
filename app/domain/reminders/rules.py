"""From which day an invoice is due for which reminder, and what must hold for the levels.

Nobody is reminded of what is not due: under § 286 BGB (DE), § 1334 ABGB (AT) and Art. 102 OR (CH) a
debtor is in default after a day that was agreed, or after a first reminder. A business may then ask
another for 40 euros at once: § 288 (5) BGB, § 458 UGB.

A fee is damages in DE (UStAE 1.3 (6)) and in AT, no turnover, so there is no tax on it. In CH and
LI it belongs to what is paid for the supply and is taxed like that (Art. 24 (1) MWSTG): the tax is
in it, and no reminder states it, being no invoice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from app.core.i18n import _l, day
from app.core.problems import Problem
from app.domain.factura.rules import Kind, State
from app.domain.reminders.texts import TEXTS
from app.domain.templates.rules import LANGUAGES, check_placeholders

LEVELS = (1, 2, 3)
MOST_AT_ONCE = 50
"""Reminders that are made together."""
LONGEST = {"subject": 300, "intro": 5_000, "closing": 5_000}
LONGEST_REASON = 200
MOST_DAYS = 365
LARGEST_FEE = 100_000
"""Minor units; a court would not grant it by far."""
FURTHEST = timedelta(days=730)
"""No pause lasts longer: somebody is to look at it again."""


@dataclass(frozen=True, slots=True)
class Level:
    """How the team reminds for the `level`-th time: see `models.ReminderLevel`."""

    level: int
    days: int
    payment_days: int
    fee: int = 0
    active: bool = True
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    version: int | None = None

    def text(self, place: str, language: str) -> str:
        """Its subject, intro or closing, with placeholders in it."""
        return self.texts.get(language, {}).get(place, "")


DEFAULTS = (
    Level(1, days=7, payment_days=7, texts=TEXTS[1]),
    Level(2, days=14, payment_days=7, texts=TEXTS[2]),
    Level(3, days=14, payment_days=7, texts=TEXTS[3]),
)
"""What holds until the team says otherwise: a friendly word first, and no fee."""


@dataclass(frozen=True, slots=True)
class Reached:
    """How far reminding of an invoice is: its level, and the day of its last reminder if any."""

    level: int
    due_on: date | None
    last_on: date | None = None


@dataclass(frozen=True, slots=True)
class Next:
    """The level an invoice is reminded with next, and from which day on."""

    level: int
    on: date


def next_level(levels: Sequence[Level], reached: int) -> Level | None:
    """The active level after the one that is reached; None after the last."""
    after = (one for one in levels if one.active and one.level > reached)
    return min(after, key=lambda one: one.level, default=None)


def next_reminder(levels: Sequence[Level], reached: Reached) -> Next | None:
    """Which reminder comes next, and when; None if none does.

    | reached | counts from                                | example: due on 1 March, 7/14/14 days |
    |---------|--------------------------------------------|---------------------------------------|
    | nothing | the day the invoice was due                | level 1 from 8 March                  |
    | level 1 | the day of the last reminder (8 March)     | level 2 from 22 March                 |
    | level 2 | the day of the last reminder (25 March)    | level 3 from 8 April                  |
    | level 3 |                                            | never                                 |

    A level that is off is left out, and the next one waits its own days. An invoice without a day
    it is due on is never reminded of. If the last reminder is not known, the due day counts.
    """
    level = next_level(levels, reached.level)
    if level is None or reached.due_on is None:
        return None
    since = reached.last_on or reached.due_on
    return Next(level.level, later(since, max(level.days, 0 if reached.last_on else 1)))


def later(since: date, days: int) -> date:
    """So many days later; the last day there is for what lies beyond it."""
    try:
        return since + timedelta(days=days)
    except OverflowError:
        return date.max


def days_late(due_on: date | None, today: date) -> int:
    """How many days ago it was due; nothing on that day itself."""
    return max((today - due_on).days, 0) if due_on else 0


def hindrance(invoice: Any, today: date) -> Any:
    """Why nobody can be reminded of a document at all, or None.

    It has kind, state, paid, total, due_on, and the `removed_at` of its customer.
    """
    if invoice.kind != Kind.INVOICE or invoice.state == State.DRAFT:
        return _l("Only an issued invoice can be reminded of.")
    if invoice.state == State.CANCELLED:
        return _l("This invoice is cancelled.")
    if invoice.paid >= invoice.total:
        return _l("This invoice is paid.")
    if invoice.removed_at is not None:
        return _l("The customer is in the trash.")
    if invoice.due_on is None:
        return _l("This invoice has no day it is due on.")
    if invoice.due_on >= today:
        return _l("This invoice is not overdue yet: it is due on %(day)s.", day=day(invoice.due_on))
    return None


def check_level(values: Mapping[str, Any], known: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with a level; `known` are the placeholders there are, with their labels."""
    return [*_check_numbers(values), *_check_texts(values, known)]


def check_text(values: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with the texts of one reminder, be its placeholders filled in or not."""
    for place, longest in LONGEST.items():
        yield from _check_length(place, values[place], longest)
    if not values["subject"]:
        yield Problem("subject", "required", _l("A reminder needs a subject."))


def check_pause(values: Mapping[str, Any], today: date) -> list[Problem]:
    """A pause ends on a day to come, within two years."""
    found = list(_check_length("reason", values["reason"], LONGEST_REASON))
    until = values["until"]
    if until is None:
        return [Problem("until", "required", _l("Please give a day.")), *found]
    if until <= today:
        return [Problem("until", "past", _l("This day has passed.")), *found]
    if until - today > FURTHEST:
        return [Problem("until", "too_far", _l("At most two years from now.")), *found]
    return found


def _check_numbers(values: Mapping[str, Any]) -> Iterator[Problem]:
    least = {"days": 1 if values["level"] == LEVELS[0] else 0, "payment_days": 0}
    for name, fewest in least.items():
        if not _is_within(values[name], fewest, MOST_DAYS):
            given = {"few": fewest, "most": MOST_DAYS}
            message = _l("Please give a whole number of days from %(few)d to %(most)d.", **given)
            yield Problem(name, "days", message)
    if not _is_within(values["fee"], 0, LARGEST_FEE):
        yield Problem("fee", "amount", _l("This is no fee that can be asked for."))


def _check_texts(values: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[Problem]:
    for language in LANGUAGES:
        for place, longest in LONGEST.items():
            name = f"{place}_{language}"
            yield from _check_length(name, values[name], longest)
            yield from check_placeholders(name, values[name], known)
        if not values[f"subject_{language}"]:
            message = _l("A reminder needs a subject.")
            yield Problem(f"subject_{language}", "required", message)


def _check_length(name: str, text: str, longest: int) -> Iterator[Problem]:
    if len(text) > longest:
        message = _l("Please take at most %(n)d characters.", n=longest)
        yield Problem(name, "too_long", message)


def _is_within(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
