"""Transactions: who may write, what is kept, what happens when two want the same."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, insert, select, text
from sqlalchemy.exc import OperationalError, StatementError

from app.core.audit import AuditEntry
from app.core.database import db, now
from app.core.numbers import Counter, reserve, take
from app.domain.customers import services
from app.domain.customers.models import Customer
from tests.browserless import Browser
from tests.core.conftest import IMPATIENT
from tests.factories import customer_values


@contextmanager
def locked(database: Path) -> Iterator[None]:
    """Somebody else holds the write lock."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@contextmanager
def commits(app: Flask) -> Iterator[list[str]]:
    """How transactions ended."""
    ends: list[str] = []

    def commit(_connection: Any) -> None:
        ends.append("commit")

    def rollback(_connection: Any) -> None:
        ends.append("rollback")

    with app.app_context():
        engine = db.engine
    event.listen(engine, "commit", commit)
    event.listen(engine, "rollback", rollback)
    try:
        yield ends
    finally:
        event.remove(engine, "commit", commit)
        event.remove(engine, "rollback", rollback)


class TestReading:
    @pytest.mark.parametrize("send", ["get", "htmx_get"])
    def test_a_get_that_writes_is_a_bug_and_changes_nothing(
        self, odd_ben: Browser, counters: Callable[[], list[str]], send: str
    ):
        answer = getattr(odd_ben, send)("/oddities/write")
        assert answer.status_code == 500
        assert "Reference:" in answer.text
        assert counters() == []

    def test_a_head_writes_no_more_than_a_get(
        self, odd_ben: Browser, counters: Callable[[], list[str]]
    ):
        assert odd_ben.client.head("/oddities/write").status_code == 500
        assert counters() == []

    def test_a_view_that_reads_first_must_say_when_it_writes(
        self, odd_ben: Browser, counters: Callable[[], list[str]]
    ):
        assert odd_ben.post("/oddities/write-while-reading").status_code >= 500
        assert counters() == []

    def test_a_reading_connection_can_write_for_the_next_request(
        self, odd_ben: Browser, counters: Callable[[], list[str]]
    ):
        for _ in range(3):
            odd_ben.get("/customers")
        odd_ben.post("/oddities/write/200")
        assert counters() == ["odd"]


class TestEnds:
    @pytest.mark.parametrize("code", [200, 204, 302, 303, 399])
    def test_below_400_is_kept(
        self, odd_ben: Browser, counters: Callable[[], list[str]], code: int
    ):
        assert odd_ben.post(f"/oddities/write/{code}").status_code == code
        assert counters() == ["odd"]

    @pytest.mark.parametrize("way", ["write", "abort"])
    @pytest.mark.parametrize("code", [400, 403, 404, 409, 413, 422, 429, 500, 503])
    def test_from_400_on_nothing_is(
        self, odd_ben: Browser, counters: Callable[[], list[str]], code: int, way: str
    ):
        for send in (odd_ben.post, odd_ben.htmx_post):
            assert send(f"/oddities/{way}/{code}").status_code == code
            assert counters() == []

    @pytest.mark.parametrize("kind", ["refused", "invalid", "locked", "full", "corrupt", "crash"])
    def test_what_is_raised_is_rolled_back(
        self, odd_ben: Browser, counters: Callable[[], list[str]], kind: str
    ):
        assert odd_ben.post(f"/oddities/raise/{kind}").status_code >= 400
        assert counters() == []

    def test_there_is_one_commit(self, odd: Flask, odd_ben: Browser):
        with commits(odd) as ends:
            odd_ben.post("/oddities/write/200")
        assert ends.count("commit") == 1
        with commits(odd) as ends:
            odd_ben.post("/oddities/write/409")
        assert "commit" not in ends

    @pytest.mark.parametrize("send", ["post", "htmx_post"])
    def test_a_commit_that_fails_is_told_and_no_success_is_claimed(
        self, odd_ben: Browser, counters: Callable[[], list[str]], send: str
    ):
        answer = getattr(odd_ben, send)("/oddities/late")
        assert answer.status_code == 500
        assert "Something broke" in answer.text
        assert counters() == []
        assert "Saved, it says" not in answer.text + odd_ben.get("/customers").text

    @pytest.mark.parametrize(
        ("message", "code", "sentence"),
        [
            ("database or disk is full", 507, "disk is full"),
            ("database is locked", 503, "database is busy"),
            ("disk I/O error", 500, "Reference:"),
        ],
    )
    def test_a_disk_that_is_full_at_the_commit(
        self,
        odd_ben: Browser,
        counters: Callable[[], list[str]],
        monkeypatch: pytest.MonkeyPatch,
        message: str,
        code: int,
        sentence: str,
    ):
        def failing() -> None:
            raise OperationalError("COMMIT", {}, sqlite3.OperationalError(message))

        with monkeypatch.context() as patched:
            patched.setattr(db.session, "commit", failing)
            answer = odd_ben.post("/oddities/write/200")
        assert answer.status_code == code
        assert sentence in answer.text
        assert answer.headers["Content-Security-Policy"]
        assert "Saved, it says" not in answer.text + odd_ben.get("/customers").text
        assert counters() == []


class TestReadingFirst:
    def test_the_lock_is_free_until_it_writes(
        self, odd_ben: Browser, counters: Callable[[], list[str]]
    ):
        assert odd_ben.post("/oddities/first-read", {"write": "1"}).status_code == 200
        assert counters() == ["elsewhere", "odd", "short"]

    def test_what_was_written_apart_outlives_a_refusal(
        self, odd_ben: Browser, counters: Callable[[], list[str]]
    ):
        answer = odd_ben.post("/oddities/first-read", {"write": "1", "fail": "1"})
        assert answer.status_code == 409
        assert counters() == ["elsewhere", "short"]


