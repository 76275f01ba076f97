from __future__ import annotations

import hmac
from dataclasses import replace
from typing import Any

from flask import Blueprint, abort, current_app, request, url_for
from flask_login import current_user
from flask_security import views
from werkzeug.wrappers import Response

from app.core import responses
from app.core.database import reads_first, writing
from app.core.forms import Form
from app.core.i18n import _, _l, language
from app.core.problems import Problem, Refused
from app.core.templating import csrf_token
from app.domain.mailing import queries as mailing
from app.domain.settings import services as settings
from app.domain.settings.models import DEFAULTS
from app.domain.settings.rules import check_team
from app.domain.team import links, passwords, queries, rules, services
from app.pages.login.form import FirstAdmin, Forgotten, NewPassword
from app.pages.login.local import local_path
from app.pages.login.security import network_of_request, open_session, sign_in

# named like Flask-Security's own, whose addresses it replaces
blueprint = Blueprint("security", __name__)


@blueprint.route("/login", methods=["GET", "POST"])
@reads_first
def login() -> Response:
    """Flask-Security's login; before the first run there is nobody to sign in."""
    if request.is_json:
        abort(415)
    if not queries.any_user():
        return responses.moved(url_for(".first_run"))
    if not current_user.is_authenticated:
        answer = views.login()
        if not current_user.is_authenticated:
            return answer
        open_session()
    return _signed_in()


@blueprint.route("/first-run", methods=["GET", "POST"])
@reads_first
def first_run() -> Response:
    """Make the first admin; gone for ever as soon as there is anybody."""
    if queries.any_user():
        abort(404)
    form = FirstAdmin.of({"token": request.args.get("token", ""), "language": language()})
    if request.method == "GET":
        return responses.show("login/first_run.html", form=form)
    values = form.values()
    if not form.validate() or _told(form, _check_first(values)):
        return responses.invalid("login/first_run.html", form=form)
    password_hash = passwords.hashed(values["password"])
    writing()
    try:
        user = services.create_first_admin(
            email=values["email"],
            name=values["name"],
            language=values["language"],
            password_hash=password_hash,
        )
    except Refused:
        abort(404)
    if values["team"]:
        settings.save_team(_team(values))
    sign_in(user)
    return responses.moved("/", _("Welcome to Kundenblick, %(name)s.", name=user.name))


@blueprint.route("/forgot", methods=["GET", "POST"])
@reads_first
def forgot() -> Response:
    """Have a one-time link sent; the answer does not tell whether there is such a user."""
    is_asked = request.method == "POST"
    if mailing.hindrance():
        return responses.show("login/unsent.html", 409 if is_asked else 200)
    form = Forgotten.of()
    if not is_asked:
        return responses.show("login/forgot.html", form=form)
    email = form.values()["email"]
    if _told(form, rules.check_email(email)):
        return responses.invalid("login/forgot.html", form=form)
    network = network_of_request()
    if not services.admit_asking(email, network):
        current_app.logger.warning("Too many links asked for from %s", network)
        abort(429)
    writing()
    services.ask_for_link(email)
    return responses.show("login/forgotten.html", email=email)


@blueprint.route("/access/<token>", methods=["GET", "POST"])
@reads_first
def access(token: str) -> Response:
    """Choose a password by a one-time link: the first one, or a new one."""
    user = links.access_of(token).user
    if user is None:
        return _dead_link(token)
    form = NewPassword.of()
    if request.method == "GET":
        return responses.show("login/access.html", form=form, user=user)
    values = form.values()
    if _told(form, _check_password(values, user.email, user.name)):
        return responses.invalid("login/access.html", form=form, user=user)
    password_hash = passwords.hashed(values["password"])
    writing()
    user = links.access_of(token).user
    if user is None:
        return _dead_link(token)
    services.set_password(user, password_hash)
    sign_in(user)
    return responses.moved("/", _("Your password is set. You are signed in."))


def _signed_in() -> Response:
    """On to where the user wanted to go; the second dialog closes and the page goes on."""
    if not responses.is_fragment():
        return responses.moved(local_path(request.values.get("next")))
    toast = responses.Toast(text=_("Signed in again. Please save once more."))
    response = responses.show("login/signed_in.html", toast=toast)
    response.headers["X-Csrf-Token"] = csrf_token()
    return response


def _dead_link(token: str) -> Response:
    """Used, expired, replaced by a newer one; or made up, which never was."""
    sentence = _(
        "A link works once and for seven days, one that was sent because of a forgotten password "
        "for an hour. If you have a password already, sign in; otherwise have a new one sent, or "
        "ask an admin of your team."
    )
    status = 404 if links.access_of(token).forged else 410
    link = None if mailing.hindrance() else (url_for(".forgot"), _("Forgot your password?"))
    return responses.failed(status, _("This link does not work any more"), sentence, link)


def _check_first(values: dict[str, Any]) -> list[Problem]:
    problems = rules.check_user(values | {"role": "admin"})
    if not hmac.compare_digest(values["token"].encode(), links.first_run_token().encode()):
        message = _l("This is not the code the server printed.")
        problems.insert(0, Problem("token", "wrong", message))
    if values["team"]:
        problems += [replace(problem, field="team") for problem in check_team(_team(values))]
    return [*problems, *_check_password(values, values["email"], values["name"])]


def _team(values: dict[str, Any]) -> dict[str, Any]:
    return DEFAULTS | {"name": values["team"], "language": values["language"]}


def _check_password(values: dict[str, Any], email: str, name: str) -> list[Problem]:
    password, repeated = values["password"] or "", values["repeated"] or ""
    return rules.check_password(password, repeated, email=email, name=name)


def _told(form: Form, problems: list[Problem]) -> bool:
    """Put problems at their fields; whether there were any."""
    form.tell(problems)
    return bool(problems)
