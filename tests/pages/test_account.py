"""What everybody decides for themselves: language, keys, password; and signing out."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.core.database import db
from app.core.registry import registry
from app.domain.team import passwords, queries
from app.domain.team.models import User
from tests import hostile
from tests.browserless import Browser

RIGHT = "Drei Ziegen im Regen"
NEW = "Vier Esel in der Sonne"
CHANGE = {"current": RIGHT, "password": NEW, "repeated": NEW}


@pytest.fixture
def known(app: Flask) -> None:
    """Cleo, who may only read, has a password."""
    with app.app_context():
        stored(app).password = passwords.hashed(RIGHT)
        db.session.commit()


def stored(app: Flask, email: str = "cleo@example.com") -> User:
    user = queries.user_by_email(email)
    assert user is not None
    return user


def token_in(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


class TestPreferences:
    def test_shows_who_i_am(self, cleo: Browser):
        page = cleo.get("/account")
        assert "Cleo Read" in page.text
        assert "cleo@example.com" in page.text
        shown = {name: value.strip() for name, value in cleo.fields("/account").items()}
        assert shown == {"version": "", "language": "en", "signature": ""}

    def test_even_who_may_only_read_decides(self, app: Flask, cleo: Browser):
        answer = cleo.post("/account", {"language": "de", "letter_keys": "y"})
        assert (answer.status_code, answer.location) == (303, "/account")
        with app.app_context():
            assert (stored(app).language, stored(app).letter_keys) == ("de", True)
        assert "data-letters" in cleo.get("/account").text

    def test_keys_are_switched_off_again(self, app: Flask, cleo: Browser):
        cleo.post("/account", {"language": "en", "letter_keys": "y"})
        cleo.post("/account", {"language": "en"})
        with app.app_context():
            assert not stored(app).letter_keys

    @pytest.mark.parametrize("language", ["", "fr", "x" * 10_000, "de\0"])
    def test_refuses(self, cleo: Browser, language: str, changes_nothing: Callable[[], Any]):
        with changes_nothing():
            assert cleo.post("/account", {"language": language}).status_code == 422

    def test_nobody_changes_more_than_that(self, app: Flask, cleo: Browser):
        cleo.post(
            "/account", {"language": "de", "role": "admin", "name": "X", "active": "", "id": "1"}
        )
        with app.app_context():
            assert (stored(app).role, stored(app).name) == ("readonly", "Cleo Read")


def test_every_letter_is_told_before_and_after_it_is_chosen(app: Flask, cleo: Browser):
    with app.app_context():
        actions = [action for panel in registry().panels.values() for action in panel.actions]
    letters = {action.shortcut.upper() for action in actions if action.shortcut}
    assert letters >= {"E", "L", "M", "N"}
    hint = re.search(r"E edits[^<]*", cleo.get("/account").text)
    assert hint
    assert letters <= set(re.findall(r"\b[A-Z]\b", hint[0]))
    cleo.post("/account", {"language": "en", "letter_keys": "y"})
    assert letters <= set(re.findall(r"<kbd>([A-Z])</kbd>", cleo.get("/account").text))


class TestSignature:
    def test_is_kept_as_it_was_typed(self, app: Flask, cleo: Browser):
        typed = {"language": "en", "signature": "Cleo Read\r\n\r\n  Tel. 0221 1234  "}
        assert cleo.post("/account", typed).status_code == 303
        with app.app_context():
            assert stored(app).signature == "Cleo Read\n\n  Tel. 0221 1234"
        assert cleo.fields("/account")["signature"].strip().startswith("Cleo Read")

    def test_is_not_too_long(self, cleo: Browser, changes_nothing: Callable[[], Any]):
        with changes_nothing():
            answer = cleo.post("/account", {"language": "en", "signature": "ab " * 400})
        assert answer.status_code == 422
        assert "at most 1000 characters" in answer.text
        assert 'id="signature-error"' in answer.text
        assert "ab ab ab" in answer.text

    @pytest.mark.parametrize("text", hostile.TEXTS, ids=hostile.called)
    def test_hostile_text(self, cleo: Browser, text: str):
        answer = cleo.post("/account", {"language": "en", "signature": text})
        assert answer.status_code in (303, 422)
        assert not hostile.is_markup_in(cleo.get("/account").text)


class TestLanguage:
    def test_before_the_login(self, eve: Browser):
        answer = eve.post("/language", {"language": "de", "next": "/login?next=/users"})
        assert (answer.status_code, answer.location) == (303, "/login?next=/users")
        assert '<html lang="de">' in eve.get("/login").text

    def test_stays_with_the_user(self, app: Flask, ben: Browser):
        ben.post("/language", {"language": "de", "next": "/account"})
        with app.app_context():
            assert stored(app, "ben@example.com").language == "de"
        assert '<html lang="de">' in ben.get("/account").text

    def test_an_unknown_one_is_left_alone(self, eve: Browser):
        assert eve.post("/language", {"language": "xx"}).location == "/"
        assert eve.post("/language").location == "/"
        assert '<html lang="en">' in eve.get("/login").text

    @pytest.mark.parametrize(
        "next_page", ["//evil.example", "https://evil.example", "/\\evil.example"]
    )
    def test_never_elsewhere(self, eve: Browser, next_page: str):
        assert eve.post("/language", {"language": "de", "next": next_page}).location == "/"


class TestPassword:
    def test_opens_as_page_and_dialog(self, cleo: Browser):
        page, dialog = cleo.get("/account/password"), cleo.htmx_get("/account/password")
        assert "<html" in page.text
        assert "<html" not in dialog.text
        assert 'hx-post="/account/password"' in dialog.text

    @pytest.mark.usefixtures("known")
    def test_changes_it_and_stays_signed_in_here_only(self, app: Flask, cleo: Browser):
        elsewhere = Browser(app, "cleo@example.com")
        answer = cleo.post("/account/password", CHANGE)
        assert (answer.status_code, answer.location) == (303, "/account")
        assert cleo.get("/account").status_code == 200
        assert elsewhere.get("/account").status_code == 302
        with app.app_context():
            assert passwords.opens(stored(app), NEW)

    @pytest.mark.usefixtures("known")
    def test_in_the_dialog_the_page_is_loaded_anew(self, cleo: Browser):
        answer = cleo.htmx_post("/account/password", CHANGE)
        assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, "/account")

    @pytest.mark.usefixtures("known")
    @pytest.mark.parametrize(
        ("over", "sentence"),
        [
            ({"current": "wrong"}, "This is not your current password."),
            ({"current": ""}, "This is not your current password."),
            ({"current": "x" * 10_000}, "This is not your current password."),
            ({"current": "\0"}, "This is not your current password."),
            ({"password": "short", "repeated": "short"}, "at least 10 characters"),
            ({"password": "x" * 10_000}, "at most 128 characters"),
            ({"password": "cleo@example.com"}, "too easy to guess"),
            ({"repeated": "other"}, "not the same"),
            ({"repeated": ""}, "not the same"),
        ],
    )
    def test_refuses(
        self, cleo: Browser, over: dict[str, str], sentence: str, changes_nothing: Callable[[], Any]
    ):
        with changes_nothing():
            for post in (cleo.post, cleo.htmx_post):
                page = post("/account/password", CHANGE | over)
                assert page.status_code == 422
                assert sentence in page.text
                assert NEW not in page.text

    @pytest.mark.usefixtures("known")
    def test_the_new_one_is_not_judged_before_the_current_one(self, cleo: Browser):
        page = cleo.post("/account/password", {"current": "wrong", "password": "short"})
        assert "at least 10 characters.</span>" not in page.text

    def test_missing_fields(self, cleo: Browser):
        assert cleo.post("/account/password").status_code == 422

    def test_a_stranger_has_none(self, eve: Browser, changes_nothing: Callable[[], Any]):
        with changes_nothing():
            assert eve.post("/account/password", CHANGE).status_code == 302


class TestLogout:
    def test_only_by_post(self, cleo: Browser):
        assert cleo.get("/account/logout").status_code == 405
        assert cleo.get("/account").status_code == 200

    def test_forgets_all_but_the_language(self, cleo: Browser):
        cleo.post("/language", {"language": "de"})
        answer = cleo.post("/account/logout")
        assert (answer.status_code, answer.location) == (303, "/login")
        assert cleo.get("/account").status_code == 302
        with cleo.client.session_transaction() as session:
            assert session["language"] == "de"
            assert not {"_user_id", "_id", "session_id", "toasts"} & set(session)
        assert '<html lang="de">' in cleo.get("/login").text

    def test_nobody_can_do_it_too(self, eve: Browser):
        assert eve.post("/account/logout").status_code == 302

    def test_not_from_elsewhere(self, cleo: Browser):
        assert cleo.post("/account/logout", {"csrf_token": "x"}).status_code == 400
        assert cleo.get("/account").status_code == 200
