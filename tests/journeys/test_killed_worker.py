"""The worker killed with SIGKILL, five times at each place; `make torture` does it fifty times."""

from __future__ import annotations

from pathlib import Path

import pytest

from torture.kills import trial

ROUNDS = 5
pytestmark = pytest.mark.apart


@pytest.mark.parametrize("place", ["before", "during"])
def test_before_the_content_is_there_nothing_is_lost_or_doubled(place: str, tmp_path: Path):
    outcome = trial(tmp_path, place, ROUNDS, threads=1)
    assert not outcome.lost
    assert not outcome.strange
    assert outcome.doubles == 0


def test_with_the_content_there_and_no_answer_each_kill_doubles_one(tmp_path: Path):
    """Nobody can know; what comes twice bears the same Message-ID."""
    outcome = trial(tmp_path, "unanswered", ROUNDS, threads=1)
    assert not outcome.lost
    assert not outcome.strange
    assert outcome.doubles == outcome.kills


def test_after_the_answer_at_most_what_was_in_hand_is_doubled(tmp_path: Path):
    outcome = trial(tmp_path, "after", ROUNDS, threads=1)
    assert not outcome.lost
    assert not outcome.strange
    assert outcome.doubles <= outcome.kills
