"""Mails on their way: read from what is stored, built, and handed to the mail server.

What the database holds is read before the server is called: no transaction waits for the network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import flask_mail
from sqlalchemy import select

from app.core import files
from app.core.database import db, now, table
from app.core.jobs import Deliver
from app.core.outbox import Never, NotNow
from app.domain.groups.queries import gets_no_information
from app.domain.mailing import headers, queries, rules
from app.domain.mailing.headers import Mailbox
from app.domain.mailing.mime import Picture, SafeMessage
from app.domain.mailing.models import MailAccount
from app.domain.mailing.smtp import Account, Road
from app.domain.messages import queries as messages
from app.domain.messages.models import Message, MessageAttachment
from app.domain.messages.rules import IN_TRASH
from app.domain.settings import pictures
from app.domain.settings.queries import logo

Dress = Callable[[str, str, Picture | None], str]
"""Makes the HTML of a mail from its text, its signature and the team's logo."""

MESSAGE, ATTACHMENT = table(Message).c, table(MessageAttachment).c
SENT = select(MESSAGE.id, MESSAGE.subject, MESSAGE.body, MESSAGE.at, MESSAGE.envelope).where(
    MESSAGE.removed_at.is_(None), MESSAGE.envelope.is_not(None)
)
FILES = select(ATTACHMENT.name, ATTACHMENT.digest, ATTACHMENT.media_type).order_by(
    ATTACHMENT.position, ATTACHMENT.id
)
LOGO = "logo@kundenblick"
HIGHEST_LOGO, WIDEST_LOGO = 56, 240
"""Pixels a logo takes up in a mail."""
BY_ITSELF = {"Auto-Submitted": "auto-generated"}
"""Tells other machines not to answer (RFC 3834)."""


@contextmanager
def session(dress: Dress) -> Iterator[Deliver]:
    """Sends the mails of one round by one road; each is the message of its entry."""
    with _road() as road:

        def deliver(entry: Any) -> None:
            road().send(build(entry, dress))

        yield deliver


@contextmanager
def try_session() -> Iterator[Deliver]:
    """Sends the mails that try the account: once, for somebody waits for the answer."""
    with _road() as road:

        def deliver(entry: Any) -> None:
            told = entry.payload
            try:
                _send_system(road(), told["to"], told["subject"], told["text"], entry.reference)
            except NotNow as reason:
                raise Never(reason.code, reason.detail) from reason

        yield deliver


def send_system(to: str, subject: str, text: str, reference: str) -> None:
    """Send a mail of the application itself, from the team; raises NotNow, Never or Partly.

    `reference` is the one of its entry in the outbox.
    """
    with _road() as road:
        _send_system(road(), to, subject, text, reference)


def build(entry: Any, dress: Dress) -> SafeMessage:
    """The mail of an entry of the outbox. Raises Never if it or one of its files is gone."""
    with _reading():
        stored = db.session.execute(SENT.where(MESSAGE.outbox_id == entry.id)).first()
        if stored is None:
            raise Never("gone")
        if messages.rests(stored.id):
            raise NotNow(IN_TRASH)
        if entry.batch is not None and gets_no_information(messages.customers_of(stored.id)):
            raise Never(rules.SILENT)
        rows = db.session.execute(FILES.where(ATTACHMENT.message_id == stored.id)).all()
        picture = _logo()
    text, signature = rules.signature_of(stored.body)
    message = SafeMessage(
        subject=stored.subject,
        sender=stored.envelope["sender"],
        recipients=stored.envelope["to"],
        cc=stored.envelope["cc"],
        bcc=stored.envelope["bcc"],
        body=f"{text}\n\n{rules.DELIMITER} \n{signature}" if signature else text,
        html=dress(text, signature, picture),
        date=stored.at.timestamp(),
        attachments=[_attachment(row) for row in rows],
    )
    message.msgId = entry.reference
    message.picture = picture
    message.done = entry.payload.get("done", ())
    message.refused = entry.payload.get("refused", {})
    return message


@contextmanager
def _road() -> Iterator[Callable[[], Road]]:
    """The road, known when the first mail needs it, and closed in the end."""
    roads: list[Road] = []

    def road() -> Road:
        if not roads:
            roads.append(Road(_account()))
        return roads[0]

    try:
        yield road
    finally:
        for known in roads:
            known.close()


def _account() -> Account:
    with _reading():
        stored = db.session.get(MailAccount, 1, populate_existing=True)
        if stored is None:
            raise NotNow("no_account", ends_round=True)
        password = queries.password(stored)
        if password is None:
            raise NotNow("secret", ends_round=True)
        return Account(stored.host, stored.port, stored.security, stored.username, password)


def _send_system(road: Road, to: str, subject: str, text: str, reference: str) -> None:
    with _reading():
        account = db.session.get(MailAccount, 1, populate_existing=True)
        if account is None:
            raise NotNow("no_account", ends_round=True)
        sender = Mailbox(headers.name(account.from_name), account.from_address)
    message = SafeMessage(
        subject=subject,
        sender=str(sender),
        recipients=[to],
        body=text,
        date=now().timestamp(),
        extra_headers=BY_ITSELF,
    )
    message.msgId = reference
    road.send(message)


def _attachment(row: Any) -> flask_mail.Attachment:
    try:
        data = files.path_of(row.digest).read_bytes()
    except (OSError, ValueError) as error:
        raise Never("file_gone", row.name) from error
    return flask_mail.Attachment(row.name, headers.media_type(row.media_type), data)


def _logo() -> Picture | None:
    """The team's logo as mails show it; without its file they do without it."""
    row = logo()
    try:
        return _picture(row.logo) if row else None
    except OSError:
        return None


@lru_cache(maxsize=2)
def _picture(name: str) -> Picture | None:
    data = files.path_of(name).read_bytes()
    found = pictures.read(data)
    if found.media_type is None:
        return None
    scale = min(HIGHEST_LOGO / found.height, WIDEST_LOGO / found.width, 1)
    width, height = (max(round(side * scale), 1) for side in (found.width, found.height))
    return Picture(LOGO, data, found.media_type, width, height)


@contextmanager
def _reading() -> Iterator[None]:
    """Read without the write lock, and hold nothing when it is done."""
    db.session.rollback()
    db.session.connection(execution_options={"read_only": True})
    try:
        yield
    finally:
        db.session.rollback()
