"""A day at the counter: once by plain forms and links, once with htmx."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from tests.browserless import Browser, FormReader
from tests.fragments import parts


class Plain:
    """Follows links and redirects as a browser without script does."""

    def __init__(self, browser: Browser):
        self.browser = browser

    def open(self, url: str) -> str:
        answer = self.browser.get(url)
        assert answer.status_code == 200
        return answer.text

    def save(self, url: str, **typed: Any) -> str:
        answer = self.browser.post(url, FormReader.read(self.open(url)) | typed)
        assert answer.status_code == 303
        return self.open(answer.location)

    def press(self, url: str, **sent: str) -> str:
        answer = self.browser.post(url, sent)
        assert answer.status_code == 303
        return self.open(answer.location)


class Scripted(Plain):
    """Opens dialogs in place and gets only what is stale."""

    SCREEN = "header,master,addresses,bank,comments"

    def save(self, url: str, **typed: Any) -> str:
        dialog = self.browser.htmx_get(url)
        assert (dialog.status_code, "<html" in dialog.text) == (200, False)
        return self._send(url, FormReader.read(dialog.text) | typed)

    def press(self, url: str, **sent: str) -> str:
        return self._send(url, sent)

    def _send(self, url: str, form: dict[str, Any]) -> str:
        answer = self.browser.htmx_post(url, form, panels=self.SCREEN)
        assert answer.status_code == 200
        if target := answer.headers.get("HX-Redirect"):
            return self.open(target)
        found, dialog = parts(answer.text)
        assert "#toasts" in found
        return "\n".join([dialog, *found.values()])


@pytest.fixture(params=[Plain, Scripted])
def clerk(request: pytest.FixtureRequest, ben: Browser) -> Plain:
    return request.param(ben)


def test_a_new_company_and_everything_about_it(clerk: Plain):
    page = clerk.save("/customers/new", kind="company", company="Autohaus Berger", town="Köln")
    assert "Autohaus Berger" in page
    one = "/customers/1"

    page = clerk.save(
        f"{one}/master/people/new", first_name="Eva", last_name="Öztürk", phone="0221 4711"
    )
    assert "Eva Öztürk" in page
    assert "/customers/1" in clerk.open("/customers?q=oeztuerk")

    page = clerk.save(f"{one}/addresses/new", company="Lager", street="Am Hafen", town="Neuss")
    assert "Am Hafen" in page
    assert "/customers/1" in clerk.open("/customers?q=hafen neuss")

    page = clerk.save(
        f"{one}/bank/edit",
        payment_method="sepa_direct_debit",
        iban="DE89 3704 0044 0532 0130 00",
        account_holder="Autohaus Berger",
    )
    assert "Mandate outstanding" in page
    assert "/customers/1" in clerk.open("/customers?q=DE89 3704 0044")

    page = clerk.save(f"{one}/comments/new", body="Ruft\nzurück")
    assert "Ruft<br>\nzurück" in page

    page = clerk.save(
        f"{one}/master/edit", company="Autohaus Zander", **{"emails-0-address": "a@b.example"}
    )
    assert "Autohaus Zander" in page
    assert "mailto:a@b.example" in page
    assert "/customers/1" not in clerk.open("/customers?q=berger kölx")

    history = clerk.open(f"{one}/history")
    for told in ("Customer added", "Eva Öztürk added", "Comment written", "Master data changed"):
        assert told in history, told
    assert "Autohaus Berger" in history
    assert "DE89370400440532013000" not in history


def test_taking_something_back(clerk: Plain):
    clerk.save("/customers/new", last_name="Müller")
    clerk.save("/customers/1/comments/new", body="Weg damit")
    page = clerk.press("/customers/1/comments/1/removal")
    assert "Weg damit" not in page
    undo = re.search(r'action="([^"]+/restoration)"', page)
    assert undo
    assert "Weg damit" in clerk.press(unescape(undo[1]))


def test_two_colleagues_at_once(ben: Browser, anna: Browser):
    """Ben loses nothing, Anna neither, and the history tells both."""
    Plain(ben).save("/customers/new", last_name="Müller", town="Köln")
    url = "/customers/1/master/edit"
    opened = ben.fields(url)
    Scripted(anna).save(url, town="Bonn")
    answer = ben.htmx_post(url, opened | {"first_name": "Tanja"}, panels="header,master")
    assert answer.status_code == 409
    resolved = FormReader.read(answer.text) | {"choose-town": "theirs"}
    saved = ben.htmx_post(url, resolved, panels="header,master")
    assert saved.status_code == 200
    overview = ben.get("/customers/1").text
    assert "Tanja Müller" in overview
    assert "Bonn" in overview
    history = ben.get("/customers/1/history").text
    assert history.index("Tanja") < history.index("Anna Admin")


def test_a_reader_finds_and_reads_but_changes_nothing(cleo: Browser, ben: Browser, changes_nothing):
    Plain(ben).save("/customers/new", last_name="Müller")
    with changes_nothing():
        for url in (
            "/customers?q=mü",
            "/customers/1",
            "/customers/1/comments",
            "/customers/1/history",
        ):
            assert "Müller" in cleo.get(url).text
        for url in ("/customers/1/master/edit", "/customers/1/comments/new", "/customers/new"):
            assert cleo.get(url).status_code == 403
            assert cleo.post(url, {"body": "x", "last_name": "y"}).status_code == 403


def test_nothing_of_a_customer_leaks_to_a_stranger(eve: Browser, ben: Browser):
    Plain(ben).save("/customers/new", last_name="Geheimrat")
    for url in (
        "/customers",
        "/customers/1",
        "/customers/1/master/panel",
        "/customers/quick?q=geh",
    ):
        for send in (eve.get, eve.htmx_get):
            assert "Geheimrat" not in send(url).text
