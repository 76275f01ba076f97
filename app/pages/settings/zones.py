"""The time zones as a list to open: cities in the user's language, by continent and ocean."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from babel import Locale
from wtforms.fields.choices import SelectChoice

from app.core.i18n import _l, language
from app.domain.settings.zones import by_region

REGIONS = {
    "Europe": _l("Europe"),
    "Africa": _l("Africa"),
    "America": _l("America"),
    "Antarctica": _l("Antarctica"),
    "Asia": _l("Asia"),
    "Atlantic": _l("Atlantic"),
    "Australia": _l("Australia"),
    "Indian": _l("Indian Ocean"),
    "Pacific": _l("Pacific"),
}


def choices() -> list[SelectChoice]:
    """Every zone under the name of its region, Europe first."""
    return [
        SelectChoice(value=zone, label=city, optgroup=str(REGIONS[region]))
        for region, zone, city in _cities(language())
    ]


@lru_cache(maxsize=4)
def _cities(language: str) -> list[tuple[str, str, str]]:
    names = Locale.parse(language).time_zones
    found = [(r, zone, _city(zone, names)) for r, zones in by_region().items() for zone in zones]
    order = list(REGIONS)
    return sorted(found, key=lambda row: (order.index(row[0]), row[2]))


def _city(zone: str, names: Mapping[str, Any]) -> str:
    """Wien for Europe/Vienna; what has no name in a language is called as IANA does."""
    last = zone.partition("/")[2].replace("_", " ").replace("/", ", ")
    return names.get(zone, {}).get("city", last)
