"""Amounts and other decimal numbers as people type them, and as a form shows them again.

`1.234,56` and `1234.56` are understood, `1'234.50` too. What can mean two things is refused: in
`1.234` the point may part thousands or decimals, and nobody should find out on an invoice.
"""

from __future__ import annotations

import re
from decimal import Decimal

from babel.numbers import get_decimal_symbol

LONGEST = 40

_SIGN = re.compile(r"([-−–]?)(.*)", re.DOTALL)
_CURRENCY = re.compile(r"(?:€|EUR|CHF|Fr\.|%)", re.I)
_GROUPED = r"[1-9][0-9]{{0,2}}(?P<by>[{group}'’ \u00a0\u202f])[0-9]{{3}}(?:(?P=by)[0-9]{{3}})*"
_DECIMALS = r"(?:{point}[0-9]+)?"
_WAYS = tuple(
    re.compile(f"{_GROUPED}{_DECIMALS}".format(group=group, point=point))
    for group, point in ((r"\.", ","), (",", r"\."))
)
_PLAIN = re.compile(r"[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+")
_EITHER_WAY = re.compile(r"(?!0[.,])[0-9]{1,3}[.,][0-9]{3}")


def parse_amount(text: str) -> Decimal:
    """The number that was typed, with as many decimals; a currency beside it does not matter.

    Raises ValueError for what is no number, and for what can be read in two ways.
    """
    typed = _CURRENCY.sub("", text).strip() if len(text) <= LONGEST else ""
    sign, digits = _SIGN.fullmatch(typed).groups()  # type: ignore[union-attr]
    value = _unsigned(digits.strip())
    return -value if sign and value else value


def is_ambiguous(text: str) -> bool:
    """Whether it is refused because thousands or decimals may be meant."""
    return _EITHER_WAY.fullmatch(_CURRENCY.sub("", text).strip().lstrip("-−– ")) is not None


def typed(value: Decimal, locale: str, digits: int = 0) -> str:
    """A number as `parse_amount` understands it in any language, with at least so many decimals.

    Three decimals are followed by a nought, so that they are not taken for thousands.
    """
    whole, _point, decimals = f"{abs(value):f}".partition(".")
    decimals = decimals.rstrip("0").ljust(digits, "0")
    if len(decimals) == 3 and whole != "0":
        decimals += "0"
    sign = "-" if value < 0 else ""
    point = get_decimal_symbol(locale) if decimals else ""
    return f"{sign}{whole}{point}{decimals}"


def _unsigned(digits: str) -> Decimal:
    if _EITHER_WAY.fullmatch(digits):
        raise ValueError("thousands or decimals?")
    for way in _WAYS:
        if (found := way.fullmatch(digits)) and found["by"]:
            plain = digits.replace(found["by"], "")
            return Decimal(plain.replace(",", "."))
    if _PLAIN.fullmatch(digits):
        return Decimal(digits.replace(",", ".").rstrip("."))
    raise ValueError("this is no number")
