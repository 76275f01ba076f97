"""What is asked about the mail account and the mails that leave by it."""

from __future__ import annotations

from typing import Any

from flask import g
from sqlalchemy import select

from app.core.audit import AuditEntry
from app.core.database import db, table
from app.core.forms import Editable
from app.core.i18n import _l
from app.domain.mailing.models import MailAccount

ACCOUNT = table(MailAccount).c
EXISTS = select(ACCOUNT.id).where(ACCOUNT.id == 1)
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
    """The account the team sends by, read once per request."""
    if "mail_account" not in g:
        g.mail_account = db.session.get(MailAccount, 1)
    return g.mail_account


def hindrance(_customer_id: int | None = None) -> Any:
    """Why no mail can be sent now, or None; every overview asks."""
    if "mail_hindrance" not in g:
        g.mail_hindrance = None if db.session.scalar(EXISTS) else NO_ACCOUNT
    return g.mail_hindrance


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


NO_ACCOUNT = _l("No mail server is set up yet; an admin does that in the settings.")
