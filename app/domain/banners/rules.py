"""What must hold for hint banners, and which condition an invoice meets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from app.core.i18n import _l
from app.core.problems import Problem
from app.domain.banners.colors import COLOR
from app.domain.factura.rules import Kind, State, is_credited

LONGEST = {"line1": 40, "line2": 60}
MOST = 40
"""So many banners there can be; all of them may hang on one customer."""


class Style(StrEnum):
    """How a banner is drawn: a plate, a frame or a pennant of its colour."""

    PLATE = "plate"
    FRAME = "frame"
    PENNANT = "pennant"


class Condition(StrEnum):
    """What must have become of an invoice of the article."""

    PAID = "paid"
    OPEN = "open"
    REMINDED = "reminded"


def condition(
    kind: str, state: str, *, paid: int, credited: int, total: int, reminder_level: int
) -> Condition | None:
    """The one condition a document meets; None for all but issued invoices not given back in full.

    Paid is what is paid in full, whatever a reminder said before. What is not is reminded from the
    first reminder on, else open: also partly paid, and overdue. So no day changes it, only what is
    done with a document. `holding.MEETS` says the same to the database.
    """
    if kind != Kind.INVOICE or state != State.ISSUED:
        return None
    if paid >= total:
        return None if is_credited(credited, total) else Condition.PAID
    return Condition.REMINDED if reminder_level >= 1 else Condition.OPEN


def check_banner(values: Mapping[str, Any]) -> list[Problem]:
    """What keeps a banner from being kept."""
    return [*_check_choices(values), *_check_texts(values), *_check_color(values)]


def _check_choices(values: Mapping[str, Any]) -> Iterator[Problem]:
    for field, known in (("style", Style), ("condition", Condition)):
        if values[field] not in list(known):
            yield Problem(field, "unknown", _l("Please choose one of the list."))


def _check_texts(values: Mapping[str, Any]) -> Iterator[Problem]:
    if not values["line1"]:
        yield Problem("line1", "required", _l("Please write what the banner says."))
    for field, longest in LONGEST.items():
        if len(values[field]) > longest:
            message = _l("This may have at most %(n)d characters.", n=longest)
            yield Problem(field, "too_long", message)


def _check_color(values: Mapping[str, Any]) -> Iterator[Problem]:
    if not COLOR.fullmatch(values["color"]):
        yield Problem("color", "unknown", _l("Please give a colour like #2b6cb0."))
