"""What the customer list can show of a customer beside the name, which always stands there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

from app.core.forms import told
from app.core.i18n import _l, day
from app.core.registry import Column
from app.domain.customers import queries
from app.domain.customers.labels import labels


def _company_of_person(row: Any) -> str:
    """Of a company it is the name already."""
    return row.company if row.kind == "person" else ""


def _own(name: str) -> Callable[[Sequence[int]], dict[int, str]]:
    """How a column of customers is asked for; what is empty is left out."""

    def load(customer_ids: Sequence[int]) -> dict[int, str]:
        found = queries.values_of(customer_ids, name)
        return {customer_id: told(value, name) for customer_id, value in found.items() if value}

    return load


def _streets(customer_ids: Sequence[int]) -> dict[int, str]:
    numbers = queries.values_of(customer_ids, "house_number")
    streets = queries.values_of(customer_ids, "street")
    return {id: f"{street} {numbers[id]}".strip() for id, street in streets.items()}


def _added(customer_ids: Sequence[int]) -> dict[int, str]:
    return {id: day(at) for id, at in queries.values_of(customer_ids, "created_at").items()}


columns = (
    Column(
        key="number",
        label=_l("Number"),
        read=attrgetter("number"),
        sort="number",
        order=10,
        shown=True,
        look="numeric",
    ),
    Column(
        key="company",
        label=labels["company"],
        read=_company_of_person,
        sort="company",
        order=20,
        shown=True,
    ),
    Column(
        key="town",
        label=labels["town"],
        read=attrgetter("town"),
        sort="town",
        order=30,
        shown=True,
    ),
    Column(key="email", label=labels["email"], read=attrgetter("email"), order=40, shown=True),
    Column(key="phone", label=labels["phone"], read=attrgetter("phone"), order=50, shown=True),
    Column(
        key="changed",
        label=_l("Changed"),
        read=lambda row: day(row.changed_at),
        sort="-changed",
        order=55,
        shown=True,
    ),
    Column(key="salutation", label=labels["salutation"], load=_own("salutation"), order=61),
    Column(key="street", label=labels["street"], load=_streets, order=62),
    Column(key="postcode", label=labels["postcode"], load=_own("postcode"), order=63),
    Column(key="region", label=labels["region"], load=_own("region"), order=64),
    Column(key="country", label=labels["country"], load=_own("country"), order=65),
    Column(key="contact", label=_l("Contact person"), load=queries.main_contacts, order=66),
    Column(key="language", label=labels["language"], load=_own("language"), order=67),
    Column(key="birthday", label=labels["birthday"], load=_own("birthday"), order=68),
    Column(key="vat_number", label=labels["vat_number"], load=_own("vat_number"), order=69),
    Column(key="added", label=_l("Added"), load=_added, order=70),
)
