"""In which states an import may be started and taken back, and when it was cut off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.transfer import rules
from app.domain.transfer.rules import State

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
JUST_NOW, LONG_AGO = NOW - timedelta(seconds=30), NOW - timedelta(seconds=90)


@pytest.mark.parametrize(
    ("state", "beat_at", "is_held", "expected"),
    [
        (State.RUNNING, JUST_NOW, True, False),
        (State.RUNNING, JUST_NOW, False, True),
        (State.RUNNING, LONG_AGO, True, False),
        (State.RUNNING, LONG_AGO, False, True),
        (State.RUNNING, None, True, False),
        (State.WAITING, JUST_NOW, False, False),
        (State.WAITING, LONG_AGO, False, True),
        (State.WAITING, LONG_AGO, True, False),
        (State.REVERTING, JUST_NOW, False, False),
        (State.REVERTING, LONG_AGO, False, True),
        (State.REVERTING, LONG_AGO, True, False),
        (State.PREVIEW, LONG_AGO, False, False),
        (State.FINISHED, LONG_AGO, False, False),
        (State.FAILED, None, False, False),
        (State.REVERTED, None, False, False),
    ],
)
def test_cut_off(state: State, beat_at: datetime | None, is_held: bool, expected: bool):
    assert rules.is_cut_off(state, beat_at, is_held, NOW) is expected


def test_started_is_what_was_looked_at_or_what_nobody_took_up():
    may = [(s, c) for s in State for c in (True, False) if not rules.hindrance_to_start(1, s, c)]
    assert may == [(State.PREVIEW, True), (State.PREVIEW, False), (State.WAITING, True)]


def _may_revert(new: int) -> list[tuple[State, bool]]:
    both = [(state, cut_off) for state in State for cut_off in (True, False)]
    return [(s, c) for s, c in both if not rules.hindrance_to_revert(1, s, c, new)]


def test_reverted_is_not_what_ended_without_anybody():
    assert _may_revert(new=0) == [(State.RUNNING, True), (State.REVERTING, True)]


def test_told_is_what_was_refused_once_nothing_is_to_come():
    both = [(state, cut_off) for state in State for cut_off in (True, False)]
    kept = {(s, c) for s, c in both if rules.hindrance_to_tell(1, s, c)}
    assert kept == {(State.PREVIEW, False), (State.WAITING, False), (State.RUNNING, False)}


def test_reverted_is_what_is_not_going_on():
    assert _may_revert(new=1) == [
        (State.RUNNING, True),
        (State.FINISHED, True),
        (State.FINISHED, False),
        (State.FAILED, True),
        (State.FAILED, False),
        (State.REVERTING, True),
    ]
