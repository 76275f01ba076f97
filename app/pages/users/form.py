from __future__ import annotations

from app.core.forms import Choice, CleanText, Form, Options
from app.core.i18n import LANGUAGES
from app.domain.team.labels import labels, roles


class UserForm(Form):
    name = CleanText(labels["name"])
    email = CleanText(labels["email"])
    language = Choice(labels["language"], choices=LANGUAGES, id="user-language")
    role = Options(labels["role"], choices=roles)
