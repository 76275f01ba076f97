from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, request

from app.core import responses
from app.core.i18n import _, count, day, here, today
from app.core.panels import numbers
from app.domain.customers import queries, rules

blueprint = Blueprint("trash", __name__)


@blueprint.get("/trash")
def show() -> Response:
    """Who is in the trash, the last deleted first."""
    before = _place(request.args.get("before", ""))
    found, total = queries.trash(before), queries.trash_count()
    return responses.show(
        "trash/page.html",
        rows=[_row(row) for row in found.rows],
        older=found.older and "{:%Y%m%dT%H%M%S.%f}-{}".format(*found.older),
        before=before,
        total=total,
        counted=count(total),
        days=rules.TRASH_DAYS,
    )


def farewell(customer_id: int) -> Response | None:
    """What every address of a customer in the trash answers; None for one who is not there."""
    row = queries.in_trash(customer_id)
    if row is None:
        return None
    if responses.is_fragment():
        since = day(here(row.removed_at).date())
        sentence = _("%(name)s is in the trash since %(day)s.", name=row.name, day=since)
        return responses.failed(410, _("In the trash"), sentence)
    return responses.show("trash/gone.html", 410, customer=_row(row))


def _place(told: str) -> tuple[datetime, int] | None:
    """The place that an address tells as "20261001T120000.000000-17"; None for any other text."""
    instant, _dash, customer_id = told.partition("-")
    ids = numbers([customer_id])
    try:
        moment = datetime.strptime(f"{instant}+0000", "%Y%m%dT%H%M%S.%f%z")
    except ValueError:
        return None
    return (moment, ids[0]) if ids else None


def _row(row: Any) -> dict[str, Any]:
    """A customer in the trash and until when it stays there."""
    ends_on = rules.purged_on(here(row.removed_at).date())
    left = max((ends_on - today()).days, 0)
    return {**row._mapping, "ends_on": ends_on, "left": left}
