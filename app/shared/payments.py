"""Recording a payment of one invoice or of several: its form, and what is answered then."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Self
from urllib.parse import urlencode

from flask import Response, request, url_for
from wtforms import HiddenField

from app.core import i18n, responses
from app.core.forms import AmountField, Choice, CleanText, Day, Form
from app.core.i18n import _l, today
from app.core.panels import numbers
from app.core.problems import Invalid, Problem
from app.domain.payments import rules, services
from app.domain.payments.labels import by_hand, labels
from app.domain.payments.rules import LONGEST_NOTE, Method

PART = "part-{}"
"""The field of what is for which document."""
DECIMAL = {"inputmode": "decimal", "autocomplete": "off", "size": 12}


class PaymentForm(Form):
    """A payment; `key` names the form, so that one that is sent twice is one payment.

    `credit` is the surplus that the form has told already, `divided` what its parts (or its fees)
    were proposed for, both in minor units.
    """

    key = HiddenField()
    credit = HiddenField(default="0")
    divided = HiddenField()
    amount = AmountField(labels["paid_amount"], digits=2, render_kw=DECIMAL)
    received_on = Day(labels["received_on"])
    method = Choice(labels["paid_by"], choices=by_hand)
    fees = AmountField(labels["paid_fees"], digits=2, render_kw=DECIMAL)
    note = CleanText(
        labels["paid_note"], render_kw={"maxlength": LONGEST_NOTE, "autocomplete": "off"}
    )

    @classmethod
    def begun(
        cls, currency: str, amount: int | None, parts: Mapping[int, int], fees: int = 0
    ) -> Self:
        """A payment of today over this amount (minor units), divided like this."""
        values: dict[str, Any] = {
            "key": secrets.token_urlsafe(12),
            "received_on": today(),
            "method": Method.TRANSFER,
            "amount": None if amount is None else i18n.amount(amount, currency),
            "fees": i18n.amount(fees, currency) if fees else None,
        }
        form = cls.of(values)
        if request.method != "POST":
            form.divide(currency, parts)
        return form

    def divide(self, currency: str, parts: Mapping[int, int]) -> None:
        """Let the fields of documents say what is for them."""
        for field in self:
            if field.short_name.startswith(PART.format("")):
                part = parts.get(int(field.short_name.rpartition("-")[2]))
                field.data, field.raw_data = part and i18n.amount(part, currency), None

    def propose_fees(self, currency: str, open_now: int, fees: Sequence[int]) -> bool:
        """Whether it is what is open with a reminder fee, which stands in its field then.

        Nobody is asked twice: who empties the field again wants it empty.
        """
        amount = self.minor("amount", currency) or 0
        found = next((fee for fee in fees if open_now + fee == amount), None)
        if found is None or self.fees.data or self.divided.data == str(amount):
            return False
        self.fees.data, self.fees.raw_data = i18n.amount(found, currency), None
        self.divided.data, self.divided.raw_data = str(amount), None
        return True

    def minor(self, name: str, currency: str) -> int | None:
        """An amount in minor units, None if nothing was typed or it cannot be one."""
        value = self[name].data
        try:
            return i18n.minor(value, currency) if isinstance(value, Decimal) else None
        except ValueError:
            return None

    def parts(self, currency: str) -> dict[int, int]:
        """What was typed for documents; an empty field is for nothing."""
        prefix = PART.format("")
        names = [field.short_name for field in self if field.short_name.startswith(prefix)]
        typed = {int(name.removeprefix(prefix)): self.minor(name, currency) for name in names}
        return {document_id: part for document_id, part in typed.items() if part}

    def check_coins(self, currency: str) -> list[Problem]:
        """Amounts that are smaller than the smallest coin."""
        message = _l("There is nothing so small in this currency.")
        return [
            Problem(field.short_name, "too_small", message)
            for field in self
            if isinstance(field, AmountField)
            and field.data is not None
            and self.minor(field.short_name, currency) is None
        ]


def with_parts(documents: Sequence[Any]) -> type[PaymentForm]:
    """The form with a field for each of these open items."""
    fields = {
        PART.format(row.id): AmountField(row.number, digits=2, render_kw=DECIMAL)
        for row in documents
    }
    return type("DividedPaymentForm", (PaymentForm,), fields)


def record(customer_id: int, form: PaymentForm, currency: str, parts: Mapping[int, int]) -> int:
    """Record what a form says, which is checked already; raises Invalid as the verb does.

    What stays as credit must have been told before: then the form says that it knows, and the next
    time it is saved.
    """
    values = {
        "received_on": form.received_on.data,
        "amount": form.minor("amount", currency),
        "fees": form.minor("fees", currency) or 0,
        "currency": currency,
        "method": form.method.data,
        "note": form.note.data or "",
        "parts": parts,
        "credit": known_credit(form),
    }
    try:
        return services.record_payment(customer_id, values, form.key.data)
    except Invalid as refusal:
        if any(problem.code == "surplus" for problem in refusal.problems):
            left = rules.credit(values["amount"], values["fees"], parts.values())
            form.credit.data, form.credit.raw_data = str(left), None
        raise


def known_credit(form: PaymentForm) -> int:
    """What of it stays as credit, as far as the form has told."""
    return (numbers([form.credit.data or ""]) or [0])[0]


def changed(customer_id: int, text: str, *, to: str, undo: str | None = None) -> Response:
    """Saved: fresh panels where a customer is on screen, elsewhere the page as it is now.

    The page of a document looks after itself when a dialog closes or a toast is answered.
    """
    if not responses.is_fragment() or request.headers.get("X-Panels"):
        return responses.saved(customer_id, text, undo=undo, to=to)
    if responses.path_on_screen().startswith(f"{url_for('factura_documents.show')}/"):
        return responses.saved(None, text, undo=undo, to=to)
    return responses.moved(here(), text, undo_url=undo)


def here() -> str:
    """The address of the page on screen; always one of ours."""
    path = f"/{responses.path_on_screen().lstrip('/')}"
    query = urlencode(responses.arguments_on_screen())
    return f"{path}?{query}" if query else path
