"""What must hold for letters, for how they look, and for what is to be paid by them.

Problems have the codes required, too_long, incomplete, malformed, out_of_range and unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from app.core.i18n import _l
from app.core.money import parse_amount
from app.core.problems import Problem
from app.domain.customers.rules import POSTCODE_DIGITS
from app.domain.letters.layout import Window

LONGEST_SUBJECT = 300
LONGEST_TEXT = 20_000
LONGEST_REFERENCE = 140
"""Characters of the unstructured remittance information (EPC069-12)."""
MOST_TO_PAY = Decimal("999999999.99")
LONGEST = {"return_line": 200, "contact_lines": 2000, "footer": 2000}
MOST_CONTACT_LINES = 9
MOST_FOOT_LINES = 5
MOST_FOOT_COLUMNS = 4

FORBIDDEN_IN_NAMES = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|]+")


def check_letter(values: Mapping[str, Any]) -> list[Problem]:
    """A letter has a date and a text; `amount` asks for a code to pay by."""
    problems = []
    if values["date"] is None:
        problems.append(Problem("date", "required", _l("Please give a date.")))
    if not values["text"].strip():
        problems.append(Problem("text", "required", _l("Please write something.")))
    return [
        *problems,
        *_check_length("text", values["text"], LONGEST_TEXT),
        *_check_length("subject", values["subject"], LONGEST_SUBJECT),
        *check_payment(values),
    ]


def check_payment(values: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with what is to be paid: `amount` as typed, `reference`."""
    return list(_check_payment(values))


def lacking(address: Any) -> list[str]:
    """The parts without which the post brings nothing there: fields of the address.

    A post-office box or a house without a street has its line above the town.
    """
    lacks = []
    if not address.street and not address.address_extra:
        lacks.append("street")
    if not address.postcode and (not address.country or address.country in POSTCODE_DIGITS):
        lacks.append("postcode")
    if not address.town:
        lacks.append("town")
    return lacks


def amount(typed: str) -> Decimal | None:
    """An amount to pay as `money.parse_amount` reads it; None for what no bank can transfer."""
    try:
        value = parse_amount(typed)
    except ValueError:
        return None
    return value if value >= 0 and value == round(value, 2) else None


def check_settings(values: Mapping[str, Any]) -> list[Problem]:
    """How letters look: a window, and lines that fit."""
    problems = [
        problem
        for field, longest in LONGEST.items()
        for problem in _check_length(field, values[field], longest)
    ]
    if values["window"] not in tuple(Window):
        problems.append(Problem("window", "unknown", _l("Please choose one of the list.")))
    if len(values["contact_lines"].strip().splitlines()) > MOST_CONTACT_LINES:
        message = _l("At most %(n)d lines fit here.", n=MOST_CONTACT_LINES)
        problems.append(Problem("contact_lines", "too_long", message))
    return [*problems, *_check_foot(values["footer"])]


def columns(footer: str) -> tuple[tuple[str, ...], ...]:
    """The columns of a footer: what an empty line parts stands side by side."""
    blocks = re.split(r"\n\s*\n", footer.strip())
    return tuple(tuple(block.splitlines()) for block in blocks if block.strip())


def file_name(word: str, day: date, name: str) -> str:
    """What a letter's file is called: "Brief 2026-11-25 Müller.pdf"."""
    named = f"{word} {day.isoformat()} {FORBIDDEN_IN_NAMES.sub(' ', name)[:80].strip()}"
    return f"{named.strip()}.pdf"


def _check_length(field: str, text: str, longest: int) -> Iterator[Problem]:
    if len(text) > longest:
        message = _l("Please take at most %(n)d characters.", n=longest)
        yield Problem(field, "too_long", message)


def _check_payment(values: Mapping[str, Any]) -> Iterator[Problem]:
    typed, reference = values["amount"], values["reference"]
    if reference and not typed:
        yield Problem("amount", "required", _l("Please give the amount."))
    if typed and (to_pay := amount(typed)) is None:
        message = _l("Please write the amount like 1.234,56 or 1234.56.")
        yield Problem("amount", "malformed", message)
    elif typed and not Decimal("0.01") <= to_pay <= MOST_TO_PAY:
        yield Problem("amount", "out_of_range", _l("This amount cannot be transferred."))
    yield from _check_length("reference", reference, LONGEST_REFERENCE)


def _check_foot(footer: str) -> Iterator[Problem]:
    found = columns(footer)
    if len(found) > MOST_FOOT_COLUMNS or any(len(column) > MOST_FOOT_LINES for column in found):
        message = _l(
            "At most %(columns)d columns of %(lines)d lines fit here.",
            columns=MOST_FOOT_COLUMNS,
            lines=MOST_FOOT_LINES,
        )
        yield Problem("footer", "too_long", message)
