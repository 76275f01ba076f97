"""The choice of panels as a form: each shown or not, one step up or down within its column.

Every press takes effect at once. The form sends the whole arrangement, so what was ticked before a
panel is moved is kept without script too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, request

from app.core import responses
from app.core.i18n import _, _l
from app.core.registry import registry
from app.domain.settings import rules
from app.domain.settings.rules import Arrangement

FRAGMENT = "team_overview/arrange.html"
COLUMNS = (("rail", _l("Left column")), ("main", _l("Right column")))
STEPS = {"up": -1, "down": 1}


@dataclass(frozen=True)
class Choice:
    """What is chosen now, its version, by whom and when it was changed last.

    `own` tells a colleague's choice (True) from the team's that holds for them (False).
    """

    panels: Iterable[Sequence[Any]]
    version: str
    by: str = ""
    at: datetime | None = None
    own: bool | None = None


def edit(
    template: str,
    read: Callable[[], Choice],
    save: Callable[[Arrangement], None],
    follow: Callable[[], None] | None = None,
) -> Response:
    """Answer the page's GET and POST.

    `read` tells the choice as it is stored, `save` stores another one, `follow` gives up an own
    choice for the team's.
    """
    choice = read()
    stored = _stored(choice)
    shown = FRAGMENT if responses.is_fragment() else template
    if request.method != "POST":
        return responses.show(shown, **_context(choice, stored))
    if "discard" in request.form:
        return _done(choice)
    mine = _sent(stored)
    if request.form.get("version", "") != choice.version:
        return responses.conflicting(shown, **_context(choice, mine, theirs=_titles(stored)))
    if follow and "again" in request.form:
        follow()
    elif mine != stored:
        save(mine)
    return _done(read(), _("Overview saved"))


def _done(choice: Choice, text: str | None = None) -> Response:
    """The form as it stands now; a step is its own message, a page that was reloaded tells it."""
    if not responses.is_fragment():
        return responses.moved(request.path, text)
    return responses.show(FRAGMENT, **_context(choice, _stored(choice)))


def _stored(choice: Choice) -> Arrangement:
    """The choice in the order in which the form lists it: column by column."""
    places = [place for place, _label in COLUMNS]
    panels = rules.arranged(_known(), choice.panels)
    return sorted(panels, key=lambda panel: places.index(registry().panels[panel[0]].place))


def _known() -> list[str]:
    return [panel.key for panel in registry().on_overview()]


def _sent(stored: Arrangement) -> Arrangement:
    """The arrangement on the sender's screen, with the step that was asked for."""
    ticked = request.form.getlist("shown")
    listed = [(key, key in ticked) for key in request.form.getlist("order")]
    panels = rules.arranged(_known(), [*listed, *stored])
    for button, step in STEPS.items():
        if key := request.form.get(button):
            panels = rules.moved(panels, key, step, _column_of(key))
    return panels


def _column_of(key: str) -> set[str]:
    panels = registry().on_overview()
    return {p.key for p in panels if any(q.key == key and q.place == p.place for q in panels)}


def _context(
    choice: Choice, panels: Arrangement, theirs: list[Any] | None = None
) -> dict[str, Any]:
    moved = request.form.get("up") or request.form.get("down")
    return {"choice": choice, "columns": _columns(panels), "theirs": theirs, "moved": moved}


def _columns(panels: Arrangement) -> list[dict[str, Any]]:
    declared = registry().panels
    return [
        {
            "place": place,
            "label": label,
            "panels": [
                {"key": key, "title": declared[key].title, "visible": visible}
                for key, visible in panels
                if declared[key].place == place
            ],
        }
        for place, label in COLUMNS
    ]


def _titles(panels: Arrangement) -> list[Any]:
    return [registry().panels[key].title for key, visible in panels if visible]
