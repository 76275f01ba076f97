"""Additional addresses: what must hold, what happens, what is found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import g
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from app.core import history, i18n, paging
from app.core.audit import AuditEntry
from app.core.database import db, now
from app.core.problems import Invalid
from app.domain.addresses import queries, rules, services
from app.domain.addresses.models import Address
from app.domain.customers import queries as customers
from app.domain.customers.models import Customer
from tests.factories import address_values

NOTHING = address_values(**{key: "" for key, value in address_values().items() if value})


def codes(values: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(p.field, p.code, p.level) for p in rules.check_address(values)]


@pytest.mark.parametrize(
    "above_town",
    [
        {"street": "Am Rheinufer"},
        {"street": "Postfach 10 20 30"},
        {"address_extra": "c/o Weber"},
        {"company": "Finanzamt Bonn"},
        {"first_name": "Petra"},
        {"last_name": "Kowalska"},
    ],
)
def test_a_town_and_something_above_it_make_an_address(above_town: dict[str, str]):
    assert codes(NOTHING | above_town | {"town": "Bonn"}) == []


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({}, ["town", "street"]),
        ({"town": "Bonn"}, ["street"]),
        ({"town": "Bonn", "house_number": "12"}, ["street"]),
        ({"town": "Bonn", "title": "Dr."}, ["street"]),
        ({"street": "Am Rheinufer", "postcode": "53111"}, ["town"]),
        ({"last_name": "Kowalska"}, ["town"]),
    ],
)
def test_what_is_missing_on_the_envelope(values: dict[str, str], wrong: list[str]):
    assert codes(NOTHING | values) == [(field, "required", "error") for field in wrong]


@pytest.mark.parametrize("postcode", ["5311", "531111", "D-53111"])
def test_an_unusual_postcode_is_a_warning(postcode: str):
    assert codes(address_values(postcode=postcode)) == [("postcode", "unusual", "warning")]


@pytest.mark.parametrize(
    ("field", "longest"),
    [
        *(("title", 50), ("first_name", 100), ("last_name", 100), ("company", 200)),
        *(("street", 100), ("house_number", 20), ("address_extra", 100), ("town", 100)),
        ("region", 100),
    ],
)
def test_no_field_is_longer_than_its_column(field: str, longest: int):
    assert codes(address_values(**{field: "x" * longest})) == []
    assert codes(address_values(**{field: "x" * (longest + 1)})) == [(field, "too_long", "error")]


@pytest.mark.parametrize(
    ("values", "called"),
    [
        ({}, "Petra Kowalska"),
        ({"company": "Tanzstudio", "title": "Dr."}, "Tanzstudio"),
        ({"first_name": "", "last_name": ""}, "Am Rheinufer 12"),
        ({"first_name": "", "last_name": "", "street": "", "house_number": ""}, "Bonn"),
    ],
)
def test_an_address_in_short(values: dict[str, str], called: str):
    assert rules.in_short(address_values(**values)) == called


@pytest.fixture
def customer_id(make_customer: Callable[..., int]) -> int:
    return make_customer()


@pytest.fixture
def other_id(make_customer: Callable[..., int]) -> int:
    return make_customer(last_name="Berger")


@pytest.fixture
def address_id(customer_id: int, context: None) -> int:
    """An address added before; what adding it announced is forgotten."""
    address_id = services.add_address(customer_id, address_values())
    g.announced.clear()
    return address_id


def told(customer_id: int) -> AuditEntry:
    """The newest entry of the audit trail."""
    newest = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)
    entry = db.session.scalars(newest).one()
    assert entry.customer_id == customer_id
    assert entry.area == "addresses"
    return entry


def finds(customer_id: int, typed: str) -> bool:
    return customer_id in [row.id for row in customers.find(typed).rows]


@pytest.mark.usefixtures("context")
class TestAdding:
    def test_it_is_kept_told_announced_and_found(self, customer_id: int):
        before = db.session.get_one(Customer, customer_id).changed_at
        address_id = services.add_address(customer_id, address_values())
        address = queries.address(customer_id, address_id)
        assert (address.last_name, address.town) == ("Kowalska", "Bonn")
        assert (address.is_delivery, address.is_billing) == (False, True)
        assert (address.customer_id, address.version) == (customer_id, 1)
        entry = told(customer_id)
        assert (entry.action, entry.subject) == ("added", "Petra Kowalska")
        assert ["town", None, "Bonn"] in entry.changes
        assert ["is_billing", None, True] in entry.changes
        assert "address.changed" in g.announced
        db.session.expire_all()
        assert db.session.get_one(Customer, customer_id).changed_at > before
        assert finds(customer_id, "kowalska bonn")

    @pytest.mark.parametrize("uses", [(False, False), (True, False), (False, True), (True, True)])
    def test_the_two_uses_are_independent(self, customer_id: int, uses: tuple[bool, bool]):
        values = address_values(is_delivery=uses[0], is_billing=uses[1])
        address = queries.address(customer_id, services.add_address(customer_id, values))
        assert (address.is_delivery, address.is_billing) == uses

    def test_a_wrong_one_leaves_nothing(self, customer_id: int):
        with pytest.raises(Invalid) as refusal:
            services.add_address(customer_id, address_values(town="", postcode="1"))
        assert {p.field for p in refusal.value.problems} == {"town", "postcode"}
        assert queries.count(customer_id) == 0
        assert history.last_change(customer_id, "addresses") == ("", None)

    def test_a_warning_keeps_nobody_from_saving(self, customer_id: int):
        assert services.add_address(customer_id, address_values(postcode="1"))


class TestChanging:
    def test_only_what_differs_is_told(self, customer_id: int, address_id: int):
        values = address_values(last_name="Nowak", is_delivery=True)
        services.change_address(customer_id, address_id, values)
        entry = told(customer_id)
        assert (entry.action, entry.subject) == ("changed", "Petra Nowak")
        assert entry.changes == [["last_name", "Kowalska", "Nowak"], ["is_delivery", False, True]]
        assert g.announced == {"address.changed", "history.written"}
        assert queries.address(customer_id, address_id).version == 2
        assert finds(customer_id, "nowak")
        assert not finds(customer_id, "kowalska")

    def test_nothing_happens_where_nothing_differs(self, customer_id: int, address_id: int):
        services.change_address(customer_id, address_id, address_values())
        assert told(customer_id).action == "added"
        assert g.announced == set()

    def test_a_wrong_one_is_refused(self, customer_id: int, address_id: int):
        with pytest.raises(Invalid):
            services.change_address(customer_id, address_id, address_values(town=""))
        assert queries.address(customer_id, address_id).town == "Bonn"

    def test_nobody_elses(self, other_id: int, address_id: int):
        with pytest.raises(NotFound):
            services.change_address(other_id, address_id, address_values())


class TestRemoving:
    def test_it_is_gone_and_told(self, customer_id: int, address_id: int):
        services.remove_address(customer_id, address_id)
        assert queries.count(customer_id) == 0
        assert queries.latest(customer_id) == []
        assert not finds(customer_id, "kowalska")
        entry = told(customer_id)
        assert (entry.action, entry.subject) == ("removed", "Petra Kowalska")
        assert ["town", "Bonn", None] in entry.changes
        assert g.announced == {"address.changed", "history.written"}
        with pytest.raises(NotFound):
            services.remove_address(customer_id, address_id)

    def test_it_comes_back(self, customer_id: int, address_id: int):
        services.remove_address(customer_id, address_id)
        g.announced.clear()
        services.restore_address(customer_id, address_id)
        assert [row.id for row in queries.latest(customer_id)] == [address_id]
        assert finds(customer_id, "kowalska")
        assert (told(customer_id).action, g.announced) == (
            "restored",
            {"address.changed", "history.written"},
        )
        with pytest.raises(NotFound):
            services.restore_address(customer_id, address_id)

    def test_nobody_elses(self, other_id: int, address_id: int):
        with pytest.raises(NotFound):
            services.remove_address(other_id, address_id)


def test_words_of_many_customers_come_in_one_statement(
    customer_id: int, other_id: int, context: None, count_queries: Callable[[], Any]
):
    services.add_address(customer_id, address_values(company="Tanzstudio", region="Rheinland"))
    services.add_address(customer_id, address_values(last_name="Nowak"))
    gone = services.add_address(other_id, address_values(last_name="Fort"))
    services.remove_address(other_id, gone)
    with count_queries() as sent:
        words = queries.words([customer_id, other_id])
    assert len(sent) == 1
    kowalska = ["Petra", "Kowalska", "Tanzstudio", "Am Rheinufer", "12", "53111", "Bonn"]
    assert {*kowalska, "Rheinland", "Nowak"} <= {*words[customer_id]}
    assert other_id not in words


@pytest.mark.usefixtures("context")
def test_pages_go_on_where_the_last_one_ended(customer_id: int):
    many = [services.add_address(customer_id, address_values()) for _ in range(paging.PAGE + 2)]
    first = queries.page(customer_id)
    second = queries.page(customer_id, first.older)
    assert [row.id for row in (*first.rows, *second.rows)] == many[::-1]
    assert second.older is None
    assert [row.id for row in queries.latest(customer_id)] == many[:-6:-1]


def test_the_bound_of_the_count(customer_id: int, context: None):
    row = address_values() | {"customer_id": customer_id, "created_at": now()}
    db.session.add_all(Address(**row) for _ in range(i18n.COUNTED + 5))
    db.session.flush()
    assert queries.count(customer_id) == i18n.COUNTED + 1
