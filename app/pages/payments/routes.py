from __future__ import annotations

from itertools import chain
from typing import Any

from flask import Blueprint, Response, request, url_for

from app.core import responses
from app.core.i18n import _, money, today
from app.core.panels import numbers
from app.core.problems import Invalid
from app.core.templating import render
from app.domain.customers.queries import name_of
from app.domain.factura.rules import State
from app.domain.payments import export as adviser
from app.domain.payments import queries, rules, services
from app.domain.payments.rules import Owed
from app.domain.transfer.export import GERMAN_EXCEL, PLAIN
from app.pages.payments import views
from app.shared import downloads
from app.shared.payments import PaymentForm, changed, known_credit, record

blueprint = Blueprint("payments", __name__)

ROWS, DIALOG = "payments/rows.html", "payments/dialog.html"


@blueprint.get("/payments")
def show() -> Response:
    """What came in, the last first: a page, or its rows while somebody types."""
    if responses.is_fragment():
        context = views.results(request.args)
        response = responses.answer(render(ROWS, **context))
        response.headers["HX-Replace-Url"] = context["url"]
        return response
    return responses.show("payments/page.html", **views.page(request.args))


@blueprint.get("/payments/sums")
def sums() -> Response:
    """What the payments of the list add up to, which may take longer than the list."""
    context = views.sums(request.args)
    if responses.is_fragment():
        return responses.answer(render("payments/added.html", **context))
    return responses.show("payments/sums.html", **context)


@blueprint.get("/payments/export")
def export() -> Response:
    """The payments of the list as a table for the tax adviser, written while it is fetched."""
    wanted, _period = views.wanted(request.args)
    style = PLAIN if request.args.get("style") == "plain" else GERMAN_EXCEL
    rows = chain([adviser.headings()], adviser.rows(wanted))
    name = _("payments-%(day)s.csv", day=today())
    return downloads.table(rows, style, name)


@blueprint.route("/factura/<int:document_id>/payment", methods=["GET", "POST"])
def of_document(document_id: int) -> Response:
    """The payment of one invoice, with what is open on it to begin with."""
    invoice = queries.invoice(document_id)
    owed = queries.owed_on(invoice.customer_id, [document_id]).get(document_id)
    form = _begun(invoice, owed)
    version = f"{invoice.paid}-{invoice.state}"
    if request.method != "POST":
        form.version.data = version
        return responses.show(DIALOG, **_shown(invoice, owed, form))
    if queries.recorded_as(invoice.customer_id, form.key.data):
        return _recorded(invoice)
    if form.version.data != version or owed is None:
        form.version.data, form.version.raw_data = version, None
        return responses.conflicting(DIALOG, **_shown(invoice, owed, form, is_stale=True))
    form.validate()
    form.tell(form.check_coins(invoice.currency))
    if any(form.errors.values()):
        return responses.invalid(DIALOG, **_shown(invoice, owed, form))
    if form.propose_fees(invoice.currency, owed.open, queries.fees_left(document_id)):
        return responses.invalid(DIALOG, **_shown(invoice, owed, form, has_proposed=True))
    try:
        record(invoice.customer_id, form, invoice.currency, _parts(form, owed))
    except Invalid as refusal:
        form.tell(problem for problem in refusal.problems if problem.code != "surplus")
        return responses.invalid(DIALOG, **_shown(invoice, owed, form))
    return _recorded(invoice)


@blueprint.post("/factura/<int:document_id>/credit")
def use_credit(document_id: int) -> Response:
    """Pay an invoice from what its customer has paid too much; the toast takes it back."""
    invoice = queries.invoice(document_id)
    taken = services.assign_credit(invoice.customer_id, document_id)
    told = [f"{payment_id}-{part}" for payment_id, part in taken.items()]
    undo = url_for(".release_credit", document_id=document_id, taken=told)
    amount = money(sum(taken.values()), invoice.currency)
    said = _("Credit of %(amount)s set off", amount=amount)
    return changed(invoice.customer_id, said, to=_statement(invoice.customer_id), undo=undo)


