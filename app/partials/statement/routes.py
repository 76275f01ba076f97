from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request, url_for

from app.core import i18n, rendering, responses
from app.core.database import db, reads_first
from app.core.i18n import _, money, today
from app.core.panels import numbers
from app.core.problems import Invalid, Refused
from app.core.rendering import RenderFailed
from app.core.templating import render
from app.domain.customers.queries import name_of
from app.domain.factura.settings import settings
from app.domain.letters import layout
from app.domain.letters import queries as letters
from app.domain.letters.labels import said
from app.domain.letters.rules import file_name
from app.domain.payments import paper, queries, rules
from app.domain.payments.statement import statement
from app.partials.statement.views import period
from app.shared.downloads import attached
from app.shared.payments import PART, PaymentForm, changed, known_credit, record, with_parts

blueprint = Blueprint("statement", __name__)

DIALOG, DIVISION = "statement/dialog.html", "statement/division.html"


@blueprint.get("/pdf")
def pdf(customer_id: int) -> Response:
    """The statement of a period as a letter to keep or to send."""
    _asked, since, until = period(request.args)
    found = statement(customer_id, since, until, paper.MOST_OPEN)
    if found.is_cut:
        raise Refused(_("There are too many entries for one letter. Choose a shorter period."))
    sheet = paper.letter(customer_id, found, today())
    document = layout.document(sheet, letters.style())
    name = file_name(_("Statement of account"), until, name_of(customer_id))
    db.session.rollback()  # nothing is being read while it is rendered
    try:
        return attached(rendering.render_pdf(document), name)
    except RenderFailed as reason:
        return responses.failed(409, _("Not possible"), said(reason))


@blueprint.route("/payment", methods=["GET", "POST"])
def payment(customer_id: int) -> Response:
    """A payment for several invoices at once, or for none."""
    division = Division(customer_id)
    form, is_posted = division.form, request.method == "POST"
    if not is_posted:
        form.version.data = division.version
        return responses.show(DIALOG, **division.shown())
    if queries.recorded_as(customer_id, form.key.data):
        return _recorded(customer_id)
    if form.version.data != division.version:
        form.version.data, form.version.raw_data = division.version, None
        return responses.conflicting(DIALOG, **division.shown(is_stale=True))
    form.validate()
    form.tell(form.check_coins(division.currency))
    if any(form.errors.values()):
        return responses.invalid(DIALOG, **division.shown())
    if division.is_outdated():
        division.divide()
        return responses.invalid(DIALOG, **division.shown(is_divided_anew=True))
    try:
        record(customer_id, form, division.currency, form.parts(division.currency))
    except Invalid as refusal:
        form.tell(problem for problem in refusal.problems if problem.code != "surplus")
        return responses.invalid(DIALOG, **division.shown())
    return _recorded(customer_id)


@blueprint.post("/payment/division")
@reads_first
def divide(customer_id: int) -> Response:
    """Another amount: it is divided anew, those due first."""
    division = Division(customer_id)
    division.form.validate()
    division.divide()
    if responses.is_fragment():
        return responses.answer(render(DIVISION, **division.shown()))
    return responses.show(DIALOG, **division.shown())


class Division:
    """What a payment of a customer is for: the invoices on which something is open."""

    def __init__(self, customer_id: int):
        self.customer_id = customer_id
        self.currencies = [row.currency for row in queries.currencies(customer_id)]
        self.currency = self._currency(request.args)
        self.items = queries.open_items(customer_id, self.currency)
        self.owed = {row.id: queries.owed(row) for row in self.items}
        all_of_it = {row.id: row.open for row in self.items}
        begun = sum(all_of_it.values()) or None
        self.form: PaymentForm = with_parts(self.items).begun(self.currency, begun, all_of_it)

    @property
    def version(self) -> str:
        """What tells that somebody else has changed what is open."""
        return rules.fingerprint(self.owed.values())

    def is_outdated(self) -> bool:
        """Whether the amount was changed and what it is divided into still is the old proposal."""
        told = numbers([self.form.divided.data or ""])
        if not told:
            return False
        old, new = (rules.propose(one, self.owed.values()) for one in (told[0], self._to_divide()))
        return self.form.parts(self.currency) == old != new

    def divide(self) -> None:
        """Propose how what is paid is divided."""
        parts = rules.propose(self._to_divide(), self.owed.values())
        self.form.divide(self.currency, parts)

    def shown(self, **more: Any) -> dict[str, Any]:
        form, currency = self.form, self.currency
        surplus = known_credit(form)
        form.divided.data, form.divided.raw_data = str(self._to_divide()), None
        return {
            "customer_id": self.customer_id,
            "customer_name": name_of(self.customer_id),
            "form": form,
            "currency": currency,
            "currencies": [
                (one, url_for(".payment", customer_id=self.customer_id, currency=one))
                for one in dict.fromkeys((*self.currencies, currency, settings().currency))
            ],
            "rows": [
                {
                    "number": row.number,
                    "subject": row.subject,
                    "due_on": row.due_on,
                    "open": money(row.open, currency),
                    "field": form[PART.format(row.id)],
                }
                for row in self.items
            ],
            "is_more": len(self.items) >= queries.MOST_OPEN,
            "rest": self._rest(),
            "surplus": money(surplus, currency) if surplus else "",
            "url": url_for(".payment", customer_id=self.customer_id, currency=currency),
            "divide_url": url_for(".divide", customer_id=self.customer_id, currency=currency),
            "is_stale": False,
            "is_divided_anew": False,
            **more,
        }

    def _currency(self, arguments: Mapping[str, str]) -> str:
        """The one that is asked for, else that of the invoice that is due first."""
        asked = arguments.get("currency", "")
        if asked in i18n.currencies():
            return asked
        return self.currencies[0] if self.currencies else settings().currency

    def _to_divide(self) -> int:
        amount, fees = (self.form.minor(name, self.currency) or 0 for name in ("amount", "fees"))
        return max(amount - fees, 0)

    def _rest(self) -> str:
        left = self._to_divide() - sum(self.form.parts(self.currency).values())
        return money(left, self.currency) if left > 0 else ""


def _recorded(customer_id: int) -> Response:
    to = url_for(".detail", customer_id=customer_id)
    return changed(customer_id, _("Payment recorded"), to=to)
