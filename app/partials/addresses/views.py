"""What the panel, its detail page and the list in the dialog show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from app.core.i18n import count, country_name
from app.core.panels import positive
from app.core.problems import warnings
from app.domain.addresses import queries, rules
from app.domain.customers.labels import choices
from app.domain.customers.postal import address_lines
from app.shared.preferences import team


def panel(customer_id: int) -> dict[str, Any]:
    rows = queries.latest(customer_id)
    return {
        "addresses": _shown(rows),
        "shown": len(rows),
        "total": count(queries.count(customer_id, rows)),
    }


def detail(customer_id: int, arguments: Mapping[str, str]) -> dict[str, Any]:
    """All of them, newest first, paged."""
    before = positive(arguments, "before")
    found = queries.page(customer_id, before)
    return {"addresses": _shown(found.rows), "older": found.older, "before": before}


def _shown(rows: Iterable[Any]) -> list[dict[str, Any]]:
    return [_address(row.id, row._mapping) for row in rows]


def _address(address_id: int, values: Mapping[str, Any]) -> dict[str, Any]:
    country = country_name(values["country"])
    return {
        "id": address_id,
        "name": rules.in_short(values),
        "lines": [*_name_lines(values), *address_lines(values, team().country, country)],
        "is_delivery": values["is_delivery"],
        "is_billing": values["is_billing"],
        "warnings": [problem.message for problem in warnings(rules.check_address(values))],
    }


def _name_lines(values: Mapping[str, Any]) -> Iterator[str]:
    """Company above person, as on an envelope; the neutral salutation is not written."""
    salutation = values["salutation"]
    written = choices["salutation"][salutation] if salutation in ("ms", "mr", "family") else ""
    person = [values["title"], values["first_name"], values["last_name"]]
    if values["company"]:
        yield values["company"]
    if any(person):
        yield " ".join(str(part) for part in [written, *person] if part)
