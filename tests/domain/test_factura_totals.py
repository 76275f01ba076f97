"""What lines come to: rounding per line and per total, tax per rate, net and gross prices."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.articles.tax import Code
from app.domain.factura.totals import (
    Group,
    Rated,
    line_amount,
    other_price,
    rate_between,
    totals,
)


def line(
    quantity: str, price: str, rate: str = "19", *, discount: str = "0", code: str = ""
) -> Rated:
    exact = (Decimal(quantity), Decimal(price), Decimal(discount))
    return Rated(
        *exact, code or {"19": "standard", "7": "reduced"}.get(rate, "zero"), Decimal(rate)
    )


def count(*lines: Rated, is_gross: bool = False, treatment: str = "taxed", currency: str = "EUR"):
    return totals(lines, is_gross=is_gross, treatment=treatment, currency=currency)


@pytest.mark.parametrize(
    ("quantity", "price", "discount", "currency", "amount"),
    [
        ("1", "100", "0", "EUR", 10_000),
        ("2", "49.90", "0", "EUR", 9_980),
        ("3", "0.005", "0", "EUR", 2),  # 1.5 cents
        ("1", "0.005", "0", "EUR", 1),
        ("1", "0.0049", "0", "EUR", 0),
        ("-1", "0.005", "0", "EUR", -1),  # away from nought, so both sides agree
        ("1", "-12.50", "0", "EUR", -1_250),
        ("0.3333", "3", "0", "EUR", 100),
        ("7.5", "19.99", "10", "EUR", 13_493),  # 134.9325
        ("1", "100", "100", "EUR", 0),
        ("1", "9.99", "33.33", "EUR", 666),
        ("3", "0.3333", "0", "EUR", 100),
        ("2.5", "199", "0", "JPY", 498),
        ("1", "1.2345", "0", "KWD", 1_235),
        ("1", "1.0005", "0", "KWD", 1_001),
        ("1", "0.05", "0", "CHF", 5),
        ("1000000000", "1000000000000", "0", "EUR", 10**23),
    ],
)
def test_a_line_is_rounded_once_half_up(
    quantity: str, price: str, discount: str, currency: str, amount: int
):
    assert line_amount(Decimal(quantity), Decimal(price), Decimal(discount), currency) == amount


def test_a_text_comes_to_nothing():
    assert line_amount(None, None, Decimal(0), "EUR") == 0
    assert line_amount(Decimal(2), None, Decimal(0), "EUR") == 0
    assert count(Rated(None, None, Decimal(0), "standard", Decimal(19))).groups == ()


@pytest.mark.parametrize(
    ("lines", "options", "net", "tax", "total"),
    [
        ([line("1", "100")], {}, 10_000, 1_900, 11_900),
        ([line("1", "119")], {"is_gross": True}, 10_000, 1_900, 11_900),
        # Three times 0.19 cents are one cent; each alone would be none (and 0.57 in all).
        ([line("1", "0.01")] * 3, {}, 3, 1, 4),
        # 3 × 33.33 = 99.99, of which 19 % are 18.9981
        ([line("1", "33.33")] * 3, {}, 9_999, 1_900, 11_899),
        # per line the tax would be 3 × 6.33 = 18.99
        ([line("1", "1.05", "7"), line("1", "1.05", "7")], {}, 210, 15, 225),
        ([line("1", "100"), line("1", "100", "7")], {}, 20_000, 2_600, 22_600),
        ([line("1", "119"), line("1", "107", "7")], {"is_gross": True}, 20_000, 2_600, 22_600),
        ([line("1", "9.99")], {"is_gross": True}, 839, 160, 999),
        ([line("1", "0.01")], {"is_gross": True}, 1, 0, 1),
        # half a cent of tax goes up
        ([line("1", "0.50", "7")], {}, 50, 4, 54),
        ([line("1", "100"), line("1", "-10")], {}, 9_000, 1_710, 10_710),
        ([line("1", "-100")], {}, -10_000, -1_900, -11_900),
        ([line("1", "100"), line("1", "50", "0")], {}, 15_000, 1_900, 16_900),
        ([line("1", "100.50", "8.1")], {"currency": "CHF"}, 10_050, 814, 10_864),
        ([line("1", "1234")], {"currency": "JPY"}, 1_234, 234, 1_468),
        ([line("1", "1.234")], {"currency": "KWD"}, 1_234, 234, 1_468),
        (
            [line("1", "100"), line("1", "7", "7")],
            {"treatment": "reverse_charge"},
            10_700,
            0,
            10_700,
        ),
        ([line("1", "119")], {"treatment": "export", "is_gross": True}, 11_900, 0, 11_900),
        ([], {}, 0, 0, 0),
    ],
)
def test_what_lines_come_to(lines: list[Rated], options: dict, net: int, tax: int, total: int):
    found = count(*lines, **options)
    assert (found.net, found.tax, found.total) == (net, tax, total)


def test_rates_are_groups_the_highest_first():
    found = count(line("1", "1", "0"), line("1", "10", "7"), line("2", "5"), line("1", "1", "7"))
    assert found.groups == (
        Group("standard", Decimal(19), 1_000, 190, 1_190),
        Group("reduced", Decimal(7), 1_100, 77, 1_177),
        Group("zero", Decimal(0), 100, 0, 100),
    )


def test_a_rate_of_two_codes_stays_apart():
    found = count(line("1", "1", "0", code="zero"), line("1", "2", "0", code="exempt"))
    assert [(group.code, group.net) for group in found.groups] == [("exempt", 200), ("zero", 100)]


def test_what_charges_no_tax_is_one_group():
    found = count(line("1", "1"), line("1", "2", "7"), treatment="small_business")
    assert found.groups == (Group("exempt", Decimal(0), 300, 0, 300),)


@pytest.mark.parametrize(
    ("price", "rate", "to_gross", "other"),
    [
        ("100", "19", True, "119.0000"),
        ("119", "19", False, "100.0000"),
        ("49.90", "19", False, "41.9328"),
        ("41.9328", "19", True, "49.9000"),
        ("10", "8.1", False, "9.2507"),
        ("5", "0", True, "5.0000"),
        ("-119", "19", False, "-100.0000"),
    ],
)
def test_a_price_the_other_way(price: str, rate: str, to_gross: bool, other: str):
    found = other_price(Decimal(price), Decimal(rate), to_gross=to_gross)
    assert str(found) == other


RATES = st.sampled_from(["19", "16", "7", "5", "20", "13", "10", "8.1", "7.7", "3.8", "2.6", "0"])
CURRENCIES = st.sampled_from(["EUR", "CHF", "JPY", "KWD"])
LINES = st.lists(
    st.builds(
        line,
        st.decimals(-10_000, 10_000, places=4).map(str),
        st.decimals(-10_000, 10_000, places=4).map(str),
        RATES,
        discount=st.decimals(0, 100, places=2).map(str),
    ),
    max_size=12,
)
TREATMENTS = st.sampled_from(["taxed", "taxed", "reverse_charge", "small_business"])


@given(lines=LINES, is_gross=st.booleans(), treatment=TREATMENTS, currency=CURRENCIES)
def test_everything_adds_up(lines: list[Rated], is_gross: bool, treatment: str, currency: str):
    found = count(*lines, is_gross=is_gross, treatment=treatment, currency=currency)
    amounts = sum(line_amount(one.quantity, one.price, one.discount, currency) for one in lines)
    assert found.net + found.tax == found.total
    assert found.net == sum(group.net for group in found.groups)
    assert found.tax == sum(group.tax for group in found.groups)
    assert all(group.net + group.tax == group.gross for group in found.groups)
    assert (found.total if is_gross else found.net) == amounts
    if treatment != "taxed":
        assert found.tax == 0


@given(lines=LINES, is_gross=st.booleans(), currency=CURRENCIES, data=st.data())
def test_the_order_of_lines_does_not_matter(
    lines: list[Rated], is_gross: bool, currency: str, data: st.DataObject
):
    shuffled = data.draw(st.permutations(lines))
    options = {"is_gross": is_gross, "currency": currency}
    assert count(*lines, **options) == count(*shuffled, **options)


@given(lines=LINES, is_gross=st.booleans())
def test_tax_is_at_most_half_a_unit_off_per_rate(lines: list[Rated], is_gross: bool):
    for group in count(*lines, is_gross=is_gross).groups:
        rate = Fraction(group.rate) / 100
        exact = group.gross * rate / (1 + rate) if is_gross else group.net * rate
        assert abs(group.tax - exact) <= Fraction(1, 2)


@given(lines=LINES, is_gross=st.booleans())
def test_a_credit_note_takes_back_exactly_what_was_charged(lines: list[Rated], is_gross: bool):
    back = [
        Rated(-one.quantity, one.price, one.discount, one.tax, one.tax_rate)
        for one in lines
        if one.quantity is not None
    ]
    charged, taken = count(*lines, is_gross=is_gross), count(*back, is_gross=is_gross)
    assert (charged.net, charged.tax, charged.total) == (-taken.net, -taken.tax, -taken.total)


@given(price=st.decimals(0, 10_000, places=2), rate=RATES)
def test_a_net_price_comes_back_from_its_gross_price(price: Decimal, rate: str):
    gross = other_price(price, Decimal(rate), to_gross=True)
    assert abs(other_price(gross, Decimal(rate), to_gross=False) - price) <= Decimal("0.0001")


@given(price=st.decimals(0, 10_000, places=2), rate=RATES)
def test_one_piece_costs_the_same_net_or_gross(price: Decimal, rate: str):
    net = count(line("1", str(price), rate))
    gross_price = other_price(price, Decimal(rate), to_gross=True)
    gross = count(line("1", str(gross_price), rate), is_gross=True)
    assert gross.total == net.total
    assert abs(gross.net - net.net) <= 1


@pytest.mark.parametrize(
    ("net", "total", "is_gross", "found"),
    [
        (10_000, 11_900, False, Code.STANDARD),
        (10_000, 10_700, False, Code.REDUCED),
        (8_403, 10_000, True, Code.STANDARD),
        (20_000, 22_600, False, None),
        (10_000, 9_000, False, None),
    ],
)
def test_the_rate_that_leads_from_net_to_total(
    net: int, total: int, is_gross: bool, found: Code | None
):
    rates = [(Code.STANDARD, Decimal(19)), (Code.REDUCED, Decimal(7))]
    fits = rate_between(net, total, rates, is_gross=is_gross)
    assert (fits and fits[0]) == found
