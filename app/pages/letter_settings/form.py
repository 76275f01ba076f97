from __future__ import annotations

from app.core.forms import CleanLines, CleanText, Form, Options
from app.domain.letters.labels import choices, labels


class LookForm(Form):
    window = Options(labels["window"], choices=choices["window"])
    return_line = CleanText(labels["return_line"], render_kw={"maxlength": 200})
    contact_lines = CleanLines(labels["contact_lines"], render_kw={"rows": 6})
    footer = CleanLines(labels["footer"], render_kw={"rows": 6})
