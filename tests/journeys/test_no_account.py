"""A team that has no mail server: nothing pretends to send, and everything says why."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core import rendering
from app.core.database import db
from app.core.outbox import OutboxEntry
from tests.browserless import Browser

ONE = "/customers/1"
WHY = "No mail server is set up yet; an admin does that in the settings."


@pytest.fixture(autouse=True)
def _tanja(make_customer: Callable[..., int]) -> None:
    assert make_customer() == 1


def withheld(page: str) -> dict[str, str]:
    """The labels of the buttons that are shown disabled, and the reason of each."""
    found = re.findall(
        r'<span class="withheld">.*?</svg><span>(.*?)</span>.*?role="tooltip".*?>(.*?)<', page, re.S
    )
    return dict(found)


def test_mails_are_withheld_and_the_addresses_still_open_a_program(ben: Browser):
    page = ben.get(ONE).text
    reasons = withheld(page)
    assert reasons["E-mail"] == reasons["Template"] == WHY
    assert "Letter" not in reasons
    assert 'href="mailto:tanja@example.com"' in page


@pytest.mark.parametrize("road", ["mail/new", "mail/template"])
def test_the_dialog_says_why(ben: Browser, road: str, changes_nothing: Callable[[], Any]):
    with changes_nothing():
        page = ben.get(f"{ONE}/{road}").text
        assert WHY in page
        assert "mailto:tanja@example.com" in page


def test_what_was_typed_is_kept_and_nothing_waits_to_be_sent(ben: Browser, app: Flask):
    typed = {"to": "tanja@example.com", "subject": "Ihr Kurs", "text": "Er beginnt am Montag."}
    answer = ben.post(f"{ONE}/mail/new", typed)
    assert answer.status_code == 409
    assert WHY in answer.text
    assert "Er beginnt am Montag." in answer.text
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(OutboxEntry)) == 0


def test_a_letter_can_be_finished_all_the_same(ben: Browser):
    fields = ben.fields(f"{ONE}/letters/new") | {"subject": "Vertrag", "text": "Anbei."}
    answer = ben.post(f"{ONE}/letters/new", fields)
    rendering.stop()
    page = ben.get(answer.location).text
    assert f"It cannot be sent by e-mail: {WHY}" in page
    assert "Send as attachment" not in page
