"""The way into the demo company: a random password, kept readable for the server's owner only."""

from __future__ import annotations

import os
from pathlib import Path

from flask import current_app

from app.demo.company import ADMIN
from app.domain.team import passwords
from app.domain.team.queries import user_by_email


def keep(password: str) -> None:
    """Write down with which password the demo company's colleagues sign in."""
    path = _file()
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(f"{ADMIN} / {password}\n")


def kept() -> str | None:
    """Address and password of the demo company's admin, None when they open nothing any more."""
    try:
        login = _file().read_text().strip()
    except FileNotFoundError:
        return None
    email, _slash, password = login.partition(" / ")
    return login if passwords.opens(user_by_email(email), password) else None


def _file() -> Path:
    return current_app.config["DATA"] / "demo-login"
