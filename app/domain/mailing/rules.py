"""What must hold for mails that leave the house, and for the account they are sent by.

Addresses are typed in one line, as every mail program takes them: `Name <a@b>`, parted by commas
or semicolons.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from email_validator import EmailNotValidError, validate_email

from app.core.i18n import _l
from app.core.problems import Problem
from app.domain.mailing import headers
from app.domain.mailing.headers import Mailbox, NotOneAddress
from app.domain.messages.rules import LONGEST_SUBJECT

MOST_RECIPIENTS = 100
LONGEST = 100_000
"""Letters of a mail's text."""
LARGEST_FILES = 20 * 1024 * 1024
"""Bytes of all files of a mail; on the way a third more, and most servers take 25 to 50 MB."""
LONGEST_HOST = 255
LONGEST_USERNAME = 255
LONGEST_PASSWORD = 1000
SILENT = "silent"
"""The code of a mail to many that whoever gets no information is not sent."""
SECURITY = ("starttls", "tls", "none")
SENDS_AS = ("team", "user")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
RECIPIENTS = ("to", "cc", "bcc")
DELIMITER = "--"
"""The line before a signature (RFC 3676 4.3); on the way out a blank follows it."""

_PIECE = re.compile(r'(?:"[^"]*"|<[^<>]*>|[^,;\n"<]|["<])+')
_HOST = re.compile(r"[^\W_](?:[\w.-]*[\w])?\.?|[0-9a-fA-F.]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")


def parsed(text: str, field: str = "to") -> tuple[list[str], list[Problem]]:
    """The mailboxes typed in a line, each as "Name <address>", and what is wrong with others.

    "Müller, Jörg <joerg@example.com>" is one, though its comma is not in quotation marks.
    """
    found: list[str] = []
    problems: list[Problem] = []
    for piece in _joined(_PIECE.findall(text)):
        if wrong := check_address(piece, field):
            problems += wrong
        else:
            found.append(str(headers.mailbox(piece)))
    return list(dict.fromkeys(found)), problems


def check_address(text: str, field: str = "to") -> list[Problem]:
    """Whether a text is the address of one mailbox, with a name or without."""
    try:
        address = headers.mailbox(text).address
        validate_email(address, check_deliverability=False, test_environment=True)
    except (NotOneAddress, EmailNotValidError):
        shown = headers.line(text)[:60]
        message = _l("“%(value)s” is not an e-mail address.", value=shown)
        return [Problem(field, "malformed", message)]
    return []


def check_outgoing(outgoing: Any) -> list[Problem]:
    """A mail has recipients, a subject and a text, and its files are not too large."""
    problems = list(_check_recipients(outgoing))
    if not headers.line(outgoing.subject):
        problems.append(Problem("subject", "required", _l("Please give a subject.")))
    if len(outgoing.subject) > LONGEST_SUBJECT:
        message = _l("A subject may have at most %(n)d characters.", n=LONGEST_SUBJECT)
        problems.append(Problem("subject", "too_long", message))
    if not outgoing.text.strip():
        problems.append(Problem("text", "required", _l("Please write something.")))
    if len(outgoing.text) > LONGEST:
        message = _l("A text may have at most %(n)d characters.", n=LONGEST)
        problems.append(Problem("text", "too_long", message))
    if sum(file.size for file in outgoing.attachments) > LARGEST_FILES:
        message = _l("All files together may have at most %(n)d MB.", n=LARGEST_FILES >> 20)
        problems.append(Problem("files", "too_large", message))
    return problems


def check_account(values: Mapping[str, Any], stored: Any = None) -> list[Problem]:
    """The mail server, how it is spoken to, and whom mails come from.

    An empty `values["password"]` keeps that of `stored`, the account as it was if its password can
    be read. It stays for the server and the user it was typed for; no other is told.
    """
    return [
        *_check_server(values),
        *_check_login(values, stored),
        *_check_sender(values),
    ]


def is_loopback(host: str) -> bool:
    """Whether a server is on this machine, so that nobody listens on the way."""
    return host.lower() in LOOPBACK


def is_open(values: Any) -> bool:
    """Whether what is sent by this account can be read on the way."""
    return values.security == "none" and not is_loopback(values.host)


def signed(text: str, signature: str) -> str:
    """A text that ends with a signature, after the line that mail programs know it by."""
    return f"{text.rstrip()}\n\n{DELIMITER}\n{signature}" if signature.strip() else text


