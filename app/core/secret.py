"""Secrets that must be kept to be used: encrypted by keys made from the server's secret key.

Each purpose has a key of its own (HKDF, RFC 5869), so nothing kept for one opens for another. What
is encrypted can be changed by nobody unnoticed (Fernet: AES-128 in CBC mode with HMAC-SHA256).
"""

from __future__ import annotations

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app


class Unreadable(Exception):
    """A secret that was kept under another secret key, or was changed since."""


def sealed(text: str, purpose: str) -> str:
    """A text that nobody can read who does not know the secret key."""
    return _cipher(purpose).encrypt(text.encode()).decode()


def opened(kept: str, purpose: str) -> str:
    """The text that was sealed for this purpose. Raises Unreadable."""
    try:
        return _cipher(purpose).decrypt(kept.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error


def _cipher(purpose: str) -> Fernet:
    key = current_app.config["SECRET_KEY"].encode()
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(key)
    return Fernet(urlsafe_b64encode(derived))
