"""The rounds of the worker: what is due is delivered, and how it went is written."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask, g
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection

from app.core import jobs, outbox, worker
from app.core.database import db, happening, now, writing
from app.core.jobs import Delivery
from app.core.outbox import ENTRY, Later, Never, NotNow, Partly, State
from app.core.worker import Worker
from app.domain.mailing import smtp
from app.domain.settings.models import TeamSettings
from app.domain.settings.queries import settings


class Post:
    """A delivery that remembers what it did; `act` may do something else."""

    def __init__(self) -> None:
        self.delivered: list[int] = []
        self.opened = self.closed = 0
        self.act: Callable[[Any], None] = lambda entry: None
        self.opening: Callable[[], None] = lambda: None
        self.closing: Callable[[], None] = lambda: None

    @contextmanager
    def session(self) -> Iterator[Callable[[Any], None]]:
        self.opened += 1
        self.opening()
        try:
            yield self._deliver
        finally:
            self.closed += 1
            self.closing()

    def _deliver(self, entry: Any) -> None:
        self.act(entry)
        self.delivered.append(entry.id)


@pytest.fixture
def post(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Post:
    """What delivers the kinds "mail" and "letter" in these tests."""
    post = Post()
    jobs = [Delivery(kind=kind, session=post.session) for kind in ("mail", "letter")]
    monkeypatch.setattr(app.extensions["registry"], "jobs", jobs)
    return post


@pytest.fixture
def wakes(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[timedelta]:
    """Who was woken."""
    wakes: list[timedelta] = []
    monkeypatch.setitem(app.config, "WAKE", wakes.append)
    return wakes


@pytest.fixture
def put(app: Flask) -> Callable[..., int]:
    def putting(kind: str = "mail") -> int:
        with app.app_context():
            entry_id = outbox.put(kind)
            db.session.commit()
            return entry_id

    return putting


@pytest.fixture
def entry(app: Flask) -> Callable[[int], Any]:
    def reading(entry_id: int) -> Any:
        with app.app_context():
            return db.session.execute(select(*ENTRY).where(ENTRY.id == entry_id)).one()

    return reading


def raising(error: Exception) -> Callable[[Any], None]:
    def act(_entry: Any) -> None:
        raise error

    return act


def test_all_that_is_due_is_delivered_by_one_session(
    app: Flask, post: Post, put: Callable[..., int], entry: Callable[[int], Any]
):
    ids = [put() for _ in range(3)]
    Worker(app).look()
    assert post.delivered == ids
    assert (post.opened, post.closed) == (1, 1)
    assert {entry(entry_id).state for entry_id in ids} == {State.SENT}
    Worker(app).look()
    assert post.delivered == ids


def test_without_anything_due_no_session_is_opened(app: Flask, post: Post):
    Worker(app).look()
    assert post.opened == 0


def test_what_nobody_delivers_waits(app: Flask, post: Post, put: Any, entry: Any):
    entry_id = put("pigeon")
    Worker(app).look()
    assert (entry(entry_id).state, entry(entry_id).tries) == (State.WAITING, 0)


@pytest.mark.parametrize(
    ("why", "state", "error"),
    [
        (NotNow("busy", "450"), State.WAITING, "busy"),
        (Never("refused", "550"), State.FAILED, "refused"),
        (Partly("partly", "550"), State.SENT, "partly"),
    ],
)
def test_how_it_went_is_written_and_the_others_go_on(
    app: Flask, post: Post, put: Any, entry: Any, why: Any, state: str, error: str
):
    first, second = put(), put()
    post.act = lambda entry: raising(why)(entry) if entry.id == first else None
    Worker(app).look()
    told = entry(first)
    assert (told.state, told.error, told.detail) == (state, error, why.detail)
    assert told.lease_until is None
    assert post.delivered == [second]


def test_a_closed_road_is_not_tried_again_by_each_that_waits(
    app: Flask, post: Post, put: Any, entry: Any
):
    ids = [put() for _ in range(50)]
    letter = put("letter")

    def down(entry: Any) -> None:
        if entry.kind == "mail":
            raise NotNow("down", "refused", ends_round=True)

    post.act = down
    Worker(app).look()
    assert post.opened == 2  # one for the mails, one for the letter
    assert {(entry(n).state, entry(n).error) for n in ids} == {(State.WAITING, "down")}
    assert entry(letter).state == State.SENT


def test_a_session_that_does_not_open_is_a_closed_road_too(
    app: Flask, post: Post, put: Any, entry: Any
):
    ids = [put(), put()]
    post.opening = lambda: raising(NotNow("down", ends_round=True))(None)
    Worker(app).look()
    assert post.opened == 1
    assert [entry(n).error for n in ids] == ["down", "down"]
    post.opening = lambda: None
    with happening(now() + timedelta(minutes=1)):
        Worker(app).look()
    assert post.delivered == ids


@pytest.mark.parametrize(("why", "opened"), [(NotNow("busy"), 1), (ZeroDivisionError(), 2)])
def test_only_after_our_own_fault_the_session_is_opened_anew(
    app: Flask, post: Post, put: Any, why: Exception, opened: int
):
    """Else it would not know how often the other side failed."""
    first, second, third = put(), put(), put()
    post.act = lambda entry: raising(why)(entry) if entry.id == second else None
    Worker(app).look()
    assert post.delivered == [first, third]
    assert post.opened == post.closed == opened


def test_our_own_fault_is_told_with_a_reference(
    app: Flask, post: Post, put: Any, entry: Any, caplog: Any
):
    first, second = put(), put()
    post.act = lambda entry: raising(ZeroDivisionError())(entry) if entry.id == first else None
    Worker(app).look()
    told = entry(first)
    assert (told.state, told.error) == (State.WAITING, outbox.BROKEN)
    assert f"reference {told.detail}" in caplog.text
    assert post.delivered == [second]


def test_a_session_that_does_not_close_well_spoils_nothing(
    app: Flask, post: Post, put: Any, entry: Any, caplog: Any
):
    entry_id = put()
    post.closing = lambda: raising(OSError())(None)
    Worker(app).look()
    assert entry(entry_id).state == State.SENT
    assert "did not end well" in caplog.text


def test_who_finds_work_wakes_another_once(
    app: Flask, post: Post, put: Any, wakes: list[timedelta]
):
    for _ in range(5):
        put()
    wakes.clear()
    Worker(app).look()
    assert wakes == [timedelta(0)]
    Worker(app).look()
    assert len(wakes) == 1


def test_a_closed_road_wakes_nobody(app: Flask, post: Post, put: Any, wakes: list[timedelta]):
    put()
    wakes.clear()
    post.act = raising(NotNow("down", ends_round=True))
    Worker(app).look()
    assert not wakes


def test_who_is_told_to_stop_begins_nothing_new(app: Flask, post: Post, put: Any, entry: Any):
    first, second = put(), put()
    working = Worker(app)
    post.act = lambda entry: working.stop()
    working.look()
    assert post.delivered == [first]
    assert (entry(first).state, entry(second).tries) == (State.SENT, 0)


def test_a_long_delivery_is_told_to_end_and_goes_on_later(
    app: Flask, post: Post, put: Any, entry: Any
):
    entry_id = put()
    working, asked = Worker(app), []

    def long(_entry: Any) -> None:
        asked.append(jobs.is_ending())
        working.stop()
        asked.append(jobs.is_ending())
        raise Later

    post.act = long
    working.look()
    waits = entry(entry_id)
    assert asked == [False, True]
    assert (waits.state, waits.tries, waits.error, waits.lease_until) == ("waiting", 0, "", None)
    post.act = lambda entry: None
    Worker(app).look()
    assert entry(entry_id).state == State.SENT


def test_whoever_is_told_to_end_gets_a_mail_to_the_server_whole():
    assert smtp.WHOLE + 2 * smtp.STEP <= worker.LAST_MINUTES < outbox.LEASE.total_seconds()


def test_a_delivery_holds_no_write_lock_while_it_waits(
    app: Flask, post: Post, put: Any, entry: Any
):
    """It reads what it delivers, and others write meanwhile."""
    entry_id = put()

    def slow(_entry: Any) -> None:
        settings()
        db.session.execute(select(TeamSettings)).all()
        with app.app_context():
            db.session.execute(text("INSERT INTO login_attempt VALUES (1, '2026-01-01', '', '')"))
            db.session.commit()

    post.act = slow
    Worker(app).look()
    assert entry(entry_id).state == State.SENT


def test_a_delivery_that_writes_says_so(app: Flask, post: Post, put: Any, entry: Any):
    statement = text("INSERT INTO login_attempt VALUES (1, '2026-01-01', '', '')")
    silent, open_about_it = put(), put()

    def write(entry: Any) -> None:
        if entry.id == open_about_it:
            writing()
        db.session.execute(statement)
        db.session.commit()

    post.act = write
    Worker(app).look()
    assert (entry(silent).error, entry(open_about_it).state) == (outbox.BROKEN, State.SENT)


def test_every_delivery_has_a_context_of_its_own(app: Flask, post: Post, put: Any):
    put(), put()
    seen: list[bool] = []

    def look_around(_entry: Any) -> None:
        seen.append("mark" in g)
        g.mark = True

    post.act = look_around
    Worker(app).look()
    assert seen == [False, False]


@pytest.mark.parametrize(
    "fault",
    [
        OperationalError("UPDATE", {}, Exception("database or disk is full")),
        NoConnection("QueuePool limit of size 5 overflow 10 reached"),
    ],
)
def test_a_word_that_cannot_be_written_is_written_later(
    app: Flask,
    post: Post,
    put: Any,
    entry: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: Any,
    fault: SQLAlchemyError,
):
    """What was delivered must not be delivered again."""
    entry_id = put()
    monkeypatch.setattr(worker, "PATIENCE", 0)
    confirm, tries = outbox.confirm, []

    def full(*told: Any) -> None:
        tries.append(told)
        if len(tries) < 3:
            raise fault
        confirm(*told)

    monkeypatch.setattr(outbox, "confirm", full)
    Worker(app).look()
    assert entry(entry_id).state == State.SENT
    assert post.delivered == [entry_id]
    assert "could not be written" in caplog.text


def test_what_one_thread_has_in_hand_no_other_takes_however_long_it_takes(
    app: Flask, post: Post, put: Any, monkeypatch: pytest.MonkeyPatch
):
    entry_id = put()
    monkeypatch.setattr(outbox, "LEASE", timedelta(days=-1))
    working = Worker(app)

    def look_meanwhile(_entry: Any) -> None:
        thread = threading.Thread(target=working.look)
        thread.start()
        thread.join()

    post.act = look_meanwhile
    working.look()
    assert post.delivered == [entry_id]


@pytest.mark.apart
def test_several_threads_deliver_at_once(app: Flask, post: Post, put: Any):
    """None goes on before all of them have something in hand."""
    for _ in range(8):
        put()
    together = threading.Barrier(4, timeout=20)
    post.act = lambda entry: together.wait() and None
    working = Worker(app)
    threads = [threading.Thread(target=working.look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(post.delivered)) == len(post.delivered) == 8
