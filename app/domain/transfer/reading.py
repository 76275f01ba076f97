"""Reading the files of other programs: bytes in, records out.

Nothing here knows the database. What a record must hold to become a customer is checked by the
rules of the areas; here it only has to be readable.
"""

from __future__ import annotations

from datetime import date

from app.core.i18n import _l
from app.domain.transfer.charset import decode, is_charset
from app.domain.transfer.csvfile import read_csv, separator
from app.domain.transfer.record import Reading, Record, Unreadable
from app.domain.transfer.vcard import is_vcard, read_vcards

__all__ = ["LONGEST_FILE", "Reading", "Record", "Unreadable", "decode", "read", "separator"]

LONGEST_FILE = 25 * 1024 * 1024
MOST_LINES = 2_000_000

NOT_TEXT = {
    b"PK\x03\x04": _l("This is a spreadsheet or an archive. Save the table as CSV."),
    b"\xd0\xcf\x11\xe0": _l("This is an old Office file. Save the table as CSV."),
    **dict.fromkeys(
        (b"%PDF", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"\x1f\x8b", b"7z\xbc\xaf", b"SQLite"),
        _l("This is neither a table as CSV nor a vCard."),
    ),
}


def read(
    data: bytes,
    today: date,
    *,
    encoding: str | None = None,
    sep: str | None = None,
    longest: int = LONGEST_FILE,
) -> Reading:
    """Read a table (CSV) or address book (vCard), told apart by what is in it.

    `today` tells the century of birthdays with two digits. `encoding` and `sep` overrule what is
    recognised. Raises Unreadable for a file as a whole; iterating the records may raise it for what
    is left of one.
    """
    check_bytes(data, longest)
    if encoding and not is_charset(encoding):
        raise Unreadable(_l("There is no encoding %(name)s.", name=encoding[:40]))
    text, encoding = decode(data, encoding)
    if text.count("\n") + text.count("\r") > MOST_LINES:
        raise Unreadable(_l("A file may have at most %(n)d lines.", n=MOST_LINES))
    if is_vcard(text):
        return read_vcards(text, encoding, today)
    return read_csv(text, encoding, today, sep)


def check_bytes(data: bytes, longest: int = LONGEST_FILE) -> None:
    """Raise Unreadable for what its first bytes, or its size, tell to be no table and no cards."""
    if len(data) > longest:
        message = _l("The file is larger than %(n)d MB.", n=longest // (1024 * 1024))
        raise Unreadable(message)
    if not data.strip():
        raise Unreadable(_l("The file is empty."))
    for start, message in NOT_TEXT.items():
        if data.startswith(start):
            raise Unreadable(message)
