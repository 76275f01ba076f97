"""Tables that people open in a spreadsheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Any

BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel takes the letters for those of its own code page."""
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that spreadsheets would run (OWASP, CSV injection)."""
PHONE = re.compile(r"\+[0-9][0-9 ()/-]*")
"""A number with its country; nothing in it can be run, and with a sign before it it is damaged."""


@dataclass(frozen=True)
class Style:
    """How a table is written: what parts its columns, what leads it, and its numbers and days."""

    separator: str
    mark: str
    point: str
    day: str


GERMAN_EXCEL = Style(";", BYTE_ORDER_MARK, ",", "%d.%m.%Y")
"""What Excel opens by a double click where numbers have a decimal comma."""
PLAIN = Style(",", "", ".", "%Y-%m-%d")
"""RFC 4180 with ISO 8601 days, for other programs."""


def lines(rows: Iterable[Sequence[Any]], style: Style) -> Iterator[str]:
    """The rows as CSV, one after the other, so that a table of any length fits the memory."""
    out = StringIO(style.mark)
    out.seek(0, 2)
    writer = csv.writer(out, delimiter=style.separator, lineterminator="\r\n")
    for row in rows:
        writer.writerow([_written(cell, style) for cell in row])
        yield out.getvalue().encode(errors="replace").decode()
        out.seek(0)
        out.truncate()


def table(rows: Iterable[Sequence[Any]]) -> str:
    """The rows as CSV with semicolons; a text that would be run as a formula is made a text."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerows([_guarded(cell) for cell in row] for row in rows)
    return BYTE_ORDER_MARK + out.getvalue().encode(errors="replace").decode()


def _guarded(cell: Any) -> Any:
    if not isinstance(cell, str) or not cell.startswith(FORMULAS) or PHONE.fullmatch(cell):
        return cell
    return f"'{cell}"


def _written(cell: Any, style: Style) -> Any:
    if isinstance(cell, Decimal):
        return f"{cell:f}".replace(".", style.point)
    if isinstance(cell, date):
        return f"{cell:{style.day}}"
    return _guarded(cell)
