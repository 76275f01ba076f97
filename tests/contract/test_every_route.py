"""What holds for every route, whoever wrote it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from app.core import auth
from tests.browserless import Browser
from tests.contract.conftest import discovered, rules, url_of

FINE = {200, 302, 303, 304, 404, 409, 410}


def named(rule: Rule) -> str:
    return rule.endpoint


def need_of(rule: Rule) -> str | None:
    with discovered().app_context():
        return auth.required(rule.endpoint)


def is_private(rule: Rule) -> bool:
    return need_of(rule) != "public"


SAFE, UNSAFE = rules(unsafe=False), rules(unsafe=True)
PRIVATE_SAFE = [rule for rule in SAFE if is_private(rule)]
PRIVATE_UNSAFE = [rule for rule in UNSAFE if is_private(rule)]


@pytest.mark.parametrize("rule", [*SAFE, *UNSAFE], ids=named)
def test_it_belongs_to_an_area(rule: Rule):
    assert need_of(rule) is not None


@pytest.mark.parametrize("rule", [*SAFE, *UNSAFE], ids=named)
def test_it_answers_as_page_and_as_fragment(
    rule: Rule, anna: Browser, full_customer: int, changes_nothing: Callable[[], Any]
):
    if "GET" not in (rule.methods or ()):
        return
    url = url_of(rule, full_customer)
    with changes_nothing():
        page, fragment = anna.get(url), anna.htmx_get(url)
    assert page.status_code in FINE
    assert fragment.status_code in FINE
    assert "HX-Request-Type" in page.headers["Vary"]
    assert page.headers["Cache-Control"] == "no-store" or not is_private(rule)
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert "Content-Security-Policy" in page.headers
    if fragment.status_code == 200 and fragment.mimetype == "text/html":
        assert "<html" not in fragment.text
        assert not 300 <= fragment.status_code < 400


@pytest.mark.parametrize("rule", PRIVATE_SAFE, ids=named)
def test_a_stranger_sees_nothing(rule: Rule, eve: Browser, full_customer: int):
    answer = eve.get(url_of(rule, full_customer))
    assert answer.status_code == 302
    assert "/login" in answer.location
    answer = eve.htmx_get(url_of(rule, full_customer))
    assert answer.status_code == 401
    assert "Berger" not in answer.text


@pytest.mark.parametrize("rule", PRIVATE_UNSAFE, ids=named)
def test_a_stranger_changes_nothing(
    rule: Rule, eve: Browser, full_customer: int, changes_nothing: Callable[[], Any]
):
    url = url_of(rule, full_customer)
    with changes_nothing():
        assert eve.post(url).status_code == 302
        assert eve.htmx_post(url).status_code == 401


@pytest.mark.parametrize("rule", PRIVATE_UNSAFE, ids=named)
def test_a_reader_changes_nothing(
    rule: Rule, cleo: Browser, full_customer: int, changes_nothing: Callable[[], Any]
):
    if need_of(rule) == "own":
        return
    with changes_nothing():
        assert cleo.post(url_of(rule, full_customer)).status_code == 403
        assert cleo.htmx_post(url_of(rule, full_customer)).status_code == 403


@pytest.mark.parametrize("rule", PRIVATE_UNSAFE, ids=named)
def test_nothing_happens_without_a_token_or_from_elsewhere(
    rule: Rule, anna: Browser, full_customer: int, changes_nothing: Callable[[], Any]
):
    url = url_of(rule, full_customer)
    with changes_nothing():
        assert anna.post(url, {"csrf_token": ""}).status_code == 400
        assert anna.post(url, {"csrf_token": "wrong"}).status_code == 400
        for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            assert anna.post(url, headers=headers).status_code == 403


@pytest.mark.parametrize("rule", UNSAFE, ids=named)
@pytest.mark.parametrize("with_htmx", [False, True], ids=["page", "fragment"])
def test_an_empty_post_is_answered(rule: Rule, anna: Browser, full_customer: int, with_htmx: bool):
    send = anna.htmx_post if with_htmx else anna.post
    status = send(url_of(rule, full_customer)).status_code
    assert status < 500
    assert not (with_htmx and 300 <= status < 400)


@pytest.mark.parametrize("rule", [*SAFE, *UNSAFE], ids=named)
def test_nobody_elses_customer_is_found(rule: Rule, anna: Browser, app: Flask):
    if "customer_id" in rule.arguments:
        url = url_of(rule, 999)
        send = anna.get if "GET" in (rule.methods or ()) else anna.post
        assert send(url).status_code == 404
