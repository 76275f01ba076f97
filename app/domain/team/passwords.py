"""Passwords: kept as Argon2id hashes, checked in a time that tells nothing."""

from __future__ import annotations

from flask_security import hash_password, verify_password

from app.domain.team import rules
from app.domain.team.models import User


def hashed(password: str) -> str:
    """What is stored of a password. Slow on purpose: call it outside writing transactions."""
    return hash_password(rules.plain_password(password))


def opens(user: User | None, password: str) -> bool:
    """Whether this password lets this user in.

    Costs one hash whoever asks, so nobody learns by a clock which accounts exist or are active.
    """
    password = rules.plain_password(password)
    if user is None or not user.password or len(password) > rules.LONGEST_PASSWORD:
        hash_password("")
        return False
    return verify_password(password, user.password) and user.active
