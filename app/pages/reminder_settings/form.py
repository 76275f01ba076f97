from __future__ import annotations

from typing import Any

import wtforms
from wtforms import BooleanField

from app.core.forms import AmountField, CleanLines, CleanText, Form, Options
from app.core.i18n import LANGUAGES, _l
from app.domain.reminders.labels import level_labels as labels

TEXT = {"rows": 7, "data-fill": ""}
LINE = {"maxlength": 300, "autocomplete": "off", "data-fill": ""}


class Days(wtforms.IntegerField):
    """A number of days in digits and nothing else; anything else is None, kept as typed."""

    widget = wtforms.widgets.TextInput()

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = str(valuelist[0]).strip() if valuelist else ""
        is_number = typed.isascii() and typed.isdecimal() and len(typed) < 6
        self.data = int(typed) if is_number else None


class LevelForm(Form):
    active = BooleanField(labels["active"])
    days = Days(labels["days"])
    payment_days = Days(labels["payment_days"])
    fee = AmountField(labels["fee"], digits=2)
    subject_de = CleanText(labels["subject_de"], render_kw=LINE)
    intro_de = CleanLines(labels["intro_de"], render_kw=TEXT)
    closing_de = CleanLines(labels["closing_de"], render_kw=TEXT)
    subject_en = CleanText(labels["subject_en"], render_kw=LINE)
    intro_en = CleanLines(labels["intro_en"], render_kw=TEXT)
    closing_en = CleanLines(labels["closing_en"], render_kw=TEXT)
    shown = Options(_l("Preview in"), choices=LANGUAGES)

    def values(self) -> dict[str, Any]:
        """What is saved: not the language it is looked at in."""
        values = super().values()
        del values["shown"]
        return values
