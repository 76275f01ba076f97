"""What must hold for the team's settings, its logo, and the arrangement of panels."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from app.core.i18n import COUNTRIES, LANGUAGES, _l
from app.core.problems import Problem
from app.domain.settings import zones
from app.domain.settings.pictures import Picture

LONGEST = {"name": 200, "street": 100, "house_number": 20, "postcode": 20, "town": 100}
MOST_DIGITS = 9
"""Digits the first customer number may have."""
LARGEST_LOGO = 1024 * 1024
"""Bytes a logo may have."""
MOST_PIXELS = 4000
"""Pixels a logo may have in each direction."""

Arrangement = list[tuple[str, bool]]


def arranged(known: Iterable[str], chosen: Iterable[Sequence[Any]]) -> Arrangement:
    """The panels in the chosen order with their visibility.

    A panel that came after the choice was made stands at the end, visible; one that is gone is
    left out.
    """
    known = list(known)
    kept: dict[str, bool] = {}
    for key, visible in chosen:
        if key in known:
            kept.setdefault(key, bool(visible))
    return list((kept | {key: True for key in known if key not in kept}).items())


def moved(panels: Arrangement, key: str, step: int, column: Collection[str]) -> Arrangement:
    """The panels with one of them a step up (-1) or down (1) among those of its column.

    At the end of the column everything stays as it is.
    """
    places = [at for at, (other, _visible) in enumerate(panels) if other in column]
    here = next((n for n, at in enumerate(places) if panels[at][0] == key), None)
    if here is None or not 0 <= here + step < len(places):
        return panels
    one, other = places[here], places[here + step]
    changed = list(panels)
    changed[one], changed[other] = changed[other], changed[one]
    return changed


def check_team(values: Mapping[str, Any]) -> list[Problem]:
    """Name, address, formats, the start of the customer numbers, and the new logo if any."""
    problems = [
        Problem(field, "too_long", _l("Please take at most %(n)d characters.", n=longest))
        for field, longest in LONGEST.items()
        if len(values[field]) > longest
    ]
    if not values["name"]:
        problems.append(Problem("name", "required", _l("Please give a name.")))
    problems += [
        Problem(field, "unknown", _l("Please choose one of the list."))
        for field, is_known in _choices(values).items()
        if not is_known
    ]
    if not 0 < (values["first_customer_number"] or 0) < 10**MOST_DIGITS:
        message = _l("Please give a whole number of at most %(n)d digits.", n=MOST_DIGITS)
        problems.append(Problem("first_customer_number", "out_of_range", message))
    return problems + (check_logo(values["logo"]) if values.get("logo") else [])


def check_logo(picture: Picture) -> list[Problem]:
    """A logo is a PNG or JPEG of bounded size."""
    if picture.length == 0:
        return [Problem("logo", "empty", _l("This file is empty."))]
    if picture.length > LARGEST_LOGO:
        return [Problem("logo", "too_large", _l("A logo may have at most 1 MB."))]
    if picture.media_type is None:
        return [Problem("logo", "unknown", _l("Please choose a PNG or JPEG picture."))]
    if max(picture.width, picture.height) > MOST_PIXELS:
        message = _l("A logo may have at most %(n)d pixels in each direction.", n=MOST_PIXELS)
        return [Problem("logo", "too_many_pixels", message)]
    return []


def _choices(values: Mapping[str, Any]) -> dict[str, bool]:
    return {
        "country": values["country"] in COUNTRIES,
        "language": values["language"] in dict(LANGUAGES),
        "time_zone": zones.is_zone(values["time_zone"]),
    }
