"""An application with a page of oddities, over a database of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade

from app import create_app
from app.config import configuration
from app.core import events
from app.core.database import db
from tests.browserless import Browser

IMPATIENT = ("journal_mode=wal", "foreign_keys=on", "busy_timeout=50", "synchronous=off")


@pytest.fixture
def stage() -> Iterator[None]:
    """A stage for other events; what the house declared comes back afterwards."""
    declared, signals = dict(events._declared), dict(events._signals)
    yield
    events.reset()
    events._declared.update(declared)
    events._signals.update(signals)


@pytest.fixture(scope="session")
def _odd(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    settings = configuration(data=tmp_path_factory.mktemp("odd"), secret_key="k" * 48)
    settings |= {"TESTING": True, "SQLITE_PRAGMAS": IMPATIENT}
    odd = create_app(settings, panels=["tests.core.oddities"])
    with odd.app_context():
        upgrade()
    return odd


@pytest.fixture
def database(_odd: Flask) -> Path:
    """Where the database of the odd application lies."""
    return Path(_odd.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///"))


@pytest.fixture
def odd(_odd: Flask, _image: sqlite3.Connection, database: Path) -> Flask:
    """The odd application over a fresh database."""
    with closing(sqlite3.connect(database)) as target:
        _image.backup(target)
    return _odd


@pytest.fixture
def odd_ben(odd: Flask) -> Browser:
    """Ben, using the odd application."""
    return Browser(odd, "ben@example.com")


@pytest.fixture
def counters(odd: Flask, database: Path) -> Callable[[], list[str]]:
    """The names of what the oddities wrote."""

    def reading() -> list[str]:
        with closing(sqlite3.connect(database)) as connection:
            rows = connection.execute("SELECT name FROM counter ORDER BY name")
            return [name for (name,) in rows if name != "customer"]

    return reading


@pytest.fixture
def fresh_connections(odd: Flask) -> Callable[[], None]:
    """Have the odd application open its database anew, with the pragmas it has by then."""

    def disposing() -> None:
        with odd.app_context():
            db.engine.dispose()

    return disposing
