from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request, url_for

from app.core import responses
from app.core.i18n import _
from app.core.panels import brings_back
from app.core.problems import Refused
from app.domain.customers import queries, rules, services
from app.domain.groups.queries import gets_no_information
from app.domain.groups.services import leave_group, stop_information
from app.shared.preferences import last_list

blueprint = Blueprint("deletion", __name__)

DIALOG = "deletion/dialog.html"


@blueprint.route("", methods=["GET", "POST"])
def confirm(customer_id: int) -> Response:
    """Ask before a customer goes into the trash, or say why it cannot and what else can be done."""
    if request.method != "POST":
        return responses.show(DIALOG, **_dialog(customer_id))
    name = queries.name_of(customer_id)
    try:
        services.delete_customer(customer_id)
    except Refused:
        return responses.show(DIALOG, 409, **_dialog(customer_id))
    return responses.moved(
        last_list(customer_id),
        _("%(name)s is in the trash", name=name),
        undo_url=url_for(".restore", customer_id=customer_id),
    )


@blueprint.post("/restoration")
@brings_back
def restore(customer_id: int) -> Response:
    """Bring a customer back; `from=trash` says that the list of the trash is on screen."""
    services.restore_customer(customer_id)
    text = _("%(name)s is back", name=queries.name_of(customer_id))
    overview = url_for("overview.show", customer_id=customer_id)
    if request.form.get("from") != "trash":
        return responses.moved(overview, text)
    return responses.moved(url_for("trash.show"), text, link_url=overview, link_label=_("Open"))


@blueprint.post("/no-information")
def stop(customer_id: int) -> Response:
    """Let a customer get no more information; the toast takes it back."""
    if gets_no_information([customer_id]):
        return responses.saved(customer_id, _("Gets no information already"))
    group_id = stop_information(customer_id)
    undo = url_for(".resume", customer_id=customer_id, group_id=group_id)
    return responses.saved(customer_id, _("Gets no more information"), undo=undo)


@blueprint.post("/no-information/<int:group_id>/removal")
def resume(customer_id: int, group_id: int) -> Response:
    """Let a customer get information again."""
    leave_group(customer_id, group_id)
    return responses.saved(customer_id, _("Gets information again"))


def _dialog(customer_id: int) -> dict[str, Any]:
    reason = queries.hindrance_to_delete(customer_id)
    return {
        "customer_id": customer_id,
        "customer": queries.header(customer_id),
        "reason": reason,
        "silent": bool(reason and gets_no_information([customer_id])),
        "belongings": [] if reason else queries.belongings(customer_id),
        "days": rules.TRASH_DAYS,
    }
