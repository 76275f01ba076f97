"""Amounts as people type them: understood, refused as ambiguous, and shown again."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from flask import Flask
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from app.core import money
from app.core.forms import AmountField, Form
from app.core.money import is_ambiguous, parse_amount


class Sale(Form):
    price = AmountField(digits=2)
    quantity = AmountField()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", "12"),
        ("12,5", "12.5"),
        ("12.50", "12.50"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1234,56", "1234.56"),
        ("1234.56", "1234.56"),
        ("1.234.567", "1234567"),
        ("1,234,567.8", "1234567.8"),
        ("1'234.50", "1234.50"),
        ("1’234", "1234"),
        ("1 234,5", "1234.5"),
        ("1\u202f234\u202f567", "1234567"),
        ("1234", "1234"),
        ("1234,567", "1234.567"),
        ("0,125", "0.125"),
        ("1,2340", "1.234"),
        ("12,3456", "12.3456"),
        (",5", "0.5"),
        ("5,", "5"),
        ("0", "0"),
        ("-0", "0"),
        ("-5,00", "-5"),
        ("− 5", "-5"),
        (" 12,50 € ", "12.5"),
        ("EUR 12", "12"),
        ("CHF 1'000.00", "1000"),
        ("19 %", "19"),
    ],
)
def test_what_is_understood(text: str, value: str):
    assert parse_amount(text) == Decimal(value)


@pytest.mark.parametrize("text", ["1.234", "1,234", "12.345", "999,999", "-1.234", "1.234 €"])
def test_what_can_be_read_in_two_ways_is_refused(text: str):
    assert is_ambiguous(text)
    with pytest.raises(ValueError, match="thousands or decimals"):
        parse_amount(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "-", ".", ",", "x", "1x", "1e5", "--5", "+5", "1..2", "1,2,3", "1.23.456"),
        *("1.234'567", "0.123.456", "NaN", "Infinity", "٣", "½", "1\n2", "9" * 41, "\0", "\ud800"),
    ],
)
def test_what_is_no_number(text: str):
    assert not is_ambiguous(text)
    with pytest.raises(ValueError, match="no number"):
        parse_amount(text)


@given(
    value=st.decimals(-(10**9), 10**9, places=4),
    locale=st.sampled_from(["de_DE", "de_AT", "de_CH", "en_GB"]),
    digits=st.integers(0, 4),
)
def test_what_is_shown_is_understood(value: Decimal, locale: str, digits: int):
    assert parse_amount(money.typed(value, locale, digits)) == value


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        ("12.5000", 2, "12,50"),
        ("12", 0, "12"),
        ("1200", 0, "1200"),
        ("0.125", 0, "0,125"),
        ("1.125", 0, "1,1250"),
        ("-1234.5", 2, "-1234,50"),
    ],
)
def test_how_a_form_shows_it(value: str, digits: int, shown: str):
    assert money.typed(Decimal(value), "de_DE", digits) == shown


class TestField:
    def sent(self, app: Flask, **typed: str) -> Sale:
        with app.test_request_context():
            form = Sale(MultiDict(typed))
            form.validate()
            self.shown = {name: form[name]._value() for name in ("price", "quantity")}
            return form

    def test_it_is_a_number(self, app: Flask):
        form = self.sent(app, price="1.234,5", quantity="")
        assert (form.price.data, form.quantity.data) == (Decimal("1234.5"), None)
        assert form.errors == {}

    @pytest.mark.parametrize("typed", ["1.234", "zwölf", "1e9"])
    def test_what_is_wrong_stays_as_it_was_typed(self, app: Flask, typed: str):
        form = self.sent(app, price=typed)
        assert form.price.data is None
        assert len(form.errors["price"]) == 1
        assert self.shown["price"] == typed

    def test_the_ambiguous_is_told_otherwise(self, app: Flask):
        ambiguous = self.sent(app, price="1.234").errors["price"]
        assert ambiguous != self.sent(app, price="x").errors["price"]

    @pytest.mark.parametrize("language", ["de", "en"])
    def test_what_is_offered_instead_is_understood(self, app: Flask, language: str):
        with app.test_request_context(), force_locale(language):
            form = Sale(MultiDict({"price": "1.234"}))
            form.validate()
        [message] = form["price"].errors
        offered = re.findall(r"\d[\d.,]*\d", str(message))
        assert [parse_amount(some) for some in offered] == [1234, Decimal("1.23"), Decimal("1.234")]

    def test_what_no_page_can_show_is_left_out(self, app: Flask):
        assert self.sent(app, price="1\0\ud800x").errors["price"]
        assert self.shown["price"] == "1x"

    def test_it_is_shown_in_the_user_s_way(self, app: Flask):
        with app.test_request_context():
            form = Sale.of({"price": Decimal("1234.5"), "quantity": Decimal("2.0000")})
            assert form.price._value() == "1234,50"
            assert form.quantity._value() == "2"
