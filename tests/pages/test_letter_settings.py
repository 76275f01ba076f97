"""How letters look: saved by admins, shown by a sample."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.core import rendering
from app.core.database import db
from app.core.rendering import Preview, RenderFailed
from app.domain.letters.models import LetterSettings
from tests.browserless import Browser, FormReader

URL, PREVIEW = "/settings/letters", "/settings/letters/preview"
VALUES = {
    "window": "swiss",
    "return_line": "Wir <b>",
    "contact_lines": "Telefon 1",
    "footer": "a\n\nb",
    "version": "",
}


@pytest.fixture(autouse=True)
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    documents: list[str] = []

    def preview(html: str, _page: int, _dpi: int) -> Preview:
        documents.append(html)
        return Preview(b"picture", 1)

    monkeypatch.setattr(rendering, "start", lambda: None)
    monkeypatch.setattr(rendering, "render_preview", preview)
    return documents


def stored(app: Flask) -> LetterSettings | None:
    with app.app_context():
        return db.session.get(LetterSettings, 1)


def test_it_begins_as_usual_in_the_country(anna: Browser):
    assert anna.fields(URL)["window"] == "din5008b"
    assert 'href="/settings/letters" aria-current="page"' in anna.get(URL).text


def test_it_is_saved(app: Flask, anna: Browser):
    assert anna.post(URL, VALUES).location == URL
    row = stored(app)
    assert row is not None
    assert (row.window, row.return_line, row.footer) == ("swiss", "Wir <b>", "a\n\nb")
    assert anna.fields(URL) == VALUES | {"version": "1"}


@pytest.mark.parametrize(
    ("over", "message"),
    [
        ({"window": "top"}, "Please choose one of the list."),
        ({"window": ""}, "Please choose one of the list."),
        ({"footer": "a\n\nb\n\nc\n\nd\n\ne"}, "At most 4 columns of 5 lines fit here."),
        ({"contact_lines": "\n".join("x" * 10)}, "At most 9 lines fit here."),
        ({"return_line": "x" * 201}, "Please take at most 200 characters."),
        ({"footer": "a\0"}, "cannot be stored"),
    ],
)
def test_what_does_not_hold_is_said(app: Flask, anna: Browser, over: dict[str, str], message: str):
    answer = anna.post(URL, VALUES | over)
    assert answer.status_code == 422
    assert message in answer.text
    assert FormReader.read(answer.text)["return_line"] == (VALUES | over)["return_line"]
    assert stored(app) is None


def test_a_colleague_who_saved_meanwhile_is_shown(app: Flask, anna: Browser):
    anna.post(URL, VALUES)
    answer = anna.post(URL, VALUES | {"return_line": "Anders"})
    assert answer.status_code == 409
    assert "Changed by somebody else meanwhile" in answer.text
    row = stored(app)
    assert row is not None
    assert row.return_line == "Wir <b>"


def test_the_sample_shows_what_is_typed(
    anna: Browser, rendered: list[str], changes_nothing: Callable[[], Any]
):
    with changes_nothing():
        found = anna.htmx_post(PREVIEW, VALUES)
        page = anna.post(PREVIEW, VALUES)
    assert found.text.count("<img") == 1
    assert "<html" not in found.text
    assert FormReader.read(page.text)["footer"] == "a\n\nb"
    assert "Wir &lt;b&gt;" in rendered[0]
    assert "Bahnhofstrasse 5a" in rendered[0]
    assert "Hauptstraße 5a" not in rendered[0]


def test_what_cannot_be_shown_is_left_out(anna: Browser, rendered: list[str]):
    assert anna.htmx_post(PREVIEW, VALUES | {"window": ""}).text == ""
    assert anna.htmx_post(PREVIEW, {}).text == ""
    assert rendered == []


def test_a_renderer_that_fails_says_why(anna: Browser, monkeypatch: pytest.MonkeyPatch):
    def fail(*_arguments: Any) -> Preview:
        raise RenderFailed("busy")

    monkeypatch.setattr(rendering, "render_preview", fail)
    assert "Please try again in a moment." in anna.htmx_post(PREVIEW, VALUES).text


def test_staff_may_not(ben: Browser, changes_nothing: Callable[[], Any]):
    assert ben.get(URL).status_code == 403
    with changes_nothing():
        assert ben.post(URL, VALUES).status_code == 403
        assert ben.htmx_post(PREVIEW, VALUES).status_code == 403
