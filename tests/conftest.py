"""The cast, a fresh database for every test, and no network.

Anna is admin, Ben staff, Cleo may only read, Eve is a stranger. The database is restored from one
migrated image before each test, so tests may commit, and verbs may use transactions of their own.
"""

from __future__ import annotations

import hashlib
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import event

from app import create_app
from app.config import configuration
from app.core.database import db
from app.domain.customers import services as customers
from app.domain.team import services as team
from app.pages.login import security
from tests.browserless import Browser
from tests.factories import customer_values
from tests.plugins import PLUGINS

FAST = ("journal_mode=wal", "foreign_keys=on", "busy_timeout=5000", "synchronous=off")
QUICK = {"argon2__memory_cost": 8, "argon2__time_cost": 1, "argon2__parallelism": 1}
"""Passwords of tests are worth no effort."""
CAST = (
    ("anna", "Anna Admin", "admin"),
    ("ben", "Ben Staff", "staff"),
    ("cleo", "Cleo Read", "readonly"),
)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and str(address[0]) not in ("127.0.0.1", "::1"):
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def _app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    settings = configuration(data=tmp_path_factory.mktemp("data"), secret_key="k" * 48)
    settings |= {"TESTING": True, "SQLITE_PRAGMAS": FAST}
    settings |= {"BACKGROUND": _no_process, "WAKE": _no_worker}
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(security.SETTINGS, "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS", QUICK)
        app = create_app(settings, panels=PLUGINS)
    with app.app_context():
        upgrade()
        if PLUGINS:
            db.create_all()  # the migrations make the tables of the house only
        for email, name, role in CAST:
            team.create_user(email=f"{email}@example.com", name=name, role=role, language="en")
        db.session.commit()
    return app


def _no_process(*_command: str) -> None:
    """Tests of requests start no process; a test of jobs puts something else here."""


def _no_worker(_delay: timedelta) -> None:
    """Nobody is woken; a test of the worker takes what the outbox holds by itself."""


@pytest.fixture(scope="session")
def _image(_app: Flask) -> sqlite3.Connection:
    """The migrated database with its cast, to restore from."""
    return image_of(_app)


@pytest.fixture
def app(_app: Flask, _image: sqlite3.Connection) -> Flask:
    """The application over a fresh database that holds the cast and no customer."""
    restore(_app, _image)
    return _app


def image_of(app: Flask) -> sqlite3.Connection:
    """What the database holds now, kept in memory."""
    image = sqlite3.connect(":memory:", check_same_thread=False)
    with closing(sqlite3.connect(_database_file(app))) as source:
        source.backup(image)
    return image


def restore(app: Flask, image: sqlite3.Connection) -> None:
    """Let the database hold what an image does; who was connected before may know other tables."""
    with closing(sqlite3.connect(_database_file(app))) as target:
        target.execute("PRAGMA synchronous = off")
        image.backup(target)
    with app.app_context():
        db.engine.dispose()


def _database_file(app: Flask) -> str:
    return app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")


@pytest.fixture
def anna(app: Flask) -> Browser:
    return Browser(app, "anna@example.com")


@pytest.fixture
def ben(app: Flask) -> Browser:
    return Browser(app, "ben@example.com")


@pytest.fixture
def cleo(app: Flask) -> Browser:
    return Browser(app, "cleo@example.com")


@pytest.fixture
def eve(app: Flask) -> Browser:
    return Browser(app, None)


@pytest.fixture
def make_customer(app: Flask) -> Callable[..., int]:
    """Add a customer with these values and get its id."""

    def make(**values: Any) -> int:
        with app.app_context():
            customer_id = customers.create_customer(customer_values(**values))
            db.session.commit()
            return customer_id

    return make


@pytest.fixture
def context(app: Flask) -> Iterator[None]:
    """An application context for tests of verbs; never use it around requests."""
    with app.app_context():
        yield
        db.session.rollback()


@pytest.fixture
def changes_nothing(app: Flask) -> Callable[[], Any]:
    """A block after which the database must hold exactly what it held before."""

    @contextmanager
    def block() -> Iterator[None]:
        before = _fingerprint(app)
        yield
        assert _fingerprint(app) == before, "the database was changed"

    return block


def _fingerprint(app: Flask) -> str:
    digest = hashlib.sha256()
    with closing(sqlite3.connect(_database_file(app))) as connection:
        for table in sorted(db.metadata.tables):
            if table != "login_attempt":
                rows = connection.execute(f'SELECT * FROM "{table}" ORDER BY 1').fetchall()
                digest.update(repr((table, rows)).encode())
    return digest.hexdigest()


@pytest.fixture
def count_queries(app: Flask) -> Callable[[], Any]:
    """A block that collects the statements it sends: `with count_queries() as sent: …`."""

    @contextmanager
    def block() -> Iterator[list[str]]:
        sent: list[str] = []

        def note(_c: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            if not statement.startswith(("BEGIN", "PRAGMA")):
                sent.append(statement)

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            yield sent
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return block
