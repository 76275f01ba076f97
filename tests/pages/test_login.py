"""Signing in, signing in again, the first run and the one-time link."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update
from werkzeug.test import TestResponse

from app.core.database import db, now
from app.domain.team import links, passwords, queries, services
from app.domain.team.models import LoginAttempt, User
from app.pages.login import security
from tests.browserless import Browser
from tests.mails import set_up

ANNA = "anna@example.com"
RIGHT = "Drei Ziegen im Regen"
NEW = "Vier Esel in der Sonne"
SENTENCE = "E-mail and password do not fit together."
ELSEWHERE: dict[str, Any] = {"environ_overrides": {"REMOTE_ADDR": "10.9.8.7"}}


@pytest.fixture
def known(app: Flask) -> str:
    """Anna has a password."""
    with app.app_context():
        anna = queries.user_by_email(ANNA)
        assert anna is not None
        anna.password = passwords.hashed(RIGHT)
        db.session.commit()
    return ANNA


@pytest.fixture
def nobody(app: Flask) -> str:
    """A fresh server: no user at all. The code it prints."""
    with app.app_context():
        db.session.execute(delete(User))
        db.session.commit()
        return links.first_run_token()


def log_in(browser: Browser, password: str = RIGHT, email: str = ANNA, **more: Any) -> TestResponse:
    return browser.post("/login", {"email": email, "password": password}, **more)


def token_in(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


def text_of(page: TestResponse) -> str:
    """A page without what differs from request to request."""
    return re.sub(r'value="[^"]{40,}"|X-CSRFToken": "[^"]+"', "", page.text)


def count(app: Flask, statement: Any) -> int:
    with app.app_context():
        return db.session.scalar(statement) or 0


class TestLogin:
    def test_the_form(self, eve: Browser):
        page = eve.get("/login?next=/customers")
        assert page.status_code == 200
        assert set(eve.fields("/login")) == {"email", "password", "next"}
        assert 'name="next" type="hidden" value="/customers"' in page.text

    def test_right(self, eve: Browser, known: str):
        answer = log_in(eve)
        assert (answer.status_code, answer.location) == (303, "/")
        assert eve.get("/customers").status_code == 200

    @pytest.mark.parametrize("email", ["ANNA@example.com", " anna@EXAMPLE.com "])
    def test_the_address_however_written(self, eve: Browser, known: str, email: str):
        assert log_in(eve, email=email).status_code == 303

    @pytest.mark.parametrize(
        ("email", "password"),
        [
            (ANNA, "wrong"),
            (ANNA, ""),
            ("", RIGHT),
            ("", ""),
            ("nobody@example.com", RIGHT),
            ("ben@example.com", RIGHT),
            ("no address", RIGHT),
            ("anna@example.com\0", RIGHT),
            ("a" * 10_000, RIGHT),
            (ANNA, "x" * 10_000),
            (ANNA, "\0"),
            ("' or 1=1 --", RIGHT),
            ("<b>x</b>", RIGHT),
        ],
    )
    def test_wrong(self, eve: Browser, known: str, email: str, password: str):
        page = log_in(eve, password, email)
        assert page.status_code == 422
        assert SENTENCE in page.text
        assert eve.get("/customers").status_code == 302

    def test_what_was_typed_stays_but_the_password(self, eve: Browser, known: str):
        page = log_in(eve, "secret-typo", "anna@example.com")
        assert 'value="anna@example.com"' in page.text
        assert "secret-typo" not in page.text

    def test_fields_may_be_missing(self, eve: Browser, known: str):
        assert eve.post("/login").status_code == 422
        assert eve.post("/login", {"email": ANNA}).status_code == 422

    def test_no_word_tells_who_exists(self, app: Flask, eve: Browser, known: str):
        with app.app_context():
            db.session.execute(update(User).where(User.email != ANNA).values(active=False))
            db.session.execute(
                update(User)
                .where(User.email == "ben@example.com")
                .values(password=passwords.hashed(RIGHT))
            )
            db.session.commit()
        pages = [
            text_of(log_in(eve, "wrong")).replace(ANNA, ""),
            text_of(log_in(eve, "wrong", "nobody@example.com")).replace("nobody@example.com", ""),
            text_of(log_in(eve, RIGHT, "ben@example.com")).replace("ben@example.com", ""),
            text_of(log_in(eve, RIGHT, "cleo@example.com")).replace("cleo@example.com", ""),
        ]
        assert len(set(pages)) == 1

    def test_json_is_no_second_door(self, eve: Browser, known: str):
        body = {"email": ANNA, "password": RIGHT}
        assert eve.client.post("/login", json=body).status_code == 400
        for sent in (body, [1], "x", {"email": 1, "password": [2]}):
            answer = eve.client.post("/login", json=sent, headers={"X-CSRFToken": eve.token})
            assert answer.status_code == 415
        assert eve.get("/customers").status_code == 302

    def test_a_token_is_needed(self, eve: Browser, known: str):
        form = {"email": ANNA, "password": RIGHT}
        for token in ("", "wrong"):
            assert eve.post("/login", form | {"csrf_token": token}).status_code == 400
        assert eve.client.post("/login", data=form).status_code == 400
        assert eve.get("/customers").status_code == 302

    def test_no_cookie_outlives_the_session(self, eve: Browser, known: str):
        answer = eve.post("/login", {"email": ANNA, "password": RIGHT, "remember": "y"})
        cookies = answer.headers.getlist("Set-Cookie")
        assert len(cookies) == 1
        assert "HttpOnly" in cookies[0]
        assert "SameSite=Lax" in cookies[0]
        assert "Expires" not in cookies[0]

    def test_somebody_signed_in_goes_on(self, anna: Browser):
        assert anna.get("/login").location == "/"
        assert anna.get("/login?next=/users").location == "/users"

    def test_only_our_own_addresses(self, app: Flask):
        paths = {rule.rule for rule in app.url_map.iter_rules()}
        for theirs in (
            "/logout",
            "/verify",
            "/change",
            "/reset",
            "/register",
            "/fs-static/<path:filename>",
        ):
            assert theirs not in paths

    def test_only_our_own_words(self, eve: Browser, known: str):
        for page in (eve.get("/login"), log_in(eve, "wrong"), log_in(eve, "", "")):
            for theirs in ("Authentication failed", "Remember Me", "Email Address", "not provided"):
                assert theirs not in page.text

    def test_pages_are_not_kept(self, eve: Browser):
        page = eve.get("/login")
        assert page.headers["Cache-Control"] == "no-store"
        assert "Cookie" in page.headers["Vary"]


class TestNext:
    @pytest.mark.parametrize(
        "next_page", ["/customers", "/customers?q=M%C3%BCller&sort=-name", "/users", "/"]
    )
    def test_there(self, eve: Browser, known: str, next_page: str):
        answer = eve.post("/login", {"email": ANNA, "password": RIGHT, "next": next_page})
        assert answer.location == next_page

    @pytest.mark.parametrize(
        "next_page",
        [
            "https://evil.example",
            "//evil.example",
            "///evil.example",
            "////evil.example/customers",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "\t//evil.example",
            " //evil.example",
            "http:evil.example",
            "http:///evil.example",
            "https://localhost@evil.example",
            "https://localhost/customers",
            "javascript:alert(1)",
            "data:text/html,x",
            "evil.example",
            ".evil.example",
            "customers",
            "/%0d%0aLocation: https://evil.example",
            "/customers\r\nSet-Cookie: x=y",
            "/customers\\..\\evil",
            "/no/such/page",
            "/account/logout",
            "/\0",
        ],
    )
    def test_never_elsewhere(self, eve: Browser, known: str, next_page: str):
        form = {"email": ANNA, "password": RIGHT}
        assert eve.post("/login", form | {"next": next_page}).location == "/"
        eve.client.delete_cookie("kundenblick")
        first = eve.get("/login", query_string={"next": next_page})
        answer = eve.client.post(
            "/login", query_string={"next": next_page}, data=form | {"csrf_token": token_in(first)}
        )
        assert answer.location == "/"

    def test_the_whole_way(self, eve: Browser, known: str):
        refused = eve.get("/customers?q=M%C3%BCller")
        assert refused.status_code == 302
        form = eve.fields(refused.location) | {"email": ANNA, "password": RIGHT}
        assert eve.post("/login", form).location == "/customers?q=M%C3%BCller"

    def test_htmx_is_told_where(self, eve: Browser, known: str):
        current = "http://127.0.0.1:8000/customers?q=x"
        refused = eve.htmx_get("/customers/1/comments/new", headers={"HX-Current-URL": current})
        assert refused.status_code == 401
        assert refused.headers["HX-Redirect"] == "/login?next=/customers?q%3Dx"

    @pytest.mark.parametrize(
        "current", ["http://x//evil.example", "https://evil.example", "//evil.example/"]
    )
    def test_a_forged_current_page_leads_nowhere_else(self, eve: Browser, known: str, current: str):
        refused = eve.htmx_get("/customers", headers={"HX-Current-URL": current})
        form = eve.fields(refused.headers["HX-Redirect"]) | {"email": ANNA, "password": RIGHT}
        assert eve.post("/login", form).location == "/"


class TestAgain:
    """The session ended while somebody was typing."""

    def test_an_unsafe_request_keeps_the_page(
        self, eve: Browser, known: str, changes_nothing: Callable[[], Any]
    ):
        form = {"name": "Dora", "email": "dora@example.com", "role": "admin", "language": "de"}
        with changes_nothing():
            assert eve.post("/users/new", form).status_code == 302
            refused = eve.htmx_post("/users/new", form)
        assert refused.status_code == 401
        assert refused.headers["X-Kb"] == "1"
        assert 'action="/login"' in refused.text
        assert 'hx-post="/login"' in refused.text
        assert 'id="again-title"' in refused.text
        assert "<html" not in refused.text

    def test_even_with_a_token_that_is_dead(self, eve: Browser, known: str):
        eve.client.delete_cookie("kundenblick")
        answer = eve.client.post("/users/new", data={"csrf_token": "dead"})
        assert answer.status_code == 302
        headers = {"HX-Request": "true", "HX-Request-Type": "partial", "X-CSRFToken": "dead"}
        assert eve.client.post("/users/new", headers=headers).status_code == 401

    def test_wrong_shows_the_dialog_again(self, eve: Browser, known: str):
        answer = eve.htmx_post("/login", {"email": ANNA, "password": "wrong"})
        assert answer.status_code == 422
        assert 'id="again-title"' in answer.text
        assert SENTENCE in answer.text
        assert f'value="{ANNA}"' in answer.text

    def test_right_empties_the_dialog_and_hands_over_the_new_token(self, eve: Browser, known: str):
        eve.client.delete_cookie("kundenblick")
        headers = {"HX-Request": "true", "HX-Request-Type": "partial"}
        dialog = eve.client.post("/users/new", headers=headers)
        form = {"csrf_token": token_in(dialog), "email": ANNA, "password": RIGHT}
        answer = eve.client.post("/login", data=form, headers=headers)
        assert answer.status_code == 200
        assert re.sub(r"<hx-partial.*?</hx-partial>", "", answer.text, flags=re.S).strip() == ""
        assert 'hx-target="#toasts"' in answer.text
        assert "Signed in again. Please save once more." in answer.text
        user = {"name": "Dora", "email": "dora@example.com", "role": "staff", "language": "de"}
        old = headers | {"X-CSRFToken": token_in(dialog)}
        assert eve.client.post("/users/new", data=user, headers=old).status_code == 400
        new = headers | {"X-CSRFToken": answer.headers["X-Csrf-Token"]}
        assert eve.client.post("/users/new", data=user, headers=new).status_code == 200

    def test_signed_in_elsewhere_meanwhile(self, anna: Browser):
        answer = anna.htmx_post("/login", {"email": "", "password": ""})
        assert answer.status_code == 200
        assert "X-Csrf-Token" in answer.headers


def wrong_login(browser: Browser, password: str, **more: Any) -> TestResponse:
    return log_in(browser, password, **more)


def wrong_again(browser: Browser, password: str, **more: Any) -> TestResponse:
    return browser.htmx_post("/login", {"email": ANNA, "password": password}, **more)


def wrong_change(browser: Browser, password: str, **more: Any) -> TestResponse:
    form = {"current": password, "password": NEW, "repeated": NEW}
    return browser.post("/account/password", form, **more)


DOORS = [("eve", wrong_login), ("eve", wrong_again), ("anna", wrong_change)]


class TestBrake:
    @pytest.mark.parametrize(("who", "door"), DOORS)
    def test_on_every_door(
        self, request: pytest.FixtureRequest, app: Flask, known: str, who: str, door: Any
    ):
        browser = request.getfixturevalue(who)
        assert [door(browser, "wrong").status_code for _ in range(10)] == [422] * 10
        braked = door(browser, RIGHT)
        assert braked.status_code == 429
        assert "Too many attempts" in braked.text or "wait a few minutes" in braked.text
        assert count(app, select(func.count()).select_from(LoginAttempt)) == 10
        assert door(browser, RIGHT, **ELSEWHERE).status_code in (200, 303)

    def test_the_doors_share_their_count(self, eve: Browser, anna: Browser, known: str):
        for _ in range(5):
            wrong_login(eve, "wrong")
            wrong_change(anna, "wrong")
        assert wrong_again(eve, RIGHT).status_code == 429

    def test_many_accounts_from_one_network(self, eve: Browser, known: str):
        for n in range(30):
            assert log_in(eve, "wrong", f"user{n}@example.com").status_code == 422
        assert log_in(eve).status_code == 429
        assert log_in(eve, **ELSEWHERE).status_code == 303

    def test_unknown_accounts_are_braked_alike(self, eve: Browser, known: str):
        answers = [log_in(eve, "x", "nobody@example.com").status_code for _ in range(11)]
        assert answers == [422] * 10 + [429]

    def test_spellings_of_one_account_count_together(self, eve: Browser, known: str):
        for email in ("ANNA@example.com", " anna@example.com", "Anna@Example.com ") * 4:
            log_in(eve, "wrong", email)
        assert log_in(eve).status_code == 429

    def test_success_forgets(self, app: Flask, known: str):
        for _ in range(2):
            browser = Browser(app, None)
            for _ in range(9):
                log_in(browser, "wrong")
            assert log_in(browser).status_code == 303

    def test_time_forgets(self, app: Flask, eve: Browser, known: str):
        for _ in range(11):
            log_in(eve, "wrong")
        with app.app_context():
            earlier = now() - timedelta(minutes=11)
            db.session.execute(update(LoginAttempt).values(at=earlier))
            db.session.commit()
        assert log_in(eve).status_code == 303

    def test_many_at_once(self, app: Flask, known: str):
        def attempt(_n: int) -> int:
            return log_in(Browser(app, None), "wrong").status_code

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(attempt, range(16)))
        assert sorted(answers) == [422] * 10 + [429] * 6

    @pytest.mark.parametrize(
        ("address", "network"),
        [
            ("192.0.2.7", "192.0.2.7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("", "127.0.0.1"),
        ],
    )
    def test_what_a_network_is(self, app: Flask, address: str, network: str):
        with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
            assert security.network_of_request() == network


class TestSessions:
    def test_a_deactivated_user_is_out_at_once(self, app: Flask, ben: Browser):
        assert ben.get("/customers").status_code == 200
        with app.app_context():
            services.deactivate_user(queries.user_by_email("ben@example.com").id)  # type: ignore[union-attr]
            db.session.commit()
        assert ben.get("/customers").status_code == 302
        assert ben.htmx_post("/account").status_code == 401

    def test_the_session_is_another_one_after_the_login(self, eve: Browser, known: str):
        eve.get("/login")
        before = eve.client.get_cookie("kundenblick")
        log_in(eve)
        after = eve.client.get_cookie("kundenblick")
        assert before is not None
        assert after is not None
        assert before.value != after.value
        assert eve.post("/language", {"language": "de"}).status_code == 400, "the old token lives"

    def test_a_copied_cookie_is_dead_after_signing_out(self, app: Flask, eve: Browser, known: str):
        log_in(eve)
        copied = eve.client.get_cookie("kundenblick")
        assert copied is not None
        thief = app.test_client()
        thief.set_cookie("kundenblick", copied.value)
        assert thief.get("/customers").status_code == 200
        other = Browser(app, None)
        log_in(other)
        page = eve.get("/account")
        assert eve.post("/account/logout", {"csrf_token": token_in(page)}).location == "/login"
        assert eve.get("/customers").status_code == 302
        assert thief.get("/customers").status_code == 302
        assert other.get("/customers").status_code == 200, "only this session ends"


class TestFirstRun:
    FORM = {
        "team": "Tanzstudio Lindenhof",
        "name": "Anna Berger",
        "email": "Anna.Berger@example.com",
        "language": "de",
        "password": RIGHT,
        "repeated": RIGHT,
    }

    def test_the_login_leads_there(self, eve: Browser, nobody: str):
        assert eve.get("/login").location == "/first-run"
        assert log_in(eve).location == "/first-run"
        assert eve.get("/first-run").status_code == 200

    def test_the_code_of_the_link_is_filled_in(self, eve: Browser, nobody: str):
        assert eve.fields(f"/first-run?token={nobody}")["token"] == nobody

    def test_makes_an_admin_who_is_signed_in(self, app: Flask, eve: Browser, nobody: str):
        answer = eve.post("/first-run", self.FORM | {"token": nobody})
        assert (answer.status_code, answer.location) == (303, "/")
        page = eve.get("/users")
        assert page.status_code == 200
        assert "Anna Berger" in page.text
        assert "Tanzstudio Lindenhof" in page.text
        assert log_in(Browser(app, None), RIGHT, "anna.berger@example.com").status_code == 303

    def test_closes_for_ever(self, eve: Browser, nobody: str):
        eve.post("/first-run", self.FORM | {"token": nobody})
        assert eve.get("/first-run").status_code == 404
        assert eve.get(f"/first-run?token={nobody}").status_code == 404

    def test_is_closed_where_there_is_somebody(self, eve: Browser, changes_nothing):
        with changes_nothing():
            assert eve.get("/first-run").status_code == 404
            assert eve.post("/first-run", self.FORM).status_code == 404

    @pytest.mark.parametrize(
        "over",
        [
            {"token": ""},
            {"token": "0" * 32},
            {"token": "ü"},
            {"name": ""},
            {"email": "x"},
            {"email": "a\0@b.de"},
            {"language": "xx"},
            {"team": "x" * 201},
            {"password": "short", "repeated": "short"},
            {"password": "x" * 10_000},
            {"repeated": "other"},
            {"role": "admin", "token": "x"},
        ],
    )
    def test_refuses_and_keeps_what_was_typed(
        self, eve: Browser, nobody: str, over: dict[str, str], changes_nothing: Callable[[], Any]
    ):
        form = self.FORM | {"token": nobody} | over
        with changes_nothing():
            page = eve.post("/first-run", form)
        assert page.status_code == 422
        assert "Anna" in page.text
        assert RIGHT not in page.text

    def test_missing_fields(self, eve: Browser, nobody: str):
        assert eve.post("/first-run").status_code == 422

    def test_two_at_once_make_one_admin(self, app: Flask, nobody: str, monkeypatch):
        both = Barrier(2)

        def hashed(password: str) -> str:
            both.wait(10)
            return "hash of " + password

        monkeypatch.setattr(passwords, "hashed", hashed)

        def post(name: str) -> int:
            form = self.FORM | {"token": nobody, "email": f"{name}@example.com"}
            return Browser(app, None).post("/first-run", form).status_code

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(post, ["one", "two"])) == [303, 404]
        assert count(app, select(func.count()).select_from(User)) == 1


class TestAccess:
    @pytest.fixture
    def path(self, app: Flask) -> str:
        with app.app_context():
            ben = queries.user_by_email("ben@example.com")
            assert ben is not None
            return links.access_link(ben).removeprefix(app.config["BASE_URL"])

    def test_shows_whose_it_is(self, eve: Browser, path: str, changes_nothing: Callable[[], Any]):
        with changes_nothing():
            page = eve.get(path)
        assert page.status_code == 200
        assert "Ben Staff" in page.text
        assert "ben@example.com" in page.text

    def test_sets_the_password_once(self, app: Flask, eve: Browser, path: str):
        answer = eve.post(path, {"password": NEW, "repeated": NEW})
        assert (answer.status_code, answer.location) == (303, "/")
        assert eve.get("/customers").status_code == 200
        assert log_in(Browser(app, None), NEW, "ben@example.com").status_code == 303
        stranger = Browser(app, None)
        assert stranger.get(path).status_code == 410
        assert stranger.post(path, {"password": RIGHT, "repeated": RIGHT}).status_code == 410
        assert log_in(Browser(app, None), NEW, "ben@example.com").status_code == 303

    def test_ends_the_sessions_that_were(self, eve: Browser, ben: Browser, path: str):
        eve.post(path, {"password": NEW, "repeated": NEW})
        assert ben.get("/customers").status_code == 302

    @pytest.mark.parametrize(
        ("password", "repeated"),
        [
            ("", ""),
            ("short", "short"),
            (NEW, RIGHT),
            (NEW, ""),
            ("x" * 10_000,) * 2,
            ("ben@example.com",) * 2,
        ],
    )
    def test_refuses(
        self,
        eve: Browser,
        path: str,
        password: str,
        repeated: str,
        changes_nothing: Callable[[], Any],
    ):
        with changes_nothing():
            assert eve.post(path, {"password": password, "repeated": repeated}).status_code == 422
        assert eve.post(path).status_code == 422

    def test_dead_links_say_so(self, app: Flask, eve: Browser, path: str, monkeypatch):
        assert eve.get("/access/made-up").status_code == 404
        assert eve.get(path + "x").status_code == 404
        monkeypatch.setitem(app.config, "SECURITY_RESET_PASSWORD_WITHIN", timedelta(seconds=-1))
        page = eve.get(path)
        assert page.status_code == 410
        assert "ask an admin" in page.text
        assert 'href="/forgot"' not in page.text
        with app.app_context():
            set_up()
        assert '<a class="button" href="/forgot">' in eve.get(path).text

    def test_a_deactivated_user_has_no_way_in(self, app: Flask, eve: Browser, path: str):
        with app.app_context():
            db.session.execute(update(User).where(User.name == "Ben Staff").values(active=False))
            db.session.commit()
        assert eve.get(path).status_code == 410

    def test_two_at_once_set_one_password(self, app: Flask, path: str, monkeypatch):
        both = Barrier(2)
        real = passwords.hashed

        def hashed(password: str) -> str:
            both.wait(10)
            return real(password)

        monkeypatch.setattr(passwords, "hashed", hashed)

        def post(password: str) -> int:
            form = {"password": password, "repeated": password}
            return Browser(app, None).post(path, form).status_code

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(post, [NEW, RIGHT])) == [303, 410]
