from __future__ import annotations

import wtforms

from app.core.forms import CleanText, Form
from app.core.i18n import _l
from app.domain.documents.labels import labels


class UploadForm(Form):
    files = wtforms.MultipleFileField(_l("Files"))


class NameForm(Form):
    name = CleanText(labels["name"])
