"""The queue: whoever is woken looks, and a wake-up that fails spoils nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.core import background, queue
from app.core.database import after_commit, db, now
from app.domain.team.models import LoginAttempt


@pytest.fixture
def waking(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Wake-ups go into a queue of their own, whose file this is."""
    monkeypatch.setitem(app.config, "DATA", tmp_path)
    monkeypatch.setitem(app.config, "WAKE", queue._wake)
    with app.app_context():
        yield queue.file()


def looks(file: Path) -> list[str]:
    """What a worker does with all that is in the queue."""
    looked: list[str] = []
    huey = queue.open_queue(file, lambda: looked.append("looked")).huey
    while task := huey.dequeue():
        huey.execute(task)
    huey.storage.close()
    return looked


def test_whoever_is_woken_looks(waking: Path):
    queue.wake()
    queue.wake()
    assert looks(waking) == ["looked", "looked"]
    assert looks(waking) == []


def test_a_later_wake_up_waits_in_the_schedule(waking: Path):
    queue.wake(timedelta(seconds=10))
    assert looks(waking) == []  # the worker has put it aside until then
    with closing(sqlite3.connect(waking)) as connection:
        assert connection.execute("SELECT count(*) FROM schedule").fetchone() == (1,)


@pytest.mark.parametrize("fault", [sqlite3.OperationalError("database is locked"), OSError(28, "")])
def test_a_wake_up_that_fails_is_told_in_the_log(
    waking: Path, monkeypatch: pytest.MonkeyPatch, caplog: Any, fault: Exception
):
    def failing(_file: Path) -> None:
        raise fault

    monkeypatch.setattr(queue, "_waker", failing)
    queue.wake()
    assert "was not woken" in caplog.text


def test_a_queue_that_is_locked_holds_up_nobody_for_long(
    waking: Path, monkeypatch: pytest.MonkeyPatch, caplog: Any
):
    monkeypatch.setattr(queue, "PATIENCE", 0.05)
    queue.wake()
    with closing(sqlite3.connect(waking, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        queue.wake()
    assert "was not woken" in caplog.text
    assert looks(waking) == ["looked"]


def test_whether_a_worker_lives(waking: Path):
    assert not queue.is_working()
    with background.holding(queue.WORKER):
        assert queue.is_working()
    assert not queue.is_working()


class TestOutsideOfRequests:
    """Commands and jobs commit by themselves; what is to follow a commit follows theirs."""

    def attempt(self) -> LoginAttempt:
        return LoginAttempt(at=now(), account="", network="")

    def test_after_the_commit(self, context: None):
        done: list[int] = []
        db.session.add(self.attempt())
        after_commit(lambda: done.append(1))
        with db.session.begin_nested():
            db.session.add(self.attempt())
        assert not done
        db.session.commit()
        assert done == [1]
        db.session.add(self.attempt())
        db.session.commit()
        assert done == [1]

    def test_not_after_a_rollback(self, context: None):
        done: list[int] = []
        db.session.add(self.attempt())
        db.session.flush()
        after_commit(lambda: done.append(1))
        db.session.rollback()
        db.session.add(self.attempt())
        db.session.commit()
        assert not done
