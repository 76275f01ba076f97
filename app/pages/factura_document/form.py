from __future__ import annotations

from app.core.forms import Day, Form
from app.core.i18n import _l


class IssueForm(Form):
    """The day a document is issued on."""

    issued_on = Day(_l("Date of the document"))
