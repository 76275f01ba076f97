"""Amounts as people here write them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask import Flask, g

from app.core.i18n import amount, currencies, money


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "written"),
    [
        (123_450, "EUR", "de_DE", "1.234,50 €"),
        (123_450, "EUR", "de_AT", "€ 1.234,50"),
        (123_450, "CHF", "de_CH", "CHF 1’234.50"),
        (123_450, "EUR", "en_GB", "€1,234.50"),
        (123_450, "USD", "en_GB", "US$1,234.50"),
        (123_450, "CHF", "en_GB", "CHF 1,234.50"),
        (-1_470, "KWD", "en_GB", "-KWD 1.470"),
        (123_450, "CHF", "de_DE", "1.234,50 CHF"),
        (0, "EUR", "de_DE", "0,00 €"),
        (1, "EUR", "de_DE", "0,01 €"),
        (-5, "EUR", "de_DE", "-0,05 €"),
        (1_234, "JPY", "de_DE", "1.234 ¥"),
        (1_234, "KWD", "de_DE", "1,234 KWD"),
        (1_234, "RSD", "de_DE", "12,34 RSD"),
        (10**15 + 1, "EUR", "de_DE", "10.000.000.000.000,01 €"),
    ],
)
def test_money(app: Flask, minor: int, currency: str, locale: str, written: str):
    with app.app_context():
        g.names = locale, "Europe/Berlin"
        assert money(minor, currency).replace("\xa0", " ") == written


def test_amounts_are_exact():
    assert amount(10**15 + 1, "EUR") == Decimal("10000000000000.01")
    assert str(amount(100, "EUR")) == "1.00"


def test_only_money_of_today():
    assert {"EUR", "CHF", "USD", "JPY"} <= currencies()
    assert not {"DEM", "ATS", "XXX", ""} & currencies()
