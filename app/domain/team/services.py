"""What happens to users: invited, edited, deactivated; and to failed logins: counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, insert

from app.core import audit, outbox
from app.core.database import db, now, short_transaction
from app.core.events import announce
from app.core.i18n import _l
from app.core.problems import Invalid, Problem, Refused
from app.domain.team import queries, rules
from app.domain.team.models import EndedSession, LoginAttempt, User

LINK = "password"
"""The kind of an outbox entry that sends a one-time link; its payload is the `email` typed."""
KEEP_ATTEMPTS = timedelta(days=1)
KEEP_ENDED = timedelta(days=32)
EDITED = ("name", "email", "role", "language")


def create_user(
    *, email: str, name: str, role: str, language: str = "de", password_hash: str | None = None
) -> User:
    """A new colleague; without a password until a one-time link is followed.

    Raises Invalid for values that do not hold.
    """
    values = {"name": name, "email": email, "role": role, "language": language}
    _check(values, None)
    user = User(**_columns(values), password=password_hash, created_at=now())
    user.fs_uniquifier = _fresh_key()
    db.session.add(user)
    _tell("created", user, audit.difference({}, _columns(values)))
    return user


def create_first_admin(*, email: str, name: str, language: str, password_hash: str) -> User:
    """The one who invites all others. Refused as soon as there is anybody."""
    if queries.any_user():
        raise Refused(_l("Somebody has already set this up."))
    return create_user(
        email=email, name=name, role="admin", language=language, password_hash=password_hash
    )


def change_user(user_id: int, values: Mapping[str, Any]) -> None:
    """Change name, e-mail, role and language. Refused if no admin would be left."""
    _check(values, user_id)
    user = queries.user(user_id)
    if values["role"] != "admin" and queries.last_admin() == user_id:
        raise Refused(rules.LAST_ADMIN)
    changes = audit.difference({key: getattr(user, key) for key in EDITED}, _columns(values))
    for key, value in _columns(values).items():
        setattr(user, key, value)
    if changes:
        _tell("changed", user, changes)


def deactivate_user(user_id: int) -> None:
    """Keep a colleague out and end the sessions; the name stays on what was written."""
    user = queries.user(user_id)
    last_admin, (actor, _name) = queries.last_admin(), audit.author()
    if hindrance := rules.hindrance_to_deactivate(user_id, last_admin, actor):
        raise Refused(hindrance)
    user.active, user.fs_uniquifier = False, _fresh_key()
    _tell("deactivated", user, [("active", True, False)])


def reactivate_user(user_id: int) -> None:
    """Let a colleague in again, with the password that was."""
    user = queries.user(user_id)
    if not user.active:
        user.active = True
        _tell("reactivated", user, [("active", False, True)])


def renew_link(user_id: int) -> User:
    """End a colleague's sessions and older one-time links; a new link may now be made."""
    user = queries.user(user_id)
    if not user.active:
        raise Refused(_l("A deactivated colleague gets no link."))
    user.fs_uniquifier = _fresh_key()
    _tell("link_renewed", user, [])
    return user


def set_password(user: User, password_hash: str) -> None:
    """A new password; every session of the user ends, and every one-time link."""
    user.password, user.fs_uniquifier = password_hash, _fresh_key()
    _tell("password_set", user, [])


def choose_preferences(user_id: int, preferences: Mapping[str, Any]) -> None:
    """What a colleague decides alone: language, keys, signature and what is shown to them."""
    if problems := rules.check_preferences(preferences):
        raise Invalid(problems)
    user = queries.user(user_id)
    before = {key: getattr(user, key) for key in preferences}
    if changes := audit.difference(before, preferences):
        for key, value in preferences.items():
            setattr(user, key, value)
        _tell("preferences_changed", user, changes)


def choose_panels(user_id: int, panels: Sequence[Sequence[Any]] | None) -> None:
    """A colleague's own overview as [key, visible] in its order; None follows the team again."""
    chosen = None if panels is None else [list(panel) for panel in panels]
    choose_preferences(user_id, {"panels": chosen})


def choose_columns(user_id: int, columns: Sequence[str] | None) -> None:
    """A colleague's own columns of the customer list; None for those that stand there anyway."""
    choose_preferences(user_id, {"columns": None if columns is None else list(columns)})


def end_session(key: str) -> None:
    """Sign out for good: a copied cookie of this session opens nothing any more.

    Older rows go when their cookies, signed for 31 days, are dead by themselves.
    """
    db.session.execute(delete(EndedSession).where(EndedSession.at < now() - KEEP_ENDED))
    db.session.merge(EndedSession(key=key, at=now()))
    db.session.flush()


def admit_attempt(account: str, network: str, most: int = rules.FAILURES_OF_ACCOUNT) -> bool:
    """Whether a password may be checked now; until it passes the check counts as failed.

    Asked and counted in one transaction of its own, so that neither many tries at once nor the
    refusal that follows escape the count.
    """
    since = now() - rules.WINDOW
    row = {"at": now(), "account": account[: rules.LONGEST_EMAIL], "network": network}
    with short_transaction() as connection:
        failed = queries.failures(connection, row["account"], network, since)
        if rules.is_braked(*failed, most):
            return False
        connection.execute(insert(LoginAttempt).values(row))
        return True


def admit_asking(email: str, network: str) -> bool:
    """Whether somebody may ask for a link to this address now; the same brake as for passwords."""
    return admit_attempt(rules.asking(email), network, rules.MOST_LINKS)


def ask_for_link(email: str) -> None:
    """Have a one-time link sent to this address, if it is a user's.

    The worker looks who it is: here nobody shall learn by the time it takes. However many networks
    ask, only so many links are sent within a while.
    """
    asked = queries.askings(rules.asking(email)[: rules.LONGEST_EMAIL], now() - rules.WINDOW)
    if asked <= rules.MOST_LINKS:
        outbox.put(LINK, {"email": email})


def forget_attempts(account: str, network: str) -> None:
    """The check passed: what this account failed from this network is forgotten, and old rows."""
    same = (LoginAttempt.account == account) & (LoginAttempt.network == network)
    with short_transaction() as connection:
        old = LoginAttempt.at < now() - KEEP_ATTEMPTS
        connection.execute(delete(LoginAttempt).where(same | old))


def _check(values: Mapping[str, Any], user_id: int | None) -> None:
    problems = rules.check_user(values)
    if not problems and (same := queries.user_by_email(values["email"])) and same.id != user_id:
        message = _l("A colleague already has this e-mail address.")
        problems.append(Problem("email", "taken", message))
    if problems:
        raise Invalid(problems)


def _columns(values: Mapping[str, Any]) -> dict[str, Any]:
    columns = {key: values[key] for key in EDITED}
    return columns | {"email": rules.account_name(values["email"])}


def _fresh_key() -> str:
    """What sessions and one-time links of a user hold on to; a new one ends them all."""
    return uuid4().hex


def _tell(action: str, user: User, changes: list[audit.Change]) -> None:
    db.session.flush()
    audit.record("team", action, subject=user.name, changes=changes)
    announce("user.changed", user_id=user.id)
