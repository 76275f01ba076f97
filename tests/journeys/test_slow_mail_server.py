"""A mail server that is slow or down is the worker's business: every screen answers at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from app.core import background, queue
from app.core.database import db
from app.core.worker import Worker
from app.domain.mailing.services import send_mail
from tests.browserless import Browser
from tests.mails import outgoing, set_up
from tests.sink import Server, free_port, sink

AT_ONCE = 1.5
"""Seconds; whoever waited for the server or for a lock would need five at least."""
MOST_SECONDS = 30


@pytest.fixture
def customer(app: Flask, make_customer: Callable[..., int]) -> int:
    return make_customer()


def write_mail(app: Flask, customer_id: int, subject: str) -> None:
    with app.app_context():
        send_mail([customer_id], outgoing(subject=subject))
        db.session.commit()


@pytest.fixture
def stalled(app: Flask, customer: int) -> Iterator[Server]:
    """A worker in the middle of a call to a server that says nothing; another mail waits."""
    with sink(behaviour="stall") as server:
        with app.app_context():
            set_up(server.port)
        write_mail(app, customer, "The one it is about to send")
        write_mail(app, customer, "The one behind it")
        worker = threading.Thread(target=Worker(app).look)
        worker.start()
        until = time.monotonic() + MOST_SECONDS
        while not server.connections:
            assert time.monotonic() < until, "the worker did not call"
            time.sleep(0.01)
        yield server
    worker.join(MOST_SECONDS)
    assert not worker.is_alive()


def seconds(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


@pytest.mark.apart
def test_every_screen_answers_at_once(stalled: Server, customer: int, anna: Browser):
    pages = ["/", "/customers", "/outbox", "/settings", "/settings/operation"]
    pages += [f"/customers/{customer}{part}" for part in ("", "/messages", "/mail/new")]
    for page in pages:
        anna.get(page)  # templates are compiled at the first call
    for page in pages:
        assert anna.get(page).status_code == 200, page
        assert seconds(lambda page=page: anna.get(page)) < AT_ONCE, page


@pytest.mark.apart
def test_everything_can_be_saved_meanwhile(stalled: Server, customer: int, anna: Browser):
    path = f"/customers/{customer}/comments/new"
    anna.get(path)
    for _ in range(3):
        began = time.monotonic()
        assert anna.post(path, {"body": "He called."}).status_code == 303
        assert time.monotonic() - began < AT_ONCE


@pytest.mark.apart
def test_the_screen_tells_what_is_being_sent_and_what_waits(
    stalled: Server, app: Flask, anna: Browser
):
    with app.app_context(), background.holding(queue.WORKER):
        page = anna.get("/outbox").text
    assert "Is being sent" in page
    assert "Waits to be sent" in page


def test_a_server_that_is_down_is_told_with_the_next_try(app: Flask, customer: int, anna: Browser):
    with app.app_context():
        set_up(free_port())
    write_mail(app, customer, "The first")
    write_mail(app, customer, "The second")
    assert seconds(Worker(app).look) < AT_ONCE
    page = anna.get("/outbox").text
    assert page.count("Not sent yet, next try") == 2
    assert "The mail server does not answer on this port." in page
