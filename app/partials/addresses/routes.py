from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for

from app.core import responses
from app.core.dialogs import edit as edit_dialog
from app.core.forms import Editable
from app.core.i18n import _
from app.core.problems import warnings
from app.core.templating import render
from app.domain.addresses import queries, rules, services
from app.domain.addresses.labels import labels
from app.domain.customers.labels import labels as customer_labels
from app.partials.addresses import views
from app.partials.addresses.form import AddressForm
from app.shared.preferences import team

blueprint = Blueprint("addresses", __name__)

LIST = "addresses/list.html"
FORM = "addresses/form.html"


@blueprint.get("/list")
def listing(customer_id: int) -> Response:
    """The dialog that lists the addresses, each with its form a click away."""
    return responses.show(LIST, **_list(customer_id))


@blueprint.route("/new", methods=["GET", "POST"])
def new(customer_id: int) -> Response:
    """The form of a new address."""

    def save(values: dict[str, Any]) -> Response:
        services.add_address(customer_id, values)
        return _back_to_list(customer_id, _("Address added"))

    form = AddressForm.of({"country": team().country})
    return edit_dialog(FORM, form, save, customer_id=customer_id, address_id=None)


@blueprint.route("/<int:address_id>/edit", methods=["GET", "POST"])
def edit(customer_id: int, address_id: int) -> Response:
    """The form of an address."""

    def save(values: dict[str, Any]) -> Response:
        services.change_address(customer_id, address_id, values)
        return _back_to_list(customer_id, _("Address saved"))

    stored = queries.editable(customer_id, address_id)
    return edit_dialog(
        FORM,
        _form(stored),
        save,
        stored=stored,
        labels=customer_labels | labels,
        customer_id=customer_id,
        address_id=address_id,
    )


@blueprint.post("/<int:address_id>/removal")
def remove(customer_id: int, address_id: int) -> Response:
    """Take an address away; the toast takes it back. `from=list` says that the dialog is open."""
    services.remove_address(customer_id, address_id)
    undo = url_for(".restore", customer_id=customer_id, address_id=address_id)
    if request.form.get("from") == "list":
        return _back_to_list(customer_id, _("Address removed"), undo=undo)
    detail = url_for(".detail", customer_id=customer_id)
    return responses.saved(customer_id, _("Address removed"), undo=undo, to=detail)


@blueprint.post("/<int:address_id>/restoration")
def restore(customer_id: int, address_id: int) -> Response:
    """Bring a removed address back, also into the list if the dialog is still open."""
    services.restore_address(customer_id, address_id)
    items = render("addresses/items.html", place="list", **_list(customer_id))
    return responses.saved(customer_id, _("Address is back"), fresh={"addresses-list-items": items})


def _form(stored: Editable) -> AddressForm:
    form = AddressForm.of(stored.values)
    if request.method == "GET":
        form.tell(warnings(rules.check_address(stored.values)))
    return form


def _back_to_list(customer_id: int, text: str, undo: str | None = None) -> Response:
    return responses.saved(
        customer_id,
        text,
        undo=undo,
        to=url_for(".listing", customer_id=customer_id),
        dialog=(LIST, _list(customer_id)),
    )


def _list(customer_id: int) -> dict[str, Any]:
    return {"customer_id": customer_id, **views.detail(customer_id, {})}
