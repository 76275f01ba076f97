"""The letter that shows how letters look."""

from __future__ import annotations

from collections.abc import Mapping

from app.core.i18n import _, language, today
from app.domain.letters import layout, queries
from app.domain.letters.layout import Sheet, Window

ADDRESSES = {
    Window.DIN: ("Frau Tanja Müller", "Hauptstraße 5a", "50667 Köln"),
    Window.SWISS: ("Frau Tanja Müller", "Bahnhofstrasse 5a", "8001 Zürich"),
}


def document(values: Mapping[str, str]) -> str:
    """A sheet with these settings, for the renderer."""
    style = queries.style(values)
    spoken = language()
    text = "\n\n".join(
        (
            _("Dear Ms Müller,"),
            _("this is how your letters look: the address stands where the window shows it."),
            _("What you write below it keeps its lines and lists, and goes on over several pages."),
            _("Kind regards"),
            f"\n\n{style.sender}",
        )
    )
    date = queries.written(today(), spoken)
    sheet = Sheet(ADDRESSES[style.window], date, _("Your enquiry"), text, spoken)
    return layout.document(sheet, style)