class TestTwoAtOnce:
    def test_a_lost_race_is_told(self, odd: Flask, odd_ben: Browser):
        with odd.app_context():
            services.create_customer(customer_values())
            db.session.commit()
        for send in (odd_ben.post, odd_ben.htmx_post):
            answer = send("/oddities/stale")
            assert answer.status_code == 409
            assert "Somebody else changed this at the same moment." in answer.text
        with odd.app_context():
            assert db.session.scalars(select(Customer.town)).one() == "Köln"
            assert db.session.scalars(select(Customer.version)).one() == 1

    @pytest.mark.parametrize("send", ["post", "htmx_post"])
    def test_a_lock_that_does_not_open(
        self,
        odd_ben: Browser,
        database: Path,
        counters: Callable[[], list[str]],
        send: str,
    ):
        """The page that says so must not wait for the same lock again."""
        with locked(database):
            answer = getattr(odd_ben, send)("/customers/new", {"last_name": "Müller"})
            assert answer.status_code == 503
            assert "The database is busy. Nothing was changed" in answer.text
            assert ("<html" in answer.text) == (send == "post")
            assert "Ben Staff" in answer.text or send == "htmx_post"
            assert odd_ben.get("/customers").status_code == 200
        assert odd_ben.post("/oddities/write/200").status_code == 200
        assert counters() == ["odd"]

    def test_a_full_disk(
        self,
        odd: Flask,
        odd_ben: Browser,
        database: Path,
        fresh_connections: Callable[[], None],
        monkeypatch: pytest.MonkeyPatch,
    ):
        with closing(sqlite3.connect(database)) as connection:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
        monkeypatch.setitem(odd.config, "SQLITE_PRAGMAS", (*IMPATIENT, f"max_page_count={pages}"))
        fresh_connections()
        try:
            typed = odd_ben.fields("/customers/new") | {"kind": "company", "company": "x" * 200}
            codes = {odd_ben.post("/customers/new", typed).status_code for _ in range(40)}
            assert codes <= {303, 507}
            assert 507 in codes
            answer = odd_ben.post("/customers/new", typed)
            assert answer.status_code == 507
            assert "disk is full or cannot be written. Nothing was changed." in answer.text
            assert odd_ben.get("/customers").status_code == 200
        finally:
            monkeypatch.undo()
            fresh_connections()
        with odd.app_context():
            db.session.execute(
                text(
                    "INSERT INTO search_trigram(search_trigram, rank) VALUES('integrity-check', 1)"
                )
            )
            customers = db.session.scalars(select(Customer.id)).all()
            told = select(AuditEntry.customer_id).where(AuditEntry.customer_id.is_not(None))
            assert set(db.session.scalars(told)) == set(customers)

    def test_four_take_numbers_at_once(self, app: Flask):
        """Each connection of its own: no number twice, none left out."""
        taken: list[str] = []
        start = threading.Barrier(4)

        def work() -> None:
            with app.app_context():
                start.wait()
                for _ in range(50):
                    number = services.next_number()
                    db.session.commit()
                    taken.append(number)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(taken) == [str(number) for number in range(10001, 10201)]

    def test_reading_goes_on_while_somebody_writes(self, app: Flask, ben: Browser):
        with app.app_context():
            path = Path(db.engine.url.database or "")
        with locked(path):
            assert ben.get("/customers").status_code == 200


class TestNumbers:
    @pytest.fixture(autouse=True)
    def inside(self, context: None) -> None:
        """In a transaction that is rolled back."""

    def test_each_kind_counts_for_itself(self):
        assert [take("a", 5), take("a", 5), take("b", 1), take("a", 5)] == [5, 6, 1, 7]

    def test_the_start_only_moves_up(self):
        assert [take("a", 100), take("a", 50), take("a", 200)] == [100, 101, 200]

    def test_many_at_once(self):
        assert list(reserve("a", 10, 3)) == [10, 11, 12]
        assert take("a", 10) == 13
        assert list(reserve("a", 1, 2)) == [14, 15]

    def test_what_is_rolled_back_was_not_given(self):
        take("a", 5)
        db.session.rollback()
        assert take("a", 5) == 5


class TestColumns:
    def test_instants_are_kept_in_utc(self, context: None):
        summer = datetime(2026, 7, 1, 14, 0, tzinfo=timezone(timedelta(hours=2)))
        db.session.execute(
            insert(AuditEntry).values(
                at=summer, user_name="", area="x", action="y", subject="", changes=[]
            )
        )
        newest = select(AuditEntry.at).order_by(AuditEntry.id.desc()).limit(1)
        assert db.session.scalar(newest) == datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
        assert now().tzinfo is UTC

    def test_a_moment_without_zone_is_refused(self, context: None):
        with pytest.raises(StatementError, match="needs a time zone"):
            db.session.execute(
                insert(AuditEntry).values(
                    at=datetime(2026, 7, 1),  # noqa: DTZ001
                    user_name="",
                    area="",
                    action="",
                    subject="",
                    changes=[],
                )
            )

    def test_foreign_keys_hold(self, context: None):
        with pytest.raises(Exception, match="FOREIGN KEY"):
            db.session.execute(
                text(
                    "INSERT INTO comment"
                    " (customer_id, body, pinned, author_name, created_at, version)"
                    " VALUES (999, 'x', 0, '', '2026-01-01', 1)"
                )
            )

    def test_a_counter_is_one_row(self, context: None):
        take("a", 1)
        with pytest.raises(Exception, match="UNIQUE"):
            db.session.execute(insert(Counter).values(name="a", value=1))
