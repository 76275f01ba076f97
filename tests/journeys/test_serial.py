"""A serial from the ticks of the list to the mailboxes and to the printer."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from pypdf import PdfReader
from sqlalchemy import update

from app import create_app
from app.config import configuration
from app.core import rendering
from app.core.database import db, now
from app.core.outbox import OutboxEntry
from app.core.worker import Worker
from app.domain.customers import services as customers
from app.domain.groups import services as groups
from app.domain.team import services as team
from app.domain.templates.services import create_template
from tests.browserless import Browser, FormReader
from tests.factories import customer_values
from tests.mails import set_up
from tests.sink import Server, sink

ROOT = Path(__file__).parents[2]
MANY = 300
PATIENCE = 120


@pytest.fixture
def group_id(app: Flask) -> int:
    """Fifty customers in a group, two of whom a mail cannot or must not reach."""
    with app.app_context():
        group_id = fill(50)
        groups.stop_information(1)
        values = customer_values(last_name="Ohne", emails=[], birthday=None)
        groups.add_members(group_id, [customers.create_customer(values)])
        db.session.commit()
    return group_id


def fill(count: int) -> int:
    """So many customers in a group of their own, and a template of each kind."""
    group_id = groups.create_group({"name": "Kurs", "parent_id": None, "no_information": False})
    for n in range(count):
        emails = [{"label": "", "address": f"m{n}@example.com"}]
        values = customer_values(last_name=f"Meier {n:03}", emails=emails, phones=[])
        groups.add_members(group_id, [customers.create_customer(values)])
    text = {"subject": "Für {{last_name}}", "body": "{{salutation}}\n\nBis bald.\n\n{{my_name}}"}
    for kind in ("mail", "letter"):
        create_template(kind, text | {"name": "Fest", "language": "de", "category_id": None})
    return group_id


def begun(browser: Browser, kind: str, group_id: int, template_id: int) -> str:
    """Take everybody in the group, choose the template, look and start; the serial's address."""
    everybody = {"all": "1", "found": f"group={group_id}"}
    fields = FormReader.read(browser.post(f"/serials/{kind}", everybody).text)
    url = browser.post(f"/serials/{kind}", fields | {"template_id": str(template_id)}).location
    seen = re.search(r'name="seen" value="(\w+)"', browser.get(url).text)
    assert seen
    assert browser.post(f"{url}/start", {"seen": seen[1]}).location == url
    return url


def rounds(app: Flask, count: int = 3) -> None:
    """What the worker does when it is woken, as often as it would be."""
    worker = Worker(app)
    for _n in range(count):
        worker.look()


def test_mails_to_a_group(app: Flask, ben: Browser, group_id: int):
    with sink() as server:
        with app.app_context():
            set_up(server.port)
        url = begun(ben, "mails", group_id, 1)
        page = ben.get(url).text
        assert "0 of 49 sent, 2 left out" in page
        rounds(app)
        page = ben.get(url).text
        assert "49 of 49 sent, 2 left out" in page
        assert "Finished" in page
    to = [address for mail in server.messages for address in mail.recipients]
    assert sorted(to) == sorted(f"m{n}@example.com" for n in range(1, 50))
    mail = server.messages[0].parsed
    assert str(mail["Subject"]) == "Für Meier 001"
    body = mail.get_body(("plain",))
    assert body
    assert "Sehr geehrte Frau Meier 001," in body.get_content()
    assert "Ben Staff" in body.get_content()
    assert "Für Meier 001" in ben.get("/customers/2/messages").text
    assert "Für Meier 000" not in ben.get("/customers/1/messages").text


def test_a_mailbox_that_is_unknown_is_tried_again(app: Flask, ben: Browser, group_id: int):
    with sink(behaviour="refuse") as server:
        with app.app_context():
            set_up(server.port)
        url = begun(ben, "mails", group_id, 1)
        rounds(app)
        assert "0 of 49 sent, 49 failed" in ben.get(url).text
        server.behaviour = "normal"
        ben.post(f"{url}/retry")
        rounds(app)
        assert "49 of 49 sent" in ben.get(url).text
        assert len(server.messages) == 49


