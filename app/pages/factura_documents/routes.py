from __future__ import annotations

from flask import Blueprint, Response

from app.core import responses

blueprint = Blueprint("factura_documents", __name__)


@blueprint.get("/factura")
def show() -> Response:
    """All documents, narrowed and paged."""
    return responses.show("factura_documents/page.html")
