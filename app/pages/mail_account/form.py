from __future__ import annotations

from typing import Any

import wtforms
from wtforms import PasswordField

from app.core.forms import Choice, CleanText, Form, Options
from app.core.i18n import _l
from app.core.problems import Problem
from app.domain.mailing.labels import choices, labels

AGAIN = Problem("password", "again", _l("Please type the password again."), "warning")
"""A password that was typed is not sent back to the browser."""


class Port(wtforms.IntegerField):
    """A number in digits and nothing else; anything else is None, kept as typed."""

    widget = wtforms.widgets.TextInput()

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = str(valuelist[0]).strip() if valuelist else ""
        self.data = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 6 else None


class AccountForm(Form):
    host = CleanText(labels["host"])
    port = Port(labels["port"])
    security = Choice(labels["security"], choices=choices["security"])
    username = CleanText(labels["username"])
    password = PasswordField(labels["password"])
    from_name = CleanText(labels["from_name"])
    from_address = CleanText(labels["from_address"])
    sends_as = Options(labels["sends_as"], choices=choices["sends_as"])
