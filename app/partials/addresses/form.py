from __future__ import annotations

from wtforms import BooleanField

from app.core.forms import Choice, CleanText, Country, Form
from app.domain.addresses.labels import labels as uses
from app.domain.customers.labels import choices, labels


class AddressForm(Form):
    salutation = Choice(labels["salutation"], choices=choices["salutation"])
    title = CleanText(labels["title"])
    first_name = CleanText(labels["first_name"])
    last_name = CleanText(labels["last_name"])
    company = CleanText(labels["company"])
    street = CleanText(labels["street"])
    house_number = CleanText(labels["house_number"])
    address_extra = CleanText(labels["address_extra"])
    postcode = CleanText(labels["postcode"])
    town = CleanText(labels["town"])
    region = CleanText(labels["region"])
    country = Country(labels["country"])
    is_delivery = BooleanField(uses["is_delivery"])
    is_billing = BooleanField(uses["is_billing"])
