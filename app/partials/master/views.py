"""What the panel and its detail page show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core import auth
from app.core.i18n import country_name
from app.domain.customers import postal, queries
from app.domain.customers.labels import choices
from app.domain.mailing.queries import hindrance
from app.shared.preferences import team

LABELS = choices["label"]


def panel(customer_id: int) -> dict[str, Any]:
    """Names, address and ways to reach the customer, with the contact persons of a company."""
    row = queries.master(customer_id)
    return {
        "customer": row,
        "salutation": _spoken(row.salutation),
        "language_name": choices["language"].get(row.language, row.language),
        "lines": address_lines(row),
        "emails": [
            (e.label and LABELS.get(e.label), e.address) for e in queries.emails(customer_id)
        ],
        "phones": [
            (p.label and LABELS.get(p.label), p.number) for p in queries.phones(customer_id)
        ],
        "people": queries.contact_persons(customer_id),
        "writes_here": auth.may(auth.required("mail.new") or "") and not hindrance(customer_id),
    }


def _spoken(salutation: str) -> str:
    """The salutation before a name; the neutral one has no word there."""
    return "" if salutation in ("", "mx") else choices["salutation"].get(salutation, "")


def detail(customer_id: int, _arguments: Mapping[str, str]) -> dict[str, Any]:
    """The same, and when the customer was added and changed."""
    return panel(customer_id)


def address_lines(row: Any) -> list[str]:
    """An address in lines, the country only when it is abroad."""
    return postal.address_lines(dict(row._mapping), team().country, country_name(row.country))