def test_whoever_asks_for_no_information_gets_none_even_if_it_waits(
    app: Flask, ben: Browser, group_id: int
):
    with sink(behaviour="busy") as server:
        with app.app_context():
            set_up(server.port)
        url = begun(ben, "mails", group_id, 1)
        rounds(app)
        with app.app_context():
            groups.stop_information(5)
            db.session.commit()
        server.behaviour = "normal"
        with app.app_context():
            db.session.execute(update(OutboxEntry).values(due_at=now()))
            db.session.commit()
        rounds(app)
    assert "48 of 49 sent, 1 failed" in ben.get(url).text
    assert "The customer gets no information." in ben.get(f"{url}?show=failed").text
    assert "m4@example.com" not in {to for mail in server.messages for to in mail.recipients}


@pytest.mark.apart
def test_letters_in_one_file(app: Flask, ben: Browser, make_customer: Callable[..., int]):
    with app.app_context():
        group_id = fill(12)
        nowhere = dict.fromkeys(("street", "house_number", "postcode", "town"), "")
        some = [
            customers.create_customer(customer_values(last_name="Ohne", **nowhere)),
            customers.create_customer(customer_values(last_name="Żółć", town="Łódź")),
            customers.create_customer(customer_values(last_name="水", town="Köln")),
        ]
        groups.add_members(group_id, some)
        db.session.commit()
    try:
        url = begun(ben, "letters", group_id, 2)
        rounds(app, 1)
    finally:
        rendering.stop()
    page = ben.get(url).text
    assert "13 of 14 made, 1 failed, 1 left out" in page
    assert "the font does not have: 水" in ben.get(f"{url}?show=failed").text
    merged = ben.get(f"{url}/letters.pdf")
    assert merged.mimetype == "application/pdf"
    pages = [page.extract_text() for page in PdfReader(BytesIO(merged.data)).pages]
    assert len(pages) == 13
    assert [re.findall(r"Für (\S+ ?\d*)", text)[0].strip() for text in pages] == [
        *(f"Meier {n:03}" for n in range(12)),
        "Żółć",
    ]
    assert "Łódź" in pages[-1]
    assert "Hauptstraße 5a" in pages[0]
    assert "Für Meier 000" in ben.get("/customers/1/messages").text


@pytest.fixture
def house(tmp_path: Path) -> Flask:
    """An application of its own, whose worker is a real process; Anna works in it."""
    app = create_app(configuration(data=tmp_path / "data", secret_key="k" * 48))
    with app.app_context():
        upgrade()
        team.create_user(email="anna@example.com", name="Anna", role="admin", language="en")
        fill(MANY)
        db.session.commit()
    return app


@pytest.fixture
def worker(house: Flask) -> Iterator[Callable[[], Any]]:
    """Starts a worker; none is left behind."""
    started: list[Any] = []
    environment = os.environ | {
        "KUNDENBLICK_DATA": str(house.config["DATA"]),
        "KUNDENBLICK_SECRET_KEY": "k" * 48,
    }

    def start() -> Any:
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "worker", "--threads", "2"]
        started.append(
            subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.mark.apart
def test_a_worker_that_is_killed_writes_to_nobody_twice_and_forgets_nobody(
    house: Flask, worker: Callable[[], Any]
):
    anna = Browser(house, "anna@example.com")
    with sink() as server:
        with house.app_context():
            set_up(server.port)
        url = begun(anna, "mails", 2, 1)
        for goal in (0, 40, 150):  # while they are made, and while they are sent
            process = worker()
            until(lambda goal=goal: made(house) and len(server.messages) >= goal)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        worker()
        until(lambda: f"{MANY} of {MANY} sent" in anna.htmx_get(url).text)
        assert made(house) == MANY
    check(server)


def check(server: Server) -> None:
    """Everybody has their mail; what came twice is the very same."""
    by_mail = {(*mail.recipients, mail.reference) for mail in server.messages}
    assert len(by_mail) == len({to for to, _reference in by_mail}) == MANY
    often = Counter(mail.reference for mail in server.messages)
    assert max(often.values()) <= 2


def made(app: Flask) -> int:
    with closing(sqlite3.connect(app.config["DATA"] / "kundenblick.sqlite3")) as connection:
        return connection.execute("SELECT count(*) FROM message").fetchone()[0]


def until(is_so: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)
