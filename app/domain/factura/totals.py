"""What the lines of a document come to: decimal numbers in, whole minor units out.

The amount of a line is rounded once, half up (away from nought, so that a line and its credit
agree). Tax is taken of the sum of the lines of a rate and rounded once, as EN 16931 counts
(BR-CO-17, BR-S-08); with gross prices it is the part of that sum. docs/adr/0013 tells why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Protocol

from app.core.i18n import MINOR_DIGITS
from app.domain.articles.tax import Code, Treatment, rate

PRICE_DIGITS = 4
_EXACT = Context(prec=80, rounding=ROUND_HALF_UP)
"""Enough digits that nothing is rounded on the way."""


class Line(Protocol):
    """What is counted of a line: without a quantity nothing, `tax_rate` is in per cent."""

    @property
    def quantity(self) -> Decimal | None: ...
    @property
    def price(self) -> Decimal | None: ...
    @property
    def discount(self) -> Decimal: ...
    @property
    def tax(self) -> str: ...
    @property
    def tax_rate(self) -> Decimal: ...


@dataclass(frozen=True, slots=True)
class Rated:
    """A line with the rate it is charged by."""

    quantity: Decimal | None
    price: Decimal | None
    discount: Decimal
    tax: str
    tax_rate: Decimal


@dataclass(frozen=True, slots=True)
class Group:
    """The lines of a code and rate (per cent) together, in minor units."""

    code: str
    rate: Decimal
    net: int
    tax: int
    gross: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What a document comes to, in minor units; the highest rate is the first group."""

    net: int
    tax: int
    total: int
    groups: tuple[Group, ...]


def line_amount(
    quantity: Decimal | None, price: Decimal | None, discount: Decimal, currency: str
) -> int:
    """Quantity times price less the discount (per cent), in minor units of the currency."""
    if quantity is None or price is None:
        return 0
    full = _EXACT.multiply(quantity, price)
    less = _EXACT.multiply(full, _EXACT.subtract(Decimal(100), discount)).scaleb(-2, _EXACT)
    return _whole(less.scaleb(MINOR_DIGITS.get(currency, 2), _EXACT))


def totals(lines: Iterable[Line], *, is_gross: bool, treatment: str, currency: str) -> Totals:
    """What lines come to, whose prices have the tax in them if `is_gross`.

    Where no tax is charged prices are what they are, and all lines are one group that is exempt.
    """
    sums: dict[tuple[str, Decimal], int] = defaultdict(int)
    for line in lines:
        if line.quantity is not None:
            amount = line_amount(line.quantity, line.price, line.discount, currency)
            sums[_charged(line, treatment)] += amount
    groups = tuple(_group(*which, sums[which], is_gross) for which in sorted(sums, key=_place))
    return Totals(
        net=sum(group.net for group in groups),
        tax=sum(group.tax for group in groups),
        total=sum(group.gross for group in groups),
        groups=groups,
    )


def charged_rate(country: str, code: str, treatment: str, on: date) -> Decimal:
    """The rate (per cent) that a line is charged on a day of service; 0 where none is or known."""
    if treatment != Treatment.TAXED:
        return Decimal(0)
    try:
        return rate(country, code, on)
    except ValueError:
        return Decimal(0)


def rate_between(
    net: int, total: int, rates: Iterable[tuple[Code, Decimal]], *, is_gross: bool
) -> tuple[Code, Decimal] | None:
    """The first of these codes and rates that makes `total` of `net`, if there is one."""
    for code, per_cent in rates:
        group = _group(code, per_cent, total if is_gross else net, is_gross)
        if (group.net, group.gross) == (net, total):
            return code, per_cent
    return None


def other_price(price: Decimal, per_cent: Decimal, *, to_gross: bool) -> Decimal:
    """A net price with the tax in it, or the other way round, with four decimals."""
    factor = _EXACT.add(Decimal(1), per_cent.scaleb(-2))
    other = _EXACT.multiply(price, factor) if to_gross else _EXACT.divide(price, factor)
    return other.quantize(Decimal(1).scaleb(-PRICE_DIGITS), context=_EXACT)


def _charged(line: Line, treatment: str) -> tuple[str, Decimal]:
    """Which code and rate a line is taxed by."""
    if treatment == Treatment.TAXED:
        return line.tax, line.tax_rate
    return Code.EXEMPT, Decimal(0)


def _place(which: tuple[str, Decimal]) -> tuple[Decimal, str]:
    code, rate = which
    return -rate, code


def _group(code: str, per_cent: Decimal, amount: int, is_gross: bool) -> Group:
    if is_gross:
        tax = _whole(_EXACT.divide(amount * per_cent, 100 + per_cent))
        return Group(code, per_cent, amount - tax, tax, amount)
    tax = _whole(_EXACT.multiply(Decimal(amount), per_cent).scaleb(-2, _EXACT))
    return Group(code, per_cent, amount, tax, amount + tax)


def _whole(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), context=_EXACT))
