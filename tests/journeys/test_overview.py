"""Which panels the overview shows, in which order, and who decides."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.core.database import db
from app.core.registry import registry
from app.domain.settings import services as settings
from app.domain.team import services as team
from app.domain.team.queries import user_by_email
from tests.browserless import Browser

ONE = "/customers/1"


@pytest.fixture(autouse=True)
def customer_id(make_customer: Callable[..., int]) -> int:
    return make_customer()


@pytest.fixture
def choose(app: Flask) -> Callable[..., None]:
    """Choose the panels of the team, or of the colleague with this name."""

    def choosing(*panels: tuple[str, bool], by: str = "") -> None:
        with app.app_context():
            if by:
                user = user_by_email(f"{by}@example.com")
                assert user is not None
                team.choose_panels(user.id, list(panels))
            else:
                settings.arrange_panels(list(panels))
            db.session.commit()

    return choosing


def shown(browser: Browser, **headers: Any) -> list[str]:
    html = browser.get(ONE, **headers).text
    return re.findall(r'<section id="panel-(\w+)"', html)


def declared(app: Flask) -> list[str]:
    with app.app_context():
        panels = registry().on_overview()
    return [p.key for place in ("rail", "main") for p in panels if p.place == place]


def test_every_panel_in_its_own_order_at_first(app: Flask, ben: Browser):
    assert shown(ben) == ["header", *declared(app)]
    assert declared(app)[0] == "master"


def test_the_team_decides_for_everybody(ben: Browser, cleo: Browser, choose: Any):
    choose(("bank", True), ("master", False), ("addresses", True))
    for browser in (ben, cleo):
        assert shown(browser)[:3] == ["header", "bank", "addresses"]
        assert "master" not in shown(browser)
        assert "comments" in shown(browser)


def test_a_colleague_decides_otherwise(ben: Browser, cleo: Browser, choose: Any):
    choose(("comments", False))
    choose(("comments", True), ("bank", False), by="ben")
    assert "comments" in shown(ben)
    assert "bank" not in shown(ben)
    assert "comments" not in shown(cleo)
    assert "bank" in shown(cleo)


def test_a_hidden_panel_stays_reachable(ben: Browser, choose: Any):
    choose(("comments", False), ("bank", False))
    html = ben.get(ONE).text
    bar = re.search(r'<nav class="tabs".*?</nav>', html, re.S)
    assert bar
    for key in ("comments", "bank"):
        assert f'href="{ONE}/{key}"' in bar[0]
        assert ben.get(f"{ONE}/{key}").status_code == 200
        assert ben.htmx_get(f"{ONE}/{key}/panel").status_code == 200
    assert 'id="comments-new"' in html
    assert 'id="bank-edit"' in html


def test_panels_that_are_gone_or_new(ben: Browser, choose: Any):
    choose(("fax", True), ("comments", True), ("comments", False), ("fax", False), by="ben")
    keys = shown(ben)
    assert "fax" not in keys
    assert keys.count("comments") == 1


def test_everything_hidden(app: Flask, ben: Browser, choose: Any):
    choose(*((key, False) for key in declared(app)))
    assert shown(ben) == ["header"]


def test_the_fragment_is_the_panels_without_the_header(app: Flask, ben: Browser):
    html = ben.htmx_get(ONE).text
    assert "<html" not in html
    assert re.findall(r'<section id="panel-(\w+)"', html) == declared(app)


def test_a_panel_that_is_not_on_screen_is_not_sent(ben: Browser, choose: Any):
    choose(("comments", False))
    answer = ben.htmx_post(f"{ONE}/comments/new", {"body": "x"}, panels="header,master")
    assert "panel-comments" not in answer.text


def test_the_pages_of_a_customer_stand_as_the_main_column_does(ben: Browser):
    html = ben.get(ONE).text.partition('<nav class="tabs"')[2].partition("</nav>")[0]
    keys = re.findall(r'href="/customers/1/(\w+)"', html)
    known = ["master", "addresses", "bank", "comments", "messages", "factura", "documents"]
    assert [key for key in keys if key in {*known, "groups", "history"}] == [
        *known,
        "groups",
        "history",
    ]
