"""The import as a process of its own, beside a server that goes on answering."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade

from app import create_app
from app.config import configuration
from app.core.database import db
from app.domain.customers.services import create_customer
from app.domain.team import services as team
from tests.browserless import Browser
from tests.factories import customer_values
from tests.pages.test_imports import uploaded

pytestmark = pytest.mark.apart

ROWS = 6000
HEAD = "Nachname;E-Mail;Telefon;Ort;Notiz;IBAN;Zahlungsart;Gruppen\n"
TABLE = HEAD + "".join(
    f"M{n};m{n}@example.com;0176 {n:07};Köln;Notiz;DE89370400440532013000;SEPA;Salsa\n"
    for n in range(ROWS)
)
WHOLE = (
    *("customer_email", "customer_phone", "comment", "bank_account", "mandate", "group_member"),
    *("search_entry", "imported_customer"),
)
PATIENCE = 120


@pytest.fixture
def house(tmp_path: Path) -> Flask:
    """An application of its own, whose jobs are real processes; Anna works in it."""
    app = create_app(configuration(data=tmp_path / "data", secret_key="k" * 48))
    with app.app_context():
        upgrade()
        team.create_user(email="anna@example.com", name="Anna", role="admin", language="en")
        create_customer(customer_values(number="1"))
        db.session.commit()
    return app


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """The processes that were started; none is left behind."""
    started: list[Any] = []
    popen: Any = subprocess.Popen

    def kept(*arguments: Any, **options: Any) -> Any:
        started.append(popen(*arguments, **options))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", kept)
    yield started
    for process in started:
        process.kill()
        process.wait()


def until(is_so: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def count(app: Flask, table: str) -> int:
    with closing(sqlite3.connect(app.config["DATA"] / "kundenblick.sqlite3")) as connection:
        return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def test_it_is_done_beside_the_server_and_taken_back(house: Flask, processes: list[Any]):
    anna = Browser(house, "anna@example.com")
    url = uploaded(anna, TABLE)
    assert anna.post(f"{url}/start").status_code == 303
    (process,) = processes
    assert os.getsid(process.pid) != os.getsid(0)
    assert os.getpriority(os.PRIO_PROCESS, process.pid) > os.getpriority(os.PRIO_PROCESS, 0)
    until(lambda: 'value="0"' not in anna.htmx_get(url).text)
    assert "Import is running" in anna.htmx_get(url).text
    saved = anna.post("/customers/1/comments/new", {"body": "Meanwhile"})
    assert saved.status_code == 303
    assert count(house, "customer") < ROWS, "the comment did not wait for the whole import"
    until(lambda: "Import finished" in anna.htmx_get(url).text)
    assert count(house, "customer") == ROWS + 1
    anna.post(f"{url}/reversal")
    until(lambda: "Import reverted" in anna.htmx_get(url).text)
    assert count(house, "customer") == 1


def test_killed_in_the_middle_it_leaves_whole_customers(house: Flask, processes: list[Any]):
    anna = Browser(house, "anna@example.com")
    url = uploaded(anna, TABLE)
    anna.post(f"{url}/start")
    until(lambda: count(house, "customer") > 1)
    os.kill(processes[0].pid, signal.SIGKILL)
    processes[0].wait()
    left = count(house, "imported_customer")
    assert 0 < left < ROWS
    for table in WHOLE:
        assert count(house, table) == left + (table not in ALONE), table
    page = anna.get(url).text
    assert f"Import was cut off after {left:,} rows" in page
    assert "Revert import" in page
    anna.post(f"{url}/reversal")
    until(lambda: "Import reverted" in anna.htmx_get(url).text)
    assert count(house, "customer") == 1
    assert count(house, "group_member") == 0


ALONE = {"imported_customer", "comment", "bank_account", "mandate", "group_member"}
"""Of what the customer who was there before has nothing."""
