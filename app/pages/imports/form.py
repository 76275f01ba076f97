from __future__ import annotations

from wtforms import FileField

from app.core.forms import Form
from app.core.i18n import _l


class UploadForm(Form):
    file = FileField(_l("File"))
