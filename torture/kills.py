"""The worker is killed while it delivers: nothing is lost, nothing that was confirmed goes again.

SIGKILL hits when the mail server is told the recipient ("before" DATA), has half of the content
("during"), has all of it but has not answered ("unanswered"), or has just answered ("after"). In
the last two the mail is at the server and nobody at home knows: these doubles cannot be helped, and
bear the same Message-ID. docs/adr/0009 tells more.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select

from app import create_app
from app.config import configuration
from app.core import files
from app.core.database import db
from app.core.outbox import ENTRY, State
from app.domain.customers import services as customers
from app.domain.mailing.services import Outgoing, send_mail
from app.domain.messages.services import Attachment
from tests.factories import customer_values
from tests.mails import set_up
from tests.sink import Server, sink

ROOT = Path(__file__).parent.parent
PLACES = ("before", "during", "unanswered", "after")
MOST_SECONDS = 120
LARGE = 6_000_000
"""Bytes of an attachment that does not fit into the buffers of a connection."""


@dataclass(frozen=True)
class Outcome:
    """How a trial ended: the Message-IDs of what was put, and how often each arrived."""

    kills: int
    put: set[str]
    arrived: Counter[str]

    @property
    def lost(self) -> set[str]:
        return self.put - set(self.arrived)

    @property
    def strange(self) -> set[str]:
        """What arrived under a Message-ID that nobody gave."""
        return set(self.arrived) - self.put

    @property
    def doubles(self) -> int:
        return self.arrived.total() - len(self.arrived)


def trial(folder: Path, place: str, rounds: int, *, threads: int, mails: int = 3) -> Outcome:
    """Kill the worker so often, each time with so many mails more to send; then let it finish."""
    house = _house(folder)
    with sink() as server:
        with house.app_context():
            set_up(server.port)
            customer_id = customers.create_customer(customer_values())
            db.session.commit()
        for number in range(rounds):
            _write_mails(house, customer_id, number, mails, large=place == "during")
            with _working(folder, threads) as worker:
                _kill_at(server, place, worker, random.randint(1, mails))
                worker.wait(MOST_SECONDS)
                _leave_in_peace(server)
        with _working(folder, threads) as worker:
            _wait_until(lambda: not _waiting(house))
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(MOST_SECONDS) == 0, "the worker did not end by itself"
        put = _references(house)
        return Outcome(rounds, put, Counter(server.references()))


def _house(folder: Path) -> Flask:
    settings = configuration(data=folder, secret_key="k" * 48)
    house = create_app(settings | {"TESTING": True, "WAKE": lambda _delay: None})
    with house.app_context():
        upgrade()
    return house


def _write_mails(house: Flask, customer_id: int, number: int, count: int, *, large: bool) -> None:
    with house.app_context():
        attachments = [_large_file()] if large else []
        for n in range(count):
            subject = f"Mail {number}.{n}"
            text = "Guten Tag,\n\ndas ist Ihre Mail."
            mail = Outgoing(["tanja@example.com"], [], [], subject, text, attachments)
            send_mail([customer_id], mail)
        db.session.commit()


def _large_file() -> Attachment:
    data = b"%PDF-1.7\n" + random.Random(1).randbytes(LARGE)
    return Attachment("Unterlagen.pdf", files.keep(data), len(data), "application/pdf")


@contextmanager
def _working(folder: Path, threads: int) -> Iterator[subprocess.Popen[bytes]]:
    """A worker in a process of its own."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "worker", "--threads", str(threads)]
    environment = os.environ | {
        "KUNDENBLICK_DATA": str(folder),
        "KUNDENBLICK_SECRET_KEY": "k" * 48,
    }
    with (folder / "worker.log").open("ab") as log:
        worker = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        yield worker
    finally:
        worker.kill()
        worker.wait()


def _kill_at(server: Server, place: str, worker: subprocess.Popen[bytes], turn: int) -> None:
    """Kill the worker when this place is reached for the n-th time, `turn` being n."""
    turns = iter(range(1, turn + 1))

    def reached(*_mail: Any) -> None:
        if next(turns, None) == turn:
            os.kill(worker.pid, signal.SIGKILL)

    setattr(server, HOOKS[place], reached)


def _leave_in_peace(server: Server) -> None:
    for hook in HOOKS.values():
        setattr(server, hook, None)


HOOKS = {
    "before": "on_recipient",
    "during": "on_bytes",
    "unanswered": "on_content",
    "after": "on_reply",
}


def _waiting(house: Flask) -> int:
    with house.app_context():
        waiting = select(func.count()).where(ENTRY.kind == "mail", ENTRY.state != State.SENT)
        count = db.session.connection(execution_options={"read_only": True}).scalar(waiting)
        return count or 0


def _references(house: Flask) -> set[str]:
    with house.app_context():
        return set(db.session.scalars(select(ENTRY.reference).where(ENTRY.kind == "mail")))


def _wait_until(done: Callable[[], bool]) -> None:
    until = time.monotonic() + MOST_SECONDS
    while not done():
        assert time.monotonic() < until, "the worker did not finish"
        time.sleep(0.05)
