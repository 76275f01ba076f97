"""Flask-Security in our house: sessions, passwords and one-time tokens, our forms and pages.

Every check of a password goes through `User.verify` behind one brake, whichever door it comes
through: login, signing in again, changing the own password.
"""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any

from flask import Flask, abort, request
from flask_security import LoginForm, Security, SQLAlchemyUserDatastore
from flask_security.utils import verify_password

from app.core import responses
from app.core.database import db, reads_first
from app.domain.team import queries, rules, services
from app.domain.team.models import Role, User

SETTINGS = {
    "SECURITY_PASSWORD_HASH": "argon2",
    # OWASP's minimum for Argon2id: 19 MiB, two passes, one lane
    "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {
        "argon2__memory_cost": 19456,
        "argon2__time_cost": 2,
        "argon2__parallelism": 1,
    },
    "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
    "SECURITY_RETURN_GENERIC_RESPONSES": True,
    "SECURITY_USER_IDENTITY_ATTRIBUTES": [{"email": {"mapper": str, "case_insensitive": True}}],
    "SECURITY_LOGIN_USER_TEMPLATE": "login/login.html",
    "SECURITY_POST_LOGIN_VIEW": "/",
    "SECURITY_POST_LOGOUT_VIEW": "/login",
    "SECURITY_LOGOUT_METHODS": ["POST"],
    "SECURITY_RESET_PASSWORD_WITHIN": "7 days",
    "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": False,
    "SECURITY_SEND_PASSWORD_RESET_NOTICE_EMAIL": False,
    "SECURITY_DEFAULT_REMEMBER_ME": False,
    "SECURITY_TRACKABLE": False,
    "SECURITY_USE_VERIFY_PASSWORD_CACHE": False,
}


class Store(SQLAlchemyUserDatastore):
    """Flask-Security's way to our users; the request boundary alone commits."""

    def find_user(self, case_insensitive: bool = False, **wanted: Any) -> User | None:
        if "fs_uniquifier" in wanted:
            return queries.user_of_session(wanted["fs_uniquifier"])
        if "email" in wanted:
            return queries.user_by_email(wanted["email"])
        return super().find_user(case_insensitive, **wanted)

    def commit(self) -> None:
        db.session.flush()


class Login(LoginForm):
    """The login form, with the brake in front of the password check."""

    def validate(self, **kwargs: Any) -> bool:
        account = (self.email.data or "").strip().lower()[:254]
        brake(account)
        passed = super().validate(**kwargs)
        count(account, passed)
        return passed


def init_app(app: Flask) -> None:
    app.config.from_mapping(SETTINGS)
    security = Security(
        app, Store(db, User, Role), login_form=Login, render_template=_render_login
    )
    security.unauthn_handler(lambda *_args, **_more: responses.login_needed())
    security.want_json(lambda _request: False)
    reads_first(app.view_functions["security.login"])
    app.extensions.setdefault("access", {})["security"] = "public"


def is_own_password(user: User, password: str) -> bool:
    """Whether this is the user's password; wrong tries count and are braked, as at the login."""
    brake(user.email)
    passed = bool(user.password) and verify_password(password, user.password)
    count(user.email, passed)
    return passed


def brake(account: str) -> None:
    """End further tries with 429 after too many failures."""
    since = services.window_start(rules.WINDOW)
    if rules.is_braked(*queries.failures(account, network(), since)):
        abort(429)


def count(account: str, passed: bool) -> None:
    """Write a failure down, or forget the failures of somebody who got in."""
    db.session.rollback()
    services.count_attempt(account, network(), passed)


def network() -> str:
    """The network the request comes from: the address, for IPv6 its /64."""
    address = ip_address(request.remote_addr or "127.0.0.1")
    return str(address if address.version == 4 else ip_network((address, 64), strict=False))


def _render_login(template: str, **context: Any) -> Any:
    form = context.get("login_user_form")
    wrong = form is not None and bool(form.errors or form.form_errors)
    if responses.is_fragment():
        template = "login/again.html"
    return responses.show(template, 422 if wrong else 200, login_user_form=form, wrong=wrong)


