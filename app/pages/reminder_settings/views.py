"""What the pages of the reminder levels show."""

from __future__ import annotations

import base64
from typing import Any

from app.core import rendering
from app.core.i18n import LANGUAGES, _, _n, money
from app.core.rendering import RenderFailed
from app.domain.letters.labels import said
from app.domain.reminders import drawing, queries
from app.domain.reminders.labels import names
from app.domain.reminders.rules import LEVELS, Level
from app.domain.templates.rules import placeholder
from app.pages.reminder_settings.form import LevelForm
from app.shared.preferences import team

DPI = 90


def page() -> dict[str, Any]:
    """The levels in words."""
    return {"levels": [_told(level) for level in queries.levels()]}


def level(number: int) -> dict[str, Any]:
    """What stands beside the fields of a level; the team's language comes first."""
    spoken = sorted(LANGUAGES, key=lambda pair: pair[0] != team().language)
    is_first = number == LEVELS[0]
    return {
        "level_id": number,
        "name": names[number],
        "is_changed": queries.level(number).version is not None,
        "texts": [(code, _text_name(code)) for code, _name in spoken],
        "days_hint": _("After the day the invoice was due.")
        if is_first
        else _("After the reminder before."),
        "fee_hint": _fee_hint(),
        "placeholders": [
            {"text": placeholder(name), "label": label}
            for name, label in queries.known_placeholders().items()
        ],
    }


def drawn(number: int, form: LevelForm) -> dict[str, Any]:
    """A reminder with what is typed, as a picture."""
    language = form.shown.data if form.shown.data in dict(LANGUAGES) else team().language
    typed = queries.typed(number, form.values())
    try:
        found = rendering.render_preview(drawing.sample(typed, language), 0, DPI)
    except RenderFailed as reason:
        return {"picture": "", "reason": said(reason)}
    return {"picture": base64.b64encode(found.picture).decode(), "reason": ""}


def _fee_hint() -> str:
    currency = queries.fee_currency()
    if team().country in ("CH", "LI"):
        return _(
            "In %(currency)s, with tax: it is taxed like what was supplied.", currency=currency
        )
    return _("In %(currency)s, without tax: a fee is damages.", currency=currency)


def _told(level: Level) -> dict[str, Any]:
    days = _n("%(num)d day", "%(num)d days", level.days)
    is_first = level.level == LEVELS[0]
    return {
        "number": level.level,
        "name": names[level.level],
        "active": level.active,
        "since": _("%(days)s after it was due", days=days)
        if is_first
        else _("%(days)s after the reminder before", days=days),
        "term": _n("%(num)d day", "%(num)d days", level.payment_days),
        "fee": money(level.fee, queries.fee_currency()) if level.fee else "",
        "subject": level.text("subject", team().language),
    }


def _text_name(code: str) -> str:
    return _("Text in German") if code == "de" else _("Text in English")
