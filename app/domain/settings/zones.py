"""The time zones people can choose, by continent and ocean, Europe first."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import available_timezones

REGIONS = (
    "Europe",
    "Africa",
    "America",
    "Antarctica",
    "Asia",
    "Atlantic",
    "Australia",
    "Indian",
    "Pacific",
)


@lru_cache(maxsize=1)
def by_region() -> dict[str, tuple[str, ...]]:
    """The zones of every region, as IANA names them: Europe/Berlin."""
    known = sorted(available_timezones())
    return {region: tuple(z for z in known if z.startswith(f"{region}/")) for region in REGIONS}


def is_zone(name: str) -> bool:
    """Whether a name is one of those zones."""
    return name in by_region().get(name.partition("/")[0], ())
