"""What must hold for documents, and what their names say.

A name is a label and never a path: whatever the file was called where it came from is kept. Only
characters that no row of text can hold are replaced.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from app.core.i18n import _l
from app.core.problems import Problem
from app.core.text import clean

LONGEST_NAME = 1000
LONGEST_KIND = 5
LONGEST_PLAIN = 100
LONGEST_TOLD = 80
ANYTHING = "application/octet-stream"

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_ENDING = re.compile(r"[^\s/\\]{1,20}")
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._ -]")
_ATTR_CHAR = "!#$&+^`|"
"""What RFC 5987 lets stand for itself, beside letters, digits and `_.-~`."""

_MEDIA_TYPES = {
    **{"pdf": "application/pdf", "txt": "text/plain", "csv": "text/csv", "rtf": "application/rtf"},
    **{"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif"},
    **{"webp": "image/webp", "tif": "image/tiff", "tiff": "image/tiff", "heic": "image/heic"},
    **{"mp3": "audio/mpeg", "m4a": "audio/mp4", "wav": "audio/wav", "ogg": "audio/ogg"},
    **{"mp4": "video/mp4", "mov": "video/quicktime", "webm": "video/webm"},
    **{"zip": "application/zip", "gz": "application/gzip", "7z": "application/x-7z-compressed"},
    **{"eml": "message/rfc822", "ics": "text/calendar", "vcf": "text/vcard"},
    **{"doc": "application/msword", "xls": "application/vnd.ms-excel"},
    **{"ppt": "application/vnd.ms-powerpoint", "msg": "application/vnd.ms-outlook"},
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
}
"""Nothing in here is ever run by a browser; what is (HTML, SVG, XML) counts as anything."""

_ICONS = {
    **dict.fromkeys(("pdf", "txt", "md", "rtf", "doc", "docx", "odt", "pages"), "file-text"),
    **dict.fromkeys(("csv", "xls", "xlsx", "ods", "numbers"), "columns-3"),
    **dict.fromkeys(("zip", "gz", "tgz", "7z", "rar", "tar"), "archive"),
    **dict.fromkeys(("eml", "msg"), "mail"),
    **{"ics": "calendar", "vcf": "contact"},
}


def stored_name(sent: str) -> str:
    """The name to keep for what a file was called: on one line, at most LONGEST_NAME long.

    One that is too long loses letters before its ending; where nothing can be seen of it, it is
    called so in the user's language.
    """
    name = _CONTROL.sub(" ", sent.encode(errors="replace").decode())
    if not clean(name):
        return str(_l("unnamed"))
    if len(name) > LONGEST_NAME:
        dot, end = _dotted(name)
        name = name[: LONGEST_NAME - len(dot + end)] + dot + end
    return name


def renamed(name: str, typed: str) -> str:
    """What a document is called from now on: a name typed without an ending keeps the old one.

    Another one may be typed, if it is one that people know: the year of "vom 3.12.2026" is none.
    """
    is_told = ending(typed) in (ending(name), *_ICONS) or kind(typed).strip("0123456789")
    return typed if is_told or not typed else typed + "".join(_dotted(name))


def check_name(name: str) -> list[Problem]:
    """A document is called something, in at most LONGEST_NAME characters."""
    if not name:
        return [Problem("name", "required", _l("Please give it a name."))]
    if len(name) > LONGEST_NAME:
        message = _l("A name may have at most %(n)d characters.", n=LONGEST_NAME)
        return [Problem("name", "too_long", message)]
    return []


def check_size(name: str, size: int, limit: int) -> list[Problem]:
    """A file is at most as large as the operator allows, in bytes. It may be empty."""
    if size <= limit:
        return []
    message = _l(
        "%(name)s is larger than %(limit)s MB and was not uploaded.",
        name=told(name),
        limit=limit >> 20,
    )
    return [Problem("files", "too_large", message)]


def told(name: str) -> str:
    """A name inside of a sentence: not too long, and with a direction of its own.

    The isolating marks are those of Unicode TR 9 (FSI, PDI).
    """
    short = name if len(name) <= LONGEST_TOLD else f"{name[: LONGEST_TOLD - 20]}…{name[-19:]}"
    return f"\u2068{short}\u2069"


def media_type(name: str) -> str:
    """What the ending of a name says the file is."""
    return _MEDIA_TYPES.get(ending(name), ANYTHING)


def icon(name: str) -> str:
    """The icon of this kind of file."""
    return _ICONS.get(ending(name), "file")


def kind(name: str) -> str:
    """The ending in capitals, as people know it ("PDF"): it holds however a name is displayed."""
    found = ending(name)
    is_known = found.isascii() and found.isalnum() and len(found) <= LONGEST_KIND
    return found.upper() if is_known else ""


def ending(name: str) -> str:
    """What stands behind the last dot, in small letters: "Photo.JPG" → "jpg"."""
    return _dotted(name)[1].lower()


def disposition(name: str) -> str:
    """The Content-Disposition of a download under this name (RFC 6266).

    `filename*` is the name itself; `filename` a plain one for programs that know no better, with
    nothing in it that could end the value or be taken for a path or an escape.
    """
    return f"attachment; filename=\"{_plain(name)}\"; filename*=UTF-8''{quote(name, _ATTR_CHAR)}"


def _plain(name: str) -> str:
    dot, end = _dotted(name)
    stem = name.removesuffix(dot + end)[:LONGEST_PLAIN]
    decomposed = unicodedata.normalize("NFKD", stem + dot + end)
    letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _NOT_PLAIN.sub("_", letters).lstrip(". ") or "unnamed"


def _dotted(name: str) -> tuple[str, str]:
    """The last dot and what stands behind it, or nothing if that is no ending."""
    stem, dot, end = name.rpartition(".")
    return (dot, end) if stem and _ENDING.fullmatch(end) else ("", "")
