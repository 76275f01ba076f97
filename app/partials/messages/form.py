from __future__ import annotations

import wtforms

from app.core.forms import CleanLines, CleanText, Options
from app.core.i18n import _
from app.domain.messages.labels import choices, labels
from app.domain.messages.rules import BY_HAND, LONGEST_SUBJECT
from app.shared.follow_ups import FollowUpForm

OCCASIONS = {name: choices["occasion"][name] for name in BY_HAND}


class When(wtforms.DateTimeLocalField):
    """Day and time by the team's clock, from the picker or typed as 24.11.2026 14:05."""

    def __init__(self, label: object = None, **kwargs: object):
        formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y, %H:%M"]
        super().__init__(label, format=formats, **kwargs)  # type: ignore[arg-type]

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = " ".join(valuelist).strip()
        try:
            super().process_formdata([typed] if typed else [])
        except ValueError as error:
            message = _("This is no time. Please write it like 24.11.2026 14:05.")
            raise ValueError(message) from error


class MessageForm(FollowUpForm):
    occasion = Options(labels["occasion"], choices=OCCASIONS)
    at = When(labels["at"])
    subject = CleanText(labels["subject"], render_kw={"maxlength": LONGEST_SUBJECT})
    text = CleanLines(labels["text"], render_kw={"rows": 6})
