from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, request, url_for

from app.core import responses
from app.core.i18n import _l, _n, number
from app.core.panels import positive
from app.core.templating import render
from app.domain.customers import queries
from app.preferences import LAST_LIST

blueprint = Blueprint("search", __name__)

COLUMNS = (
    ("number", _l("Number")),
    ("name", _l("Name")),
    ("company", _l("Company")),
    ("town", _l("Town")),
)


@blueprint.get("/customers")
def show() -> Response:
    """The list: a page, its rows while typing, or the next rows after "more"."""
    query, sort = request.args.get("q", "")[:200], _sort()
    after, rows = positive(request.args, "after"), positive(request.args, "rows")
    if responses.is_fragment() and after:
        found = queries.find(query, sort, after=after)
        return responses.answer(_rows(found, query, sort, (rows or 0)))
    wanted = min(max(rows or 0, queries.PAGE), queries.MOST_ROWS)
    found = queries.find(query, sort, limit=wanted)
    parts = {
        "rows": _rows(found, query, sort, wanted),
        "columns": [_column(key, label, query, sort) for key, label in COLUMNS],
        "changed": _column("changed", _l("Changed"), query, sort),
        "count": _count(found),
        "query": query,
        "sort": sort,
        "empty_list": not found.rows,
        "any_customer": bool(found.rows) or queries.any_customer(),
    }
    if responses.is_fragment():
        return responses.answer(render("search/results.html", **parts))
    response = responses.show("search/page.html", **parts)
    response.set_cookie(
        LAST_LIST,
        urlencode(request.args.to_dict())[:1000],
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )
    return response


def _sort() -> str:
    """The order that was asked for, by name if there is no such order."""
    asked = request.args.get("sort", "")
    return asked if asked.removeprefix("-") in queries.SORTS else "name"


def _rows(found: queries.Found, query: str, sort: str, shown: int) -> str:
    following = shown + queries.PAGE
    is_cut = found.after is not None and shown >= queries.MOST_ROWS
    more = None
    if found.after is not None and not is_cut:
        more = _url(query, sort, rows=following, after=found.after)
    kept = _url(query, sort, rows=following)
    end = number(shown) if is_cut else None
    return render("search/rows.html", found=found.rows, more=more, kept=kept, end=end)


def _column(key: str, label: object, query: str, sort: str) -> dict[str, object]:
    """A heading of the list: a link that sorts by it, or the other way round."""
    forward = sort != key if key != "changed" else sort == "-changed"
    direction = "ascending" if sort == key else "descending" if sort == f"-{key}" else None
    return {
        "key": key,
        "label": label,
        "url": _url(query, key if forward else f"-{key}"),
        "direction": direction,
    }


def _count(found: queries.Found) -> str:
    if found.more_than_counted:
        return _n("%(count)s+ customer", "%(count)s+ customers", 1000, count=number(found.total))
    return _n("%(count)s customer", "%(count)s customers", found.total, count=number(found.total))


def _url(query: str, sort: str, **more: int) -> str:
    known: dict[str, Any] = {"q": query or None, "sort": None if sort == "name" else sort}
    arguments: Any = known | more
    return url_for("search.show", **arguments)
