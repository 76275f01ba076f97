from __future__ import annotations

from wtforms import PasswordField

from app.core.forms import Choice, CleanText, Form
from app.core.i18n import LANGUAGES, _l
from app.domain.team.labels import labels


class NewPassword(Form):
    password = PasswordField(_l("New password"))
    repeated = PasswordField(_l("New password again"))


class Forgotten(Form):
    email = CleanText(labels["email"])


class FirstAdmin(Form):
    token = CleanText(_l("Code"))
    team = CleanText(_l("Name of your company or team"))
    name = CleanText(_l("Your name"))
    email = CleanText(labels["email"])
    language = Choice(labels["language"], choices=LANGUAGES, id="first-language")
    password = PasswordField(_l("Password"))
    repeated = PasswordField(_l("Password again"))
