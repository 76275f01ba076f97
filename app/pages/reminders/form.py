from __future__ import annotations

from collections.abc import Mapping

from wtforms import HiddenField

from app.core.forms import CleanLines, CleanText, Day, Form, Options
from app.core.i18n import _l
from app.domain.reminders.labels import labels

INVOICE, CUSTOMER = "invoice", "customer"
SCOPES = {INVOICE: _l("only this invoice"), CUSTOMER: _l("all invoices of this customer")}


class ReminderForm(Form):
    """A reminder while it is looked at; `key` stands for the form, `seen` for the last reminder."""

    key = HiddenField()
    seen = HiddenField()
    subject = CleanText(_l("Subject"), id="reminder-subject", render_kw={"maxlength": 300})
    intro = CleanLines(_l("Before the table"), id="reminder-intro", render_kw={"rows": 6})
    closing = CleanLines(_l("After the table"), id="reminder-closing", render_kw={"rows": 6})

    def refill(self, before: Mapping[str, str], texts: Mapping[str, str]) -> None:
        """Put these words where still those stand that were filled in before."""
        for name, text in texts.items():
            if self[name].data == before.get(name):
                self[name].data = text


class PauseForm(Form):
    """Until when nobody is reminded, and of what."""

    scope = Options(_l("Do not remind of"), choices=SCOPES, default=INVOICE)
    until = Day(labels["paused_until"], id="pause-until")
    reason = CleanText(labels["pause_reason"], id="pause-reason", render_kw={"maxlength": 200})
