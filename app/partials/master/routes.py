from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for

from app.core import responses
from app.core.dialogs import edit as edit_dialog
from app.core.forms import Editable
from app.core.i18n import _, today
from app.core.problems import warnings
from app.core.templating import render
from app.domain.customers import queries, rules, services
from app.domain.customers.labels import labels
from app.partials.master.form import ContactPersonForm, CustomerForm

blueprint = Blueprint("master", __name__)

PERSON = "master/person.html"
PEOPLE = "master/people.html"


@blueprint.route("/edit", methods=["GET", "POST"])
def edit(customer_id: int) -> Response:
    """The dialog of the master data."""

    def save(values: dict[str, Any]) -> Response:
        services.change_customer(customer_id, values)
        return responses.saved(customer_id, _("Master data saved"))

    stored = queries.editable(customer_id)
    form = CustomerForm.of(stored.values)
    if request.method != "POST":
        form.tell(warnings(rules.check_customer(stored.values, today())))
    return edit_dialog(
        "master/edit.html", form, save, stored=stored, labels=labels, customer_id=customer_id
    )


@blueprint.get("/people")
def people(customer_id: int) -> Response:
    """The contact persons, each with its form a click away."""
    return responses.show(PEOPLE, **_people(customer_id))


@blueprint.route("/people/new", methods=["GET", "POST"])
def new_person(customer_id: int) -> Response:
    """The form of a new contact person."""

    def save(values: dict[str, Any]) -> Response:
        services.add_contact_person(customer_id, values)
        return _back_to_list(customer_id, _("Contact person added"))

    return edit_dialog(
        PERSON, ContactPersonForm.of(), save, customer_id=customer_id, person_id=None
    )


@blueprint.route("/people/<int:person_id>/edit", methods=["GET", "POST"])
def edit_person(customer_id: int, person_id: int) -> Response:
    """The form of a contact person."""

    def save(values: dict[str, Any]) -> Response:
        services.change_contact_person(customer_id, person_id, values)
        return _back_to_list(customer_id, _("Contact person saved"))

    person = queries.contact_person(customer_id, person_id)
    values = {name: getattr(person, name) for name in services.PERSON}
    stored = Editable(values, str(person.version))
    return edit_dialog(
        PERSON,
        ContactPersonForm.of(values),
        save,
        stored=stored,
        labels=labels,
        customer_id=customer_id,
        person_id=person_id,
    )


@blueprint.post("/people/<int:person_id>/removal")
def remove_person(customer_id: int, person_id: int) -> Response:
    """Take a contact person away; the toast takes it back."""
    services.remove_contact_person(customer_id, person_id)
    undo = url_for(".restore_person", customer_id=customer_id, person_id=person_id)
    return _back_to_list(customer_id, _("Contact person removed"), undo=undo)


@blueprint.post("/people/<int:person_id>/restoration")
def restore_person(customer_id: int, person_id: int) -> Response:
    """Bring a removed contact person back."""
    services.restore_contact_person(customer_id, person_id)
    items = render("master/people_items.html", **_people(customer_id))
    to = url_for(".people", customer_id=customer_id)
    text = _("Contact person is back")
    return responses.saved(customer_id, text, to=to, fresh={"people-items": items})


def _back_to_list(customer_id: int, text: str, undo: str | None = None) -> Response:
    return responses.saved(
        customer_id,
        text,
        undo=undo,
        to=url_for(".people", customer_id=customer_id),
        dialog=(PEOPLE, _people(customer_id)),
    )


def _people(customer_id: int) -> dict[str, Any]:
    return {"customer_id": customer_id, "people": queries.contact_persons(customer_id)}
