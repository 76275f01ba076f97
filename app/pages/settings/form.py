from __future__ import annotations

from typing import Any

import wtforms
from wtforms import BooleanField, FileField

from app.core.forms import Choice, CleanText, Country, Form
from app.core.i18n import LANGUAGES, _, _l
from app.domain.settings.labels import team_labels as labels
from app.pages.settings import zones


class WholeNumber(wtforms.IntegerField):
    """A number as people type it: digits and nothing else."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = str(valuelist[0]).strip() if valuelist else ""
        if not (typed.isascii() and typed.isdecimal() and len(typed) < 19):
            self.data = None
            raise ValueError(_("Please write a whole number like 10001."))
        self.data = int(typed)


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
