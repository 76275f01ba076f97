from __future__ import annotations

from typing import Any

from wtforms import HiddenField

from app.core.forms import CleanText, Form, Options
from app.domain.banners.labels import choices, labels
from app.domain.banners.rules import LONGEST, Condition, Style


class Color(CleanText):
    """A colour, as the browser's own field gives it."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        self.data = (self.data or "").lower()


def _line(name: str) -> CleanText:
    attributes = {"maxlength": LONGEST[name]}
    return CleanText(labels[name], default="", id=f"banner-{name}", render_kw=attributes)


class BannerForm(Form):
    """`article` is typed by number or name; `key` names the form of a new banner."""

    line1 = _line("line1")
    line2 = _line("line2")
    style = Options(
        labels["style"], choices=choices["style"], default=Style.PLATE, id="banner-style"
    )
    color = Color(labels["color"], default="#2b6cb0", id="banner-color")
    article = CleanText(labels["article"], default="", id="banner-article")
    condition = Options(
        labels["condition"],
        choices=choices["condition"],
        default=Condition.PAID,
        id="banner-condition",
    )
    key = HiddenField()
