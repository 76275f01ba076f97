"""Work of the night: once a night by the team's clocks, and again when it went wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask, g
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from app.core import nightly, worker
from app.core.database import db, happening
from app.core.jobs import Nightly
from app.core.nightly import AGAIN, Unfinished, is_due, night_of
from app.core.worker import Worker
from app.domain.settings.models import TeamSettings
from app.domain.settings.queries import settings

MIDNIGHT = datetime(2026, 11, 24, 23, tzinfo=UTC)
"""In Berlin, where the team works."""
NIGHT = date(2026, 11, 25)


def at(hours: float) -> datetime:
    return MIDNIGHT + timedelta(hours=hours)


class Work:
    """A work that counts how often it was done."""

    def __init__(self) -> None:
        self.times = 0
        self.act: Callable[[], dict[str, Any]] = lambda: {"found": self.times}

    def run(self) -> dict[str, Any]:
        self.times += 1
        return self.act()


@pytest.fixture
def work(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Work:
    """The only work of these nights."""
    work = Work()
    jobs = [Nightly(name="count", run=work.run)]
    monkeypatch.setattr(app.extensions["registry"], "jobs", jobs)
    return work


@pytest.fixture
def night(app: Flask) -> Callable[[datetime], Any]:
    """A minute of the worker at this instant; how its work went last."""

    def working(moment: datetime) -> Any:
        with happening(moment):
            Worker(app).look_after_night()
        with app.app_context():
            return nightly.runs().get("count")

    return working


@pytest.mark.parametrize(
    ("clock", "night"),
    [
        (datetime(2026, 11, 25, 2, 59), date(2026, 11, 24)),  # noqa: DTZ001
        (datetime(2026, 11, 25, 3, 0), date(2026, 11, 25)),  # noqa: DTZ001
        (datetime(2026, 11, 25, 23, 59), date(2026, 11, 25)),  # noqa: DTZ001
        (datetime(2026, 11, 26, 0, 0), date(2026, 11, 25)),  # noqa: DTZ001
    ],
)
def test_the_night_of_a_moment(clock: datetime, night: date):
    assert night_of(clock) == night


class Last:
    def __init__(self, night: date, began: datetime, ended: datetime | None, error: str = ""):
        self.night, self.began_at, self.ended_at, self.error = night, began, ended, error


@pytest.mark.parametrize(
    ("last", "due"),
    [
        (None, True),
        (Last(NIGHT - timedelta(days=1), at(-20), at(-20)), True),
        (Last(NIGHT, at(3), at(4)), False),
        (Last(NIGHT, at(3), at(4), "disk_full"), True),
        (Last(NIGHT, at(9), at(9), "disk_full"), False),
        (Last(NIGHT, at(3), None), True),
        (Last(NIGHT, at(9), None), False),
        (Last(NIGHT + timedelta(days=1), at(3), at(3)), False),
    ],
    ids=["never", "last night", "done", "failed", "just failed", "cut off", "begun", "clock"],
)
def test_when_it_is_due(last: Any, due: bool):
    assert is_due(last, NIGHT, at(9.5)) is due


def test_it_is_done_once_a_night(work: Work, night: Any):
    assert night(at(2.9)).night == NIGHT - timedelta(days=1)  # nobody did it yesterday
    for hours in (3, 3.1, 12, 26.9):
        night(at(hours))
    assert work.times == 2
    last = night(at(27))
    assert work.times == 3
    assert (last.night, last.error, last.told) == (NIGHT + timedelta(days=1), "", {"found": 3})


def test_the_night_is_that_of_the_teams_clocks(app: Flask, work: Work, night: Any):
    with app.app_context():
        db.session.add(settings())
        db.session.flush()
        db.session.execute(update(TeamSettings).values(time_zone="America/New_York"))
        db.session.commit()
    night(at(3))
    assert night(at(8.9)).night == NIGHT - timedelta(days=1)
    assert night(at(9)).night == NIGHT


def test_work_that_could_not_be_finished_is_told_and_begun_again_in_an_hour(work: Work, night: Any):
    def full() -> dict[str, Any]:
        raise Unfinished("disk_full", free=17)

    work.act = full
    failed = night(at(3))
    assert (failed.error, failed.told) == ("disk_full", {"free": 17})
    night(at(3) + AGAIN - timedelta(seconds=1))
    assert work.times == 1
    work.act = dict
    assert night(at(3) + AGAIN).error == ""
    assert work.times == 2


def test_our_own_fault_is_told_with_a_reference(work: Work, night: Any, caplog: Any):
    work.act = lambda: {"share": 1 // 0}
    failed = night(at(3))
    assert failed.error == nightly.BROKEN
    assert failed.told["reference"] in caplog.text


def test_what_one_work_leaves_unsaved_is_nobodys(
    app: Flask, work: Work, night: Any, monkeypatch: pytest.MonkeyPatch
):
    def careless() -> dict[str, Any]:
        db.session.add(settings())
        db.session.flush()
        g.careless = True
        return {}

    seen: list[bool] = []
    work.act = careless
    second = Nightly(name="second", run=lambda: seen.append("careless" in g), order=99)
    jobs = app.extensions["registry"].jobs
    monkeypatch.setattr(app.extensions["registry"], "jobs", [second, *jobs])
    night(at(3))
    assert (work.times, seen) == (1, [False])
    with app.app_context():
        assert db.session.get(TeamSettings, 1) is None


def test_the_nights_have_a_thread_of_their_own_that_outlives_faults(
    app: Flask, work: Work, monkeypatch: pytest.MonkeyPatch, caplog: Any
):
    """All others may be busy till dawn."""
    monkeypatch.setattr(worker, "MINUTE", 0)
    working, look, times = Worker(app), nightly.do, []

    def unlucky(found: Nightly) -> None:
        times.append(found)
        if len(times) == 1:
            raise OperationalError("BEGIN", {}, Exception("database is locked"))
        look(found)

    def ends() -> dict[str, Any]:
        working.stop()
        return {}

    monkeypatch.setattr(nightly, "do", unlucky)
    work.act = ends
    working.nights()
    assert work.times == 1
    assert "could not be begun" in caplog.text


def test_whoever_is_told_to_stop_begins_nothing(app: Flask, work: Work):
    working = Worker(app)
    working.stop()
    working.look_after_night()
    assert work.times == 0
