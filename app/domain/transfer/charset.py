"""From the bytes of a file to its text.

No statistics: they guess wrong letters where an order of trials does not. What the order gets wrong
(cp1250, cp850) a person sees in the preview and names the encoding.
"""

from __future__ import annotations

import codecs
import re

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CHARSETS = re.compile(
    r"utf-?(?:8|16|32)(?:-?(?:sig|le|be))?|us-?ascii|ascii|latin-?\d|mac-?roman|macintosh|"
    r"koi8-[ru]|(?:iso-?|windows-?|cp-?|ibm-?)\d[\d-]*",
    re.IGNORECASE,
)
"""Names of charsets for text; Python also has codecs that unpack archives or run escapes."""


def decode(data: bytes, encoding: str | None = None) -> tuple[str, str]:
    """The text and the encoding it was read in.

    Tried in this order: the byte order mark, UTF-16 that shows in its NULs, strict UTF-8, cp1252. A
    file that is UTF-8 but for few bytes is read as such, those bytes as cp1252; bytes that cp1252
    does not know become U+FFFD, as do bytes that do not fit a given `encoding` (see `is_charset`).
    """
    if encoding:
        return data.decode(encoding, "replace").removeprefix("\ufeff"), encoding
    for mark, name in BOMS:
        if data.startswith(mark):
            return data.decode(name, "replace"), name
    if name := _wide(data[:4096]):
        return data.decode(name, "replace"), name
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _mixed(data)


def is_charset(name: str) -> bool:
    """Whether this names an encoding of text."""
    if not CHARSETS.fullmatch(name.replace("_", "-")):
        return False
    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True


def _wide(start: bytes) -> str:
    half = len(start) // 2
    if half and start[1::2].count(0) > 0.4 * half and not start[::2].count(0):
        return "utf-16-le"
    if half and start[::2].count(0) > 0.4 * half and not start[1::2].count(0):
        return "utf-16-be"
    return ""


def _mixed(data: bytes) -> tuple[str, str]:
    """Text with bytes that are no UTF-8: mostly UTF-8 all the same, or else cp1252."""
    letters = data.decode("utf-8", "ignore")
    whole = sum(1 for _found in re.finditer(r"[^\x00-\x7f]", letters))
    single = len(data) - len(letters.encode())
    if whole > 10 * single:
        return data.decode("utf-8", "cp1252_bytes"), "utf-8"
    return data.decode("cp1252", "replace"), "cp1252"


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return wrong.decode("cp1252", "replace"), error.end


codecs.register_error("cp1252_bytes", _as_cp1252)
