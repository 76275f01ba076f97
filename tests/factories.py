"""Believable values for tests, as plain functions."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from app.domain.factura.rules import LineValues


def customer_values(**over: Any) -> dict[str, Any]:
    """The values of a complete customer form."""
    return {
        "kind": "person",
        "number": "",
        "salutation": "ms",
        "title": "",
        "first_name": "Tanja",
        "last_name": "Müller",
        "company": "",
        "street": "Hauptstraße",
        "house_number": "5a",
        "address_extra": "",
        "postcode": "50667",
        "town": "Köln",
        "region": "",
        "country": "DE",
        "language": "de",
        "birthday": None,
        "vat_number": "",
        "emails": [{"label": "", "address": "tanja@example.com"}],
        "phones": [{"label": "mobile", "number": "0176 1234567"}],
    } | over


def contact_person_values(**over: Any) -> dict[str, Any]:
    """The values of a contact person's form."""
    return {
        "salutation": "mr",
        "title": "Dr.",
        "first_name": "Jörg",
        "last_name": "Weiß",
        "role": "Einkauf",
        "email": "weiss@example.com",
        "phone": "0221 98765",
        "is_main": False,
    } | over


def address_values(**over: Any) -> dict[str, Any]:
    """The values of an additional address's form: the parents who pay."""
    return {
        "salutation": "family",
        "title": "",
        "first_name": "Petra",
        "last_name": "Kowalska",
        "company": "",
        "street": "Am Rheinufer",
        "house_number": "12",
        "address_extra": "",
        "postcode": "53111",
        "town": "Bonn",
        "region": "",
        "country": "DE",
        "is_delivery": False,
        "is_billing": True,
    } | over


def team_values(**over: Any) -> dict[str, Any]:
    """The values of the team's settings form."""
    return {
        "name": "Tanzstudio Lindenhof",
        "street": "Lindenstraße",
        "house_number": "7",
        "postcode": "50674",
        "town": "Köln",
        "country": "DE",
        "language": "de",
        "time_zone": "Europe/Berlin",
        "first_customer_number": 10001,
    } | over


def invoice_values(**over: Any) -> dict[str, Any]:
    """The values of an issued invoice, due in two weeks; amounts in cents."""
    return {
        "kind": "invoice",
        "state": "issued",
        "number": "2026-0012",
        "subject": "Tanzkurs Herbst",
        "issued_on": date(2026, 11, 20),
        "due_on": date(2026, 12, 4),
        "currency": "EUR",
        "total": 34_000,
    } | over


def article_values(**over: Any) -> dict[str, Any]:
    """The values of an article; a price may be given as its digits."""
    values = {
        "number": "",
        "name": "Privatstunde",
        "text": "",
        "unit": "Stunde",
        "price": "75",
        "currency": "EUR",
        "is_gross": False,
        "tax": "standard",
    } | over
    price = values["price"]
    return {**values, "price": Decimal(price) if isinstance(price, str) else price}


def text_values(**over: Any) -> dict[str, Any]:
    """The values of a text block for the end of invoices."""
    return {
        "kind": "invoice",
        "place": "closing",
        "language": "de",
        "name": "Dank",
        "text": "Vielen Dank!",
        "is_default": True,
    } | over


def banner_values(article_id: int, **over: Any) -> dict[str, Any]:
    """The values of a hint banner for everybody who paid for an article."""
    return {
        "style": "plate",
        "line1": "SLA Gold",
        "line2": "",
        "color": "#b7791f",
        "article_id": article_id,
        "condition": "paid",
    } | over


def line_values(text: str = "Tanzkurs", price: str | None = "100", **over: Any) -> LineValues:
    """A line of a draft; numbers are given as their digits."""
    values: dict[str, Any] = {"text": text, "quantity": "1", "price": price} | over
    numbers = ("quantity", "price", "discount")
    values |= {name: Decimal(values[name]) for name in numbers if values.get(name) is not None}
    return LineValues(**values)


def draft_values(customer_id: int, kind: str = "invoice", **over: Any) -> dict[str, Any]:
    """The values of a draft with one line of 100.00 EUR and German tax."""
    return {
        "customer_id": customer_id,
        "kind": kind,
        "language": "de",
        "currency": "EUR",
        "is_gross": False,
        "treatment": "taxed",
        "subject": "Tanzkurs Herbst",
        "service_on": None,
        "service_until": None,
        "payment_days": 14,
        "due_on": None,
        "intro": "",
        "closing": "",
        "address_key": "main",
        "person_id": None,
        "lines": [line_values()],
    } | over


def groups_in_a_chain(depth: int, first_id: int = 2) -> list[dict[str, Any]]:
    """The rows of groups each below the one before; a fresh database has a group of its own."""
    return [
        {
            "id": group_id,
            "parent_id": group_id - 1 if group_id > first_id else None,
            "name": f"Ebene {group_id}",
            "name_sort": f"ebene {group_id:04}",
            "no_information": False,
            "version": 1,
            "created_at": datetime(2026, 5, 4, tzinfo=UTC),
        }
        for group_id in range(first_id, first_id + depth)
    ]
