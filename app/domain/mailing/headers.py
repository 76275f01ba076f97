"""What may stand in the header of a mail. Whatever people typed passes through here on its way out.

A line break in a name, a subject or the name of a file would begin a header of its own, and a comma
in an address would name a further recipient (RFC 5322). So texts lose what a header cannot hold,
and an address that is not exactly one is refused. What comes out is ASCII, in lines of less than
LONGEST_LINE letters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.header import Header
from pathlib import PurePath

from email_validator import EmailNotValidError, validate_email

LONGEST_LINE = 900
"""Letters of a line; servers refuse 999 (RFC 5321 4.5.3.1.6)."""
LONGEST_ADDRESS = 254
LONGEST_NAME = 200
LONGEST_FILE_NAME = 200
"""Bytes of a file's name, which become three times as many when they are written in ASCII."""
LONGEST_VALUE = 500
LONGEST_WORD = 60
"""Letters that stand in one line of a header, which should have no more than 78 (RFC 5322)."""
ANY_FILE = "application/octet-stream"

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_DIRECTION = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_MAILBOX = re.compile(
    r'\s*(?:"(?P<quoted>[^"]*)"|(?P<name>[^"<>]*))\s*<\s*(?P<address>[^<>]*?)\s*>\s*'
    r"|\s*(?P<alone>[^\s<>]+)\s*",
    re.S,
)
_ADDRESS = re.compile(r'[^\s@,;:<>()"\\\[\]]+@[^\s@,;:<>()"\\\[\]]+')
_SPECIAL = re.compile(r'[][\\()<>@,:;".]')
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*")


class NotOneAddress(ValueError):
    """A text that is not the address of exactly one mailbox."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Somebody who can get mail: a name, perhaps empty, and an address."""

    name: str
    address: str

    def __str__(self) -> str:
        """As people write it, and as an envelope keeps it: "Müller, Jörg" <joerg@example.com>."""
        if not self.name:
            return self.address
        name = f'"{self.name}"' if _SPECIAL.search(self.name) else self.name
        return f"{name} <{self.address}>"


def line(text: str) -> str:
    """A text as one line: nothing that ends it, turns it round or cannot be written."""
    return " ".join(_DIRECTION.sub("", _CONTROL.sub(" ", text)).split())


def mailbox(text: str) -> Mailbox:
    """The mailbox of "Name <address>" or of a bare address.

    Raises NotOneAddress for two, for none, and for one with control characters or blanks in it.
    """
    found = _MAILBOX.fullmatch(text)
    if found is None:
        raise NotOneAddress
    address = found["alone"] or found["address"] or ""
    is_one = _ADDRESS.fullmatch(address) and len(address) <= LONGEST_ADDRESS
    if not is_one or _CONTROL.search(address):
        raise NotOneAddress
    return Mailbox(name(found["quoted"] or found["name"] or ""), address)


def name(text: str) -> str:
    """What stands before an address; quotation marks and brackets end it."""
    return line(re.sub(r'["\\<>]', "", text))[:LONGEST_NAME].strip()


def wire(address: str) -> str:
    """An address as servers know it: the domain in ASCII (IDNA 2008, UTS 46).

    What is before the @ stays; letters beyond ASCII there need a server that offers SMTPUTF8.
    Raises NotOneAddress for a domain that cannot be written so.
    """
    local, _at, domain = address.rpartition("@")
    if domain.isascii():
        return address
    try:
        found = validate_email(f"a@{domain}", check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise NotOneAddress from error
    return f"{local}@{found.ascii_domain}"


def written(mailbox: Mailbox) -> str:
    """A mailbox as its header says it."""
    address = wire(mailbox.address)
    if not mailbox.name:
        return address
    if not _is_plain(mailbox.name):
        return f"{Header(mailbox.name, 'utf-8', header_name='Reply-To').encode()} <{address}>"
    quote = '"' if _SPECIAL.search(mailbox.name) else ""
    return f"{quote}{mailbox.name}{quote} <{address}>"


def subject(text: str) -> str:
    """A subject as its header says it."""
    text = line(text)
    can_be_folded = all(len(word) < LONGEST_WORD for word in text.split())
    charset = "us-ascii" if _is_plain(text) and can_be_folded else "utf-8"
    return Header(text, charset, header_name="Subject").encode()


def file_name(text: str) -> str:
    """The name of a file that goes with a mail: no folders, no quotation marks, not too long."""
    text = line(re.sub(r'[/\\":]', "_", text)).strip(". ") or "file"
    suffix = PurePath(text).suffix
    ending = suffix if len(suffix.encode()) <= LONGEST_FILE_NAME // 4 else ""
    stem = text.removesuffix(ending).encode()[: LONGEST_FILE_NAME - len(ending.encode())]
    return stem.decode(errors="ignore").rstrip() + ending


def media_type(text: str) -> str:
    """What a file is, as long as that is one word for one file; otherwise any file."""
    text = text.lower()
    is_one = _MEDIA_TYPE.fullmatch(text) and not text.startswith(("message/", "multipart/"))
    return text if is_one and len(text) <= 100 else ANY_FILE


def field(name: str) -> str:
    """The name of a header, or of a part: letters, digits and hyphens."""
    return re.sub(r"[^A-Za-z0-9-]", "", name) or "X-Unnamed"


def value(text: str) -> str:
    """What a header of one's own says, in ASCII and in one line."""
    return line(text).encode("ascii", "replace").decode()[:LONGEST_VALUE]


def _is_plain(text: str) -> bool:
    """Whether it can stand as it is; "=?" would be read as the beginning of an encoded word."""
    return text.isascii() and "=?" not in text
