"""The customer list as its address asks for it: order, filter, columns, rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode

from flask import url_for
from flask_login import current_user
from markupsafe import Markup

from app.core import auth, responses
from app.core.i18n import _, _l, _n, number
from app.core.panels import positive
from app.core.registry import BulkAction, Column, registry
from app.core.templating import render
from app.domain.customers import queries
from app.domain.groups.queries import options_in_short as groups
from app.shared.chosen import Filter

NAME = Column(key="name", label=_l("Name"), sort="name")
USUAL = 6
"""Columns that fit beside the name; with more of them the table scrolls in its frame."""


@dataclass(frozen=True)
class Listing:
    """What an address of the list asks for; `shown` tells how many rows are on screen."""

    filter: Filter
    sort: str
    shown: int
    after: int | None

    @classmethod
    def of(cls, arguments: Mapping[str, str]) -> Self:
        """The order that was asked for, by name if there is no such order."""
        asked = arguments.get("sort", "")
        sort = asked if asked.removeprefix("-") in queries.SORTS else "name"
        shown = positive(arguments, "rows") or 0
        return cls(Filter.of(arguments), sort, shown, positive(arguments, "after"))

    def url(self, **over: Any) -> str:
        """The address of this list, or of the same in another order or with more rows."""
        return url_for("search.show", **self._arguments(**over))

    def query(self) -> str:
        """What stands behind the path of that address; `of` understands it once it is parsed."""
        return urlencode(self._arguments())

    def _arguments(self, **over: Any) -> dict[str, Any]:
        asked = {**self.filter.arguments(), "sort": self.sort, **over}
        return {k: v for k, v in asked.items() if (k, v) != ("sort", "name")}


def of_form(found: str) -> Listing:
    """The list from which a form was sent that says so in its field `found`."""
    return Listing.of(dict(parse_qsl(found)))


def columns() -> list[Column]:
    """The columns this user chose, or those that stand in the list by themselves."""
    known = registry().columns
    if current_user.columns is None:
        return [column for column in known.values() if column.shown]
    return [known[key] for key in current_user.columns if key in known]


def page(listing: Listing) -> dict[str, Any]:
    """What the page shows around and in its results."""
    offered = groups()
    return results(listing, offered) | {"sort": listing.sort, "groups": offered}


def results(listing: Listing, offered: list[tuple[str, str]] | None = None) -> dict[str, Any]:
    """Everything below the filter: the count, what can be done with many, headings and rows."""
    wanted = min(max(listing.shown, queries.PAGE), queries.MOST_ROWS)
    asked = listing.filter
    found = queries.find(asked.words, listing.sort, limit=wanted, narrowing=asked.narrowing())
    shown, actions = columns(), bulk_actions()
    is_empty = not found.rows
    return {
        "filter": asked,
        "query": listing.query(),
        "heads": [_head(column, listing) for column in (NAME, *shown)],
        "rows": _rows(listing, found, wanted, shown, with_ticks=bool(actions)),
        "count": _count(found),
        "found": number(found.total) + ("+" if found.more_than_counted else ""),
        "is_more": found.after is not None,
        "actions": actions,
        "is_wide": len(shown) > USUAL,
        "empty": _emptiness(listing, groups() if offered is None else offered) if is_empty else {},
    }


def following(listing: Listing) -> Markup:
    """The rows behind those on screen."""
    asked, after = listing.filter, listing.after
    found = queries.find(asked.words, listing.sort, after=after, narrowing=asked.narrowing())
    ticks = bool(bulk_actions())
    return _rows(listing, found, listing.shown, columns(), with_ticks=ticks, is_following=True)


def bulk_actions() -> list[BulkAction]:
    """What this user may do with many customers at once."""
    return [
        action
        for action in registry().bulk_actions()
        if auth.may(auth.required(action.endpoint) or "")
    ]


def fresh() -> dict[str, Markup]:
    """The list on screen as it is now, if it is the list that is on screen."""
    if responses.path_on_screen() != url_for("search.show"):
        return {}
    listing = Listing.of(responses.arguments_on_screen())
    return {"results": render("search/whole.html", **results(listing))}


def _rows(
    listing: Listing,
    found: queries.Found,
    shown: int,
    columns: list[Column],
    *,
    with_ticks: bool,
    is_following: bool = False,
) -> Markup:
    """The rows of the table, and the way to more of them if there are.

    The focus goes on to the first of the following ones, since their button is gone.
    """
    following = shown + queries.PAGE
    is_cut = found.after is not None and shown >= queries.MOST_ROWS
    more = None
    if found.after is not None and not is_cut:
        more = listing.url(rows=following, after=found.after)
    ids = [row.id for row in found.rows]
    return render(
        "search/rows.html",
        rows=_lines(found.rows, ids, columns),
        marks=queries.marks(ids) if ids else {},
        with_ticks=with_ticks,
        is_following=is_following,
        span=len(columns) + 1 + with_ticks,
        more=more,
        kept=listing.url(rows=following),
        end=number(shown) if is_cut else None,
    )


def _lines(
    found: list[Any], ids: list[int], columns: list[Column]
) -> Iterator[tuple[int, str, str, tuple[Any, ...]]]:
    """What stands in each row: id, name, address and its cells."""
    address = url_for("overview.show", customer_id=0).removesuffix("0")  # asked once, not per row
    filled = [_filled(column, found, ids) for column in columns]
    cells = zip(*filled, strict=True) if filled else repeat(())
    for row, texts in zip(found, cells, strict=False):
        yield row.id, row.list_name, f"{address}{row.id}", texts


def _filled(column: Column, found: list[Any], ids: list[int]) -> list[tuple[str, Any]]:
    """A column from above to below: its look beside each text."""
    if column.read:
        return [(column.look, column.read(row) or "") for row in found]
    texts = column.load(ids) if column.load and ids else {}
    return [(column.look, texts.get(customer_id, "")) for customer_id in ids]


def _head(column: Column, listing: Listing) -> dict[str, Any]:
    """A heading: a link that sorts by its column, or the other way round."""
    name = column.sort.removeprefix("-")
    other = f"-{name}" if column.sort == name else name
    url = listing.url(sort=other if listing.sort == column.sort else column.sort) if name else None
    directions = {name: "ascending", f"-{name}": "descending"} if name else {}
    return {
        "key": column.key,
        "label": column.label,
        "look": column.look,
        "url": url,
        "direction": directions.get(listing.sort),
    }


def _count(found: queries.Found) -> str:
    if found.more_than_counted:
        return _n("%(count)s+ customer", "%(count)s+ customers", 1000, count=number(found.total))
    return _n("%(count)s customer", "%(count)s customers", found.total, count=number(found.total))


def _emptiness(listing: Listing, offered: list[tuple[str, str]]) -> dict[str, Any]:
    """Why nobody is shown, and the ways out."""
    asked = listing.filter
    if not queries.any_customer():
        return {"kind": "none"}
    group = dict(offered).get(str(asked.group_id))
    everywhere = None
    if asked.group_id is None:
        text = _("Nobody is found by these words.")
    elif group is None:
        text = _("This group is gone.")
    elif asked.words:
        text = _("Nobody in the group “%(group)s” is found by these words.", group=group)
        everywhere = url_for("search.show", q=asked.words)
    elif asked.below:
        text = _("Nobody is in the group “%(group)s” or below it.", group=group)
    else:
        text = _("Nobody is in the group “%(group)s”.", group=group)
    return {"kind": "filtered", "text": text, "everywhere": everywhere}
