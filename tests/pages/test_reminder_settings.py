"""How the team reminds: saved by admins, looked at as a sheet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.core import rendering
from app.core.database import db
from app.core.rendering import Preview, RenderFailed
from app.domain.reminders.models import ReminderLevel
from app.domain.settings.services import save_team
from tests.browserless import Browser, FormReader
from tests.factories import team_values

URL = "/settings/reminders"
LEVEL, PREVIEW, RESET = f"{URL}/2", f"{URL}/2/preview", f"{URL}/2/reset"


@pytest.fixture(autouse=True)
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    documents: list[str] = []

    def preview(html: str, _page: int, _dpi: int) -> Preview:
        documents.append(html)
        return Preview(b"picture", 1)

    monkeypatch.setattr(rendering, "start", lambda: None)
    monkeypatch.setattr(rendering, "render_preview", preview)
    return documents


def stored(app: Flask) -> ReminderLevel | None:
    with app.app_context():
        return db.session.get(ReminderLevel, 2)


def values(anna: Browser, **over: Any) -> dict[str, Any]:
    return anna.fields(LEVEL) | over


def test_the_levels_stand_below_each_other(anna: Browser):
    page = anna.get(URL)
    assert page.text.count('<th scope="row">') == 3
    assert 'href="/settings/reminders" aria-current="page"' in page.text


def test_a_level_is_saved(app: Flask, anna: Browser):
    form = values(anna, days="5", fee="2,50", subject_de="Bitte {{invoice_number}}")
    assert anna.post(LEVEL, form).location == URL
    row = stored(app)
    assert row is not None
    assert (row.days, row.fee, row.active) == (5, 250, True)
    assert row.texts["de"]["subject"] == "Bitte {{invoice_number}}"
    assert values(anna) == form | {"version": "1", "fee": "2.50"}


@pytest.mark.parametrize(
    ("country", "told"),
    [
        ("DE", "without tax: a fee is damages"),
        ("AT", "without tax: a fee is damages"),
        ("CH", "with tax: it is taxed like what was supplied"),
        ("LI", "with tax: it is taxed like what was supplied"),
    ],
)
def test_whether_a_fee_is_taxed_depends_on_the_country(
    app: Flask, anna: Browser, country: str, told: str
):
    with app.app_context():
        save_team(team_values(country=country))
        db.session.commit()
    assert told in anna.get(LEVEL).text


def test_a_level_can_be_off(app: Flask, anna: Browser):
    form = values(anna)
    del form["active"]
    anna.post(LEVEL, form)
    row = stored(app)
    assert row is not None
    assert not row.active
    assert "not used" in anna.get(URL).text


@pytest.mark.parametrize(
    ("over", "message"),
    [
        ({"days": "-1"}, "whole number of days from 0 to 365"),
        ({"days": "1e3"}, "whole number of days"),
        ({"payment_days": "366"}, "whole number of days"),
        ({"payment_days": "9" * 50}, "whole number of days"),
        ({"fee": "1.000"}, "Thousands or decimals?"),
        ({"fee": "viel"}, "Please write a number"),
        ({"fee": "-2"}, "no fee that can be asked for"),
        ({"fee": "0,005"}, "no fee that can be asked for"),
        ({"subject_en": ""}, "A reminder needs a subject."),
        ({"subject_de": "x" * 301}, "Please take at most 300 characters."),
        ({"intro_de": "{{invoice_numbr}}"}, "Did you mean"),
        ({"closing_en": "{{fee"}, "A placeholder is incomplete here"),
        ({"intro_en": "a\0"}, "cannot be stored"),
    ],
)
def test_what_does_not_hold_is_said(app: Flask, anna: Browser, over: dict[str, str], message: str):
    form = values(anna) | over
    answer = anna.post(LEVEL, form)
    assert answer.status_code == 422
    assert message in answer.text
    kept = FormReader.read(answer.text)
    untouched = [name for name in form if name not in over]
    assert {name: kept[name] for name in untouched} == {name: form[name] for name in untouched}
    assert stored(app) is None


def test_an_empty_form_changes_nothing(app: Flask, anna: Browser):
    assert anna.post(LEVEL).status_code == 422
    assert stored(app) is None


def test_a_colleague_who_saved_meanwhile_is_shown(app: Flask, anna: Browser):
    form = values(anna)
    anna.post(LEVEL, form | {"days": "5"})
    answer = anna.post(LEVEL, form | {"fee": "3"})
    assert answer.status_code == 409
    assert "Changed by somebody else meanwhile" in answer.text
    row = stored(app)
    assert row is not None
    assert (row.days, row.fee) == (5, 0)


def test_it_is_set_back(app: Flask, anna: Browser):
    assert RESET not in anna.get(LEVEL).text
    before = values(anna)
    anna.post(LEVEL, before | {"days": "5"})
    assert RESET in anna.get(LEVEL).text
    assert "Set 2nd level back?" in anna.get(RESET).text
    assert anna.post(RESET).location == URL
    assert stored(app) is None
    assert values(anna) == before


@pytest.mark.parametrize(
    ("shown", "words"), [("de", "Sehr geehrte Frau Müller,"), ("en", "Dear Ms Müller,")]
)
def test_the_sheet_shows_what_is_typed(
    anna: Browser,
    rendered: list[str],
    changes_nothing: Callable[[], Any],
    shown: str,
    words: str,
):
    form = values(anna, **{f"subject_{shown}": "Bitte <b>", "fee": "5", "shown": shown})
    with changes_nothing():
        found = anna.htmx_post(PREVIEW, form)
        page = anna.post(PREVIEW, form)
    assert found.text.count("<img") == 1
    assert "<html" not in found.text
    assert FormReader.read(page.text)[f"subject_{shown}"] == "Bitte <b>"
    assert "Bitte &lt;b&gt;" in rendered[0]
    assert words in rendered[0]
    assert "{{" not in rendered[0]
    assert "345" in rendered[0]


@pytest.mark.parametrize("form", [{}, {"fee": "viel", "days": "x"}, {"shown": "xx"}])
def test_half_of_it_is_shown_as_well(anna: Browser, rendered: list[str], form: dict[str, str]):
    assert "<img" in anna.htmx_post(PREVIEW, form).text
    assert len(rendered) == 1


def test_a_renderer_that_fails_says_why(anna: Browser, monkeypatch: pytest.MonkeyPatch):
    def fail(*_arguments: Any) -> Preview:
        raise RenderFailed("busy")

    monkeypatch.setattr(rendering, "render_preview", fail)
    assert "Please try again in a moment." in anna.htmx_post(PREVIEW, values(anna)).text


@pytest.mark.parametrize("url", [f"{URL}/0", f"{URL}/4", f"{URL}/4/preview", f"{URL}/4/reset"])
def test_there_are_three_levels(anna: Browser, url: str):
    assert anna.post(url).status_code == 404


def test_staff_may_not(ben: Browser, changes_nothing: Callable[[], Any]):
    for url in (URL, LEVEL):
        assert ben.get(url).status_code == 403
    with changes_nothing():
        for url in (LEVEL, PREVIEW, RESET):
            assert ben.post(url).status_code == 403
