"""What the operator decides: read from the environment, checked at start.

What the team decides (its name, its panels, its numbers) is a row edited under /settings.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).parent.parent
LOOPBACK = ("127.0.0.1", "localhost", "::1")
SHORTEST_KEY = 32


class Misconfigured(Exception):
    """A setting the application cannot start with; the sentence says which and why."""


def from_environment(environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """The Flask configuration for these environment variables.

    Raises Misconfigured for a short key, an unknown database, a number that is none, and a base
    URL that is more than scheme, host and port or plain http outside this machine.
    """
    data = Path(environment.get("KUNDENBLICK_DATA", ROOT / "data")).absolute()
    port = _whole("PORT", environment.get("PORT", "8000"), 1)
    base_url = environment.get("KUNDENBLICK_BASE_URL", f"http://127.0.0.1:{port}").rstrip("/")
    return configuration(
        data=data,
        base_url=base_url,
        database_url=environment.get("KUNDENBLICK_DATABASE_URL"),
        secret_key=environment.get("KUNDENBLICK_SECRET_KEY"),
        proxies=_whole("KUNDENBLICK_PROXIES", environment.get("KUNDENBLICK_PROXIES", "0"), 0),
        upload_mb=_whole(
            "KUNDENBLICK_UPLOAD_MB", environment.get("KUNDENBLICK_UPLOAD_MB", "25"), 1
        ),
        renderers=_whole("KUNDENBLICK_RENDERERS", environment.get("KUNDENBLICK_RENDERERS", "0"), 0),
        listens_on=environment.get("HOST", "127.0.0.1"),
    )


def configuration(
    *,
    data: Path,
    base_url: str = "http://127.0.0.1:8000",
    database_url: str | None = None,
    secret_key: str | None = None,
    proxies: int = 0,
    upload_mb: int = 25,
    renderers: int = 0,
    listens_on: str = "127.0.0.1",
) -> dict[str, Any]:
    """The Flask configuration for these decisions of the operator."""
    secure = _is_secure(base_url)
    data.mkdir(parents=True, exist_ok=True)
    return {
        "DATA": data,
        "BASE_URL": base_url,
        "SECRET_KEY": _secret_key(secret_key, data),
        "SQLALCHEMY_DATABASE_URI": _database_url(database_url, data),
        # what people typed (an IBAN, a name) stays out of the log
        "SQLALCHEMY_ENGINE_OPTIONS": {"hide_parameters": True},
        "MIGRATIONS": str(ROOT / "migrations"),
        "TRANSLATIONS": str(ROOT / "app" / "translations"),
        "TRUSTED_HOSTS": _hosts(base_url, listens_on),
        "PROXIES": proxies,
        "MAX_CONTENT_LENGTH": (upload_mb + 1) * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "UPLOAD_LIMIT": upload_mb * 1024 * 1024,
        "RENDERERS": renderers or os.cpu_count() or 1,
        "SESSION_COOKIE_NAME": "__Host-kundenblick" if secure else "kundenblick",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "WTF_CSRF_CHECK_DEFAULT": False,
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,
    }


def _whole(name: str, text: str, least: int) -> int:
    if not (text.isascii() and text.isdigit() and int(text) >= least):
        raise Misconfigured(f"{name} must be a whole number from {least} on, not {text!r}")
    return int(text)


def _secret_key(given: str | None, data: Path) -> str:
    if given is not None and len(given) < SHORTEST_KEY:
        raise Misconfigured(f"KUNDENBLICK_SECRET_KEY needs at least {SHORTEST_KEY} characters")
    return given or _kept_key(data / "secret-key")


def _kept_key(path: Path) -> str:
    """The key made at the first start; it lies in the data folder, readable by its owner only."""
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    key = path.read_text().strip()
    if len(key) < SHORTEST_KEY:
        raise Misconfigured(f"{path} holds no usable key; delete it to have a new one made")
    return key


def _database_url(given: str | None, data: Path) -> str:
    url = given or f"sqlite:///{data / 'kundenblick.sqlite3'}"
    if not url.startswith("sqlite:///"):
        raise Misconfigured("KUNDENBLICK_DATABASE_URL must be sqlite:///PATH in this version")
    return url


def _is_secure(base_url: str) -> bool:
    host = _origin_host(base_url)
    if host and base_url.startswith("https://"):
        return True
    if host in LOOPBACK and base_url.startswith("http://"):
        return False
    raise Misconfigured(
        "KUNDENBLICK_BASE_URL must be https://HOST[:PORT], or http:// on this machine only "
        f"(127.0.0.1, localhost), not {base_url!r}"
    )


def _origin_host(url: str) -> str | None:
    """The host of an address that has nothing but scheme, host and port."""
    try:
        parts = urlsplit(url)
        named = parts.port != 0 and "@" not in parts.netloc
    except ValueError:  # no port, no IPv6 address
        return None
    return parts.hostname if named and url == f"{parts.scheme}://{parts.netloc}" else None


def _hosts(base_url: str, listens_on: str) -> list[str]:
    host = urlsplit(base_url).hostname or ""
    return sorted({host, *(LOOPBACK if host in LOOPBACK else ()), *_named(listens_on)})


def _named(listens_on: str) -> tuple[str, ...]:
    return () if listens_on in ("", "0.0.0.0", "::") else (listens_on,)
