"""What is asked about users and failed logins."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, exists, func, select
from werkzeug.exceptions import NotFound

from app.core.database import db
from app.domain.team.models import EndedSession, LoginAttempt, User
from app.domain.team.rules import account_name

BY_SESSION = select(User).where(
    User.fs_uniquifier == bindparam("key"),
    ~exists().where(EndedSession.key == bindparam("session")),
)
BY_EMAIL = select(User).where(User.email == bindparam("email"))
LISTED = select(
    User.id,
    User.name,
    User.email,
    User.role,
    User.language,
    User.active,
    User.password.is_not(None).label("joined"),
).order_by(User.active.desc(), func.lower(User.name), User.id)


def user(user_id: int) -> User:
    """A user; NotFound for an unknown id."""
    found = db.session.get(User, user_id)
    if found is None:
        raise NotFound
    return found


def user_of_session(key: str, session: str) -> User | None:
    """The user a session belongs to, unless it was signed out of.

    Asked by every request, so the statement is built once.
    """
    return db.session.scalar(BY_SESSION, {"key": key, "session": session})


def user_by_email(email: str) -> User | None:
    """The user who signs in with this address, however its letters are written."""
    name = account_name(email)
    return None if "\0" in name else db.session.scalar(BY_EMAIL, {"email": name})


def users() -> list[Any]:
    """Everybody, those who may sign in first, by name."""
    return list(db.session.execute(LISTED))


def any_user() -> bool:
    return db.session.scalar(select(User.id).limit(1)) is not None


def last_admin() -> int | None:
    """The only user who can change settings and users, None while there are several.

    An admin who never followed the one-time link does not count beside one who did.
    """
    admins = select(User.id, User.password).where(User.role == "admin", User.active)
    found = list(db.session.execute(admins))
    able = [row.id for row in found if row.password is not None] or [row.id for row in found]
    return able[0] if len(able) == 1 else None


def askings(account: str, since: datetime) -> int:
    """How often it was asked since then, from all networks."""
    same = (LoginAttempt.account == account) & (LoginAttempt.at >= since)
    return db.session.scalar(select(func.count()).where(same)) or 0


def failures(
    connection: Connection, account: str, network: str, since: datetime
) -> tuple[int, int]:
    """Failed password checks since then: of this account from this network, of the network."""
    of_network = select(func.count()).where(
        LoginAttempt.network == network, LoginAttempt.at >= since
    )
    of_account = of_network.where(LoginAttempt.account == account)
    return connection.scalar(of_account) or 0, connection.scalar(of_network) or 0
