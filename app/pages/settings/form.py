from __future__ import annotations

from typing import Any

import wtforms
from wtforms import BooleanField, FileField

from app.core.forms import Choice, CleanText, Country, Form
from app.core.i18n import LANGUAGES, _l
from app.domain.settings.labels import team_labels as labels
from app.pages.settings import zones


class WholeNumber(wtforms.IntegerField):
    """A number in digits and nothing else; anything else is None, kept as typed."""

    widget = wtforms.widgets.TextInput()

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = str(valuelist[0]).strip() if valuelist else ""
        is_number = typed.isascii() and typed.isdecimal() and len(typed) < 19
        self.data = int(typed) if is_number else None


class TeamForm(Form):
    name = CleanText(labels["name"], id="team-name")
    logo = FileField(labels["logo"])
    remove_logo = BooleanField(_l("Remove the logo"))
    street = CleanText(labels["street"])
    house_number = CleanText(labels["house_number"])
    postcode = CleanText(labels["postcode"])
    town = CleanText(labels["town"])
    country = Country(labels["country"])
    language = Choice(labels["language"], choices=LANGUAGES)
    time_zone = Choice(labels["time_zone"], choices=zones.choices)
    first_customer_number = WholeNumber(labels["first_customer_number"])
