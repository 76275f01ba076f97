from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms.validators import InputRequired

from app.core.forms import Form, Options
from app.core.i18n import _l
from app.domain.serials.labels import addresses


class SerialForm(Form):
    """Which template many customers get."""

    template_id = Options(
        _l("Template"), coerce=int, validators=[InputRequired(_l("Please choose a template."))]
    )

    def offer(self, choices: Sequence[Any]) -> None:
        """Let one of these templates be chosen."""
        self.template_id.choices = [(choice.id, choice.name) for choice in choices]


class LettersForm(SerialForm):
    """The same for letters, which go to one of several addresses."""

    address = Options(_l("Send to"), addresses, default="main")
