"""Mails on their way: built from what is stored, and handed to the mail server."""

from __future__ import annotations


def send_system(to: str, subject: str, text: str, reference: str) -> None:
    """Send a mail of the application itself; raises NotNow or Never if it could not be sent."""
    raise NotImplementedError
