from __future__ import annotations

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

blueprint = Blueprint("start", __name__)


@blueprint.get("/")
def show() -> Response:
    return redirect(url_for("search.show"))
