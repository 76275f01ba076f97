from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, request

from app.core import responses
from app.core.templating import render
from app.shared import listing
from app.shared.listing import Listing
from app.shared.preferences import LAST_LIST

blueprint = Blueprint("search", __name__)


@blueprint.get("/customers")
def show() -> Response:
    """The list: a page, its rows while typing, or the next rows after "more"."""
    asked = Listing.of(request.args)
    if responses.is_fragment() and asked.after:
        return responses.answer(listing.following(asked))
    if responses.is_fragment():
        response = responses.answer(render("search/results.html", **listing.results(asked)))
        response.headers["HX-Replace-Url"] = asked.url()
        return response
    response = responses.show("search/page.html", **listing.page(asked))
    response.set_cookie(
        LAST_LIST,
        urlencode(request.args.to_dict())[:1000],
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )
    return response
