"""What must hold for articles, and by which words they are found."""

from __future__ import annotations

import re

from app.core.text import spellings

FIELDS = ("number", "name", "text", "unit", "price", "currency", "is_gross", "tax")


def found_by(number: str, name: str) -> str:
    """The words of an article in all their spellings, a blank before each."""
    return " " + spellings("\n".join((number, name)))


def following(number: str) -> str:
    """The number after this one, as wide as it is: A-099 is followed by A-100."""
    before, digits = re.fullmatch(r"(.*?)([0-9]*)", number, re.DOTALL).groups()  # type: ignore
    return f"{before}{int(digits) + 1:0{len(digits)}}" if digits else ""
