from __future__ import annotations

from typing import Any

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
    hits, exact = _hits(query.strip())
    if "go" in request.args:
        if exact or len(hits) == 1:
            return responses.moved(url_for("overview.show", customer_id=hits[0].id))
        if not responses.is_fragment():
            return responses.moved(url_for("search.show", q=query))
    marks = queries.marks([row.id for row in hits]) if hits else {}
    context = {"hits": hits, "exact": exact, "query": query, "marks": marks}
    if responses.is_fragment() and "q" in request.args:
        return responses.answer(render("quick/hits.html", **context))
    return responses.show("quick/quick.html", **context)


def _hits(query: str) -> tuple[list[Any], bool]:
    """What is found, and whether the first is it: the customer with exactly this number."""
    if not query:
        return [], False
    rows = queries.find(query, limit=HITS).rows
    exact = queries.by_number(query)
    if exact is None:
        return rows, False
    return [exact, *(row for row in rows if row.id != exact.id)], True
