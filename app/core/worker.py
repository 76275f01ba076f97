"""The worker: delivers what is due in the outbox, and does the work of the night.

It is one process per data folder, of several threads. The queue wakes it; once a minute it looks
by itself, so nothing depends on a wake-up. docs/adr/0009 tells why.
"""

from __future__ import annotations

import secrets
import select
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from flask import Flask, current_app, g
from huey import crontab
from huey.consumer import Consumer
from sqlalchemy.exc import SQLAlchemyError

from app.core import nightly, outbox, queue
from app.core.database import db
from app.core.jobs import Deliver, Nightly
from app.core.outbox import BROKEN, Later, Never, NotNow, Partly, Undelivered
from app.core.registry import registry

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LAST_MINUTES = 240
"""Seconds that deliveries have to end after the worker is told to.

Long enough for a mail server to get a mail whole; for its last word some take even longer, and get
the mail a second time. Long work is told by `jobs.is_ending`.
"""
MINUTE = 60
HEALTH = 10
"""Seconds between two looks at the threads."""
PATIENCE = 5
"""Seconds until a word that could not be written is written again."""


def run(app: Flask, threads: int) -> None:
    """Work until a signal comes; what is being delivered then is delivered.

    A second signal ends it at once.
    """
    worker = Worker(app)
    with app.app_context():
        huey = queue.open_queue(queue.file(), worker.look).huey
    huey.periodic_task(crontab(), name="look by itself")(worker.look)
    consumer = _Consumer(huey, workers=threads, max_delay=1, shutdown_timeout=LAST_MINUTES)
    nights = threading.Thread(target=worker.nights, daemon=True)
    with _signals() as is_told_to_end:
        consumer.start()
        nights.start()
        while not is_told_to_end(HEALTH):
            consumer.check_worker_health()
    worker.stop()
    until = time.monotonic() + LAST_MINUTES
    consumer.stop(graceful=True)
    nights.join(max(until - time.monotonic(), 0))


@contextmanager
def _signals() -> Iterator[Callable[[float], bool]]:
    """Whether a signal to end comes within so many seconds; after the block it ends the process.

    The system writes to the socket. A handler alone may run late: one that comes just before the
    main thread begins to wait is not noticed until it has waited.
    """
    heard, told = socket.socketpair()
    with heard, told:
        told.setblocking(False)
        signal.set_wakeup_fd(told.fileno())
        for number in ENDINGS:
            signal.signal(number, lambda *_: None)
        yield lambda seconds: bool(select.select([heard], [], [], seconds)[0])
        for number in ENDINGS:
            signal.signal(number, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)


class _Consumer(Consumer):
    """Leaves signals alone: huey's own handling would kill what runs on SIGTERM."""

    def _set_signal_handlers(self) -> None:
        pass


class Worker:
    """What the threads of the worker share."""

    def __init__(self, app: Flask):
        self._app = app
        self._in_hand: set[int] = set()
        self._stopping = threading.Event()

    def look(self) -> None:
        """Deliver all that is due, one after the other; other threads may do the same."""
        with _reading(self._app), _Round(self._stopping, self._in_hand) as deliveries:
            is_first = True
            while entry := deliveries.next():
                is_open = deliveries.deliver(entry)
                if is_open and is_first:
                    queue.wake()  # another thread, if there is more
                    is_first = False

    def nights(self) -> None:
        """Look after the night once a minute, in a thread of its own: others may be busy till dawn.

        It ends with `stop`.
        """
        while not self._stopping.wait(MINUTE):
            try:
                self.look_after_night()
            except Exception:
                self._app.logger.exception("The night's work could not be begun")

    def look_after_night(self) -> None:
        """Do what the night has to do."""
        for work in self._nightly():
            if not self._stopping.is_set():
                with self._app.app_context():
                    nightly.do(work)

    def stop(self) -> None:
        """Begin nothing new."""
        self._stopping.set()

    def _nightly(self) -> list[Nightly]:
        jobs = self._app.extensions["registry"].jobs
        return sorted((j for j in jobs if isinstance(j, Nightly)), key=lambda work: work.order)


class _Round:
    """One thread's way through what is due; connections stay open from one entry to the next."""

    def __init__(self, stopping: threading.Event, in_hand: set[int]):
        self._stopping, self._in_hand = stopping, in_hand
        self._open = registry().deliveries()
        self._sessions: dict[str, tuple[ExitStack, Deliver]] = {}

    def __enter__(self) -> _Round:
        return self

    def __exit__(self, *_error: Any) -> None:
        for kind in [*self._sessions]:
            self._close(kind)

    def next(self) -> Any | None:
        """Take what is due next, or None."""
        if self._stopping.is_set() or not self._open:
            return None
        entry = outbox.take([*self._open], self._in_hand)
        if entry is not None:
            self._in_hand.add(entry.id)
        return entry

    def deliver(self, entry: Any) -> bool:
        """Deliver it and write how it went; whether others of its kind can go the same way."""
        try:
            why = self._try(entry)
            self._surely(lambda: _write(entry, why))
        finally:
            self._in_hand.discard(entry.id)
        if isinstance(why, NotNow) and why.ends_round:
            self._surely(lambda: outbox.postpone_all(entry.kind, why))
            self._close(entry.kind)
            del self._open[entry.kind]
            return False
        return True

    def _try(self, entry: Any) -> Undelivered | None:
        """Why it was not delivered, or None."""
        try:
            deliver = self._session(entry.kind)
            with _reading(current_app._get_current_object()):  # type: ignore[attr-defined]
                g.is_ending = self._stopping.is_set
                deliver(entry)
        except Undelivered as why:
            return why
        except Exception:
            reference = secrets.token_hex(4)
            current_app.logger.exception("Delivery %d broke, reference %s", entry.id, reference)
            self._close(entry.kind)  # who knows what state it is in
            return NotNow(BROKEN, reference)
        return None

    def _session(self, kind: str) -> Deliver:
        if kind not in self._sessions:
            stack = ExitStack()
            deliver = stack.enter_context(self._open[kind].session())
            db.session.rollback()  # what it read was read
            self._sessions[kind] = stack, deliver
        return self._sessions[kind][1]

    def _close(self, kind: str) -> None:
        if kind in self._sessions:
            stack, _deliver = self._sessions.pop(kind)
            try:
                stack.close()
            except Exception:
                current_app.logger.warning("A session of %s did not end well", kind, exc_info=True)

    def _surely(self, write: Callable[[], None]) -> None:
        """Without the word about it, a delivery would be done again."""
        while True:
            try:
                return write()
            except SQLAlchemyError:
                current_app.logger.exception("How a delivery went could not be written")
                if self._stopping.wait(PATIENCE):
                    return None


def _write(entry: Any, why: Undelivered | None) -> None:
    match why:
        case None:
            outbox.confirm(entry.id)
        case Partly():
            outbox.confirm(entry.id, why.code, why.detail)
        case Never():
            outbox.fail(entry.id, why)
        case Later():
            outbox.put_off(entry, why)
        case _:
            outbox.postpone(entry, why)


@contextmanager
def _reading(app: Flask) -> Iterator[None]:
    """A context in which nothing holds the write lock, unless `database.writing` is called.

    The other side of a delivery may take minutes to answer.
    """
    with app.app_context():
        g.writing = False
        yield
