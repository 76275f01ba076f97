"""Mails for tests: an account that leads to a sink, a mail in the outbox, and its delivery."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from app.core import outbox, secret
from app.core.database import db
from app.core.jobs import Deliver
from app.core.registry import registry
from app.domain.mailing import queries, services
from app.domain.mailing.models import MailAccount
from app.domain.mailing.services import Outgoing


def account_values(**over: Any) -> dict[str, Any]:
    """What the form of the account sends for a server on this machine."""
    return {
        "host": "127.0.0.1",
        "port": 2525,
        "security": "none",
        "username": "",
        "password": "",
        "from_name": "Tanzstudio Lindenhof",
        "from_address": "info@lindenhof.example",
        "sends_as": "team",
    } | over


def set_up(port: int = 2525, **over: Any) -> MailAccount:
    """Have an account, whatever rules say about it."""
    values = account_values(port=port, **over)
    password = values.pop("password")
    kept = secret.sealed(password, queries.PURPOSE) if password else ""
    account = db.session.merge(MailAccount(id=1, secret=kept, **values))
    db.session.commit()
    return account


def outgoing(**over: Any) -> Outgoing:
    """A mail to Tanja."""
    values = {
        "to": ["Tanja Müller <tanja@example.com>"],
        "cc": [],
        "bcc": [],
        "subject": "Größe der Stühle",
        "text": "Guten Tag Frau Müller,\n\nhier die Maße.",
    }
    return Outgoing(**(values | over))


def put(customer_id: int, **over: Any) -> Any:
    """Put a mail into the outbox and take it, as the worker does."""
    services.send_mail([customer_id], outgoing(**over))
    db.session.commit()
    return take()


def take(kind: str = "mail") -> Any:
    """The next entry that is due."""
    entry = outbox.take([kind])
    assert entry is not None
    return entry


def session(kind: str = "mail") -> AbstractContextManager[Deliver]:
    """What delivers the entries of a kind in one round."""
    return registry().deliveries()[kind].session()


def deliver(*entries: Any, kind: str = "mail") -> list[Any]:
    """Deliver entries in one round; what was raised for each, None for those that went well."""
    with session(kind) as send:
        return [_tried(send, entry) for entry in entries]


def _tried(send: Deliver, entry: Any) -> Any:
    try:
        send(entry)
    except outbox.Undelivered as reason:
        return reason
    return None
