"""What a template can tell of the team."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.i18n import _l
from app.core.registry import Placeholders
from app.domain.settings import queries


def _load(addressees: Sequence[Any]) -> Mapping[Any, Mapping[str, str]]:
    """The same for everybody."""
    row = queries.settings()
    street = f"{row.street} {row.house_number}".strip()
    place = f"{row.postcode} {row.town}".strip()
    values = {
        "team_name": row.name,
        "team_address": "\n".join(filter(None, (row.name, street, place))),
        "team_street": street,
        "team_postcode": row.postcode,
        "team_town": row.town,
    }
    return dict.fromkeys(addressees, values)


placeholders = (
    Placeholders(
        title=_l("Our team"),
        names={
            "team_name": _l("Name of the team"),
            "team_address": _l("Address of the team"),
            "team_street": _l("Street of the team"),
            "team_postcode": _l("Postcode of the team"),
            "team_town": _l("Town of the team"),
        },
        load=_load,
        order=70,
    ),
)
