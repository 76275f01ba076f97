from __future__ import annotations

from wtforms import BooleanField, PasswordField

from app.core.forms import Choice, CleanLines, Form
from app.core.i18n import LANGUAGES, _l
from app.domain.team.labels import labels
from app.pages.login.form import NewPassword


class Preferences(Form):
    language = Choice(labels["language"], choices=LANGUAGES, id="own-language")
    letter_keys = BooleanField(labels["letter_keys"])
    signature = CleanLines(labels["signature"], render_kw={"rows": 5})


class ChangePassword(NewPassword):
    current = PasswordField(_l("Current password"))
