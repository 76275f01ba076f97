"""The account the team is paid to: checked, saved, told masked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.audit import AuditEntry
from app.core.database import db
from app.domain.banking.models import TeamAccount
from tests.browserless import Browser, FormReader

URL = "/settings/bank"
VALUES = {
    "account_holder": "Tanzschule Rheintakt",
    "iban": "DE89 3704 0044 0532 0130 00",
    "bic": "",
    "bank_name": "",
    "creditor_id": "DE98 ZZZ 09999999999",
    "version": "",
}


def stored(app: Flask) -> TeamAccount | None:
    with app.app_context():
        return db.session.get(TeamAccount, 1)


def test_it_is_saved_and_shown_in_groups(app: Flask, anna: Browser):
    assert anna.post(URL, VALUES).location == URL
    row = stored(app)
    assert row is not None
    assert (row.iban, row.creditor_id) == ("DE89370400440532013000", "DE98ZZZ09999999999")
    fields = anna.fields(URL)
    assert fields["iban"] == VALUES["iban"]
    assert fields["bic"].startswith("COBADEFF")
    assert fields["version"] == "1"


def test_the_trail_never_tells_the_whole_iban(app: Flask, anna: Browser):
    anna.post(URL, VALUES)
    with app.app_context():
        entries = db.session.scalars(select(AuditEntry)).all()
    assert "DE89 •••• 3000" in str([entry.changes for entry in entries])
    assert "DE89370400440532013000" not in str([entry.changes for entry in entries])


@pytest.mark.parametrize(
    ("over", "message"),
    [
        ({"iban": "DE89 3704 0044 0532 0130 01"}, "The check digits of this IBAN do not fit."),
        ({"account_holder": ""}, "Please give the holder."),
        ({"iban": ""}, "Please give the IBAN."),
        ({"bic": "COBA"}, "A BIC has 8 or 11 characters"),
        ({"creditor_id": "DE97ZZZ09999999999"}, "The check digits of this identifier do not fit."),
        ({"creditor_id": "x"}, "A creditor identifier begins like DE98ZZZ"),
        ({"bank_name": "x" * 101}, "Please take at most 100 characters."),
        ({"account_holder": "a\0b"}, "cannot be stored"),
    ],
)
def test_what_does_not_hold_is_said(app: Flask, anna: Browser, over: dict[str, str], message: str):
    answer = anna.post(URL, VALUES | over)
    assert answer.status_code == 422
    assert message in answer.text
    assert FormReader.read(answer.text)["creditor_id"] == (VALUES | over)["creditor_id"]
    assert stored(app) is None


def test_what_is_unusual_is_shown_and_saved(app: Flask, anna: Browser):
    anna.post(URL, VALUES | {"bic": "DEUTDEFF"})
    assert stored(app) is not None
    assert "The bank table gives COBADEFF" in anna.get(URL).text


def test_a_colleague_who_saved_meanwhile_is_shown(anna: Browser):
    anna.post(URL, VALUES)
    answer = anna.post(URL, VALUES | {"bank_name": "Andere"})
    assert answer.status_code == 409
    assert "Changed by somebody else meanwhile" in answer.text


def test_an_empty_form_is_fine(anna: Browser):
    assert anna.post(URL, dict.fromkeys(VALUES, "")).status_code == 303


def test_staff_may_not(ben: Browser, changes_nothing: Callable[[], Any]):
    assert ben.get(URL).status_code == 403
    with changes_nothing():
        assert ben.post(URL, VALUES).status_code == 403
