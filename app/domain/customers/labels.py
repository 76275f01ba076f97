"""What this area is called, its fields, their choices and what happens to them."""

from app.core.i18n import _l

history = _l("Master data")

labels = {
    "kind": _l("Kind"),
    "number": _l("Customer number"),
    "salutation": _l("Salutation"),
    "title": _l("Title"),
    "first_name": _l("First name"),
    "last_name": _l("Last name"),
    "company": _l("Company"),
    "street": _l("Street"),
    "house_number": _l("House number"),
    "address_extra": _l("Address line 2"),
    "postcode": _l("Postcode"),
    "town": _l("Town"),
    "region": _l("Region"),
    "country": _l("Country"),
    "language": _l("Language"),
    "birthday": _l("Birthday"),
    "vat_number": _l("VAT number"),
    "emails": _l("E-mail addresses"),
    "phones": _l("Phone numbers"),
    "role": _l("Role"),
    "email": _l("E-mail"),
    "phone": _l("Phone"),
    "is_main": _l("Main contact"),
}

choices = {
    "kind": {"person": _l("Person"), "company": _l("Company")},
    "salutation": {
        "": _l("None"),
        "ms": _l("Ms"),
        "mr": _l("Mr"),
        "mx": _l("Neutral"),
        "family": _l("Family"),
    },
    "language": {
        "de": _l("German"),
        "en": _l("English"),
        "fr": _l("French"),
        "it": _l("Italian"),
        "es": _l("Spanish"),
        "pl": _l("Polish"),
        "tr": _l("Turkish"),
        "nl": _l("Dutch"),
    },
    "label": {
        "": _l("Main"),
        "private": _l("Private"),
        "work": _l("Work"),
        "mobile": _l("Mobile"),
        "billing": _l("Billing"),
        "fax": _l("Fax"),
        "other": _l("Other"),
    },
}

actions = {
    "created": _l("Customer added"),
    "changed": _l("Master data changed"),
    "deleted": _l("Customer put into the trash"),
    "restored": _l("Customer restored"),
    "purged": _l("Customers deleted for good"),
    "contact_added": _l("Contact person %(subject)s added"),
    "contact_changed": _l("Contact person %(subject)s changed"),
    "contact_removed": _l("Contact person %(subject)s removed"),
    "contact_restored": _l("Contact person %(subject)s brought back"),
}
