"""Words to begin with, before and after the lines of documents, as files below `archive/`.

A file begins with lines `Name`, `For` (the kind of document), `Place` and, where it stands there by
itself as long as the team has no text of its own, `Default: yes`; an empty line parts them from the
text. None of them greets: whether a document does is the business of its layout. They do without ß,
which the Swiss do not write.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from werkzeug.exceptions import NotFound

from app.domain.factura.rules import Kind
from app.domain.factura.setting_rules import PLACES

FOLDER = Path(__file__).with_suffix("")


@dataclass(frozen=True, slots=True)
class Draft:
    """A text of the archive; `key` names it within its language."""

    key: str
    kind: str
    place: str
    language: str
    name: str
    text: str
    is_default: bool


@cache
def drafts() -> tuple[Draft, ...]:
    """All of them by language and kind."""
    return tuple(sorted(map(_read, FOLDER.glob("*/*.txt")), key=_order))


def draft(language: str, key: str) -> Draft:
    """One of them; NotFound for any other name."""
    for found in drafts():
        if (found.language, found.key) == (language, key):
            return found
    raise NotFound


def text(kind: str, place: str, language: str) -> str:
    """What stands there by itself; empty where the archive has nothing."""
    asked = (kind, place, language)
    for found in drafts():
        if found.is_default and (found.kind, found.place, found.language) == asked:
            return found.text
    return ""


def _order(draft: Draft) -> tuple[Any, ...]:
    """As documents come about and are read, what stands there by itself first."""
    kind, place = list(Kind).index(Kind(draft.kind)), PLACES.index(draft.place)
    return draft.language, kind, place, not draft.is_default, draft.key


def _read(file: Path) -> Draft:
    head, _empty, body = file.read_text("utf-8").partition("\n\n")
    told = dict(line.split(": ", 1) for line in head.splitlines())
    return Draft(
        key=file.stem,
        kind=told["For"],
        place=told["Place"],
        language=file.parent.name,
        name=told["Name"],
        text=body.strip("\n"),
        is_default="Default" in told,
    )
