from __future__ import annotations

from flask import Blueprint, Response

from app.core import responses
from app.domain.banners import queries
from app.partials.banners import views

blueprint = Blueprint("banners", __name__)


@blueprint.get("/customers/<int:customer_id>/banners/<int:banner_id>")
def why(customer_id: int, banner_id: int) -> Response:
    """Why a banner hangs on a customer: its rule, and the invoices that meet it."""
    banner = queries.hanging(customer_id, banner_id)
    return responses.show("banners/why.html", **views.why(customer_id, banner))
