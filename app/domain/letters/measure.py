"""How wide texts are on a sheet: what must not leave its place is broken before it is drawn.

Lines are broken where the renderer would break them, at blanks, and within a word that is wider
than its place. Measures are in points.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

FONTS = Path(__file__).parents[3] / "static" / "vendor" / "liberation-2.1.5"
FACES = {False: "LiberationSans-Regular", True: "LiberationSans-Bold"}
UNSEEN = frozenset("\n\r\t\f\ufeff")
SPARE = 0.2
"""Points by which two ways of adding up the same widths may differ."""


def width(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a text is in one line, its letters being `size` high."""
    return _font(bold).stringWidth(text, size)


def wrapped(text: str, room: float, size: float, *, bold: bool = False) -> list[str]:
    """The lines of a text, those that were typed and those that have room; at least one."""
    return [line for typed in text.split("\n") for line in _broken(typed, room - SPARE, size, bold)]


def missing(text: str) -> str:
    """The letters of a text that the font does not have."""
    known = _font(False).face.charToGlyph
    return "".join(sorted(letter for letter in set(text) - UNSEEN if ord(letter) not in known))


def _broken(text: str, room: float, size: float, bold: bool) -> Iterator[str]:
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if width(longer, size, bold=bold) <= room:
            line = longer
            continue
        if line:
            yield line
        *full, line = _pieces(word, room, size, bold)
        yield from full
    yield line


def _pieces(word: str, room: float, size: float, bold: bool) -> list[str]:
    """A word in pieces that have room, nearly always one."""
    pieces = [""]
    for letter in word:
        if pieces[-1] and width(pieces[-1] + letter, size, bold=bold) > room:
            pieces.append("")
        pieces[-1] += letter
    return pieces


@cache
def _font(bold: bool) -> Any:
    """A font that was read; that takes a fifth of a second, which only those pay who measure."""
    from reportlab.pdfbase.ttfonts import TTFont

    return TTFont(FACES[bold], FONTS / f"{FACES[bold]}.ttf")
