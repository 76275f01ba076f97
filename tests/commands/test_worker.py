"""`flask worker` and `make run`: the worker begins, ends what it does, and leaves nobody behind."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import create_app
from app.config import configuration
from app.core import background, outbox, queue
from app.core.database import db
from app.core.outbox import ENTRY, State
from app.domain.team.services import ask_for_link
from tests.mails import set_up
from tests.sink import Mail, free_port, sink

pytestmark = pytest.mark.apart
ROOT = Path(__file__).parents[2]
WORKER = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]
MOST_SECONDS = 60
TO_HEAR = 2


@pytest.fixture
def house(tmp_path: Path, _image: sqlite3.Connection) -> Iterator[Flask]:
    """An application with a data folder of its own, which others work on in their processes."""
    settings = configuration(data=tmp_path / "data", secret_key="k" * 48)
    house = create_app(settings | {"TESTING": True})
    with closing(sqlite3.connect(tmp_path / "data" / "kundenblick.sqlite3")) as database:
        _image.backup(database)
    yield house
    with house.app_context():
        db.engine.dispose()


@contextmanager
def running(house: Flask, command: list[str], **more: str) -> Iterator[subprocess.Popen[str]]:
    """A process that works on the data folder; whatever happens it is ended."""
    environment = os.environ | {
        "KUNDENBLICK_DATA": str(house.config["DATA"]),
        "KUNDENBLICK_SECRET_KEY": "k" * 48,
    }
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment | more,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def wait_until(done: Callable[[], Any]) -> None:
    until = time.monotonic() + MOST_SECONDS
    while not done():
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.05)


def is_working(house: Flask) -> bool:
    with house.app_context():
        return queue.is_working()


def states(house: Flask) -> list[str]:
    with house.app_context():
        return list(db.session.scalars(select(ENTRY.state).order_by(ENTRY.id)))


def test_what_is_asked_for_is_sent_at_once(house: Flask):
    """It was woken: by itself it looks only once a minute."""
    with sink() as server, running(house, WORKER):
        wait_until(lambda: is_working(house))
        with house.app_context():
            set_up(server.port)
            ask_for_link("anna@example.com")
            began = time.monotonic()
            db.session.commit()
        wait_until(lambda: server.messages)
        assert time.monotonic() - began < 30


def test_a_second_worker_says_so_and_ends(house: Flask):
    with house.app_context(), background.holding(queue.WORKER), running(house, WORKER) as second:
        said, _nothing = second.communicate(timeout=MOST_SECONDS)
    assert second.returncode == 1
    assert "A worker runs already for this data folder." in said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_end_it_delivers_what_it_is_about_to(house: Flask, number: signal.Signals):
    with sink() as server:
        with house.app_context():
            set_up(server.port)
            for _ in range(3):
                ask_for_link("anna@example.com")
            db.session.commit()
        with running(house, [*WORKER, "--threads", "1"]) as worker:

            def end(_mail: Mail) -> None:
                worker.send_signal(number)
                time.sleep(TO_HEAR)  # the answer keeps the worker busy until it has heard

            server.on_content = end
            assert worker.wait(MOST_SECONDS) == 0
    assert len(server.messages) == 1
    assert states(house) == [State.SENT, State.WAITING, State.WAITING]
    assert not is_working(house)


def test_what_a_killed_worker_had_in_hand_goes_first_thing(house: Flask):
    with house.app_context():
        set_up(free_port())
        ask_for_link("anna@example.com")
        db.session.commit()
        assert outbox.take(["password"]) is not None  # and then it was killed
    with sink() as server:
        with house.app_context():
            set_up(server.port)
        with running(house, WORKER):
            wait_until(lambda: server.messages)
            wait_until(lambda: states(house) == [State.SENT])


def answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/login")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_worker_runs_beside_the_server_and_ends_with_it(house: Flask, number: signal.Signals):
    port = free_port()
    serve = ["sh", "scripts/serve.sh"]
    with running(house, serve, PORT=str(port), BIN=str(Path(sys.executable).parent)) as both:
        wait_until(lambda: answers(port) and is_working(house))
        if number == signal.SIGINT:
            os.killpg(both.pid, number)  # as a terminal does
        else:
            both.send_signal(number)
        both.wait(MOST_SECONDS)
        wait_until(lambda: not answers(port) and not is_working(house))
        with pytest.raises(ProcessLookupError):
            os.killpg(both.pid, 0)  # nobody is left
