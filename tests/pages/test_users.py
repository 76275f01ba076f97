"""The colleagues: invited, edited, kept out and let in again."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.audit import AuditEntry
from app.core.database import db
from app.domain.team import queries, services
from app.domain.team.models import User
from tests.browserless import Browser

DORA = {"name": "Dora Dorf", "email": "Dora@example.com", "role": "staff", "language": "de"}
LINK = re.compile(r"http://127\.0\.0\.1:8000(/access/[\w.-]+)")


def stored(email: str) -> User:
    user = queries.user_by_email(email)
    assert user is not None
    return user


def id_of(app: Flask, name: str) -> int:
    with app.app_context():
        return stored(f"{name}@example.com").id


def actions(app: Flask) -> list[tuple[str, str, str]]:
    with app.app_context():
        rows = db.session.scalars(select(AuditEntry).where(AuditEntry.user_id.is_not(None)))
        return [(row.user_name, row.action, row.subject) for row in rows]


class TestList:
    def test_everybody(self, anna: Browser):
        page = anna.get("/users").text
        for shown in ("Anna Admin", "ben@example.com", "Read only", "invited, not joined yet"):
            assert shown in page
        assert 'href="/users" aria-current="page"' in page

    def test_only_admins(self, ben: Browser, cleo: Browser):
        for browser in (ben, cleo):
            assert browser.get("/users").status_code == 403
            assert "/users" not in browser.get("/account").text

    def test_the_last_admin_and_why(self, anna: Browser):
        page = anna.get("/users").text
        assert "The team needs at least one admin who can sign in." in page
        assert page.count('aria-disabled="true"') == 1

    def test_its_queries_do_not_grow(self, app: Flask, anna: Browser, count_queries):
        anna.get("/users")
        with count_queries() as few:
            anna.get("/users")
        with app.app_context():
            for n in range(20):
                services.create_user(email=f"{n}@example.com", name=str(n), role="admin")
            db.session.commit()
        with count_queries() as many:
            anna.get("/users")
        assert len(few) == len(many) <= 4


class TestInvite:
    def test_opens_as_page_and_dialog(self, anna: Browser):
        assert "<html" in anna.get("/users/new").text
        dialog = anna.htmx_get("/users/new").text
        assert "<html" not in dialog
        assert 'hx-post="/users/new"' in dialog
        assert anna.fields("/users/new")["role"] == "staff"

    @pytest.mark.parametrize("way", ["post", "htmx_post"])
    def test_shows_the_link_once(self, app: Flask, anna: Browser, eve: Browser, way: str):
        answer = getattr(anna, way)("/users/new", DORA)
        assert answer.status_code == 200
        found = LINK.search(answer.text)
        assert found is not None
        assert f'data-copy="{found[0]}"' in answer.text
        assert LINK.search(anna.get("/users").text) is None
        assert "Dora Dorf" in eve.get(found[1]).text
        assert ("Anna Admin", "created", "Dora Dorf") in actions(app)
        with app.app_context():
            assert (stored("dora@example.com").password, stored("dora@example.com").role) == (
                None,
                "staff",
            )

    def test_in_the_dialog_the_list_is_fresh(self, anna: Browser):
        answer = anna.htmx_post("/users/new", DORA)
        assert "<html" not in answer.text
        partial = answer.text.partition('<hx-partial hx-target="#users"')[2]
        assert "dora@example.com" in partial

    @pytest.mark.parametrize(
        ("over", "sentence"),
        [
            ({"name": ""}, "Please give a name."),
            ({"name": "x" * 101}, "at most 100 characters"),
            ({"name": "x\0"}, "cannot be stored"),
            ({"email": ""}, "Please give an e-mail address."),
            ({"email": "dora"}, "This is not an e-mail address."),
            ({"email": "dora\0@example.com"}, "cannot be stored"),
            ({"email": "BEN@Example.com"}, "A colleague already has this e-mail address."),
            ({"email": "a" * 10_000 + "@example.com"}, "This is not an e-mail address."),
            ({"role": "boss"}, "Please choose one of the list."),
            ({"role": ""}, "Please choose one of the list."),
            ({"language": "fr"}, "Please choose one of the list."),
        ],
    )
    def test_refuses_and_keeps_what_was_typed(
        self,
        anna: Browser,
        over: dict[str, str],
        sentence: str,
        changes_nothing: Callable[[], Any],
    ):
        with changes_nothing():
            for post in (anna.post, anna.htmx_post):
                page = post("/users/new", DORA | over)
                assert page.status_code == 422
                assert sentence in page.text
                assert "Dora" in page.text

    def test_missing_fields(self, anna: Browser, changes_nothing: Callable[[], Any]):
        with changes_nothing():
            assert anna.post("/users/new").status_code == 422

    def test_further_fields_are_ignored(self, app: Flask, anna: Browser):
        more = {"id": "77", "active": "", "password": "x", "fs_uniquifier": "x", "letter_keys": "y"}
        assert anna.post("/users/new", DORA | more).status_code == 200
        with app.app_context():
            dora = stored("dora@example.com")
            assert (dora.id == 77, dora.active, dora.password, dora.letter_keys) == (
                False,
                True,
                None,
                False,
            )

    def test_only_admins(self, ben: Browser, cleo: Browser, changes_nothing: Callable[[], Any]):
        with changes_nothing():
            for browser in (ben, cleo):
                assert browser.post("/users/new", DORA).status_code == 403


class TestEdit:
    def test_changes_at_once_what_a_colleague_may(self, app: Flask, anna: Browser, ben: Browser):
        url = f"/users/{id_of(app, 'ben')}/edit"
        form = anna.fields(url) | {"name": "Benno", "role": "admin"}
        assert ben.get("/users").status_code == 403
        answer = anna.post(url, form)
        assert (answer.status_code, answer.location) == (303, "/users")
        assert ben.get("/users").status_code == 200
        assert "Benno saved" in anna.get("/users").text
        assert ("Anna Admin", "changed", "Benno") in actions(app)

    def test_somebody_else_was_quicker(self, app: Flask, anna: Browser):
        url = f"/users/{id_of(app, 'ben')}/edit"
        form = anna.fields(url)
        anna.post(url, form | {"name": "Benno"})
        page = anna.post(url, form | {"name": "Benjamin", "role": "readonly"})
        assert page.status_code == 409
        assert "Benno" in page.text
        assert "Benjamin" in page.text
        version = anna.fields(url)["version"]
        again = form | {"name": "Benjamin", "version": version, "choose-name": "theirs"}
        assert anna.post(url, again | {"role": "readonly"}).status_code == 303
        with app.app_context():
            ben = stored("ben@example.com")
            assert (ben.name, ben.role) == ("Benno", "readonly")

    def test_the_last_admin_keeps_the_role(
        self, app: Flask, anna: Browser, changes_nothing: Callable[[], Any]
    ):
        url = f"/users/{id_of(app, 'anna')}/edit"
        with changes_nothing():
            page = anna.post(url, anna.fields(url) | {"role": "staff", "name": "Anna A."})
        assert page.status_code == 422
        assert "The team needs at least one admin who can sign in." in page.text
        assert "Anna A." in page.text

    def test_whoever_gives_up_the_role_goes_elsewhere(self, app: Flask, anna: Browser):
        with app.app_context():
            for name in ("anna", "ben"):
                stored(f"{name}@example.com").password = "hash"
            stored("ben@example.com").role = "admin"
            db.session.commit()
        url = f"/users/{id_of(app, 'anna')}/edit"
        assert anna.post(url, anna.fields(url) | {"role": "staff"}).location == "/"
        assert anna.get("/users").status_code == 403

    def test_the_address_of_somebody_else(self, app: Flask, anna: Browser):
        url = f"/users/{id_of(app, 'ben')}/edit"
        page = anna.post(url, anna.fields(url) | {"email": "CLEO@example.com"})
        assert page.status_code == 422
        assert "A colleague already has this e-mail address." in page.text

    def test_nobody_there(self, anna: Browser):
        assert anna.get("/users/999/edit").status_code == 404
        for verb in ("deactivation", "reactivation", "link"):
            assert anna.post(f"/users/999/{verb}").status_code == 404


class TestKeepingOut:
    def test_and_letting_in_again(self, app: Flask, anna: Browser, ben: Browser):
        url = f"/users/{id_of(app, 'ben')}"
        answer = anna.post(f"{url}/deactivation")
        assert (answer.status_code, answer.location) == (303, "/users")
        assert ben.get("/customers").status_code == 302
        page = anna.get("/users").text
        assert f'action="{url}/reactivation"' in page
        assert "Ben Staff deactivated" in page
        assert anna.post(f"{url}/reactivation").status_code == 303
        assert ben.get("/customers").status_code == 302, "the old session stays dead"
        assert Browser(app, "ben@example.com").get("/customers").status_code == 200

    def test_with_htmx_the_page_is_loaded_anew(self, app: Flask, anna: Browser):
        answer = anna.htmx_post(f"/users/{id_of(app, 'ben')}/deactivation")
        assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, "/users")

    def test_the_last_admin_stays(
        self, app: Flask, anna: Browser, changes_nothing: Callable[[], Any]
    ):
        with changes_nothing():
            for post in (anna.post, anna.htmx_post):
                answer = post(f"/users/{id_of(app, 'anna')}/deactivation")
                assert answer.status_code == 409
                assert "at least one admin" in answer.text

    def test_nobody_does_it_to_themselves(self, app: Flask, anna: Browser):
        with app.app_context():
            for name in ("anna", "ben"):
                stored(f"{name}@example.com").password = "hash"
            stored("ben@example.com").role = "admin"
            db.session.commit()
        answer = anna.post(f"/users/{id_of(app, 'anna')}/deactivation")
        assert answer.status_code == 409
        assert "You cannot deactivate yourself." in answer.text

    def test_only_admins(self, app: Flask, ben: Browser, changes_nothing: Callable[[], Any]):
        with changes_nothing():
            for verb in ("deactivation", "reactivation", "link", "edit"):
                assert ben.post(f"/users/{id_of(app, 'cleo')}/{verb}").status_code == 403


class TestLink:
    def test_a_new_one_for_who_lost_the_password(self, app: Flask, anna: Browser, ben: Browser):
        answer = anna.post(f"/users/{id_of(app, 'ben')}/link")
        found = LINK.search(answer.text)
        assert found is not None
        assert ben.get("/customers").status_code == 302
        password = {"password": "Vier Esel in der Sonne", "repeated": "Vier Esel in der Sonne"}
        eve = Browser(app, None)
        assert eve.post(found[1], password).location == "/"
        assert "Ben Staff" in eve.get("/account").text

    def test_not_for_who_is_kept_out(self, app: Flask, anna: Browser):
        url = f"/users/{id_of(app, 'ben')}"
        anna.post(f"{url}/deactivation")
        assert anna.post(f"{url}/link").status_code == 409

    @pytest.mark.parametrize(
        "headers", [{"X-Forwarded-Host": "evil.example"}, {"Forwarded": "host=evil.example"}]
    )
    def test_the_request_has_no_say_in_it(self, app: Flask, anna: Browser, headers: dict[str, str]):
        url = f"/users/{id_of(app, 'ben')}/link"
        answer = anna.post(url, headers=headers)
        assert LINK.search(answer.text)
        assert "evil" not in answer.text
        assert anna.post(url, headers={"Host": "evil.example"}).status_code == 400
