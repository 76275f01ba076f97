"""Flask-Security in our house: sessions, passwords and one-time tokens, our form and pages.

Every check of a password goes through `verified`, behind one brake, whichever door it comes
through: the login, signing in again, changing the own password.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from flask import (
    Flask,
    Response,
    abort,
    after_this_request,
    current_app,
    g,
    has_request_context,
    request,
    session,
)
from flask_security import LoginForm, Security, SQLAlchemyUserDatastore, login_user, logout_user
from wtforms import EmailField, PasswordField

from app.core import responses
from app.core.database import db
from app.core.i18n import _l
from app.domain.mailing import queries as mailing
from app.domain.team import passwords, queries, rules, services
from app.domain.team.models import Role, User
from app.shared.preferences import LAST_LIST

SETTINGS = {
    "SECURITY_PASSWORD_SCHEMES": ["argon2"],
    # OWASP's minimum for Argon2id: 19 MiB, two passes, one lane
    "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {
        "argon2__memory_cost": 19456,
        "argon2__time_cost": 2,
        "argon2__parallelism": 1,
    },
    "SECURITY_PASSWORD_SINGLE_HASH": ["argon2"],
    # what a one-time link says of the password hash; the hash itself holds enough randomness
    "SECURITY_HASHING_SCHEMES": ["hex_sha256"],
    "SECURITY_RESET_PASSWORD_WITHIN": timedelta(days=7),
    "SECURITY_CLI_USERS_NAME": None,
    "SECURITY_CLI_ROLES_NAME": None,
    "SECURITY_FLASH_MESSAGES": False,
}


class Store(SQLAlchemyUserDatastore):
    """Flask-Security's way to our users; the request boundary alone commits."""

    def find_user(self, case_insensitive: bool = False, **wanted: Any) -> Any:
        if "fs_uniquifier" in wanted:
            own = session.get("session_id", "") if has_request_context() else ""
            return queries.user_of_session(wanted["fs_uniquifier"], own)
        return super().find_user(case_insensitive, **wanted)

    def commit(self) -> None:
        db.session.flush()


class Login(LoginForm):
    """What the login takes. The ids are its own, it may stand above another form."""

    email = EmailField(_l("E-mail"), id="login-email")
    password = PasswordField(_l("Password"), id="login-password")
    remember: Any = None
    submit: Any = None

    def validate(self, **_more: Any) -> bool:
        self.user = verified(self.email.data or "", self.password.data or "")
        return self.user is not None


def init_app(app: Flask) -> None:
    app.config.from_mapping(SETTINGS)
    security = Security(
        app,
        Store(db, User, Role),
        register_blueprint=False,
        login_form=Login,
        render_template=_render_login,
    )
    security.unauthn_handler(lambda *_args, **_more: responses.login_needed())
    security.want_json(lambda _request: False)


def verified(email: str, password: str) -> User | None:
    """The user these open the door for, or None.

    Wrong tries are counted, for unknown addresses too; after too many of them every further one
    ends with 429 until some time has passed. Call it before the request writes anything.
    """
    account, network = rules.account_name(email), network_of_request()
    if not services.admit_attempt(account, network):
        current_app.logger.warning("Too many wrong passwords from %s", network)
        abort(429)
    user = queries.user_by_email(account)
    if not passwords.opens(user, password):
        return None
    services.forget_attempts(account, network)
    return user


def network_of_request() -> str:
    """The network the request comes from: the address, for IPv6 its /64."""
    address = ip_address(request.remote_addr or "127.0.0.1")
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or ip_network((address, 64), strict=False)
    return str(address)


def sign_in(user: User) -> None:
    """Make this browser the user's, whoever used it before."""
    sign_out()
    login_user(user, authn_via=["password"])
    open_session()


def sign_out() -> None:
    """Forget everything about the user; the language chosen in this browser stays."""
    language = session.get("language")
    if ended := session.get("session_id"):
        services.end_session(ended)
    logout_user()
    session.clear()
    after_this_request(_forget_list)
    if language:
        session["language"] = language


def _forget_list(response: Response) -> Response:
    """What one user searched for is not the next one's business."""
    response.delete_cookie(LAST_LIST)
    return response


def open_session() -> None:
    """A name to end this session by, and a new CSRF token: the old one was known before."""
    session["session_id"] = secrets.token_hex(16)
    session.pop("csrf_token", None)
    g.pop("csrf_token", None)
    g.pop("csrf", None)


def _render_login(_template: str, *, login_user_form: Login, **_more: Any) -> Any:
    template = "login/again.html" if responses.is_fragment() else "login/login.html"
    wrong = request.method == "POST"
    return responses.show(
        template,
        422 if wrong else 200,
        login_user_form=login_user_form,
        wrong=wrong,
        sends_links=mailing.hindrance() is None,
    )
