"""Tables that people open in a spreadsheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel takes the letters for those of its own code page."""
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that spreadsheets would run (OWASP, CSV injection)."""
PHONE = re.compile(r"\+[0-9][0-9 ()/-]*")
"""A number with its country; nothing in it can be run, and with a sign before it it is damaged."""


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
