"""From which day an invoice is due for which reminder, and what a level may say."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st

from app.domain.reminders import rules
from app.domain.reminders.labels import placeholders
from app.domain.reminders.rules import DEFAULTS, Level, Next, Reached
from app.domain.templates.rules import LANGUAGES, names

TODAY = date(2026, 11, 26)
KNOWN = placeholders | {"salutation": "Formal salutation"}


def level(number: int, days: int, **over: Any) -> Level:
    return Level(number, days=days, payment_days=7, **over)


USUAL = (level(1, 7), level(2, 14), level(3, 14))


@pytest.mark.parametrize(
    ("reached", "expected"),
    [
        (Reached(0, date(2026, 3, 1)), Next(1, date(2026, 3, 8))),
        (Reached(0, date(2026, 2, 25)), Next(1, date(2026, 3, 4))),
        (Reached(0, date(2028, 2, 25)), Next(1, date(2028, 3, 3))),
        (Reached(0, date(2028, 2, 22)), Next(1, date(2028, 2, 29))),
        (Reached(0, date(2026, 12, 28)), Next(1, date(2027, 1, 4))),
        (Reached(0, date(2026, 10, 22)), Next(1, date(2026, 10, 29))),
        (Reached(1, date(2026, 3, 1), date(2026, 3, 8)), Next(2, date(2026, 3, 22))),
        (Reached(1, date(2026, 3, 1), date(2026, 3, 31)), Next(2, date(2026, 4, 14))),
        (Reached(2, date(2026, 3, 1), date(2026, 3, 25)), Next(3, date(2026, 4, 8))),
        (Reached(3, date(2026, 3, 1), date(2026, 4, 8)), None),
        (Reached(4, date(2026, 3, 1), date(2026, 4, 8)), None),
        (Reached(0, None), None),
        (Reached(1, None, date(2026, 3, 8)), None),
        (Reached(1, date(2026, 3, 1), None), Next(2, date(2026, 3, 15))),
        (Reached(0, date(9999, 12, 30)), Next(1, date(9999, 12, 31))),
    ],
)
def test_the_days_are_counted(reached: Reached, expected: Next | None):
    assert rules.next_reminder(USUAL, reached) == expected


@pytest.mark.parametrize(
    ("active", "reached", "expected"),
    [
        ((False, True, True), Reached(0, date(2026, 3, 1)), Next(2, date(2026, 3, 15))),
        ((False, False, True), Reached(0, date(2026, 3, 1)), Next(3, date(2026, 3, 15))),
        ((True, False, True), Reached(1, date(2026, 3, 1), date(2026, 3, 8)), (3, (2026, 3, 22))),
        ((True, True, False), Reached(2, date(2026, 3, 1), date(2026, 3, 8)), None),
        ((False, False, False), Reached(0, date(2026, 3, 1)), None),
    ],
)
def test_a_level_that_is_off_is_left_out(active: tuple[bool, ...], reached: Reached, expected: Any):
    levels = [level(one.level, one.days, active=on) for one, on in zip(USUAL, active, strict=True)]
    if isinstance(expected, tuple):
        expected = Next(expected[0], date(*expected[1]))
    assert rules.next_reminder(levels, reached) == expected


def test_without_days_nobody_is_reminded_on_the_day_it_is_due():
    levels = (level(1, 7, active=False), level(2, 0), level(3, 0))
    assert rules.next_reminder(levels, Reached(0, TODAY)) == Next(2, TODAY + timedelta(1))
    assert rules.next_reminder(levels, Reached(2, TODAY, TODAY)) == Next(3, TODAY)


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 365)), min_size=3, max_size=3),
    st.integers(0, 3),
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    st.one_of(st.none(), st.integers(0, 400)),
)
def test_a_reminder_comes_after_what_it_follows(
    made: list[tuple[bool, int]], reached: int, due_on: date, since: int | None
):
    levels = [level(n, days, active=on) for n, (on, days) in enumerate(made, start=1)]
    last_on = None if since is None else due_on + timedelta(since)
    found = rules.next_reminder(levels, Reached(reached, due_on, last_on))
    if found is None:
        assert not any(one.active and one.level > reached for one in levels)
    else:
        assert found.level > reached
        assert found.on >= (last_on or due_on + timedelta(1))
        assert levels[found.level - 1].active


@pytest.mark.parametrize(
    ("due_on", "days"),
    [
        (TODAY, 0),
        (TODAY + timedelta(1), 0),
        (TODAY - timedelta(1), 1),
        (date(2026, 10, 26), 31),
        (date(2024, 2, 29), 1001),
        (None, 0),
    ],
)
def test_how_late_it_is(due_on: date | None, days: int):
    assert rules.days_late(due_on, TODAY) == days


@pytest.mark.parametrize(
    ("over", "reason"),
    [
        ({}, None),
        ({"paid": 99}, None),
        ({"kind": "quote"}, "Only an issued invoice"),
        ({"state": "draft"}, "Only an issued invoice"),
        ({"state": "cancelled"}, "is cancelled"),
        ({"paid": 100}, "is paid"),
        ({"paid": 120}, "is paid"),
        ({"total": 0}, "is paid"),
        ({"removed_at": TODAY}, "in the trash"),
        ({"due_on": None}, "no day it is due on"),
        ({"due_on": TODAY}, "not overdue yet"),
    ],
)
@pytest.mark.usefixtures("context")
def test_of_what_nobody_can_be_reminded(over: dict[str, Any], reason: str | None):
    values = {
        "kind": "invoice",
        "state": "issued",
        "paid": 0,
        "total": 100,
        "due_on": TODAY - timedelta(1),
        "removed_at": None,
    }
    with force_locale("en"):
        found = str(rules.hindrance(SimpleNamespace(**values | over), TODAY))
    assert (reason or "None") in found


def level_values(**over: Any) -> dict[str, Any]:
    values = {"level": 1, "active": True, "days": 7, "payment_days": 7, "fee": 0}
    for language in LANGUAGES:
        values |= {f"{place}_{language}": "Text" for place in rules.LONGEST}
    return values | over


@pytest.mark.parametrize(
    ("over", "problem"),
    [
        ({}, None),
        ({"days": 365, "payment_days": 0, "fee": 100_000}, None),
        ({"intro_de": "", "closing_en": ""}, None),
        ({"intro_de": "{{salutation}} {{invoice_number}} {{ Open_Amount }}"}, None),
        ({"level": 2, "days": 0}, None),
        ({"days": 0}, ("days", "days")),
        ({"days": 366}, ("days", "days")),
        ({"days": None}, ("days", "days")),
        ({"payment_days": -1}, ("payment_days", "days")),
        ({"payment_days": True}, ("payment_days", "days")),
        ({"fee": -1}, ("fee", "amount")),
        ({"fee": 100_001}, ("fee", "amount")),
        ({"fee": None}, ("fee", "amount")),
        ({"subject_en": ""}, ("subject_en", "required")),
        ({"subject_de": "x" * 301}, ("subject_de", "too_long")),
        ({"intro_en": "x" * 5_001}, ("intro_en", "too_long")),
        ({"closing_de": "{{amount}}"}, ("closing_de", "unknown")),
        ({"closing_de": "{{open_amount"}, ("closing_de", "incomplete")),
    ],
)
@pytest.mark.usefixtures("context")
def test_what_a_level_may_say(over: dict[str, Any], problem: tuple[str, str] | None):
    found = rules.check_level(level_values(**over), KNOWN)
    assert [(p.field, p.code) for p in found] == ([problem] if problem else [])


@pytest.mark.parametrize("number", rules.LEVELS)
@pytest.mark.usefixtures("context")
def test_the_built_in_texts_hold(number: int):
    one = DEFAULTS[number - 1]
    texts = {f"{p}_{lang}": one.text(p, lang) for lang in LANGUAGES for p in rules.LONGEST}
    values = level_values(level=number, days=one.days, payment_days=one.payment_days, **texts)
    assert rules.check_level(values, KNOWN) == []
    for language in LANGUAGES:
        assert "invoice_number" in names(one.text("subject", language))
        assert names(one.text("intro", language))[0] == "salutation"


@pytest.mark.parametrize(
    ("over", "problem"),
    [
        ({}, None),
        ({"until": None}, ("until", "required")),
        ({"until": TODAY}, ("until", "past")),
        ({"until": TODAY + timedelta(731)}, ("until", "too_far")),
        ({"reason": "x" * 201}, ("reason", "too_long")),
    ],
)
def test_how_long_a_pause_may_be(over: dict[str, Any], problem: tuple[str, str] | None):
    values = {"until": TODAY + timedelta(1), "reason": "Ratenzahlung"} | over
    found = rules.check_pause(values, TODAY)
    assert [(p.field, p.code) for p in found] == ([problem] if problem else [])
