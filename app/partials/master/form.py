from __future__ import annotations

from wtforms import BooleanField, FormField
from wtforms import Form as Rows

from app.core.forms import Choice, CleanText, Country, Day, Form, Options, RowList
from app.core.i18n import _l
from app.domain.customers import rules
from app.domain.customers.labels import choices, labels

EMAIL_LABELS = [(label, choices["label"][label]) for label in rules.EMAIL_LABELS]
PHONE_LABELS = [(label, choices["label"][label]) for label in rules.PHONE_LABELS]


# One row more than may be kept, so that too many are refused and not cut off
TAKEN_ROWS = rules.MOST_CONTACTS + 1


class EmailRow(Rows):
    label = Choice(_l("Label"), choices=EMAIL_LABELS, default="")
    address = CleanText(labels["email"], render_kw={"type": "email", "autocomplete": "off"})


class PhoneRow(Rows):
    label = Choice(_l("Label"), choices=PHONE_LABELS, default="")
    number = CleanText(labels["phone"], render_kw={"type": "tel", "autocomplete": "off"})


class CustomerForm(Form):
    kind = Options(labels["kind"], choices=choices["kind"], default="person")
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
    emails = RowList(FormField(EmailRow), labels["emails"], min_entries=1, max_entries=TAKEN_ROWS)
    phones = RowList(FormField(PhoneRow), labels["phones"], min_entries=1, max_entries=TAKEN_ROWS)
    language = Choice(labels["language"], choices=choices["language"])
    birthday = Day(labels["birthday"])
    vat_number = CleanText(labels["vat_number"])
    number = CleanText(labels["number"])


class ContactPersonForm(Form):
    salutation = Choice(labels["salutation"], choices=choices["salutation"])
    title = CleanText(labels["title"])
    first_name = CleanText(labels["first_name"])
    last_name = CleanText(labels["last_name"])
    role = CleanText(labels["role"])
    email = CleanText(labels["email"], render_kw={"type": "email"})
    phone = CleanText(labels["phone"], render_kw={"type": "tel"})
    is_main = BooleanField(labels["is_main"])
