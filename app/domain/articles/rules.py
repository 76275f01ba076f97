"""What must hold for articles, and by which words they are found.

Problems have the codes required, too_long, unknown, negative, too_large, too_fine, no_rates and
taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from app.core.i18n import _l, currencies
from app.core.problems import Problem
from app.core.text import natural_key, sort_form, spellings

FIELDS = ("number", "name", "text", "unit", "price", "currency", "is_gross", "tax")
LONGEST = {"number": 40, "name": 200, "text": 5_000, "unit": 20}
DIGITS = 4
"""Behind the point: energy and screws are priced by fractions of a cent."""
LARGEST = 10**9
FIRST = "1001"
"""The number that is offered when no article has one."""


def check_article(values: Mapping[str, Any], taxes: Mapping[str, Any]) -> list[Problem]:
    """What keeps an article from being kept; `taxes` are the codes there are in the country.

    EN 16931 knows no price below zero (BR-27): a discount belongs to the line of a document.
    """
    return [*_check_texts(values), *_check_price(values["price"]), *_check_choices(values, taxes)]


def sorting(number: str, name: str) -> dict[str, str]:
    """What an article is sorted and found by: its words in all spellings, a blank before each."""
    return {
        "name_sort": sort_form(name),
        "number_sort": natural_key(number)[: LONGEST["name"]],
        "found_by": " " + spellings("\n".join((number, name))),
    }


def series(number: str) -> str:
    """What the numbers of a series have in common: everything before the last digits."""
    return re.sub(r"[0-9]+$", "", number)


def following(number: str) -> str:
    """The number after this one, as wide as it is: A-099 is followed by A-100."""
    before = series(number)
    digits = number[len(before) :]
    return f"{before}{int(digits) + 1:0{len(digits)}}" if digits else ""


def _check_texts(values: Mapping[str, Any]) -> Iterator[Problem]:
    if not values["name"]:
        yield Problem("name", "required", _l("Please give a name."))
    for field, longest in LONGEST.items():
        if len(values[field]) > longest:
            message = _l("Please take at most %(n)d characters.", n=longest)
            yield Problem(field, "too_long", message)


def _check_price(price: Decimal | None) -> Iterator[Problem]:
    if price is None:
        yield Problem("price", "required", _l("Please give a price; 0 if it costs nothing."))
    elif price < 0:
        message = _l("A price cannot be below zero. Give a discount in the document instead.")
        yield Problem("price", "negative", message)
    elif price >= LARGEST:
        yield Problem("price", "too_large", _l("This price is too large."))
    elif price != round(price, DIGITS):
        message = _l("A price may have at most %(n)d digits behind the point.", n=DIGITS)
        yield Problem("price", "too_fine", message)


def _check_choices(values: Mapping[str, Any], taxes: Mapping[str, Any]) -> Iterator[Problem]:
    if values["currency"] not in currencies():
        yield Problem("currency", "unknown", _l("Please give a currency like EUR or CHF."))
    if not taxes:
        message = _l("No tax rates are known for the team's country (but for DE, AT, CH, LI).")
        yield Problem("tax", "no_rates", message)
    elif values["tax"] not in taxes:
        yield Problem("tax", "unknown", _l("Please choose one of the list."))
