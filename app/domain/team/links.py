"""One-time links: to a password nobody else knows, and to the first admin's account.

They begin with the operator's base URL; what a request says about its host plays no part.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import current_app
from flask_security.recoverable import generate_reset_password_token, reset_password_token_status
from flask_security.utils import check_and_get_token_status

from app.domain.team.models import User

FORGOTTEN = timedelta(hours=1)
"""How long a link opens that was sent to somebody who forgot the password."""


@dataclass(frozen=True)
class Access:
    """What a one-time link leads to: a user, or nobody (any more)."""

    user: User | None
    forged: bool


def access_link(user: User) -> str:
    """The link by which a user chooses a password.

    It dies with the user's `fs_uniquifier`: by use, by a newer link, by deactivation.
    """
    return _absolute("security.access", token=generate_reset_password_token(user))


def forgotten_link(user: User) -> str:
    """The same for an hour: anybody may ask for it, and it lies in a mailbox.

    The token says so itself.
    """
    data = [str(user.fs_uniquifier), None, FORGOTTEN.total_seconds()]
    serializer = current_app.extensions["security"].reset_serializer
    return _absolute("security.access", token=serializer.dumps(data))


def access_of(token: str) -> Access:
    """Whom a one-time link still lets in."""
    expired, forged, user = reset_password_token_status(token)
    if expired or _is_over(token) or not isinstance(user, User) or not user.active:
        return Access(None, forged)
    return Access(user, forged)


def first_run_link() -> str:
    """The link to the page that makes the first admin."""
    return _absolute("security.first_run", token=first_run_token())


def first_run_token() -> str:
    """What only somebody knows who can read the server's secret key."""
    key = current_app.config["SECRET_KEY"].encode()
    return hmac.new(key, b"first run", "sha256").hexdigest()[:32]


def _is_over(token: str) -> bool:
    """Whether a link had less time than others and that is over."""
    expired, _forged, data = check_and_get_token_status(token, "reset", FORGOTTEN)
    return expired and len(data) > 2


def _absolute(endpoint: str, **values: Any) -> str:
    path = current_app.url_map.bind("").build(endpoint, values)
    return current_app.config["BASE_URL"] + path
