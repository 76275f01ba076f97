"""What keeps a draft from being kept or issued, asked of the rules and of what is stored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, select
from werkzeug.exceptions import NotFound

from app.core.database import db, table
from app.core.i18n import _l, day, money, today
from app.core.problems import Problem
from app.domain.addresses import queries as addresses
from app.domain.articles.tax import Code, codes, rate
from app.domain.customers import queries as customers
from app.domain.customers.models import Customer
from app.domain.factura import freezing, numbering, queries, rules, settings
from app.domain.factura.rules import MAIN, Kind, State
from app.domain.factura.totals import Totals, rate_between
from app.domain.settings.queries import team

CUSTOMER = table(Customer).c
VAT_NUMBER = select(CUSTOMER.vat_number).where(CUSTOMER.id == bindparam("customer_id"))


def to_keep(values: Mapping[str, Any], document_id: int | None = None) -> list[Problem]:
    """What keeps a draft from being kept with these values."""
    if problems := rules.check_draft(values, values["lines"]):
        return problems
    if problems := [*places(values), *_rates(values, today())]:
        return problems
    return _credit(values, document_id, today())


def to_issue(document: Any, on: date | None = None) -> list[Problem]:
    """What keeps a draft from being issued on this day (today), and what is worth a warning."""
    return list(_to_issue(document, queries.values_of(document), on or today()))


def hindrance_to_cancel(document: Any) -> Any:
    """Why an issued document cannot be cancelled, beyond its state; None if it can.

    A credit note over all of an invoice would give back twice what was credited already. Of one
    whose lines are elsewhere it has to know how it was taxed.
    """
    if document.kind != Kind.INVOICE:
        return None
    if not (notes := queries.credited(document.id)):
        return _hindrance_to_credit_all(document)
    if queries.left_to_credit(document) <= 0:
        return _l("All of this invoice has been credited already.")
    return _l(
        "Credit note %(number)s takes a part of this back already. "
        "Please write a credit note over the rest.",
        number=notes[0].number,
    )


def rate_of_all(invoice: Any) -> tuple[Code, Decimal] | None:
    """By which code and rate all of an invoice was taxed, if one leads from its net to its total.

    Nothing else is known of one whose lines are elsewhere.
    """
    if invoice.net == invoice.total:
        return Code.EXEMPT, Decimal(0)
    country, on = team().country, queries.service_day(queries.values_of(invoice), invoice.issued_on)
    rates = [(code, rate(country, code, on)) for code in codes(country, on)]
    return rate_between(invoice.net, invoice.total, rates, is_gross=invoice.is_gross)


def places(values: Mapping[str, Any]) -> list[Problem]:
    """Whether customer, address and contact person are there, and the invoice it is about."""
    customer_id = values["customer_id"]
    if customer_id is None or not customers.customer_exists(customer_id):
        return [Problem("customer_id", "required", _l("Please choose a customer."))]
    return [*_address(values), *_person(values), *_origin(values)]


def _hindrance_to_credit_all(invoice: Any) -> Any:
    if queries.lines(invoice.id) or rate_of_all(invoice):
        return None
    return _l(
        "The lines of this invoice are not known here, and no single tax rate leads from its net "
        "amount to its total. Please write a credit note with the lines it has."
    )


def _rates(values: Mapping[str, Any], on: date) -> list[Problem]:
    service_day = queries.service_day(values, on)
    return rules.check_rates(values, values["lines"], team().country, service_day)


def _credit(values: Mapping[str, Any], document_id: int | None, on: date) -> list[Problem]:
    """A credit note may not give back more than its invoice came to, together with the others."""
    if values["kind"] != Kind.CREDIT_NOTE or not values["origin_id"]:
        return []
    invoice = queries.row(values["origin_id"])
    left = queries.left_to_credit(invoice, document_id)
    if queries.totals_of(values, on).total <= left:
        return []
    message = _l(
        "At most %(amount)s of invoice %(number)s can be credited.",
        amount=money(left, invoice.currency),
        number=invoice.number,
    )
    return [Problem("lines", "too_much", message)]


def _address(values: Mapping[str, Any]) -> list[Problem]:
    key = values["address_key"]
    if key == MAIN:
        return []
    try:
        addresses.address(values["customer_id"], int(key))
    except NotFound:
        message = _l("This address is not there any more. Please choose another.")
        return [Problem("address_key", "unknown", message)]
    return []


def _person(values: Mapping[str, Any]) -> list[Problem]:
    if values["person_id"] is None:
        return []
    try:
        customers.contact_person(values["customer_id"], values["person_id"])
    except NotFound:
        message = _l("This person is not there any more. Please choose another.")
        return [Problem("person_id", "unknown", message)]
    return []


def _origin(values: Mapping[str, Any]) -> list[Problem]:
    """What gives back or reminds belongs to an issued invoice, in its currency."""
    if values["origin_id"] is None or values["kind"] not in (Kind.CREDIT_NOTE, Kind.REMINDER):
        return []
    invoice = queries.row(values["origin_id"])
    if (invoice.kind, invoice.state) != (Kind.INVOICE, State.ISSUED):
        message = _l("The invoice has been cancelled.")
        return [Problem("origin_id", "cancelled", message)]
    if invoice.customer_id != values["customer_id"]:
        message = _l("The invoice is another customer's.")
        return [Problem("customer_id", "other", message)]
    if invoice.currency != values["currency"]:
        message = _l("The invoice is in %(currency)s.", currency=invoice.currency)
        return [Problem("currency", "other", message)]
    return []


def _to_issue(document: Any, values: Mapping[str, Any], on: date) -> Iterator[Problem]:
    yield from places(values)
    yield from _rates(values, on)
    yield from _credit(values, document.id, on)
    yield from _days(document, on)
    vat_number = db.session.scalar(VAT_NUMBER, {"customer_id": document.customer_id})
    found = queries.totals_of(values, on)
    facts = {"total": found.total, "vat_number": vat_number or "", "country": team().country}
    yield from rules.check_issue(values, values["lines"], **facts)
    if document.kind == Kind.INVOICE and (lacks := settings.lacking(document.treatment)):
        message = _l("An invoice has to show %(what)s.", what=", ".join(lacks))
        yield Problem("sender", "lacking", message, "warning")
    if document.kind in (Kind.INVOICE, Kind.CREDIT_NOTE):
        yield from _law(document, found)


def _law(document: Any, found: Totals) -> Iterator[Problem]:
    """What its texts should tell beside the tax, or instead of it."""
    usual = rules.TAX_IN.get(team().country, document.currency)
    if found.tax and document.currency != usual:
        message = _l("The text should state the tax in %(currency)s as well.", currency=usual)
        yield Problem("currency", "other", message, "warning")
    if freezing.has_exempt(found) and not freezing.sentence(document, found):
        message = _l(
            "The text should say why something is exempt from tax. "
            "The Factura settings can say it on every document."
        )
        yield Problem("lines", "exempt", message, "warning")


def _days(document: Any, on: date) -> Iterator[Problem]:
    """Numbers and days have the same order, and nothing is issued ahead of its day."""
    if on > today():
        yield Problem("issued_on", "future", _l("This day is still to come."))
    elif on < rules.FIRST_ISSUE:
        year = str(rules.FIRST_ISSUE.year)
        yield Problem("issued_on", "long_ago", _l("Please give a year from %(n)s on.", n=year))
    elif (last := numbering.last_day(document.kind, on, today())) and on < last:
        message = _l(
            "The number before is of %(day)s. Please take that day or a later one.",
            day=day(last),
        )
        yield Problem("issued_on", "too_early", message)
    if document.due_on and document.due_on < on:
        yield Problem("due_on", "too_early", _l("This cannot be due before it is issued."))
