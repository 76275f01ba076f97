"""What the placeholders of every area stand for, for one and for a thousand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask

from app.core import audit
from app.core.database import db
from app.core.registry import registry
from app.domain.addresses.services import add_address
from app.domain.banking.models import TeamAccount
from app.domain.banking.services import record_bank
from app.domain.customers.addressees import Addressee
from app.domain.customers.services import add_contact_person, remove_contact_person
from app.domain.settings.services import save_team
from app.domain.team.models import User
from app.domain.templates import queries, rules
from app.domain.templates.placeholders import BY_HAND
from tests.factories import address_values, contact_person_values, customer_values, team_values

pytestmark = pytest.mark.usefixtures("context")

COMPANY = {"kind": "company", "company": "Weber GmbH", "last_name": "", "first_name": ""}


def values_for(customer_id: int, person_id: int | None = None, language: str = "de") -> Any:
    addressee = Addressee(customer_id, person_id, language)
    return queries.values_of([addressee])[addressee]


class TestCustomer:
    def test_a_person(self, make_customer: Callable[..., int]):
        found = values_for(make_customer(title="Dr.", birthday=date(1980, 3, 1)))
        assert found["salutation"] == "Sehr geehrte Frau Dr. Müller,"
        assert found["name"] == found["full_name"] == "Dr. Tanja Müller"
        assert (found["first_name"], found["last_name"]) == ("Tanja", "Müller")
        assert found["customer_number"] == "10001"
        assert (found["email"], found["phone"]) == ("tanja@example.com", "0176 1234567")
        assert found["address"] == "Frau Dr. Tanja Müller\nHauptstraße 5a\n50667 Köln"
        assert (found["street"], found["postcode"], found["town"]) == (
            *("Hauptstraße 5a", "50667"),
            "Köln",
        )
        assert found["country"] == "Deutschland"
        assert found["birthday"] == "1. März 1980"
        assert not found["company"]

    def test_in_the_language_of_the_text(self, make_customer: Callable[..., int]):
        found = values_for(make_customer(birthday=date(1980, 3, 1), country="AT"), language="en")
        assert found["salutation"] == "Dear Ms Müller,"
        assert found["birthday"] == "1 March 1980"
        assert found["address"] == "Ms Tanja Müller\nHauptstraße 5a\n50667 Köln\nAUSTRIA"

    def test_a_company_that_knows_nobody(self, make_customer: Callable[..., int]):
        found = values_for(make_customer(**COMPANY, salutation=""))
        assert found["salutation"] == "Sehr geehrte Damen und Herren,"
        assert found["address"].startswith("Weber GmbH\nHauptstraße")
        assert not found.get("first_name")

    def test_a_company_with_a_main_contact(self, make_customer: Callable[..., int]):
        customer_id = make_customer(**COMPANY)
        add_contact_person(customer_id, contact_person_values())
        add_contact_person(
            customer_id, contact_person_values(first_name="Eva", salutation="ms", is_main=True)
        )
        found = values_for(customer_id)
        assert found["salutation"] == "Sehr geehrte Frau Dr. Weiß,"
        assert found["address"].startswith("Weber GmbH\nFrau Dr. Eva Weiß\nHauptstraße")
        assert (found["role"], found["email"]) == ("Einkauf", "weiss@example.com")
        assert found["name"] == "Weber GmbH"

    def test_the_contact_person_who_is_meant(self, make_customer: Callable[..., int]):
        customer_id = make_customer(**COMPANY)
        add_contact_person(customer_id, contact_person_values(first_name="Eva", is_main=True))
        person_id = add_contact_person(customer_id, contact_person_values(email="", phone=""))
        found = values_for(customer_id, person_id)
        assert found["full_name"] == "Dr. Jörg Weiß"
        assert (found["email"], found["phone"]) == ("tanja@example.com", "0176 1234567")

    def test_nobody_elses_person_and_none_who_was_removed(self, make_customer: Any):
        customer_id, other_id = make_customer(**COMPANY), make_customer()
        theirs = add_contact_person(other_id, contact_person_values(last_name="Fremd"))
        gone = add_contact_person(customer_id, contact_person_values(last_name="Weg"))
        remove_contact_person(customer_id, gone)
        for person_id in (theirs, gone, 999):
            assert values_for(customer_id, person_id)["salutation"].startswith("Sehr geehrte Damen")

    def test_an_unknown_customer_has_nothing_of_their_own(self):
        assert "salutation" not in values_for(999)

    def test_the_swiss_custom(self, make_customer: Callable[..., int]):
        customer_id = make_customer()
        save_team(team_values(country="CH"))
        assert values_for(customer_id)["salutation"] == "Sehr geehrte Frau Müller"


class TestOtherAreas:
    def test_billing_and_delivery(self, make_customer: Callable[..., int]):
        customer_id = make_customer()
        add_address(customer_id, address_values())
        nameless = {"first_name": "", "last_name": "", "is_billing": False, "is_delivery": True}
        add_address(customer_id, address_values(**nameless))
        found = values_for(customer_id)
        assert found["billing_address"] == "Familie Kowalska\nAm Rheinufer 12\n53111 Bonn"
        assert found["delivery_address"] == "Frau Tanja Müller\nAm Rheinufer 12\n53111 Bonn"

    def test_without_one_the_own_address_holds(self, make_customer: Callable[..., int]):
        found = values_for(make_customer())
        assert found["billing_address"] == found["delivery_address"] == found["address"]

    def test_of_an_iban_only_the_end_is_told(self, make_customer: Callable[..., int]):
        customer_id = make_customer()
        account = {"iban": "DE02120300000000202051", "account_holder": "Tanja Müller"}
        mandate = {"has_mandate": True, "mandate_reference": "M-1"}
        record_bank(customer_id, account | mandate | {"mandate_date": date(2026, 3, 2)})
        found = values_for(customer_id)
        assert found["iban"] == "•••• 2051"
        assert (found["mandate_reference"], found["mandate_date"]) == ("M-1", "2. März 2026")
        assert not [text for text in found.values() if "1203" in text]

    def test_the_team_its_account_and_who_writes(self, make_customer: Callable[..., int]):
        customer_id = make_customer()
        save_team(team_values())
        db.session.add(
            TeamAccount(id=1, account_holder="Lindenhof", iban="DE02120300000000202051", bic="")
        )
        ben = db.session.get_one(User, 2)
        ben.signature = "Grüße\nBen"
        db.session.flush()
        with audit.acting(ben.id, ben.name):
            found = values_for(customer_id)
        assert found["team_address"] == "Tanzstudio Lindenhof\nLindenstraße 7\n50674 Köln"
        assert found["team_iban"] == "DE02 1203 0000 0000 2020 51"
        assert (found["my_name"], found["my_email"]) == ("Ben Staff", "ben@example.com")
        assert found["my_signature"] == "Grüße\nBen"
        assert found["today"][-4:].isdigit()

    def test_who_has_no_signature_signs_with_the_name(self, make_customer: Callable[..., int]):
        customer_id = make_customer()
        with audit.acting(2, "Ben Staff"):
            assert values_for(customer_id)["my_signature"] == "Ben Staff"
        assert not values_for(customer_id)["my_signature"]

    def test_what_only_the_writer_knows_stays_open(self, make_customer: Callable[..., int]):
        found = values_for(make_customer())
        assert not found.keys() & BY_HAND.keys()
        assert BY_HAND.keys() <= queries.known().keys()


class TestTogether:
    def test_every_name_can_be_typed_and_every_value_has_one(self, make_customer: Any):
        for name in queries.known():
            assert rules.names(f"{{{{{name}}}}}") == [name]
        assert values_for(make_customer()).keys() <= queries.known().keys()

    def test_a_value_is_never_looked_into_again(self, make_customer: Callable[..., int]):
        found = values_for(make_customer(first_name="{{my_email}}", last_name="{{town}}"))
        assert rules.filled("{{first_name}} {{last_name}}", found) == "{{my_email}} {{town}}"

    def test_a_thousand_in_few_questions(
        self, app: Flask, make_customer: Any, count_queries: Callable[[], Any]
    ):
        customer_id = make_customer()
        many = [Addressee(customer_id, person_id, "en") for person_id in range(999)]
        with count_queries() as sent:
            found = queries.values_of([*many, Addressee(customer_id)])
        assert len(found) == 1000
        assert found[many[0]]["hello"] == "Hello Tanja,"
        assert len(sent) <= 2 * len(registry().placeholders)

    def test_only_what_a_text_needs_is_asked(
        self, make_customer: Callable[..., int], count_queries: Callable[[], Any]
    ):
        addressee = Addressee(make_customer())
        with count_queries() as sent:
            found = queries.values_of([addressee], ["first_name", "salutation", "amount"])
        assert found[addressee]["first_name"] == "Tanja"
        assert "team_iban" not in found[addressee]
        assert len(sent) <= 3

    def test_who_is_in_the_trash_or_has_odd_values_breaks_nothing(self, make_customer: Any):
        odd = customer_values(first_name="<b>", country="", town="", street="", house_number="")
        found = values_for(make_customer(**odd))
        assert found["first_name"] == "<b>"
        assert found["address"] == "Frau <b> Müller\n50667"
