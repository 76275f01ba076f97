"""One's own choice of panels, and the way back to the team's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask

from app.domain.team.queries import user_by_email
from tests.browserless import Browser
from tests.pages.test_team_overview import URL as TEAM_URL
from tests.pages.test_team_overview import form, order, shown

URL = "/account/overview"
AGAIN = "Use the team&#39;s choice again"


def panels_of(app: Flask, name: str) -> list[Any] | None:
    with app.app_context():
        user = user_by_email(f"{name}@example.com")
        assert user is not None
        return user.panels


def test_begins_with_the_choice_of_the_team(anna: Browser, cleo: Browser):
    anna.post(TEAM_URL, form(anna.get(TEAM_URL).text, shown=["master"]))
    page = cleo.get(URL).text
    assert shown(page) == ["master"]
    assert 'name="again"' not in page


def test_even_who_may_only_read_chooses_for_themselves(
    app: Flask, anna: Browser, cleo: Browser, make_customer: Callable[..., int]
):
    overview = f"/customers/{make_customer()}"
    answer = cleo.post(URL, form(cleo.get(URL).text, shown=["comments"]))
    assert (answer.status_code, answer.location) == (303, URL)
    assert 'data-panel="master"' not in cleo.get(overview).text
    assert 'data-panel="comments"' in cleo.get(overview).text
    assert 'data-panel="master"' in anna.get(overview).text
    assert panels_of(app, "anna") is None


def test_the_own_choice_outlives_a_change_of_the_team(anna: Browser, cleo: Browser):
    cleo.post(URL, form(cleo.get(URL).text, shown=["comments"]))
    anna.post(TEAM_URL, form(anna.get(TEAM_URL).text, shown=["master"]))
    assert shown(cleo.get(URL).text) == ["comments"]


def test_saving_without_a_change_is_no_choice(
    app: Flask, cleo: Browser, changes_nothing: Callable[[], Any]
):
    with changes_nothing():
        cleo.post(URL, form(cleo.get(URL).text))
    assert panels_of(app, "cleo") is None


def test_back_to_the_choice_of_the_team(app: Flask, cleo: Browser):
    chosen = cleo.htmx_post(URL, form(cleo.get(URL).text, shown=[]))
    assert chosen.status_code == 200
    assert 'name="again"' in chosen.text
    answer = cleo.htmx_post(URL, form(chosen.text, again="team"))
    assert shown(answer.text) == order(answer.text)
    assert 'name="again"' not in answer.text
    assert panels_of(app, "cleo") is None


def test_another_window_of_mine_changed_it_meanwhile(cleo: Browser):
    page = cleo.get(URL).text
    cleo.post(URL, form(page, shown=["master"]))
    answer = cleo.post(URL, form(page, shown=["comments"]))
    assert answer.status_code == 409
    assert shown(answer.text) == ["comments"]


def test_a_stranger_has_none(eve: Browser, changes_nothing: Callable[[], Any]):
    assert eve.get(URL).status_code == 302
    with changes_nothing():
        assert eve.post(URL, {"order": ["comments"]}).status_code == 302


def test_the_tabs_of_the_account_lead_here(cleo: Browser):
    assert f'href="{URL}"' in cleo.get("/account").text
    assert 'href="/account"' in cleo.get(URL).text
    assert 'href="/settings' not in cleo.get(URL).text
