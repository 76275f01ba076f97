"""What happens to mails and to the account they are sent by: sent, taken back; set up, removed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import g
from werkzeug.exceptions import NotFound

from app.core import audit, outbox, secret
from app.core.database import db, now
from app.core.events import announce
from app.core.i18n import _, _l
from app.core.problems import Invalid, Problem, Refused, errors
from app.domain.mailing import queries, rules
from app.domain.mailing.models import MailAccount
from app.domain.messages import services as messages
from app.domain.messages.models import Message
from app.domain.messages.services import Attachment, Record
from app.domain.team.models import User

HIDDEN = "•••"
"""What the history tells of a password."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail to be sent; each recipient is a text like "Name <address>", or a bare address."""

    to: Sequence[str]
    cc: Sequence[str]
    bcc: Sequence[str]
    subject: str
    text: str
    attachments: Sequence[Attachment] = ()


def check_mail(outgoing: Outgoing) -> list[Problem]:
    """What is wrong with a mail, at the fields to, cc, bcc, subject, text and files."""
    return rules.check_outgoing(outgoing)


def send_mail(
    customer_ids: Sequence[int],
    outgoing: Outgoing,
    *,
    delay: timedelta = timedelta(0),
    batch: int | None = None,
) -> int:
    """Have a mail sent after the commit, `delay` later, and return the id of its message.

    What it says is sent as it is; a signature is part of the text. Raises Invalid for what
    `check_mail` finds, and Refused where no account is set up.
    """
    if problems := errors(check_mail(outgoing)):
        raise Invalid(problems)
    if hindrance := queries.hindrance():
        raise Refused(hindrance)
    values = {
        "channel": "mail",
        "direction": "out",
        "subject": outgoing.subject,
        "text": outgoing.text,
        "at": now() + delay,
        "envelope": envelope(outgoing),
        "outbox_id": outbox.put("mail", delay=delay, batch=batch, domain=_domain()),
    }
    return messages.record_message(customer_ids, values, outgoing.attachments)


def send_mails(mails: Sequence[tuple[int, Outgoing]], *, batch: int) -> list[tuple[int, int]]:
    """Have a mail sent to each of many customers: its message and its entry, in this order.

    Whoever calls it has checked them, touches the customers and tells what was done.
    """
    entries = outbox.put_all("mail", len(mails), batch=batch, domain=_domain())
    shared = {"channel": "mail", "direction": "out", "at": now()}
    sent_by = envelope(mails[0][1]) if mails else {}
    records = [
        Record(
            customer_id,
            shared
            | {"subject": mail.subject, "text": mail.text, "outbox_id": entry_id}
            | {"envelope": sent_by | {"to": list(mail.to)}},
            mail.attachments,
        )
        for entry_id, (customer_id, mail) in zip(entries, mails, strict=True)
    ]
    return list(zip(messages.record_messages(records), entries, strict=True))


def envelope(outgoing: Outgoing) -> dict[str, Any]:
    """Whom a mail comes from and whom it goes to, as its message keeps it."""
    account, user_id = queries.account(), audit.author()[0]
    user = db.session.get(User, user_id) if user_id else None
    return {
        "sender": str(rules.sender(account, user)),
        "to": list(outgoing.to),
        "cc": list(outgoing.cc),
        "bcc": list(outgoing.bcc),
    }


def unsend(message_id: int) -> None:
    """Take back a mail that still waits. Refused once the worker has taken it."""
    message = db.session.get(Message, message_id)
    if message is None or message.outbox_id is None or message.removed_at is not None:
        raise NotFound
    if not outbox.cancel(message.outbox_id):
        raise Refused(_l("It is too late: this e-mail is on its way already."))
    messages.withdraw(message_id)


def save_account(values: Mapping[str, Any]) -> None:
    """Set up the account, or change it; an empty `password` keeps the one that is stored."""
    account = queries.account()
    has_password = account is not None and bool(queries.password(account))
    if problems := rules.check_account(values, account if has_password else None):
        raise Invalid(problems)
    before = queries.editable(account).values if account else {}
    is_new, account = account is None, account or MailAccount(id=1, secret="")
    changes = audit.difference(before, {field: values[field] for field in queries.SHOWN})
    for field in queries.SHOWN:
        setattr(account, field, values[field])
    changes += _keep_password(account, values["password"] or "")
    if changes:
        db.session.add(account)
        _tell("set_up" if is_new else "changed", account.host, changes)


def remove_account() -> None:
    """Nothing is sent any more, and what waits goes on waiting; the password is forgotten."""
    account = queries.account()
    if account is None:
        raise NotFound
    changes = audit.difference(queries.editable(account).values, {})
    db.session.delete(account)
    _tell("removed", account.host, changes)


def send_test(address: str) -> int:
    """Have a mail sent that tells whether the account works; the id of its entry in the outbox.

    What earlier tests told is of no use any more.
    """
    account = queries.account()
    if account is None:
        raise Refused(queries.NO_ACCOUNT)
    text = _("This is a test. E-mails leave Kundenblick by way of %(host)s.", host=account.host)
    subject = _("Test of the mail server")
    mail = {"to": address, "subject": subject, "text": text}
    outbox.forget_resting("mail_test")
    return outbox.put("mail_test", mail, domain=rules.domain(account))


def _domain() -> str | None:
    account = queries.account()
    return rules.domain(account) if account else None


def _keep_password(account: MailAccount, password: str) -> list[audit.Change]:
    """Encrypt a new password, or forget the one of a user who is no longer there."""
    if password:
        account.secret = secret.sealed(password, queries.PURPOSE)
        return [("password", None, HIDDEN)]
    if account.secret and not account.username:
        account.secret = ""
        return [("password", HIDDEN, None)]
    return []


def _tell(action: str, host: str, changes: list[audit.Change]) -> None:
    db.session.flush()
    g.pop("mail_hindrance", None)
    audit.record("mailing", action, subject=host, changes=changes)
    announce("mail_account.changed")
