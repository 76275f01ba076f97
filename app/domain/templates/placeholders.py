"""Today, and what only the writer knows: such a placeholder stays open until it is filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.core.i18n import _l, long_day, today
from app.core.registry import Placeholders
from app.domain.customers.addressees import Addressee
from app.domain.settings.queries import team


def _load_today(addressees: Sequence[Addressee]) -> Mapping[Addressee, Mapping[str, str]]:
    home = team().country
    return {a: {"today": long_day(today(), a.language, home)} for a in addressees}


def _load_nothing(_addressees: Sequence[Addressee]) -> Mapping[Addressee, Mapping[str, str]]:
    return {}


BY_HAND = {
    "amount": _l("Amount"),
    "due_date": _l("Due date"),
    "date": _l("Another date"),
    "document_number": _l("Number of the document"),
    "document_date": _l("Date of the document"),
    "appointment_date": _l("Day of the appointment"),
    "appointment_time": _l("Time of the appointment"),
    "appointment_place": _l("Place of the appointment"),
    "occasion": _l("What it is about"),
}
"""What no data tells. A text with one of them is not sent before the writer replaced it."""

placeholders = (
    Placeholders(title=_l("Date"), names={"today": _l("Today's date")}, load=_load_today, order=85),
    Placeholders(title=_l("To be filled in by hand"), names=BY_HAND, load=_load_nothing, order=90),
)
