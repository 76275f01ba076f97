"""Mails as they go over the line: Flask-Mail's message with headers that nobody can add to.

Flask-Mail 0.10 lets line breaks through in names of files and in headers of one's own, loses the
address of a sender whose name has a comma, forgets the order of recipients and sends lines of any
length. Here every header goes through `headers`, and every text is quoted-printable.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.charset import QP, Charset
from email.encoders import encode_base64
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import SMTP
from email.utils import format_datetime
from time import time
from types import MappingProxyType
from typing import Any

import flask_mail

from app.domain.mailing import headers
from app.domain.mailing.headers import Mailbox

LINES = SMTP.clone(refold_source="none")
"""Lines end as SMTP wants it and are folded already; Python 3.11 folds lists of addresses wrong."""
LETTERS = SMTP.clone(refold_source="none", utf8=True)
"""The same for addresses with letters beyond ASCII, which need SMTPUTF8 (RFC 6532)."""
UTF8 = Charset("utf-8")
UTF8.body_encoding = QP


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that the HTML of a mail shows by `cid:<name>`; `width` and `height` in pixels."""

    name: str
    data: bytes
    media_type: str
    width: int
    height: int


class SafeMessage(flask_mail.Message):
    """A mail that holds what it was given and nothing else.

    Raises `headers.NotOneAddress` when it is written and a sender or recipient is none. `done` are
    the addresses that got it at an earlier try, `refused` those that never will, each with why.
    """

    picture: Picture | None = None
    done: Sequence[str] = ()
    refused: Mapping[str, str] = MappingProxyType({})

    def envelope(self) -> tuple[str, dict[str, str]]:
        """The address it comes from, and those it goes to, each with what people call it.

        In their order: to, cc, bcc; each once.
        """
        everybody = [_mailbox(given) for given in self._recipients()]
        sender = _mailbox(self.sender)
        return headers.wire(sender.address), {headers.wire(m.address): str(m) for m in everybody}

    def missing(self) -> dict[str, str]:
        """Those of them who are still to get it."""
        _sender, everybody = self.envelope()
        return {a: name for a, name in everybody.items() if a not in (*self.done, *self.refused)}

    def needs_utf8(self) -> bool:
        """Whether only a server that offers SMTPUTF8 can take it."""
        sender, recipients = self.envelope()
        return not all(address.isascii() for address in (sender, *recipients))

    def _recipients(self) -> list[Any]:
        return [*self.recipients, *self.cc, *self.bcc]

    def _message(self) -> MIMEBase:
        whole = self._with_files(self._with_picture(self._texts()))
        for name, value in self._headers():
            whole[name] = value
        whole.policy = LETTERS if self.needs_utf8() else LINES
        return whole

    def _headers(self) -> Iterator[tuple[str, str]]:
        yield "From", _list([self.sender])
        yield "To", _list(self.recipients)
        if self.cc:
            yield "Cc", _list(self.cc)
        if self.reply_to:
            yield "Reply-To", _list([self.reply_to])
        yield "Subject", headers.subject(self.subject)
        yield "Date", format_datetime(datetime.fromtimestamp(self.date or time(), UTC))
        yield "Message-ID", headers.value(self.msgId)
        for name, value in (self.extra_headers or {}).items():
            yield headers.field(name), headers.value(value)

    def _texts(self) -> MIMEBase:
        plain = self._mimetext(self.body)
        if self.html is None:
            return plain
        both = MIMEMultipart("alternative")
        both.attach(plain)
        both.attach(self._mimetext(self.html, "html"))
        return both

    def _mimetext(self, text: str | None, subtype: str = "plain") -> MIMEText:
        return MIMEText(text or "", subtype, UTF8)  # type: ignore[arg-type]

    def _with_picture(self, texts: MIMEBase) -> MIMEBase:
        if self.picture is None:
            return texts
        whole = MIMEMultipart("related", type=texts.get_content_type())
        whole.attach(texts)
        part = _file(self.picture.media_type, self.picture.data)
        part["Content-ID"] = f"<{headers.value(self.picture.name)}>"
        part.add_header("Content-Disposition", "inline")
        whole.attach(part)
        return whole

    def _with_files(self, texts: MIMEBase) -> MIMEBase:
        if not self.attachments:
            return texts
        whole = MIMEMultipart()
        whole.attach(texts)
        for attachment in self.attachments:
            whole.attach(_attached(attachment))
        return whole


def _list(mailboxes: list[Any]) -> str:
    """A list of mailboxes, one in each line."""
    return ",\n ".join(headers.written(_mailbox(one)) for one in mailboxes)


def _mailbox(given: Any) -> Mailbox:
    if isinstance(given, tuple):
        return Mailbox(headers.name(given[0]), headers.mailbox(given[1]).address)
    return headers.mailbox(given)


def _attached(attachment: flask_mail.Attachment) -> MIMEBase:
    data = attachment.data.encode() if isinstance(attachment.data, str) else attachment.data
    part = _file(attachment.content_type, data)
    name = headers.file_name(attachment.filename or "")
    said: Any = name if name.isascii() else ("utf-8", "", name)
    part.add_header("Content-Disposition", "attachment", filename=said)
    for field, value in attachment.headers.items():
        part[headers.field(field)] = headers.value(value)
    return part


def _file(media_type: str, data: bytes) -> MIMEBase:
    kind, _slash, subtype = headers.media_type(media_type).partition("/")
    part = MIMEBase(kind, subtype)
    part.set_payload(data)
    encode_base64(part)
    return part
