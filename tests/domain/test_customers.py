"""What happens to customers and their contact persons."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import g
from sqlalchemy import func, select
from werkzeug.exceptions import NotFound

from app.core import history
from app.core.audit import AuditEntry
from app.core.database import db
from app.core.problems import Invalid
from app.domain.customers import queries, rules, services
from app.domain.customers.models import ContactPerson, Customer
from tests.factories import contact_person_values, customer_values

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def customer_id(context: None) -> int:
    """A customer added before; what adding it announced is forgotten."""
    customer_id = services.create_customer(customer_values())
    g.announced.clear()
    return customer_id


def entries(customer_id: int) -> list[AuditEntry]:
    """What the audit trail tells of a customer, the newest first."""
    told = select(AuditEntry).where(AuditEntry.customer_id == customer_id)
    return list(db.session.scalars(told.order_by(AuditEntry.id.desc())))


def stored(customer_id: int) -> Customer:
    return db.session.get_one(Customer, customer_id, populate_existing=True)


class TestAdding:
    def test_columns_made_from_the_values(self):
        customer = stored(services.create_customer(customer_values(title="Dr.")))
        assert (customer.name, customer.list_name) == ("Dr. Tanja Müller", "Müller, Dr. Tanja")
        assert (customer.name_sort, customer.town_sort) == ("muller tanja", "koln")
        assert customer.number_sort > "05"
        assert customer.created_at == customer.changed_at

    def test_bad_values_change_nothing(self):
        for wrong in ({"last_name": ""}, {"birthday": date(1800, 1, 1)}, {"language": "xx"}):
            with pytest.raises(Invalid):
                services.create_customer(customer_values(**wrong))
        assert db.session.scalar(select(func.count()).select_from(Customer)) == 0
        assert "customer.created" not in getattr(g, "announced", set())

    def test_all_problems_are_told_at_once(self):
        services.create_customer(customer_values(number="7"))
        values = customer_values(number="7", last_name="", vat_number="DE1")
        with pytest.raises(Invalid) as refusal:
            services.create_customer(values)
        found = {(p.field, p.code) for p in refusal.value.problems}
        assert found == {
            ("last_name", "required"),
            ("vat_number", "malformed"),
            ("number", "taken"),
        }

    def test_without_a_language_it_speaks_the_teams(self):
        assert stored(services.create_customer(customer_values(language=""))).language == "de"

    def test_empty_rows_are_left_out(self):
        emails = [{"label": "work", "address": ""}, {"label": "", "address": "a@example.com"}]
        customer_id = services.create_customer(customer_values(emails=emails, phones=[]))
        assert [tuple(row) for row in queries.emails(customer_id)] == [("", "a@example.com")]
        assert queries.phones(customer_id) == []


class TestChanging:
    def test_what_differs_is_told(self, customer_id: int):
        values = customer_values(last_name="Meier", birthday=date(1990, 5, 1))
        services.change_customer(customer_id, values)
        entry = entries(customer_id)[0]
        assert (entry.area, entry.action, entry.subject) == ("customers", "changed", "Tanja Meier")
        assert entry.changes == [["last_name", "Müller", "Meier"], ["birthday", None, "1990-05-01"]]
        assert "customer.changed" in g.announced
        customer = stored(customer_id)
        assert (customer.name_sort, customer.version) == ("meier tanja", 2)
        assert customer.changed_at > customer.created_at

    def test_saving_the_same_changes_nothing(
        self, customer_id: int, changes_nothing: Callable[[], Any]
    ):
        db.session.commit()
        with changes_nothing():
            services.change_customer(customer_id, customer_values())
            services.change_customer(customer_id, customer_values(number="10001"))
            db.session.commit()
        assert not g.announced

    def test_a_changed_label_is_a_change(self, customer_id: int):
        phones = [{"label": "work", "number": "0176 1234567"}]
        services.change_customer(customer_id, customer_values(phones=phones))
        assert [tuple(row) for row in queries.phones(customer_id)] == [("work", "0176 1234567")]
        before = [{"label": "mobile", "number": "0176 1234567"}]
        assert entries(customer_id)[0].changes == [["phones", before, phones]]

    def test_the_order_of_rows_counts(self, customer_id: int):
        emails = [{"label": "", "address": f"{name}@example.com"} for name in ("b", "a")]
        services.change_customer(customer_id, customer_values(emails=emails))
        services.change_customer(customer_id, customer_values(emails=emails[::-1]))
        assert [row.address for row in queries.emails(customer_id)] == [
            "a@example.com",
            "b@example.com",
        ]
        assert stored(customer_id).version == 3

    def test_without_a_number_it_keeps_its_own(self, customer_id: int):
        services.change_customer(customer_id, customer_values(number="", town="Bonn"))
        assert stored(customer_id).number == "10001"

    def test_a_new_number(self, customer_id: int):
        services.change_customer(customer_id, customer_values(number="K-10"))
        assert stored(customer_id).number == "K-10"
        assert entries(customer_id)[0].changes == [["number", "10001", "K-10"]]

    def test_the_number_of_another_is_refused(
        self, customer_id: int, changes_nothing: Callable[[], Any]
    ):
        services.create_customer(customer_values(number="77"))
        db.session.commit()
        with changes_nothing(), pytest.raises(Invalid):
            services.change_customer(customer_id, customer_values(number="77", town="Bonn"))

    def test_the_version_moves_with_rows_too(self, customer_id: int):
        services.change_customer(customer_id, customer_values(emails=[]))
        assert stored(customer_id).version == 2

    def test_touching_leaves_the_version(self, customer_id: int):
        before = stored(customer_id).changed_at
        services.touch(customer_id)
        assert stored(customer_id).version == 1
        assert stored(customer_id).changed_at > before

    def test_who_changed_it_last(self, customer_id: int):
        assert history.last_change(customer_id, "customers")[1] == entries(customer_id)[0].at
        assert queries.editable(customer_id).at == entries(customer_id)[0].at


class TestPayment:
    def test_it_is_set_once(self, customer_id: int):
        services.set_payment(customer_id, "paypal", "DE136695976")
        assert "customer.changed" in g.announced
        g.announced.clear()
        services.set_payment(customer_id, "paypal", "DE136695976")
        assert not g.announced
        assert (stored(customer_id).payment_method, stored(customer_id).version) == ("paypal", 2)


def person(customer_id: int, name: str, **more: Any) -> int:
    return services.add_contact_person(customer_id, contact_person_values(last_name=name, **more))


def main_ones(customer_id: int) -> list[str]:
    return [p.last_name for p in queries.contact_persons(customer_id) if p.is_main]


class TestContactPersons:
    def test_the_first_one_is_the_main_one(self, customer_id: int):
        person(customer_id, "Weiß")
        person(customer_id, "Abel")
        assert main_ones(customer_id) == ["Weiß"]
        assert [p.last_name for p in queries.contact_persons(customer_id)] == ["Weiß", "Abel"]

    def test_there_is_at_most_one_main_one(self, customer_id: int):
        person(customer_id, "Weiß")
        second = person(customer_id, "Abel", is_main=True)
        assert main_ones(customer_id) == ["Abel"]
        third = person(customer_id, "Zoll")
        values = contact_person_values(last_name="Zoll", is_main=True)
        services.change_contact_person(customer_id, third, values)
        assert main_ones(customer_id) == ["Zoll"]
        services.change_contact_person(customer_id, third, values | {"is_main": False})
        assert main_ones(customer_id) == []
        services.change_contact_person(
            customer_id, second, contact_person_values(last_name="Abel", is_main=True)
        )
        assert main_ones(customer_id) == ["Abel"]

    def test_one_who_comes_back_is_the_only_main_one_too(self, customer_id: int):
        first = person(customer_id, "Weiß")
        services.remove_contact_person(customer_id, first)
        assert main_ones(customer_id) == []
        person(customer_id, "Abel")
        assert main_ones(customer_id) == ["Abel"]
        services.restore_contact_person(customer_id, first)
        assert len(main_ones(customer_id)) == 1

    def test_other_customers_keep_theirs(self, customer_id: int):
        other = services.create_customer(customer_values())
        person(other, "Zoll")
        person(customer_id, "Weiß")
        person(customer_id, "Abel", is_main=True)
        assert main_ones(other) == ["Zoll"]

    @pytest.mark.parametrize(
        ("over", "field"),
        [
            ({"first_name": "", "last_name": ""}, "last_name"),
            ({"email": "wrong"}, "email"),
            ({"phone": "1"}, "phone"),
            ({"role": "x" * 101}, "role"),
            ({"salutation": "king"}, "salutation"),
        ],
    )
    def test_bad_values_change_nothing(
        self,
        customer_id: int,
        over: dict[str, str],
        field: str,
        changes_nothing: Callable[[], Any],
    ):
        person_id = person(customer_id, "Weiß")
        db.session.commit()
        with changes_nothing():
            for verb in (
                lambda values: services.add_contact_person(customer_id, values),
                lambda values: services.change_contact_person(customer_id, person_id, values),
            ):
                with pytest.raises(Invalid) as refusal:
                    verb(contact_person_values(**over))
                assert [p.field for p in refusal.value.problems] == [field]

    def test_everything_is_told(self, customer_id: int):
        person_id = person(customer_id, "Weiß")
        changed = contact_person_values(last_name="Weiß", role="Chef", is_main=True)
        services.change_contact_person(customer_id, person_id, changed)
        services.remove_contact_person(customer_id, person_id)
        services.restore_contact_person(customer_id, person_id)
        told = [(entry.action, entry.subject) for entry in entries(customer_id)[:4]]
        actions = ("contact_restored", "contact_removed", "contact_changed", "contact_added")
        assert told == [(action, "Dr. Jörg Weiß") for action in actions]
        assert entries(customer_id)[2].changes == [["role", "Einkauf", "Chef"]]
        assert "contact_person.changed" in g.announced

    def test_saving_the_same_changes_nothing(
        self, customer_id: int, changes_nothing: Callable[[], Any]
    ):
        person_id = person(customer_id, "Weiß")
        db.session.commit()
        g.announced.clear()
        with changes_nothing():
            same = contact_person_values(last_name="Weiß", is_main=True)
            services.change_contact_person(customer_id, person_id, same)
            db.session.commit()
        assert not g.announced

    def test_nobody_elses(self, customer_id: int):
        other = services.create_customer(customer_values())
        person_id = person(other, "Zoll")
        for verb in (
            lambda: services.change_contact_person(customer_id, person_id, contact_person_values()),
            lambda: services.remove_contact_person(customer_id, person_id),
            lambda: services.restore_contact_person(customer_id, person_id),
            lambda: services.restore_contact_person(other, person_id),
            lambda: services.remove_contact_person(other, 999),
        ):
            with pytest.raises(NotFound):
                verb()
        services.remove_contact_person(other, person_id)
        with pytest.raises(NotFound):
            services.remove_contact_person(other, person_id)
        with pytest.raises(NotFound):
            services.change_contact_person(other, person_id, contact_person_values())

    def test_a_change_counts_as_a_change_of_the_customer(self, customer_id: int):
        before = stored(customer_id).changed_at
        person_id = person(customer_id, "Weiß")
        assert stored(customer_id).changed_at > before
        assert stored(customer_id).version == 1
        assert db.session.get_one(ContactPerson, person_id).version == 1


class TestLookAlikes:
    def test_at_most_five_and_never_oneself(self, customer_id: int):
        for _ in range(6):
            services.create_customer(customer_values())
        values = queries.editable(customer_id).values
        assert len(queries.look_alikes(values)) == 5
        assert customer_id not in [one.id for one in queries.look_alikes(values, customer_id)]

    def test_a_name_of_a_million_letters(self, customer_id: int, monkeypatch: pytest.MonkeyPatch):
        """Names are compared one by one, so no longer one may come to that."""
        monkeypatch.setattr(rules, "similar_names", lambda *_names: True)
        values = customer_values(last_name="Müller " * 150_000, emails=[], phones=[])
        assert queries.look_alikes(values) == []
