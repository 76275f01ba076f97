"""A promise kept: written on a comment, met on the start page, done, undone and done again."""

from __future__ import annotations

import re

import pytest

from app.core.i18n import today
from tests.browserless import Browser
from tests.journeys.test_day import Plain, Scripted


@pytest.fixture(params=[Plain, Scripted])
def clerk(request: pytest.FixtureRequest, ben: Browser) -> Plain:
    return request.param(ben)


def button(html: str, verb: str) -> str:
    """Where the button of a follow-up leads."""
    found = re.search(rf'action="(/customers/\d+/\w+/\d+/{verb}[^"]*)"', html)
    assert found, f"nothing to {verb}"
    return found[1]


def test_from_a_comment_to_done(clerk: Plain, anna: Browser):
    clerk.save("/customers/new", kind="company", company="Autohaus Berger", town="Köln")
    with clerk.browser.app.app_context():
        day = today().isoformat()
    clerk.save(
        "/customers/1/comments/new", body="Angebot nachfassen", follow_up_on=day, follow_up_by="1"
    )
    clerk.save("/customers/1/messages/new", subject="Rückruf", follow_up_on=day)

    mine = clerk.open("/")
    assert "Rückruf" in mine
    assert "Angebot nachfassen" not in mine
    everybodys = clerk.open("/?whose=all")
    assert "Angebot nachfassen" in everybodys
    assert "due today · Anna Admin" in everybodys
    assert "Angebot nachfassen" in anna.get("/").text

    page = clerk.press(button(mine, "finish"))
    assert "Follow-up done" in page
    assert "Nothing waits for you" in clerk.open("/")
    clerk.press(button(page, "reopen"))
    mine = clerk.open("/")
    assert "Rückruf" in mine
    clerk.press(button(mine, "finish"))
    assert "Nothing waits for you" in clerk.open("/")

    history = clerk.open("/customers/1/history")
    for said in ("Comment written", "Message recorded", "Follow-up of a message opened again"):
        assert said in history
    assert history.count("Follow-up of a message done") == 2
    assert "Anna Admin" in history
