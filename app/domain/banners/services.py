"""What happens to hint banners: added, changed, moved, deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core import audit
from app.core.database import db
from app.core.events import announce
from app.core.i18n import _l
from app.core.problems import Invalid, Problem, Refused
from app.domain.banners import holding, queries, rules
from app.domain.banners.models import HintBanner

FIELDS = ("style", "line1", "line2", "color", "article_id", "condition")
DECIDING = ("article_id", "condition")
"""What decides for whom a banner holds; the rest is how it looks."""


def add_banner(values: Mapping[str, Any], key: str | None = None) -> int:
    """Add a banner behind the others and return its id; the second time with a `key` it is there.

    Raises Refused when there are as many as there can be.
    """
    if banner_id := queries.made(key):
        return banner_id
    _check(values)
    if queries.number() >= rules.MOST:
        raise Refused(_l("There can be %(n)d hint banners at most.", n=rules.MOST))
    banner = HintBanner(position=queries.next_position(), key=key or None)
    _take(banner, values)
    db.session.add(banner)
    _tell("added", banner, audit.difference({}, _told(banner)))
    holding.recount(banner.id)
    return banner.id


def change_banner(banner_id: int, values: Mapping[str, Any]) -> None:
    """Change what a banner says, how it looks, or when it is shown."""
    banner = queries.banner(banner_id)
    _check(values)
    before, decided = _told(banner), _deciding(banner)
    _take(banner, values)
    changes = audit.difference(before, _told(banner))
    if not changes:
        return
    _tell("changed", banner, changes)
    if _deciding(banner) != decided:
        holding.recount(banner_id)


def move_banner(banner_id: int, *, up: bool) -> None:
    """Let a banner change its place with the one before it, or behind it; at the end it stays.

    That is no change of what it says, so forms that are open stay valid.
    """
    banner = queries.banner(banner_id)
    order = queries.order()
    place = order.index(banner_id)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(order):
        return
    order[place], order[other] = order[other], order[place]
    places = [{"banner_id": one, "place": n} for n, one in enumerate(order, start=1)]
    db.session.connection().execute(queries.PLACE, places)
    _tell("moved", banner, [("position", place + 1, other + 1)])


def delete_banner(banner_id: int) -> None:
    """Delete a banner for good; it hangs on nobody any more."""
    banner = queries.banner(banner_id)
    told = audit.difference(_told(banner), {})
    db.session.execute(holding.NOBODY, {"banner_id": banner_id})
    db.session.delete(banner)
    _tell("deleted", banner, told)


def repair() -> list[holding.Difference]:
    """Let the table tell what the documents tell; what was wrong is the answer."""
    found = list(holding.differences())
    for difference in found:
        holding.recount(difference.banner_id)
    return found


def _check(values: Mapping[str, Any]) -> None:
    problems = rules.check_banner(values)
    if queries.article(values["article_id"]) is None:
        problems.append(Problem("article", "required", _l("Please choose an article.")))
    if problems:
        raise Invalid(problems)


def _take(banner: HintBanner, values: Mapping[str, Any]) -> None:
    for field in FIELDS:
        setattr(banner, field, values[field])


def _deciding(banner: HintBanner) -> list[Any]:
    return [getattr(banner, field) for field in DECIDING]


def _told(banner: HintBanner) -> dict[str, Any]:
    """A banner as the trail keeps it, its article by number and name."""
    told = {field: getattr(banner, field) for field in FIELDS if field != "article_id"}
    return told | {"article": queries.article_label(banner.article_id)}


def _tell(action: str, banner: HintBanner, changes: list[audit.Change]) -> None:
    db.session.flush()
    audit.record("banners", action, subject=banner.line1, changes=changes)
    announce("banner.changed")
    announce("marks.changed")
