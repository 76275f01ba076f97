"""Which panels the overview shows: the team's choice, as a form of checkboxes and steps."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.core.registry import registry
from app.domain.settings import queries
from tests.browserless import Browser

URL = "/settings/overview"


def order(html: str) -> list[str]:
    return re.findall(r'name="order" value="(\w+)"', html)


def shown(html: str) -> list[str]:
    return re.findall(r'name="shown" value="(\w+)" id="show-\w+" checked', html)


def form(html: str, **over: Any) -> dict[str, Any]:
    """What the form on a page would send, with this changed."""
    version = re.search(r'name="version" value="(\w*)"', html)
    assert version is not None
    return {"version": version[1], "order": order(html), "shown": shown(html)} | over


@pytest.fixture
def rail(app: Flask) -> list[str]:
    """The panels of the left column, as they declare themselves."""
    with app.app_context():
        return [panel.key for panel in registry().on_overview() if panel.place == "rail"]


@pytest.fixture
def everything(app: Flask) -> list[str]:
    with app.app_context():
        return [panel.key for panel in registry().on_overview()]


class TestChoosing:
    def test_shows_every_panel_in_its_column(self, anna: Browser, everything: list[str]):
        page = anna.get(URL).text
        assert sorted(order(page)) == sorted(shown(page)) == sorted(everything)
        assert page.index("Left column") < page.index('id="place-master"')
        assert page.index("Right column") < page.index('id="place-comments"')

    def test_it_is_a_tab_of_the_settings(self, anna: Browser):
        assert f'<a href="{URL}">Overview</a>' in anna.get("/settings").text
        page = anna.get(URL).text
        assert f'<a href="{URL}" aria-current="page">' in page
        assert '<a href="/settings" aria-current="page">' in page

    def test_a_hidden_panel_leaves_the_overview_and_keeps_its_button(
        self, anna: Browser, make_customer: Callable[..., int]
    ):
        customer_id = make_customer()
        page = anna.get(URL).text
        visible = [key for key in shown(page) if key != "comments"]
        answer = anna.post(URL, form(page, shown=visible))
        assert (answer.status_code, answer.location) == (303, URL)
        overview = anna.get(f"/customers/{customer_id}").text
        assert 'data-panel="comments"' not in overview
        assert 'data-panel="master"' in overview
        assert f'href="/customers/{customer_id}/comments"' in overview

    def test_a_step_up_and_down_within_the_column(
        self, anna: Browser, make_customer: Callable[..., int], rail: list[str]
    ):
        first, second = rail[:2]
        anna.post(URL, form(anna.get(URL).text, up=second))
        assert order(anna.get(URL).text)[:2] == [second, first]
        overview = anna.get(f"/customers/{make_customer()}").text
        assert overview.index(f'id="panel-{second}"') < overview.index(f'id="panel-{first}"')
        anna.post(URL, form(anna.get(URL).text, down=second))
        assert order(anna.get(URL).text)[:2] == [first, second]

    def test_what_was_ticked_before_a_step_is_kept(self, anna: Browser, rail: list[str]):
        page = anna.get(URL).text
        anna.post(URL, form(page, shown=rail, up=rail[1]))
        assert sorted(shown(anna.get(URL).text)) == sorted(rail)

    def test_with_htmx_the_answer_is_the_new_form(self, anna: Browser, rail: list[str]):
        answer = anna.htmx_post(URL, form(anna.get(URL).text, up=rail[1]))
        assert answer.status_code == 200
        assert "<html" not in answer.text
        assert order(answer.text)[:2] == [rail[1], rail[0]]
        assert anna.htmx_post(URL, form(answer.text, up=rail[2])).status_code == 200

    def test_the_focus_moves_on_where_a_button_vanishes(self, anna: Browser, rail: list[str]):
        answer = anna.htmx_post(URL, form(anna.get(URL).text, up=rail[1])).text
        [focused] = re.findall(r'<button[^>]* id="([\w-]+)"[^>]* autofocus', answer)
        assert focused == f"down-{rail[1]}"

    @pytest.mark.parametrize("button", ["up", "down"])
    @pytest.mark.parametrize("key", ["", "gone", "<script>", "header"])
    def test_an_unknown_panel_moves_nothing(
        self, anna: Browser, changes_nothing: Callable[[], Any], button: str, key: str
    ):
        sent = form(anna.get(URL).text, **{button: key})
        with changes_nothing():
            assert anna.htmx_post(URL, sent).status_code == 200

    def test_unknown_and_doubled_keys_are_ignored(self, app: Flask, anna: Browser):
        page = anna.get(URL).text
        keys = [*reversed(order(page)), "gone", "<script>", *order(page)]
        anna.post(URL, form(page, order=keys, shown=["gone", "comments"]))
        with app.app_context():
            panels = queries.team().panels
        assert [key for key, _visible in panels] == list(reversed(order(page)))
        assert [key for key, visible in panels if visible] == ["comments"]

    def test_what_was_not_sent_stays(self, anna: Browser, changes_nothing: Callable[[], Any]):
        with changes_nothing():
            assert anna.post(URL, {"version": ""}).status_code == 303

    def test_everything_may_be_hidden(self, anna: Browser, make_customer: Callable[..., int]):
        anna.post(URL, form(anna.get(URL).text, shown=[]))
        assert shown(anna.get(URL).text) == []
        assert anna.get(f"/customers/{make_customer()}").status_code == 200


class TestTwoAtOnce:
    @pytest.mark.parametrize("send", ["post", "htmx_post"])
    def test_both_choices_are_shown_and_nothing_is_saved(
        self, anna: Browser, changes_nothing: Callable[[], Any], send: str
    ):
        page = anna.get(URL).text
        anna.post(URL, form(page, shown=["master"]))
        with changes_nothing():
            answer = getattr(anna, send)(URL, form(page, shown=["comments"]))
        assert answer.status_code == 409
        assert "Saved meanwhile by Anna Admin" in answer.text
        assert "Master data</p>" in answer.text
        assert shown(answer.text) == ["comments"]

    def test_the_own_choice_is_saved_by_sending_it_again(self, anna: Browser):
        page = anna.get(URL).text
        anna.post(URL, form(page, shown=["master"]))
        answer = anna.post(URL, form(page, shown=["comments"]))
        assert anna.post(URL, form(answer.text)).status_code == 303
        assert shown(anna.get(URL).text) == ["comments"]

    @pytest.mark.parametrize("send", ["post", "htmx_post"])
    def test_or_the_saved_one_is_taken(
        self, anna: Browser, changes_nothing: Callable[[], Any], send: str
    ):
        page = anna.get(URL).text
        anna.post(URL, form(page, shown=["master"]))
        answer = anna.post(URL, form(page, shown=["comments"]))
        with changes_nothing():
            taken = getattr(anna, send)(URL, form(answer.text, discard="mine"))
        assert taken.status_code == (303 if send == "post" else 200)
        assert shown(anna.get(URL).text) == ["master"]
