from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request

from app.core import responses
from app.core.database import reads_first
from app.core.dialogs import edit as edit_dialog
from app.core.i18n import _
from app.core.problems import Problem
from app.core.registry import registry
from app.domain.banking import queries, services
from app.domain.customers.queries import master
from app.partials.bank import views
from app.partials.bank.form import LOOKED_UP, BankForm

blueprint = Blueprint("bank", __name__)

DIALOG = "bank/edit.html"
Filled = tuple[BankForm, dict[str, str]]
"""The form, and what the bank tables offer for it, to be told from what is typed."""


@blueprint.route("/edit", methods=["GET", "POST"])
def edit(customer_id: int) -> Response:
    """The dialog of the bank data; sent with `check` it comes back filled in, nothing is saved."""
    if "check" in request.form:
        return responses.show(DIALOG, conflict=None, **_looked_up(customer_id))

    def save(values: dict[str, Any]) -> Response:
        warnings = services.record_bank(customer_id, values)
        return responses.saved(customer_id, _told_saved(warnings))

    stored = queries.editable(customer_id)
    country = master(customer_id).country
    opening = request.method != "POST"
    form, offered = _opened(customer_id, stored.values, country) if opening else _typed(country)
    return edit_dialog(
        DIALOG,
        form,
        save,
        stored=stored,
        labels=registry().labels,
        customer_id=customer_id,
        offered=offered,
        french=views.is_french(form.values(), country),
    )


@blueprint.post("/lookup")
@reads_first
def lookup(customer_id: int) -> Response:
    """The part of the dialog about the account, filled in; for the script."""
    return responses.show("bank/account.html", **_looked_up(customer_id))


def _opened(customer_id: int, stored: Mapping[str, Any], country: str) -> Filled:
    """What is stored, what is worth a look in it, and a reference if there is none."""
    reference = stored["mandate_reference"] or queries.proposed_reference(customer_id)
    form = BankForm.of({**stored, "mandate_reference": reference})
    form.tell(views.warnings(stored, country))
    return form, views.found(stored, country)


def _typed(country: str, *, fill: bool = False) -> Filled:
    """What was typed. What had only been filled in follows it, though nobody waited to see it."""
    form = BankForm.of()
    offered = {name: request.form.get(f"offered-{name}", "") for name in LOOKED_UP}
    found = views.found(form.values(), country, offered["iban"])
    form.follow(found, offered, fill=fill)
    return form, found


def _looked_up(customer_id: int) -> dict[str, Any]:
    """The form filled in, with what can be said of it so far."""
    country = master(customer_id).country
    form, offered = _typed(country, fill=True)
    form.validate()
    form.tell(views.noticed(form.values(), country))
    french = views.is_french(form.values(), country)
    return {"form": form, "customer_id": customer_id, "offered": offered, "french": french}


def _told_saved(warnings: list[Problem]) -> str:
    if not warnings:
        return _("Bank information saved")
    told = " ".join(f"{label}: {message}" for label, message in views.told(warnings))
    return _("Bank information saved. Worth a look: %(warnings)s", warnings=told)
