from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from wtforms import HiddenField
from wtforms import IntegerField as _IntegerField
from wtforms.validators import Optional
from wtforms.widgets import TextInput

from app.core.forms import Choice, CleanLines, CleanText, Day, Form, Options
from app.core.i18n import LANGUAGES, _, _l, currency_list
from app.core.panels import positive
from app.core.problems import Problem
from app.domain.factura.labels import kinds
from app.domain.factura.rules import LONGEST_TERM, Kind
from app.pages.factura_editor.lines import Lines

NET, GROSS = "net", "gross"
PRICES = {NET: _l("net"), GROSS: _l("gross, with tax")}
WRITTEN = {kind: name for kind, name in kinds.items() if kind != Kind.REMINDER}
"""Kinds that are written here; a reminder is made from an invoice."""

TERMS = {
    "valid": {"payment_days": _l("Valid for days"), "due_on": _l("or valid until")},
    "due": {"payment_days": _l("Payable within days"), "due_on": _l("or payable by")},
}
"""What the term is called for a quote, and for what is to be paid."""

NEW = {
    Kind.INVOICE: _l("New invoice"),
    Kind.QUOTE: _l("New quote"),
    Kind.ORDER_CONFIRMATION: _l("New order confirmation"),
    Kind.DELIVERY_NOTE: _l("New delivery note"),
    Kind.CREDIT_NOTE: _l("New credit note"),
    Kind.PRO_FORMA: _l("New pro forma invoice"),
}

labels = {
    "kind": _l("Kind of document"),
    "language": _l("Language"),
    "subject": _l("Subject"),
    "service_on": _l("Day of service"),
    "service_until": _l("until"),
    **TERMS["due"],
    "currency": _l("Currency"),
    "is_gross": _l("Prices"),
    "treatment": _l("Tax"),
    "address_key": _l("Address"),
    "person_id": _l("Contact person"),
    "intro": _l("Text before the lines"),
    "lines": _l("Lines"),
    "closing": _l("Text after the lines"),
}


def currencies() -> list[tuple[str, str]]:
    return [(code, code) for code in currency_list()]


class Days(_IntegerField):
    """A number of days."""

    widget = TextInput()

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = str(valuelist[0]).strip() if valuelist else ""
        self.data = None
        if typed:
            if not (typed.isascii() and typed.isdigit() and len(typed) < 7):
                days = {"least": 0, "most": LONGEST_TERM}
                raise ValueError(_("Please give days from %(least)d to %(most)d.", **days))
            self.data = int(typed)


class DraftForm(Form):
    """A document while it is written.

    `key` names the form, so that one that is sent twice is one document; `was` tells for what it
    was shown last: kind, language, customer, prices, rates and address.
    """

    key = HiddenField()
    customer_id = HiddenField()
    was = HiddenField()
    kind = Choice(labels["kind"], WRITTEN)
    language = Choice(labels["language"], LANGUAGES)
    subject = CleanText(labels["subject"])
    service_on = Day(labels["service_on"])
    service_until = Day(labels["service_until"])
    payment_days = Days(labels["payment_days"], [Optional()])
    due_on = Day(labels["due_on"])
    currency = Choice(labels["currency"], currencies)
    is_gross = Choice(labels["is_gross"], PRICES)
    treatment = Choice(labels["treatment"])
    address_key = Options(labels["address_key"])
    person_id = Choice(labels["person_id"])
    intro = CleanLines(labels["intro"])
    lines = Lines(labels["lines"])
    closing = CleanLines(labels["closing"])

    def tell(self, problems: Iterable[Problem]) -> None:
        """What is wrong with a line stands there."""
        others = []
        for problem in problems:
            rows, _dash, rest = problem.field.partition("-")
            position, _dash, name = rest.partition("-")
            if rows == "lines" and position:
                self.lines.tell(int(position), name, problem.message)
            elif rows == "lines":
                self.form_errors.append(problem.message)
            else:
                others.append(problem)
        super().tell(others)


def shown(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a draft as its form has them."""
    return {
        **values,
        "customer_id": str(values["customer_id"]),
        "is_gross": GROSS if values["is_gross"] else NET,
        "person_id": str(values["person_id"] or ""),
    }


def stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """What the form holds, as the verbs take it."""
    return {
        **values,
        "is_gross": values["is_gross"] == GROSS,
        "person_id": positive({"id": values["person_id"] or ""}, "id"),
        "lines": [line.values() for line in values["lines"]],
    }
