"""What holds before and after every request: origin, token, headers, sentences for errors."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.browserless import Browser

HERE, BASE, EVIL = "http://localhost", "http://127.0.0.1:8000", "https://evil.example"
NEW = "/customers/1/comments/new"


@pytest.fixture
def customer_id(make_customer: Callable[..., int]) -> int:
    return make_customer()


class TestOrigin:
    """Origin and Sec-Fetch-Site must agree with the token where the browser sends them."""

    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"Origin": HERE},
            {"Origin": BASE},
            {"Sec-Fetch-Site": "same-origin"},
            {"Sec-Fetch-Site": "none"},
            {"Origin": HERE, "Sec-Fetch-Site": "same-origin"},
            {"Referer": EVIL},
        ],
    )
    def test_from_our_own_pages(self, ben: Browser, customer_id: int, headers: dict[str, str]):
        assert ben.post(NEW, {"body": "x"}, headers=headers).status_code == 303
        assert ben.htmx_post(NEW, {"body": "x"}, headers=headers).status_code == 200

    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": EVIL},
            {"Origin": "null"},
            {"Origin": ""},
            {"Origin": "localhost"},
            {"Origin": "http://localhost.evil.example"},
            {"Origin": "http://localhost:1"},
            {"Origin": "http://evil.example@localhost:1"},
            {"Origin": "http://["},
            {"Origin": EVIL, "Sec-Fetch-Site": "same-origin"},
            {"Origin": HERE, "Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Sec-Fetch-Site": "Same-Origin, cross-site"},
            {"Sec-Fetch-Site": ""},
        ],
    )
    def test_from_elsewhere(
        self,
        ben: Browser,
        customer_id: int,
        headers: dict[str, str],
        changes_nothing: Callable[[], Any],
    ):
        with changes_nothing():
            for send in (ben.post, ben.htmx_post):
                assert send(NEW, {"body": "x"}, headers=headers).status_code == 403

    def test_a_link_from_elsewhere_may_open_a_page(self, ben: Browser, customer_id: int):
        headers = {"Origin": EVIL, "Sec-Fetch-Site": "cross-site"}
        assert ben.get("/customers/1", headers=headers).status_code == 200


class TestToken:
    @pytest.mark.parametrize("token", ["", "x", "\0", "a.b.c", "x" * 10_000])
    def test_a_wrong_one(
        self, ben: Browser, customer_id: int, token: str, changes_nothing: Callable[[], Any]
    ):
        with changes_nothing():
            answer = ben.post(NEW, {"body": "x", "csrf_token": token})
            assert answer.status_code == 400
            assert "This page is too old." in answer.text

    def test_that_of_another_session(
        self, ben: Browser, anna: Browser, customer_id: int, changes_nothing: Callable[[], Any]
    ):
        with anna.client.session_transaction() as session:
            session["csrf_token"] = "1" * 40
        theirs = re.search(r'name="csrf_token" value="([^"]+)"', anna.get("/customers").text)
        assert theirs
        with changes_nothing():
            assert ben.post(NEW, {"body": "x", "csrf_token": theirs[1]}).status_code == 400

    def test_as_header_or_as_field(self, ben: Browser, customer_id: int):
        answer = ben.client.post(NEW, data={"body": "x"}, headers={"X-CSRFToken": ben.token})
        assert answer.status_code == 303
        assert ben.client.post(NEW, data={"body": "x"}).status_code == 400


class TestHeaders:
    URLS = [
        "/customers",
        "/customers/1",
        "/customers/1/comments",
        "/nowhere",
        "/login",
        "/customers/9",
    ]

    @pytest.mark.parametrize("url", URLS)
    @pytest.mark.parametrize("send", ["get", "htmx_get"])
    def test_every_answer_has_them(self, ben: Browser, customer_id: int, url: str, send: str):
        headers = getattr(ben, send)(url).headers
        assert headers["Content-Security-Policy"].startswith(
            "default-src 'self'; script-src 'self'"
        )
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"
        assert {"HX-Request-Type", "Cookie"} <= {
            name.strip() for name in headers["Vary"].split(",")
        }
        assert "Strict-Transport-Security" not in headers

    def test_redirects_and_refusals_too(self, ben: Browser, eve: Browser, customer_id: int):
        for answer in (
            ben.post(NEW, {"body": "x"}),
            ben.post(NEW, {"body": ""}),
            eve.get("/customers"),
            eve.htmx_post(NEW, {"body": "x"}),
        ):
            assert answer.headers["Cache-Control"] == "no-store"
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]

    def test_https_is_remembered_where_it_is_used(
        self, ben: Browser, app: Flask, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setitem(app.config, "SESSION_COOKIE_SECURE", True)
        assert "max-age=" in ben.get("/login").headers["Strict-Transport-Security"]

    @pytest.mark.parametrize(
        "url", ["/customers", "/customers/1", "/customers/1/comments", "/nowhere"]
    )
    def test_only_our_own_answers_carry_the_mark(self, ben: Browser, customer_id: int, url: str):
        assert ben.htmx_get(url).headers["X-Kb"] == "1"


class TestErrors:
    """Each as a page for people and as a toast for htmx."""

    @pytest.mark.parametrize(
        ("code", "heading", "sentence"),
        [
            (400, "Not understood", "The browser sent something that cannot be read."),
            (403, "Not allowed", "Your role does not allow this."),
            (404, "Not found", "There is nothing here (any more)."),
            (405, "Not possible", "This address cannot be used that way."),
            (410, "Not possible", "This request cannot be answered."),
            (413, "Too large", "cannot be taken in."),
            (418, "Not possible", "This request cannot be answered."),
            (429, "Too many attempts", "Please wait a few minutes and try again."),
        ],
    )
    def test_sentences(self, odd_ben: Browser, code: int, heading: str, sentence: str):
        page = odd_ben.get(f"/oddities/abort/{code}")
        assert page.status_code == code
        assert f"<h1>{heading}</h1>" in page.text
        assert sentence in page.text
        assert 'href="/customers"' in page.text
        toast = odd_ben.htmx_get(f"/oddities/abort/{code}")
        assert toast.status_code == code
        assert toast.text.startswith('<div class="toast" data-kind="error" role="alert">')
        assert sentence in toast.text
        assert "<html" not in toast.text
        assert (toast.headers["HX-Retarget"], toast.headers["HX-Reswap"]) == (
            "#toasts",
            "innerHTML",
        )

    def test_there_is_a_way_back_to_our_own_pages(self, odd_ben: Browser):
        url, here = "/oddities/abort/409", f"{HERE}/customers/1?q=a"
        page = odd_ben.get(url, headers={"Referer": here}).text
        assert f'href="{here}"' in page
        for foreign in (
            "",
            EVIL,
            f"{HERE}{url}",
            f"javascript://{HERE[7:]}/%0aalert()",
            "http://[",
        ):
            page = odd_ben.get(url, headers={"Referer": foreign}).text
            assert "chevron-left" in page
            assert ">Back<" not in page

    def test_for_real(self, ben: Browser, cleo: Browser, customer_id: int):
        for answer, code in (
            (cleo.get(NEW), 403),
            (ben.get("/nowhere"), 404),
            (ben.get("/customers/7"), 404),
            (ben.get("/customers/x"), 404),
            (ben.get(f"/customers/{10**30}"), 404),
            (ben.get("/customers/1/nowhere"), 404),
            (ben.post("/customers"), 405),
            (ben.client.put(NEW, headers={"X-CSRFToken": ben.token}), 405),
            (ben.client.delete(NEW, headers={"X-CSRFToken": ben.token}), 405),
        ):
            assert answer.status_code == code
            assert f'<p class="failure-code">{code}</p>' in answer.text

    def test_strangers_get_sentences_too(self, eve: Browser):
        page = eve.get("/nowhere")
        assert page.status_code == 404
        assert 'href="/login"' in page.text
        assert "mainnav" not in page.text

    def test_a_crash_gives_a_reference_and_no_values(
        self, odd_ben: Browser, caplog: pytest.LogCaptureFixture
    ):
        for answer in (
            odd_ben.post("/oddities/raise/crash"),
            odd_ben.htmx_post("/oddities/raise/crash"),
            odd_ben.post("/oddities/raise/corrupt"),
        ):
            assert answer.status_code == 500
            reference = re.search(r"Reference: ([0-9a-f]{8})", answer.text)
            assert reference
            assert reference[1] in caplog.text
            for leaked in ("DE89", "Traceback", "RuntimeError", "INSERT"):
                assert leaked not in answer.text

    def test_a_database_that_is_none(
        self, odd_ben: Browser, database: Path, caplog: pytest.LogCaptureFixture
    ):
        """Not even the page that says so can be made."""
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("ALTER TABLE user RENAME TO users")
        for answer in (odd_ben.get("/customers"), odd_ben.htmx_post("/customers/new")):
            assert answer.status_code == 500
            reference = re.search(r"Reference: ([0-9a-f]{8})", answer.text)
            assert reference
            assert reference[1] in caplog.text
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "SELECT" not in answer.text

    @pytest.mark.parametrize(
        ("kind", "code", "sentence"),
        [
            ("refused", 409, "Not possible"),
            ("invalid", 422, "One thing. Another."),
            ("locked", 503, "The database is busy. Nothing was changed; please try again."),
            ("full", 507, "disk is full or cannot be written. Nothing was changed."),
            ("readonly", 507, "disk is full or cannot be written. Nothing was changed."),
            ("full-of-files", 507, "disk is full or cannot be written. Nothing was changed."),
        ],
    )
    def test_states_and_rules(self, odd_ben: Browser, kind: str, code: int, sentence: str):
        for send in (odd_ben.post, odd_ben.htmx_post):
            answer = send(f"/oddities/raise/{kind}")
            assert answer.status_code == code
            assert sentence in answer.text

    def test_too_much_at_once(
        self, ben: Browser, customer_id: int, changes_nothing: Callable[[], Any]
    ):
        with changes_nothing():
            for send in (ben.post, ben.htmx_post):
                answer = send(NEW, {"body": "x" * 3_000_000})
                assert answer.status_code == 413
                assert "More than 2 MB cannot be taken in." in answer.text
            kind = "multipart/form-data; boundary=b"
            answer = ben.client.post(NEW, data=b"x" * 27 * 1024 * 1024, content_type=kind)
            assert answer.status_code == 413
            assert "More than 25 MB cannot be taken in." in answer.text

    @pytest.mark.parametrize(("size", "read"), [(27 << 20, 27 << 20), (257 << 20, 0)])
    def test_what_is_refused_is_read_to_its_end(
        self, ben: Browser, customer_id: int, size: int, read: int
    ):
        """Else the browser, still sending, would only see that the connection was reset."""
        body = Endless()
        answer = ben.client.post(
            NEW,
            content_type="multipart/form-data; boundary=b",
            environ_overrides={"wsgi.input": body, "CONTENT_LENGTH": str(size)},
        )
        assert answer.status_code == 413
        assert body.count == read

    def test_in_german(self, odd_ben: Browser, eve: Browser):
        page = eve.get("/nowhere", headers={"Accept-Language": "de"})
        assert '<html lang="de">' in page.text


class Endless:
    """A body that goes on and on, and counts how much of it was read."""

    count = 0

    def read(self, size: int) -> bytes:
        self.count += size
        return b"x" * size


class TestHost:
    @pytest.mark.parametrize(
        "host", ["evil.example", "localhost.evil.example", "127.0.0.2", "[::2]"]
    )
    def test_another_name_is_refused(
        self, ben: Browser, customer_id: int, host: str, changes_nothing: Callable[[], Any]
    ):
        with changes_nothing():
            for send in (ben.get, ben.htmx_get, ben.post, ben.htmx_post):
                answer = send("/customers/1/comments/new", headers={"Host": host})
                assert answer.status_code == 400

    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "localhost:8000", "127.0.0.1:5000"])
    def test_our_own_names(self, ben: Browser, host: str):
        assert ben.get("/login", headers={"Host": host}).status_code < 400


class TestBodies:
    @pytest.mark.parametrize(
        "body", ['{"body": "x"}', "[]", "null", "{", '"' + "x" * 100_000 + '"']
    )
    @pytest.mark.parametrize("url", [NEW, "/customers/new", "/customers/1/master/edit", "/login"])
    def test_json_is_no_form(
        self,
        ben: Browser,
        customer_id: int,
        url: str,
        body: str,
        changes_nothing: Callable[[], Any],
    ):
        with changes_nothing():
            headers = {"X-CSRFToken": ben.token}
            answer = ben.client.post(
                url, data=body, content_type="application/json", headers=headers
            )
        assert answer.status_code in (302, 409, 415, 422)
        assert answer.mimetype == "text/html"

    @pytest.mark.parametrize(
        ("kind", "body"),
        [
            ("multipart/form-data", b"x"),
            (
                "multipart/form-data; boundary=b",
                b"--b\r\nContent-Disposition: form-data; name=body\r\n\r\n",
            ),
            ("application/x-www-form-urlencoded; charset=utf-16", b"body=x"),
            ("text/plain", b"body=x"),
            ("", b"body=x"),
            ("a/b/c", b"\xff\xfe"),
        ],
    )
    def test_broken_bodies(
        self,
        ben: Browser,
        customer_id: int,
        kind: str,
        body: bytes,
        changes_nothing: Callable[[], Any],
    ):
        headers = {"X-CSRFToken": ben.token}
        answer = ben.client.post(NEW, data=body, content_type=kind, headers=headers)
        assert answer.status_code in (303, 400, 422)

    def test_a_thousand_fields(self, ben: Browser, customer_id: int):
        typed = {f"field-{n}": "x" for n in range(5000)}
        assert ben.post(NEW, typed | {"body": "x"}).status_code == 303


class TestMethods:
    def test_head_is_a_get_without_text(self, ben: Browser, customer_id: int):
        for url in ("/customers", "/customers/1", NEW):
            answer = ben.client.head(url)
            assert (answer.status_code, answer.data) == (200, b"")
        assert ben.client.head("/nowhere").status_code == 404

    def test_options_say_what_is_possible(
        self, ben: Browser, eve: Browser, customer_id: int, changes_nothing: Callable[[], Any]
    ):
        with changes_nothing():
            answer = ben.client.options(NEW)
            assert answer.status_code == 200
            assert {"GET", "POST"} <= answer.allow
            assert eve.client.options(NEW).status_code == 302
            assert ben.client.options("/customers/1/comments/1/pin").allow == {"POST", "OPTIONS"}

    @pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "x"])
    def test_others_are_refused(
        self, ben: Browser, customer_id: int, method: str, changes_nothing: Callable[[], Any]
    ):
        with changes_nothing():
            for token in (ben.token, ""):
                answer = ben.client.open(NEW, method=method, headers={"X-CSRFToken": token})
                assert answer.status_code in (400, 405)


class TestShell:
    """One header decides between page and fragment."""

    @pytest.mark.parametrize(
        ("headers", "is_fragment"),
        [
            ({}, False),
            ({"HX-Request": "true"}, False),
            ({"HX-Request": "true", "HX-Request-Type": "full"}, False),
            ({"HX-History-Restore-Request": "true"}, False),
            ({"HX-Request": "true", "HX-Request-Type": "partial"}, True),
            ({"HX-Request-Type": "partial"}, True),
            ({"HX-Request-Type": "Partial"}, False),
        ],
    )
    def test_fragment_or_page(
        self, ben: Browser, customer_id: int, headers: dict[str, str], is_fragment: bool
    ):
        for url in ("/customers", "/customers/1", NEW, "/customers/1/comments"):
            assert ("<html" not in ben.get(url, headers=headers).text) == is_fragment

    def test_htmx_is_never_redirected(self, ben: Browser, eve: Browser, customer_id: int):
        for answer in (
            ben.htmx_post("/customers/new", ben.fields("/customers/new") | {"last_name": "x"}),
            ben.htmx_post(NEW, {"body": "x"}),
            eve.htmx_get("/customers/1"),
            eve.htmx_post(NEW, {"body": "x"}),
        ):
            assert not 300 <= answer.status_code < 400

    def test_a_stranger_is_led_to_the_login_and_back(self, eve: Browser, customer_id: int):
        assert eve.get("/customers/1?x=1").location == "/login?next=/customers/1?x%3D1"
        here = {"HX-Current-URL": "http://localhost/customers/1?x=1"}
        answer = eve.htmx_get(NEW, headers=here)
        assert (answer.status_code, answer.text) == (401, "")
        assert answer.headers["HX-Redirect"] == "/login?next=/customers/1?x%3D1"
        for broken in ("http://[", "", "javascript:alert(1)"):
            answer = eve.htmx_get(NEW, headers={"HX-Current-URL": broken})
            assert answer.status_code == 401
            assert "javascript" not in answer.headers["HX-Redirect"]

    def test_a_stranger_keeps_what_was_typed(self, eve: Browser, customer_id: int):
        answer = eve.htmx_post(NEW, {"body": "x"})
        assert answer.status_code == 401
        assert 'name="password"' in answer.text
        assert "HX-Redirect" not in answer.headers
