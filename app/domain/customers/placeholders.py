"""What a template can tell of a customer: how they are addressed, called, found and reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.core.i18n import _l, country_in, long_day
from app.core.registry import Placeholders
from app.domain.customers import salutations
from app.domain.customers.addressees import Addressee, Recipient, recipients
from app.domain.customers.labels import labels
from app.domain.customers.postal import address_lines, join_street
from app.domain.customers.rules import display_name
from app.domain.settings.queries import team


def _load(addressees: Sequence[Addressee]) -> Mapping[Addressee, Mapping[str, str]]:
    home = team().country
    return {a: _values(who, a.language, home) for a, who in recipients(addressees).items()}


def _values(recipient: Recipient, language: str, home: str) -> dict[str, str]:
    customer, person = recipient.customer, recipient.person
    country = country_in(language, customer.country)
    lines = address_lines(customer._mapping, home, country)
    return {
        **_names(recipient, language, home),
        "name": customer.name,
        "company": customer.company,
        "customer_number": customer.number,
        "role": person.role if person else "",
        "email": (person.email if person else "") or customer.email or "",
        "phone": (person.phone if person else "") or customer.phone or "",
        "birthday": long_day(customer.birthday, language, home) if customer.birthday else "",
        "vat_number": customer.vat_number,
        "address": "\n".join([*recipient.name_lines(language), *lines]),
        "street": join_street(customer.street, customer.house_number, customer.country),
        "address_extra": customer.address_extra,
        "postcode": customer.postcode,
        "town": customer.town,
        "region": customer.region,
        "country": country,
    }


def _names(recipient: Recipient, language: str, home: str) -> dict[str, str]:
    who = recipient.who
    said = {
        "salutation": salutations.salutation(who, language, home),
        "greeting": salutations.greeting(who, language, home),
        "hello": salutations.hello(who, language, home),
    }
    if who is None:
        return said
    return said | {
        "full_name": display_name("person", who.title, who.first_name, who.last_name, ""),
        "title": who.title,
        "first_name": who.first_name,
        "last_name": who.last_name,
    }


placeholders = (
    Placeholders(
        title=_l("Salutation"),
        names={
            "salutation": _l("Formal salutation"),
            "greeting": _l("Neutral greeting"),
            "hello": _l("Familiar greeting"),
        },
        load=_load,
        order=10,
    ),
    Placeholders(
        title=_l("Customer"),
        names={
            "name": _l("Name of the customer"),
            "full_name": _l("Name of the person"),
            "title": labels["title"],
            "first_name": labels["first_name"],
            "last_name": labels["last_name"],
            "company": labels["company"],
            "role": _l("Role of the contact person"),
            "customer_number": _l("Customer number"),
            "email": labels["email"],
            "phone": labels["phone"],
            "birthday": labels["birthday"],
            "vat_number": labels["vat_number"],
        },
        load=_load,
        order=20,
    ),
    Placeholders(
        title=_l("Address"),
        names={
            "address": _l("Whole address"),
            "street": _l("Street and number"),
            "address_extra": labels["address_extra"],
            "postcode": labels["postcode"],
            "town": labels["town"],
            "region": labels["region"],
            "country": labels["country"],
        },
        load=_load,
        order=30,
    ),
)
