from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request

from app.core import responses
from app.core.database import reads_first
from app.core.dialogs import edit as edit_dialog
from app.core.i18n import _
from app.core.problems import Problem
from app.domain.banking import queries, services
from app.domain.banking.labels import labels
from app.domain.customers.labels import labels as customer_labels
from app.domain.customers.queries import master
from app.partials.bank import views
from app.partials.bank.form import LOOKED_UP, BankForm

blueprint = Blueprint("bank", __name__)

DIALOG = "bank/edit.html"
LABELS = labels | {"vat_number": customer_labels["vat_number"]}


@blueprint.route("/edit", methods=["GET", "POST"])
def edit(customer_id: int) -> Response:
    """The dialog of the bank data; sent with `check` it comes back filled in, nothing is saved."""
    if "check" in request.form:
        return responses.show(DIALOG, conflict=None, **_filled_in(customer_id))

    def save(values: dict[str, Any]) -> Response:
        warnings = services.record_bank(customer_id, values)
        return responses.saved(customer_id, _told_saved(warnings))

    stored = queries.editable(customer_id)
    country = master(customer_id).country
    opening = request.method == "GET"
    form = _opened(customer_id, stored.values, country) if opening else BankForm.of()
    return edit_dialog(
        DIALOG,
        form,
        save,
        stored=stored,
        labels=LABELS,
        customer_id=customer_id,
        offered=views.found(stored.values, country) if opening else _offered(),
        french=views.is_french(form.values(), country),
    )


@blueprint.post("/lookup")
@reads_first
def lookup(customer_id: int) -> Response:
    """The part of the dialog about the account, filled in; for the script."""
    return responses.show("bank/account.html", **_filled_in(customer_id))


def _opened(customer_id: int, stored: Mapping[str, Any], country: str) -> BankForm:
    """The form with what is stored and what is worth a look in it; a reference is proposed."""
    reference = stored["mandate_reference"] or queries.proposed_reference(customer_id)
    form = BankForm.of({**stored, "mandate_reference": reference})
    form.tell(views.warnings(stored, country))
    return form


def _filled_in(customer_id: int) -> dict[str, Any]:
    """The form as typed, with what the bank tables know and what is worth saying so far."""
    country = master(customer_id).country
    form = BankForm.of()
    form.validate()
    offered = _offered()
    found = views.found(form.values(), country, offered["iban"])
    form.fill_in(found, offered)
    form.tell(views.noticed(form.values(), country))
    french = views.is_french(form.values(), country)
    return {"form": form, "customer_id": customer_id, "offered": found, "french": french}


def _offered() -> dict[str, str]:
    """What was filled in before, so that it is told from what was typed."""
    return {name: request.form.get(f"offered-{name}", "") for name in LOOKED_UP}


def _told_saved(warnings: list[Problem]) -> str:
    if not warnings:
        return _("Bank information saved")
    told = " ".join(f"{label}: {message}" for label, message in views.told(warnings))
    return _("Bank information saved. Worth a look: %(warnings)s", warnings=told)
