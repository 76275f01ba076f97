"""Asking for a one-time link: the answer tells nobody who has an account."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from app.core import outbox
from app.core.database import db, now
from app.core.outbox import ENTRY
from app.domain.mailing.models import MailAccount
from app.domain.team import rules
from app.domain.team.models import LoginAttempt
from app.domain.team.services import LINK
from tests.browserless import Browser
from tests.hostile import TEXTS

ANNA, STRANGER = "anna@example.com", "anne@example.com"
SENT = "Look into your mailbox"


@pytest.fixture(autouse=True)
def account(app: Flask) -> None:
    """A mail server is set up."""
    with app.app_context():
        where = {"host": "127.0.0.1", "port": 25, "security": "none", "secret": ""}
        db.session.add(MailAccount(id=1, from_address="post@example.com", **where))
        db.session.commit()


@pytest.fixture
def asked(app: Flask) -> Callable[[], list[Any]]:
    """What the outbox holds for those who asked."""

    def reading() -> list[Any]:
        with app.app_context():
            rows = db.session.execute(select(*ENTRY).where(ENTRY.kind == LINK))
            return [row.payload for row in rows]

    return reading


def ask(browser: Browser, email: str, address: str = "127.0.0.1") -> Any:
    return browser.post("/forgot", {"email": email}, environ_overrides={"REMOTE_ADDR": address})


def text_of(page: Any, email: str) -> str:
    return page.text.replace(email, "").replace(page.request.path, "")


def test_the_login_leads_to_it(eve: Browser):
    assert 'href="/forgot"' in eve.get("/login").text
    page = eve.get("/forgot")
    assert page.status_code == 200
    assert set(eve.fields("/forgot")) == {"email", "version"}


def test_it_only_writes_down_what_was_typed(eve: Browser, asked: Callable[[], list[Any]]):
    page = ask(eve, " Anna@Example.com ")
    assert (page.status_code, SENT in page.text) == (200, True)
    assert asked() == [{"email": "Anna@Example.com"}]


def test_known_and_unknown_get_the_same_answer(eve: Browser):
    eve.get("/login")
    known, unknown = ask(eve, ANNA), ask(eve, STRANGER)
    assert known.status_code == unknown.status_code
    assert text_of(known, ANNA) == text_of(unknown, STRANGER)
    assert ANNA in known.text
    assert dict(known.headers) == dict(unknown.headers)


@pytest.mark.parametrize("email", ["", "anna", "anna@", "a b@example.com", "@", "a@b@c"])
def test_what_is_no_address(eve: Browser, asked: Callable[[], list[Any]], email: str):
    page = ask(eve, email)
    assert page.status_code == 422
    assert 'aria-invalid="true"' in page.text
    assert not asked()


@pytest.mark.parametrize("email", TEXTS)
def test_hostile_text(eve: Browser, email: str):
    assert ask(eve, email).status_code in (200, 422)


def test_the_address_is_never_html(eve: Browser, asked: Callable[[], list[Any]]):
    page = ask(eve, "o'neill&sons@example.com")
    assert "o&#39;neill&amp;sons@example.com" in page.text


class TestBrake:
    def test_many_for_one_address(self, eve: Browser, asked: Callable[[], list[Any]]):
        for email in (ANNA, STRANGER):
            codes = [ask(eve, email).status_code for _ in range(rules.MOST_LINKS + 2)]
            assert codes == [200] * rules.MOST_LINKS + [429] * 2
        assert len(asked()) == 2 * rules.MOST_LINKS

    def test_letters_of_another_size_are_the_same_address(self, eve: Browser):
        for _ in range(rules.MOST_LINKS):
            ask(eve, ANNA)
        assert ask(eve, "ANNA@example.com").status_code == 429

    def test_many_addresses_from_one_network(self, eve: Browser):
        codes = [ask(eve, f"{n}@example.com").status_code for n in range(31)]
        assert codes == [200] * rules.FAILURES_OF_NETWORK + [429]
        assert ask(eve, "one-more@example.com", "10.9.8.7").status_code == 200

    def test_many_networks_do_not_fill_a_mailbox(
        self, eve: Browser, asked: Callable[[], list[Any]]
    ):
        codes = [ask(eve, ANNA, f"10.9.8.{n}").status_code for n in range(12)]
        assert codes == [200] * 12
        assert len(asked()) == rules.MOST_LINKS

    def test_it_ends(self, app: Flask, eve: Browser):
        for _ in range(rules.MOST_LINKS + 1):
            last = ask(eve, ANNA)
        assert last.status_code == 429
        with app.app_context():
            earlier = now() - rules.WINDOW - timedelta(seconds=1)
            db.session.execute(update(LoginAttempt).values(at=earlier))
            db.session.commit()
        assert ask(eve, ANNA).status_code == 200

    def test_it_does_not_keep_the_user_from_signing_in(self, eve: Browser):
        for _ in range(rules.MOST_LINKS + 1):
            ask(eve, ANNA)
        answer = eve.post("/login", {"email": ANNA, "password": "wrong"})
        assert answer.status_code == 422


class TestWithoutMailServer:
    @pytest.fixture(autouse=True)
    def no_account(self, app: Flask, account: None) -> None:
        with app.app_context():
            db.session.execute(delete(MailAccount))
            db.session.commit()

    def test_an_admin_helps(self, eve: Browser):
        page = eve.get("/login")
        assert "/forgot" not in page.text
        assert "An admin of your team makes you a one-time link." in page.text
        assert "An admin of your team" in eve.get("/forgot").text

    def test_nothing_is_written(self, eve: Browser, asked: Callable[[], list[Any]]):
        assert ask(eve, ANNA).status_code == 409
        assert not asked()


def test_a_foreign_host_is_refused(eve: Browser):
    page = eve.post("/forgot", {"email": ANNA}, headers={"Host": "evil.example"})
    assert page.status_code == 400


@pytest.mark.apart
def test_known_and_unknown_take_the_same_time(
    app: Flask, eve: Browser, monkeypatch: pytest.MonkeyPatch
):
    """Forty each, shuffled: by the test of Mann and Whitney they cannot be told apart."""
    monkeypatch.setattr(rules, "MOST_LINKS", 1000)
    monkeypatch.setattr(rules, "FAILURES_OF_NETWORK", 1000)
    with app.app_context():
        outbox.put("warm")
        db.session.commit()
    ask(eve, "warm@example.com")
    order = [ANNA, STRANGER] * 40
    random.Random(7).shuffle(order)
    times: dict[str, list[float]] = {ANNA: [], STRANGER: []}
    for email in order:
        began = time.perf_counter()
        ask(eve, email)
        times[email].append(time.perf_counter() - began)
    known, unknown = times.values()
    assert _deviation(known, unknown) < 3.3  # one in a thousand by chance
    medians = statistics.median(known), statistics.median(unknown)
    print(f"medians {medians[0] * 1000:.2f} ms and {medians[1] * 1000:.2f} ms")


def _deviation(one: list[float], other: list[float]) -> float:
    """How many standard deviations the U of Mann and Whitney lies from its mean."""
    n, m = len(one), len(other)
    u = sum((a > b) + (a == b) / 2 for a in one for b in other)
    return abs(u - n * m / 2) / (n * m * (n + m + 1) / 12) ** 0.5
