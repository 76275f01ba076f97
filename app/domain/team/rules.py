"""What must hold for users and their passwords."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from email_validator import EmailNotValidError, validate_email

from app.core.auth import ROLES
from app.core.i18n import LANGUAGES, _l
from app.core.problems import Problem

LONGEST_NAME = 100
LONGEST_EMAIL = 254
LONGEST_SIGNATURE = 1000
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 128
WINDOW = timedelta(minutes=10)
FAILURES_OF_ACCOUNT = 10
FAILURES_OF_NETWORK = 30
MOST_LINKS = 3
"""How many one-time links somebody can have sent to an address within WINDOW."""
LAST_ADMIN = _l("The team needs at least one admin who can sign in.")

COMMON = """
    password passwort passw0rd qwertz qwertzuiop qwerty qwertyuiop letmein welcome willkommen hallo
    hallohallo schatz iloveyou ichliebedich admin administrator geheim dragon master sunshine
    fussball football baseball monkey schalke computer internet changeme secret abc test testtest
    starwars superman batman kundenblick
"""


def is_braked(of_account: int, of_network: int, most: int = FAILURES_OF_ACCOUNT) -> bool:
    """Whether so many failed checks within WINDOW end further ones for a while.

    The account counts per network, so that a stranger cannot lock a colleague out; it has `most`.
    """
    return of_account >= most or of_network >= FAILURES_OF_NETWORK


def asking(email: str) -> str:
    """The account under which it counts that somebody asks for a link to this address."""
    return f"link {account_name(email)}"


def account_name(email: str) -> str:
    """An e-mail address as accounts are told apart by it: composed, trimmed, small letters."""
    return unicodedata.normalize("NFC", email).strip().lower()


def check_user(values: Mapping[str, Any]) -> list[Problem]:
    """Name, e-mail, role and language of a colleague."""
    problems = [*_check_name(values["name"]), *check_email(values["email"])]
    if values["role"] not in ROLES:
        problems.append(Problem("role", "unknown", _l("Please choose one of the list.")))
    if values["language"] not in dict(LANGUAGES):
        problems.append(Problem("language", "unknown", _l("Please choose one of the list.")))
    return problems


def check_preferences(values: Mapping[str, Any]) -> list[Problem]:
    """What a colleague decides alone, as far as it is decided here: language and signature."""
    problems = []
    if values.get("language", LANGUAGES[0][0]) not in dict(LANGUAGES):
        problems.append(Problem("language", "unknown", _l("Please choose one of the list.")))
    if len(values.get("signature", "")) > LONGEST_SIGNATURE:
        message = _l("A signature may have at most %(n)d characters.", n=LONGEST_SIGNATURE)
        problems.append(Problem("signature", "too_long", message))
    return problems


def plain_password(password: str) -> str:
    """A password in the one form that is hashed and compared, whatever keyboard typed it."""
    return unicodedata.normalize("NFKC", password)


def check_password(password: str, repeated: str, *, email: str, name: str) -> list[Problem]:
    """Length and the obvious, after OWASP ASVS 5.0 V6.2; no rules about kinds of characters."""
    password = plain_password(password)
    if len(password) < SHORTEST_PASSWORD:
        message = _l("Please take at least %(n)d characters.", n=SHORTEST_PASSWORD)
        return [Problem("password", "too_short", message)]
    if len(password) > LONGEST_PASSWORD:
        message = _l("Please take at most %(n)d characters.", n=LONGEST_PASSWORD)
        return [Problem("password", "too_long", message)]
    if _is_obvious(password, email, name):
        return [Problem("password", "obvious", _l("This password is too easy to guess."))]
    if password != plain_password(repeated):
        return [Problem("repeated", "different", _l("The two passwords are not the same."))]
    return []


def hindrance_to_deactivate(user_id: int, last_admin: int | None, by: int | None) -> Any:
    """Why a user cannot be deactivated by another one, or None."""
    if user_id == last_admin:
        return LAST_ADMIN
    return _l("You cannot deactivate yourself.") if user_id == by else None


def _check_name(name: str) -> list[Problem]:
    if not name:
        return [Problem("name", "required", _l("Please give a name."))]
    if len(name) > LONGEST_NAME:
        message = _l("Please take at most %(n)d characters.", n=LONGEST_NAME)
        return [Problem("name", "too_long", message)]
    return []


def check_email(email: str) -> list[Problem]:
    """Only the form counts: teams sign in with addresses of their own network too."""
    if not email:
        return [Problem("email", "required", _l("Please give an e-mail address."))]
    try:
        # below another domain, because firma.local and localhost are refused by themselves
        validate_email(f"{account_name(email)}.example.com", check_deliverability=False)
    except EmailNotValidError:
        return [Problem("email", "malformed", _l("This is not an e-mail address."))]
    return []


def _is_obvious(password: str, email: str, name: str) -> bool:
    plain = password.casefold()
    own = {email.casefold(), email.casefold().partition("@")[0], name.casefold()}
    known = own.union(COMMON.split())
    few = len(set(plain)) < 5
    run = plain in "0123456789" * 20 or plain in "abcdefghijklmnopqrstuvwxyz" * 5
    return few or run or plain in known or plain.strip("0123456789!?.-_ ") in known
