from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, Response, request, url_for

from app.core import responses
from app.core.database import reads_first
from app.core.dialogs import edit
from app.core.i18n import _
from app.core.templating import render
from app.domain.customers import queries, services
from app.partials.master.form import CustomerForm
from app.shared.preferences import team

blueprint = Blueprint("new_customer", __name__)

FORM = "new_customer/new.html"


@blueprint.route("/customers/new", methods=["GET", "POST"])
def show() -> Response:
    """The form of a new customer."""
    form = CustomerForm.of(_defaults())
    if "check" in request.form:
        return responses.show(FORM, form=form, conflict=None, alike=partial(_alike, form))
    sent = request.method == "POST"
    return edit(FORM, form, _create, alike=partial(_alike, form) if sent else list)


@blueprint.post("/customers/new/duplicates")
@reads_first
def duplicates() -> Response:
    """Those who may be the same as who is being typed."""
    alike = partial(_alike, CustomerForm(request.form))
    return responses.answer(render("new_customer/alike.html", alike=alike))


def _create(values: dict[str, Any]) -> Response:
    customer_id = services.create_customer(values)
    url = url_for("overview.show", customer_id=customer_id)
    return responses.moved(url, _("Customer added"))


def _defaults() -> dict[str, Any]:
    return {"kind": "person", "country": team().country, "language": team().language}


def _alike(form: CustomerForm) -> list[queries.Likeness]:
    return queries.look_alikes(form.values())
