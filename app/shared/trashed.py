"""The answer where something is asked of a customer who was deleted."""

from __future__ import annotations

from flask import Response, url_for
from werkzeug.exceptions import NotFound

from app.core import responses
from app.core.i18n import _
from app.domain.customers import queries as customers


def refusal(customer_id: int) -> Response | None:
    """Why nothing is done for a customer in the trash, with the way there; None for any other."""
    if customers.customer_exists(customer_id):
        return None
    trashed = customers.in_trash(customer_id)
    if trashed is None:
        raise NotFound
    sentence = _("%(name)s is in the trash. Bring the customer back first.", name=trashed.name)
    return responses.failed(409, _("Not possible"), sentence, (url_for("trash.show"), _("Trash")))
