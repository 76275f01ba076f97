from __future__ import annotations

from wtforms import BooleanField, FileField

from app.core.forms import Choice, CleanText, Country, Form, WholeNumber
from app.core.i18n import LANGUAGES, _l
from app.domain.settings.labels import team_labels as labels
from app.pages.settings import zones


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
