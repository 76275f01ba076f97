"""What must hold for the settings of Factura: defaults, number ranges, text blocks.

Problems have the codes required, too_long, unknown, out_of_range, malformed, checksum, taken and
given.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from app.core.i18n import LANGUAGES, _l, currencies
from app.core.problems import Problem
from app.domain.articles import tax
from app.domain.articles.tax import NEEDS_VAT_NUMBER, Treatment
from app.domain.customers.rules import check_vat
from app.domain.factura.rules import Kind

SETTINGS = (
    *("currency", "is_gross", "treatment", "payment_days", "quote_days"),
    *("tax_number", "vat_number", "exempt_reason"),
)
RANGE = ("prefix", "with_year", "digits", "start")
TEXT = ("kind", "place", "language", "name", "text", "is_default")
PLACES = ("intro", "closing")
WRITTEN = tuple(kind for kind in Kind if kind != Kind.REMINDER)
"""The kinds that text blocks are for; what a reminder says is a matter of its level."""

LONGEST = {"prefix": 20, "name": 100, "text": 5_000, "tax_number": 40, "exempt_reason": 300}
MOST_DAYS = 365
MOST_DIGITS = 9
PREFIX = re.compile(r"(?![./])[A-Za-z0-9./_-]*")
"""What stands in file names and in the reference of a payment without harm."""
YEAR, ANY_YEAR = re.compile(r"[0-9]{4}-\Z"), "0000-"


def check_settings(values: Mapping[str, Any], country: str) -> list[Problem]:
    """What keeps the defaults of new documents from being kept."""
    problems = [*_check_lengths(values), *_check_days(values)]
    if values["currency"] not in currencies():
        problems.append(Problem("currency", "unknown", _l("Please choose one of the list.")))
    if values["treatment"] not in tax.treatments(country):
        problems.append(Problem("treatment", "unknown", _l("Please choose one of the list.")))
    return [*problems, *filter(None, [check_vat(values["vat_number"], country)])]


def check_range(
    values: Mapping[str, Any], others: Collection[str], given: int | None
) -> list[Problem]:
    """What keeps a number range from being kept.

    `others` are the beginnings of the other kinds, `given` is the last number if the start is
    another than before.
    """
    problems = [*_check_lengths(values), *_check_counts(values, given)]
    if not PREFIX.fullmatch(values["prefix"]):
        message = _l("Please use letters from A to Z, digits and . / - _ only, no . or / first.")
        problems.append(Problem("prefix", "malformed", message))
    if beginning(values["prefix"], values["with_year"]) in others:
        message = _l("Another kind of document begins like this; their numbers would be the same.")
        problems.append(Problem("prefix", "taken", message))
    return problems


def beginning(prefix: str, with_year: bool) -> str:
    """How the numbers of a range begin on paper; one year stands for all, also a typed one."""
    return f"{prefix}{ANY_YEAR}" if with_year else YEAR.sub(ANY_YEAR, prefix)


def check_text(values: Mapping[str, Any]) -> list[Problem]:
    """What keeps a text block from being kept."""
    problems = [
        Problem(field, "unknown", _l("Please choose one of the list."))
        for field, known in (
            ("kind", ("", *WRITTEN)),
            ("place", PLACES),
            ("language", dict(LANGUAGES)),
        )
        if values[field] not in known
    ]
    for field, message in (
        ("name", _l("Please give a name.")),
        ("text", _l("Please write something.")),
    ):
        if not values[field]:
            problems.append(Problem(field, "required", message))
    return [*problems, *_check_lengths(values)]


def spoken(rows: Iterable[Any], kind: str, place: str, language: str) -> str | None:
    """What the team's own blocks put there by themselves; None leaves it to the archive.

    A block of the kind goes before one for all. Who has blocks of the kind and made none of them
    the default wants nothing there.
    """
    asked = (place, language)
    own = [row for row in rows if (row.place, row.language) == asked and row.kind in (kind, "")]
    for wanted in (kind, ""):
        for row in own:
            if row.is_default and row.kind == wanted:
                return row.text
    return "" if any(row.kind == kind for row in own) else None


def needed_number(country: str, treatment: str) -> str:
    """Which number of the team an invoice must show: "vat", "either", or none.

    DE: tax number or VAT number (§ 14 (4) no. 2 UStG), small businesses too; the VAT number where
    the customer's is shown as well (§ 14a (1), (3) UStG). AT: the VAT number, unless the recipient
    may deduct nothing (§ 11 (1) no. 3 lit. i UStG 1994). CH, LI: the VAT number of whoever is
    registered (art. 26 (2) a MWSTG).
    """
    if treatment in NEEDS_VAT_NUMBER:
        return "vat"
    if country not in ("AT", "CH", "LI"):
        return "either"
    return "" if treatment == Treatment.SMALL_BUSINESS else "vat"


def _check_lengths(values: Mapping[str, Any]) -> Iterator[Problem]:
    for field, longest in LONGEST.items():
        if len(values.get(field, "")) > longest:
            message = _l("Please take at most %(n)d characters.", n=longest)
            yield Problem(field, "too_long", message)


def _check_days(values: Mapping[str, Any]) -> Iterator[Problem]:
    for field, least in (("payment_days", 0), ("quote_days", 1)):
        if not least <= _whole(values[field]) <= MOST_DAYS:
            message = _l(
                "Please give days from %(least)d to %(most)d.", least=least, most=MOST_DAYS
            )
            yield Problem(field, "out_of_range", message)


def _check_counts(values: Mapping[str, Any], given: int | None) -> Iterator[Problem]:
    if not 1 <= _whole(values["digits"]) <= MOST_DIGITS:
        message = _l("Please give a number from 1 to %(most)d.", most=MOST_DIGITS)
        yield Problem("digits", "out_of_range", message)
    start = _whole(values["start"])
    if not 0 < start < 10**MOST_DIGITS:
        message = _l("Please give a whole number of at most %(n)d digits.", n=MOST_DIGITS)
        yield Problem("start", "out_of_range", message)
    elif given is not None and start <= given:
        message = _l(
            "Number %(given)d is given already, so counting goes on with %(next)d. The start can "
            "only be a larger number.",
            given=given,
            next=given + 1,
        )
        yield Problem("start", "given", message)


def _whole(value: Any) -> int:
    return value if isinstance(value, int) else -1