@blueprint.post("/factura/<int:document_id>/credit/release")
def release_credit(document_id: int) -> Response:
    """Take back what `use_credit` did, as its toast tells."""
    invoice = queries.invoice(document_id)
    pairs = [numbers(told.split("-")) for told in request.args.getlist("taken")]
    taken = {pair[0]: pair[1] for pair in pairs if len(pair) == 2}
    services.release_credit(invoice.customer_id, document_id, taken)
    said = _("The credit is free again")
    return changed(invoice.customer_id, said, to=_statement(invoice.customer_id))


@blueprint.post("/payments/<int:payment_id>/removal")
def take_back(payment_id: int) -> Response:
    """A payment was a mistake and counts no more; the toast takes that back."""
    payment = services.take_back(payment_id)
    said = _("Payment of %(amount)s taken back", amount=money(payment.amount, payment.currency))
    return _changed(payment.customer_id, said, undo=url_for(".bring_back", payment_id=payment_id))


@blueprint.post("/payments/<int:payment_id>/restoration")
def bring_back(payment_id: int) -> Response:
    """A payment counts again after all."""
    payment, homeless = services.bring_back(payment_id)
    said = _("The payment is back")
    if homeless:
        amount = money(homeless, payment.currency)
        said = _("The payment is back; %(amount)s of it are credit now", amount=amount)
    return _changed(payment.customer_id, said)


def _begun(invoice: Any, owed: Owed | None) -> PaymentForm:
    """What is open on an invoice, with its reminder fees if the address says so."""
    if owed is None:
        return PaymentForm.begun(invoice.currency, None, {})
    fees = sum(queries.fees_left(invoice.id)[:1]) if "fees" in request.args else 0
    parts = {invoice.id: owed.open}
    return PaymentForm.begun(invoice.currency, owed.open + fees, parts, fees)


def _parts(form: PaymentForm, owed: Owed) -> dict[int, int]:
    """All of a payment but its fees is for its invoice, as far as that is open."""
    amount = form.minor("amount", owed.currency) or 0
    fees = form.minor("fees", owed.currency) or 0
    return rules.propose(amount - fees, [owed])


def _recorded(invoice: Any) -> Response:
    to = url_for("factura_document.show", document_id=invoice.id)
    said = _("Payment recorded on %(number)s", number=invoice.number)
    return changed(invoice.customer_id, said, to=to)


def _shown(
    invoice: Any,
    owed: Owed | None,
    form: PaymentForm,
    *,
    is_stale: bool = False,
    has_proposed: bool = False,
) -> dict[str, Any]:
    credit = queries.credit_sums(invoice.customer_id).get(invoice.currency, 0)
    surplus = known_credit(form)
    fees = queries.fees_left(invoice.id) if owed else []
    return {
        "customer_id": invoice.customer_id,
        "customer_name": name_of(invoice.customer_id),
        "document_id": invoice.id,
        "number": invoice.number,
        "form": form,
        "currency": invoice.currency,
        "hint": _open(invoice, owed) if owed else "",
        "open": money(owed.open, invoice.currency) if owed else "",
        "is_cancelled": invoice.state == State.CANCELLED,
        "is_stale": is_stale,
        "has_proposed": has_proposed,
        "fees": money(fees[0], invoice.currency) if fees else "",
        "with_fees": money(owed.open + fees[0], invoice.currency) if owed and fees else "",
        "surplus": money(surplus, invoice.currency) if surplus else "",
        "credit": money(credit, invoice.currency) if owed and credit else "",
        "payments": views.of_document(invoice.id),
    }


def _open(invoice: Any, owed: Owed) -> str:
    amount = money(owed.open, owed.currency)
    if owed.open == invoice.total:
        return _("%(amount)s are open.", amount=amount)
    total = money(invoice.total, owed.currency)
    return _("%(open)s of %(total)s are open.", open=amount, total=total)


def _statement(customer_id: int) -> str:
    return url_for("statement.detail", customer_id=customer_id)


def _changed(customer_id: int, said: str, undo: str | None = None) -> Response:
    """Fresh rows where the list of all payments is on screen, else what is there.

    What they add up to is asked for anew by what is put in its place.
    """
    if responses.is_fragment() and responses.path_on_screen() == url_for(".show"):
        context = views.results(responses.arguments_on_screen())
        fresh = {"payments-rows": render(ROWS, **context)}
        replaced = {"sums": render("payments/adding.html", **context)}
        return responses.saved(None, said, undo=undo, to="", fresh=fresh, replaced=replaced)
    return changed(customer_id, said, to=url_for(".show"), undo=undo)
