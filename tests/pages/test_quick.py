"""Quick search: one hit and Enter leads straight to the customer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.core.database import db
from app.domain.groups.services import stop_information
from tests.browserless import Browser


@pytest.fixture
def three(make_customer: Callable[..., int]) -> list[int]:
    return [make_customer(last_name=name) for name in ("Abel", "Abeling", "Zander")]


def test_it_opens_as_page_and_as_dialog(ben: Browser, three: list[int]):
    page, dialog = ben.get("/customers/quick"), ben.htmx_get("/customers/quick")
    assert "<html" in page.text
    assert 'id="dialog-title"' in dialog.text
    for answer in (page, dialog):
        assert 'id="quick-q"' in answer.text
        assert 'id="hit-' not in answer.text


def test_hits_while_typing(ben: Browser, three: list[int]):
    hits = ben.htmx_get("/customers/quick?q=abel").text
    assert "<form" not in hits
    assert [f'<a href="/customers/{one}"' in hits for one in three] == [True, True, False]
    assert "Nobody is found" in ben.htmx_get("/customers/quick?q=xyz").text
    assert ben.htmx_get("/customers/quick?q=+").text.strip() == ""


def test_hits_carry_their_marks(
    app: Flask, ben: Browser, three: list[int], count_queries: Callable[[], Any]
):
    with app.app_context():
        stop_information(three[1])
        db.session.commit()
    for path in ("/customers/quick?q=abel", "/customers/quick?q=10002"):
        assert ben.htmx_get(path).text.count("gets no information") == 1
    with count_queries() as one:
        ben.htmx_get("/customers/quick?q=abeling")
    with count_queries() as two:
        ben.htmx_get("/customers/quick?q=abel")
    assert len(one) == len(two)


def test_at_most_ten_hits(ben: Browser, make_customer: Callable[..., int]):
    for _ in range(11):
        make_customer()
    assert ben.htmx_get("/customers/quick?q=mü").text.count('id="hit-') == 10


def test_one_hit_and_enter(ben: Browser, three: list[int]):
    plain = ben.get("/customers/quick?q=zan&go=1")
    assert (plain.status_code, plain.location) == (303, f"/customers/{three[2]}")
    scripted = ben.htmx_get("/customers/quick?q=zan&go=1")
    assert scripted.status_code == 200
    assert scripted.headers["HX-Redirect"] == f"/customers/{three[2]}"


def test_several_hits_or_none_and_enter(ben: Browser, three: list[int]):
    for query in ("abel", "xyz", ""):
        plain = ben.get(f"/customers/quick?q={query}&go=1")
        assert (plain.status_code, plain.location) == (303, f"/customers?q={query}")
        scripted = ben.htmx_get(f"/customers/quick?q={query}&go=1")
        assert scripted.status_code == 200
        assert "HX-Redirect" not in scripted.headers


def test_everywhere_a_link_opens_it(cleo: Browser, three: list[int]):
    for url in ("/customers", f"/customers/{three[0]}", "/nowhere"):
        assert 'id="quick-open" href="/customers/quick"' in cleo.get(url).text


def test_hits_are_no_markup(ben: Browser, make_customer: Callable[..., int]):
    make_customer(last_name="<b onclick=x>Fett</b>", town="<i>")
    html = ben.htmx_get("/customers/quick", query_string={"q": "fett"}).text
    assert "&lt;b onclick=x&gt;" in html
    assert "<b " not in html
