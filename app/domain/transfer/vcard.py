"""Address books as vCard 2.1, 3.0 and 4.0 (RFC 2426, RFC 6350) with the habits of their writers.

Own code, because the usual library tries the parameters of a line by a regular expression that
takes exponential time (25 commas in one line: 10 seconds), stops at the first line it cannot read
and does not decode every charset that phones write.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import NamedTuple

from app.core.i18n import _l
from app.domain.transfer.charset import decode, is_charset
from app.domain.transfer.draft import Draft
from app.domain.transfer.headings import OTHER, Column, place
from app.domain.transfer.record import Reading, Record, Unreadable

MOST_CARDS = 200_000
MOST_LINES = 10_000
"""Lines of one card, folded ones put together, that are read."""

BEGIN = re.compile(r"^[ \t]*BEGIN[ \t]*:[ \t]*VCARD[ \t]*$", re.IGNORECASE | re.MULTILINE)
END = re.compile(r"[ \t]*END[ \t]*:[ \t]*VCARD[ \t]*", re.IGNORECASE)
AGENT = re.compile(r"[ \t]*AGENT\b[^:]*+:\s*+$", re.IGNORECASE)
HEAD = re.compile(r'(?:([\w-]++)\.)?([\w-]++)[ \t]*+((?:;[^:"]*+(?:"[^"]*+"[^:"]*+)*+)?+):')
PARAMETER = re.compile(r';([^=;"]*+)(?:=((?:"[^"]*+"|[^";])*+))?')
PIECE = {sep: re.compile(rf"((?:[^\\{sep}]|\\.?)*+)(?:{sep}|$)", re.DOTALL) for sep in ";,"}
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
MEANINGS = {
    "BDAY": "birthday",
    "CATEGORIES": "groups",
    "LANG": "language",
    "LANGUAGE": "language",
    "NOTE": "note",
    "ROLE": "role",
    "TITLE": "role",
}
BINARY = {"PHOTO", "LOGO", "SOUND", "KEY"}
READ_ELSEWHERE = {"N", "FN", "ORG", "ADR", "EMAIL", "TEL", "KIND", "X-ABLABEL", "X-ABSHOWAS"}
SILENT = {
    *("VERSION", "PRODID", "UID", "REV", "MAILER", "CLASS", "SORT-STRING", "PROFILE", "SOURCE"),
    *("NAME", "AGENT", "CLIENTPIDMAP", "XML", "TZ", "X-ABUID", "X-ABADR", "X-ABCROP-RECTANGLE"),
    *("X-IMAGEHASH", "X-IMAGETYPE", "X-SHARED-PHOTO-DISPLAY-PREF", "X-RADICALE-NAME"),
    *("X-PHONETIC-FIRST-NAME", "X-PHONETIC-LAST-NAME"),
}
"""Properties that say nothing about the customer."""

HEADERS = {
    "ANNIVERSARY": _l("Anniversary"),
    "BDAY": _l("Birthday"),
    "FN": _l("Name"),
    "GENDER": _l("Gender"),
    "IMPP": _l("Messenger"),
    "LANG": _l("Language"),
    "NICKNAME": _l("Nickname"),
    "ORG": _l("Department"),
    "ROLE": _l("Role"),
    "SUFFIX": _l("Name suffix"),
    "TITLE": _l("Role"),
    "URL": _l("Website"),
}
"""What is called by its name in the comment that keeps it."""

TYPES = {"fax": "fax", "cell": "mobile", "work": "work", "home": "private", "pager": "other"}
ADDRESS = ("po_box", "address_extra", "street", "town", "region", "postcode", "country")


class Property(NamedTuple):
    """One line of a card: its group ("item1"), name, types, and value, still escaped."""

    group: str
    name: str
    types: set[str]
    preferred: bool
    value: str


@dataclass(slots=True)
class _Card:
    line: int
    lines: list[str] = field(default_factory=list)
    closed: bool = False


def is_vcard(text: str) -> bool:
    """Whether a file holds cards."""
    return bool(BEGIN.search(_with_newlines(text[:10_000])))


def read_vcards(text: str, encoding: str, today: date) -> Reading:
    """Read cards. A line that cannot be read belongs to the one before it; photos are left out.

    The address marked as preferred, else the first, is the main one. Birthdays without a year and
    properties that a customer has no column for are kept as extra.
    """
    text = _with_newlines(text)
    cards = sum(1 for _found in BEGIN.finditer(text))
    if not cards:
        raise Unreadable(_l("There is no card in the file."))
    if cards > MOST_CARDS:
        raise Unreadable(_l("A file may have at most %(n)d rows.", n=MOST_CARDS))
    return Reading("vcard", encoding, "", [], cards, (_record(c, today) for c in _cards(text)))


def _with_newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _cards(text: str) -> Iterator[_Card]:
    """The lines of each card; one that is never closed ends where the next begins.

    A card inside a card (the assistant, in vCard 2.1) is left out.
    """
    card: _Card | None = None
    agents = 0
    for number, line in enumerate(text.split("\n"), 1):
        if BEGIN.match(line):
            if card and card.lines and AGENT.match(card.lines[-1]):
                agents += 1
                continue
            if card:
                yield card
            card, agents = _Card(number), 0
        elif card and END.fullmatch(line):
            if agents:
                agents -= 1
                continue
            card.closed = True
            yield card
            card = None
        elif card and not agents:
            card.lines.append(line)
    if card:
        yield card


def _record(card: _Card, today: date) -> Record:
    draft = Draft(card.line, today)
    lines = list(islice(_unfolded(card.lines), MOST_LINES + 1))
    if len(lines) > MOST_LINES:
        message = _l("The card has more than %(n)d lines.", n=MOST_LINES)
        draft.problem("", "too_long", message)
    properties = [found for line in lines if (found := _property(line))]
    labels = {p.group: _text(p) for p in properties if p.name == "X-ABLABEL" and p.group}
    _put_names(draft, properties)
    _put_reach(draft, properties, labels)
    _put_addresses(draft, properties, labels)
    _put_others(draft, properties, labels)
    if not card.closed:
        message = _l("The card is not closed; something may be missing.")
        draft.problem("", "unclosed", message, level="warning")
    return draft.finish()


def _unfolded(lines: Iterable[str]) -> Iterator[str]:
    """Lines put together again: folded, quoted-printable over several, or broken by the writer."""
    parts: list[str] = []
    old = printable = binary = False
    for line in lines:
        if parts and printable and parts[-1].endswith("="):
            parts[-1] = parts[-1][:-1]
            parts.append(line)
        elif not line.strip():
            continue
        elif parts and line[0] in " \t":
            if not binary:
                parts.append(line if old and not printable else line[1:])
        elif parts and not HEAD.match(line):
            if not binary:
                parts.append("\n" + line)
        else:
            if parts:
                yield "".join(parts)
            parts = [line]
            start = line[:200].upper()
            old = old or start.replace(" ", "") == "VERSION:2.1"
            printable = "QUOTED-PRINTABLE" in start
            binary = re.split(r"[;:]", start, maxsplit=1)[0].split(".")[-1] in BINARY
    if parts:
        yield "".join(parts)


def _property(line: str) -> Property | None:
    line = line.lstrip()
    found = HEAD.match(line)
    if not found:
        return None
    name = found[2].upper().replace("_", "-")
    if name in BINARY or name in SILENT:
        return None
    types, parameters = _parameters(found[3])
    encoding = parameters.get("ENCODING", "").lower()
    value = line[found.end() :]
    if encoding in ("b", "base64"):
        return None
    if encoding == "quoted-printable":
        value = _unquoted(value, parameters.get("CHARSET", "utf-8"))
    preferred = "pref" in types or "PREF" in parameters
    return Property((found[1] or "").lower(), name, types, preferred, value)


def _parameters(text: str) -> tuple[set[str], dict[str, str]]:
    """Types and other parameters; vCard 2.1 writes types and encodings without a name."""
    types: set[str] = set()
    parameters: dict[str, str] = {}
    for name, written in PARAMETER.findall(text[:5_000]):
        name, written = name.strip().upper(), written.replace('"', "").strip()
        if name == "TYPE":
            types |= {part.strip().lower() for part in written.split(",")}
        elif written:
            parameters[name] = written
        elif name in ("QUOTED-PRINTABLE", "BASE64"):
            parameters["ENCODING"] = name
        else:
            types.add(name.lower())
    return types, parameters


def _unquoted(value: str, charset: str) -> str:
    """Quoted-printable decoded; where the named charset is unknown or wrong, it is recognised."""
    charset = charset if is_charset(charset) else "utf-8"
    data = binascii.a2b_qp(value.encode(charset, "replace"))
    try:
        return data.decode(charset)
    except ValueError:
        return decode(data)[0]


def _put_names(draft: Draft, properties: list[Property]) -> None:
    for prop in properties:
        if prop.name == "N":
            names = ("last_name", "first_name", "middle_name", "title")
            last, first, middle, prefix, suffix = _components(prop.value, 5, " ")
            for name, value in zip(names, (last, first, middle, prefix), strict=True):
                draft.put(Column(name), "N", value)
            draft.put(OTHER, _header("SUFFIX"), suffix)
        elif prop.name == "FN":
            draft.put(Column("full_name"), _header("FN"), _text(prop))
        elif prop.name == "ORG":
            company, unit = _components(prop.value, 2, ", ")
            draft.put(Column("company"), "ORG", company)
            draft.put(OTHER, _header("ORG"), unit)
        elif prop.name in ("KIND", "X-ABSHOWAS") and _text(prop).lower() in ("org", "company"):
            draft.put(Column("kind"), prop.name, "company")


def _header(name: str) -> str:
    return str(HEADERS.get(name, name))


def _put_reach(draft: Draft, properties: list[Property], labels: dict[str, str]) -> None:
    """E-mails and phones, the preferred ones first."""
    for number, prop in enumerate(_preferred(properties, "EMAIL", "TEL"), 1):
        field = "email" if prop.name == "EMAIL" else "phone"
        scope = next((code for word, code in TYPES.items() if word in prop.types), "")
        if prop.group in labels:
            draft.put(Column(f"{field}_label", "", number), "X-ABLABEL", labels[prop.group])
        if field == "phone" and scope in ("fax", "mobile"):
            field, scope = scope, ""
        draft.put(Column(field, scope, number), prop.name, _text(prop))


def _put_addresses(draft: Draft, properties: list[Property], labels: dict[str, str]) -> None:
    for number, prop in enumerate(_preferred(properties, "ADR"), 1):
        scope = place(labels.get(prop.group, ""))
        if ";" not in prop.value:
            draft.put(Column("street", scope, number), "ADR", _text(prop))
            continue
        parts = _components(prop.value, len(ADDRESS), ", ")
        for name in ("street", *ADDRESS):
            value = parts[ADDRESS.index(name)]
            parts[ADDRESS.index(name)] = ""
            draft.put(Column(name, scope, number), "ADR", value)


def _put_others(draft: Draft, properties: list[Property], labels: dict[str, str]) -> None:
    for prop in properties:
        if prop.name not in READ_ELSEWHERE:
            column = Column(MEANINGS[prop.name]) if prop.name in MEANINGS else OTHER
            header = labels.get(prop.group, "").strip("_$!<>") or _header(prop.name)
            draft.put(column, header, _text(prop))


def _preferred(properties: list[Property], *names: str) -> list[Property]:
    found = [prop for prop in properties if prop.name in names]
    return sorted(found, key=lambda prop: not prop.preferred)


def _components(value: str, count: int, join: str) -> list[str]:
    """The parts of a compound value, exactly `count`; several values of one are joined.

    What is left over belongs to the last.
    """
    parts = [_joined(piece, join) for piece in PIECE[";"].findall(value)]
    rest = join.join(filter(None, parts[count - 1 :]))
    return [*parts[: count - 1], *[""] * (count - 1 - len(parts)), rest]


def _joined(piece: str, join: str) -> str:
    values = (_unescaped(value).strip() for value in PIECE[","].findall(piece))
    return join.join(filter(None, values))


def _text(prop: Property) -> str:
    return _unescaped(prop.value).strip()


def _unescaped(value: str) -> str:
    return ESCAPED.sub(lambda m: "\n" if m[1] in "nN" else m[1 if m[1] in ',;:\\"' else 0], value)
