from __future__ import annotations

from flask import Blueprint, Response, request, url_for

from app.core import responses
from app.core.templating import render
from app.domain.customers import queries

blueprint = Blueprint("quick", __name__)

HITS = 10


@blueprint.get("/customers/quick")
def show() -> Response:
    """The search box with its first hits; `go` (Enter) opens the only hit at once."""
    query = request.args.get("q", "")[:200]
    hits = queries.find(query, limit=HITS).rows if query.strip() else []
    if "go" in request.args:
        if len(hits) == 1:
            return responses.moved(url_for("overview.show", customer_id=hits[0].id))
        if not responses.is_fragment():
            return responses.moved(url_for("search.show", q=query))
    if responses.is_fragment() and "q" in request.args:
        return responses.answer(render("quick/hits.html", hits=hits, query=query))
    return responses.show("quick/quick.html", hits=hits, query=query)
