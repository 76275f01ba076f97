from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, session, url_for
from flask_login import current_user

from app.core import responses
from app.core.database import reads_first, writing
from app.core.dialogs import edit
from app.core.i18n import _, _l
from app.core.problems import Invalid, Problem
from app.domain.team import passwords, queries, rules, services
from app.pages.account.form import ChangePassword, Preferences
from app.pages.login.security import sign_in, sign_out, verified

blueprint = Blueprint("account", __name__)

OWN = ("language", "letter_keys", "signature")


@blueprint.route("/account", methods=["GET", "POST"])
def show() -> Response:
    """Who I am, my language, my keys, what ends my mails."""

    def save(values: dict[str, Any]) -> Response:
        services.choose_preferences(current_user.id, values)
        session["language"] = values["language"]
        return responses.moved(url_for(".show"), _("Settings saved"))

    mine = {name: getattr(current_user, name) for name in OWN}
    return edit("account/page.html", Preferences.of(mine), save)


@blueprint.route("/account/password", methods=["GET", "POST"])
@reads_first
def password() -> Response:
    """A new password for oneself; the sessions in other browsers end."""

    def save(values: dict[str, Any]) -> Response:
        _check(values)
        password_hash = passwords.hashed(values["password"])
        writing()
        user = queries.user(current_user.id)
        services.set_password(user, password_hash)
        sign_in(user)
        text = _("Password changed. You are signed out everywhere else.")
        return responses.moved(url_for(".show"), text)

    return edit("account/password.html", ChangePassword.of(), save)


@blueprint.post("/account/logout")
def logout() -> Response:
    """Sign out of this browser."""
    sign_out()
    return responses.moved(url_for("security.login"))


def _check(values: dict[str, Any]) -> None:
    """The current password first: no word about the new one to whoever does not know it."""
    if verified(current_user.email, values["current"] or "") is None:
        message = _l("This is not your current password.")
        raise Invalid([Problem("current", "wrong", message)])
    problems = rules.check_password(
        values["password"] or "",
        values["repeated"] or "",
        email=current_user.email,
        name=current_user.name,
    )
    if problems:
        raise Invalid(problems)
