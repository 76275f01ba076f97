"""What is asked about the mail account and the mails that leave by it."""

from __future__ import annotations

from typing import Any

from flask import g, has_request_context
from sqlalchemy import bindparam, select

from app.core import paging, secret
from app.core.audit import AuditEntry
from app.core.database import db, table
from app.core.forms import Editable
from app.core.i18n import _l
from app.core.outbox import OutboxEntry, State
from app.domain.mailing.models import MailAccount

PURPOSE = "the password of the mail account"
"""What the key is made for that encrypts it."""
NO_ACCOUNT = _l("No mail server is set up yet; an admin does that in the settings.")

ACCOUNT, ENTRY = table(MailAccount).c, table(OutboxEntry).c
EXISTS = select(ACCOUNT.id).where(ACCOUNT.id == 1)
WAITING = paging.counting(
    select(ENTRY.id).where(ENTRY.state == State.WAITING, ENTRY.kind == "mail")
)
TEST = select(ENTRY.state, ENTRY.error, ENTRY.detail, ENTRY.lease_until, ENTRY.payload).where(
    ENTRY.id == bindparam("entry_id"), ENTRY.kind == "mail_test"
)
SHOWN = ("host", "port", "security", "username", "from_name", "from_address", "sends_as")
"""What a form shows of the account: everything but the password."""
DEFAULTS: dict[str, Any] = {
    "host": "",
    "port": 587,
    "security": "starttls",
    "username": "",
    "from_name": "",
    "from_address": "",
    "sends_as": "team",
}
LAST_CHANGE = (
    select(AuditEntry.user_name, AuditEntry.at)
    .where(AuditEntry.customer_id.is_(None), AuditEntry.area == "mailing")
    .order_by(AuditEntry.id.desc())
    .limit(1)
)


def account() -> MailAccount | None:
    """The account the team sends by, or None where none is set up."""
    return db.session.get(MailAccount, 1)


def password(account: MailAccount) -> str | None:
    """The password of the account; None if the secret key is another one than when it was kept."""
    try:
        return secret.opened(account.secret, PURPOSE) if account.secret else ""
    except secret.Unreadable:
        return None


def hindrance(_customer_id: int | None = None) -> Any:
    """Why no mail can be sent now, or None; every action of a customer asks."""
    if not has_request_context():
        return None if db.session.scalar(EXISTS) else NO_ACCOUNT
    if "mail_hindrance" not in g:
        g.mail_hindrance = None if db.session.scalar(EXISTS) else NO_ACCOUNT
    return g.mail_hindrance


def waiting() -> int:
    """How many mails wait to be sent, counted up to 1,001."""
    return paging.total(WAITING, {})


def test_entry(entry_id: int) -> Any:
    """How far a test of the account got: state, error, detail, lease_until and payload; or None."""
    return db.session.execute(TEST, {"entry_id": entry_id}).first()


def editable(account: MailAccount | None) -> Editable:
    """The account as its form shows it."""
    if account is None:
        return Editable(dict(DEFAULTS), "", *_last_change())
    values = {field: getattr(account, field) for field in SHOWN}
    return Editable(values, str(account.version), *_last_change())


def _last_change() -> tuple[str, Any]:
    """Who changed the account last, and when."""
    row = db.session.execute(LAST_CHANGE).first()
    return (row.user_name, row.at) if row else ("", None)
