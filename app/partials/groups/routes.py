from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, url_for

from app.core import responses
from app.core.dialogs import edit as edit_dialog
from app.core.i18n import _
from app.core.panels import numbers
from app.domain.groups import queries, services
from app.partials.groups.form import GroupsOfCustomerForm

blueprint = Blueprint("groups", __name__)


@blueprint.route("/edit", methods=["GET", "POST"])
def edit(customer_id: int) -> Response:
    """The dialog in which groups are assigned and taken away."""

    def save(values: dict[str, Any]) -> Response:
        shown = numbers((values["shown"] or "").split(","))
        is_other = services.set_groups(customer_id, values["groups"], shown)
        return responses.saved(customer_id, _("Groups saved") if is_other else _("No change"))

    chosen = sorted(queries.joined(customer_id))
    form = GroupsOfCustomerForm.of({"groups": chosen, "shown": ",".join(map(str, chosen))})
    return edit_dialog(
        "groups/dialog.html", form, save, customer_id=customer_id, options=queries.options()
    )


@blueprint.post("/<int:group_id>/removal")
def remove(customer_id: int, group_id: int) -> Response:
    """Take the customer out of a group; the toast takes it back."""
    change_id = services.leave_group(customer_id, group_id)
    undo = url_for(".undo", customer_id=customer_id, change_id=change_id)
    return responses.saved(customer_id, _("Removed from the group"), undo=undo)


@blueprint.post("/changes/<int:change_id>/reversal")
def undo(customer_id: int, change_id: int) -> Response:
    """Put the customer back into the group they were taken out of."""
    services.undo_change(queries.change_of(customer_id, change_id).id)
    return responses.saved(customer_id, _("In the group again"))
