from __future__ import annotations

from flask import Blueprint, Response

from app.core import responses
from app.core.templating import render
from app.partials.factura import views

blueprint = Blueprint("factura", __name__)


@blueprint.get("/bought")
def bought(customer_id: int) -> Response:
    """The articles the customer has bought; with very many documents that takes a moment."""
    context = views.bought(customer_id)
    if responses.is_fragment():
        return responses.answer(render("factura/articles.html", **context))
    header = responses.render_header(customer_id)
    return responses.show("factura/bought.html", header=header, **context)