def signature_of(text: str) -> tuple[str, str]:
    """A text before its signature, and the signature, which is empty if there is none."""
    lines = text.split("\n")
    at = next((n for n in reversed(range(len(lines))) if lines[n].rstrip() == DELIMITER), None)
    if at is None:
        return text, ""
    return "\n".join(lines[:at]).rstrip(), "\n".join(lines[at + 1 :]).strip("\n")


def sender(account: Any, user: Any) -> Mailbox:
    """Whom a mail comes from: the team, or the colleague who writes it if that was decided."""
    if account.sends_as == "user" and user is not None:
        return Mailbox(headers.name(user.name), user.email)
    return Mailbox(headers.name(account.from_name), account.from_address)


def domain(account: Any) -> str:
    """What the references of the team's mails end in: the domain of its address, in ASCII."""
    return headers.wire(account.from_address).rpartition("@")[2]


def _joined(pieces: Iterable[str]) -> Iterator[str]:
    """What stands between commas; "Müller, Jörg <j@example.com>" is put together again."""
    family_name = ""
    for piece in (*map(str.strip, pieces), ""):
        if family_name and "<" in piece and not piece.startswith(("<", '"')):
            given_name, _bracket, address = piece.partition("<")
            yield f'"{family_name}, {given_name.strip()}" <{address}'
            family_name = ""
            continue
        if family_name:
            yield family_name
        is_name = piece and "@" not in piece and '"' not in piece
        family_name = piece if is_name else ""
        if piece and not is_name:
            yield piece


def _check_recipients(outgoing: Any) -> Iterator[Problem]:
    if not outgoing.to:
        yield Problem("to", "required", _l("Please say who gets this e-mail."))
    count = 0
    for field in RECIPIENTS:
        for text in getattr(outgoing, field):
            yield from check_address(text, field)
            count += 1
    if count > MOST_RECIPIENTS:
        message = _l("At most %(n)d recipients at once are possible.", n=MOST_RECIPIENTS)
        yield Problem("to", "too_many", message)


def _check_server(values: Mapping[str, Any]) -> Iterator[Problem]:
    host = values["host"]
    if not host:
        yield Problem("host", "required", _l("Please name the mail server."))
    elif len(host) > LONGEST_HOST or not _HOST.fullmatch(host):
        message = _l("Only the name of the server, like mail.example.com.")
        yield Problem("host", "malformed", message)
    if not 0 < (values["port"] or 0) < 65536:
        yield Problem("port", "out_of_range", _l("A port is a number from 1 to 65535."))
    if values["security"] not in SECURITY:
        yield Problem("security", "unknown", _l("Please choose one of the list."))


def _check_login(values: Mapping[str, Any], stored: Any) -> Iterator[Problem]:
    username, password = values["username"], values["password"] or ""
    if len(username) > LONGEST_USERNAME:
        yield _too_long("username", LONGEST_USERNAME)
    if len(password) > LONGEST_PASSWORD:
        yield _too_long("password", LONGEST_PASSWORD)
    if not password.isascii() or not password.isprintable():
        message = _l("Only letters without accents, digits and signs can be used here.")
        yield Problem("password", "foreign_letters", message)
    if not username.isascii():
        message = _l("Only letters without accents, digits and signs can be used here.")
        yield Problem("username", "foreign_letters", message)
    if not username:
        if password:
            yield Problem("username", "required", _l("Please give the user of this password."))
        return
    if values["security"] == "none" and not is_loopback(values["host"]):
        message = _l("Without encryption others could read the password on its way.")
        yield Problem("security", "open", message)
    if password:
        return
    if stored is None:
        yield Problem("password", "required", _l("Please give the password of this user."))
    elif (values["host"].lower(), username) != (stored.host.lower(), stored.username):
        message = _l("Please give the password again: the server or the user is another one.")
        yield Problem("password", "again", message)


def _check_sender(values: Mapping[str, Any]) -> Iterator[Problem]:
    if not values["from_address"]:
        yield Problem("from_address", "required", _l("Please give an e-mail address."))
    elif "<" in values["from_address"] or check_address(values["from_address"]):
        yield Problem("from_address", "malformed", _l("This is not an e-mail address."))
    if len(values["from_name"]) > headers.LONGEST_NAME:
        yield _too_long("from_name", headers.LONGEST_NAME)
    if values["sends_as"] not in SENDS_AS:
        yield Problem("sends_as", "unknown", _l("Please choose one of the list."))


def _too_long(field: str, longest: int) -> Problem:
    return Problem(field, "too_long", _l("Please take at most %(n)d characters.", n=longest))
