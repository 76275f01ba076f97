from __future__ import annotations

from contextlib import suppress
from typing import Any

import wtforms
from wtforms import HiddenField

from app.core import text
from app.core.forms import CleanLines, CleanText, Form
from app.core.i18n import _l
from app.domain.mailing.labels import labels
from app.domain.messages.labels import labels as message_labels

ADDRESSES = {"autocomplete": "off", "spellcheck": "false", "inputmode": "email"}


class Ticked(wtforms.Field):
    """Boxes of one name: the values of those that are ticked."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = []
        for sent in valuelist:
            with suppress(ValueError):
                self.data.append(text.clean(str(sent)))


class MailForm(Form):
    """A mail while it is written.

    `key` and `pen` are those of its `drafts.Sheet`; `filled` tells what stood in it by itself.
    """

    key = HiddenField()
    pen = HiddenField()
    filled = HiddenField()
    template = CleanText(_l("Template"))
    to = Ticked(labels["to"])
    others = CleanText(_l("Also to"), render_kw=ADDRESSES)
    cc = CleanText(labels["cc"], render_kw=ADDRESSES)
    bcc = CleanText(labels["bcc"], render_kw=ADDRESSES)
    subject = CleanText(message_labels["subject"], render_kw={"autocomplete": "off"})
    text = CleanLines(message_labels["text"], render_kw={"rows": 9})
    files = wtforms.MultipleFileField(_l("Attachments"))
