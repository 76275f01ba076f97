"""Languages and formats: German and English, with the habits of DE, AT and CH.

Flask-Babel finds the catalogues and knows the formats; translations and formatted values are kept
here for the length of a request or in small caches, because a page asks for hundreds of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import (
    format_currency,
    format_decimal,
    get_currency_symbol,
    get_territory_currencies,
)
from babel.support import NullTranslations
from flask import Flask, g
from flask_babel import Babel, get_domain, get_locale, get_timezone
from flask_babel.speaklater import LazyString
from markupsafe import Markup

from app.core.database import now

COUNTED = 1000
LANGUAGES = (("de", "Deutsch"), ("en", "English"))
REGIONS = {"DE": "de_DE", "AT": "de_AT", "CH": "de_CH", "LI": "de_LI"}

# Babel knows more two-letter codes than ISO 3166; XK (Kosovo) is not in it but in use.
COUNTRIES = frozenset(
    code for code in map(str, Locale.parse("en").territories) if len(code) == 2 and code.isalpha()
) - {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}

# ISO 4217 gives most currencies two digits behind the point; CLDR rounds some of those to none.
MINOR_DIGITS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF"), 0),
    **dict.fromkeys(("UGX", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}

babel = Babel()


def init_app(
    app: Flask, locale: Callable[[], str | None], timezone: Callable[[], str | None]
) -> None:
    """`locale` and `timezone` answer for the current request (user, team, browser)."""
    babel.init_app(
        app,
        default_translation_directories=app.config["TRANSLATIONS"],
        locale_selector=locale,
        timezone_selector=timezone,
    )
    said = app.jinja_env.globals
    said["_"] = said["gettext"] = _said
    said["ngettext"] = _said_many


def _(text: str, **values: Any) -> str:
    """The sentence in the language of the current request."""
    translated = _catalogue().ugettext(text)
    return translated % values if values else translated


def _l(text: str, **values: Any) -> Any:
    """The sentence in the language of the request that will show it."""
    return LazyString(_, text, **values)


def untold(sentence: Any) -> list[Any]:
    """A sentence of `_l` as it can be kept, for `retold` to say it in the language of a reader."""
    if not isinstance(sentence, LazyString) or not sentence._args:
        return [str(sentence), {}]
    return [*sentence._args, {name: str(value) for name, value in sentence._kwargs.items()}]


def retold(kept: Sequence[Any]) -> str:
    """The sentence that `untold` made ready to be kept."""
    text, values = kept
    return _(text, **values)


def _n(one: str, many: str, n: int, **values: Any) -> str:
    """The sentence in singular or plural."""
    return _catalogue().ungettext(one, many, n) % {"num": n, **values}


class Words(dict[str, Markup]):
    """What a catalogue says, ready for templates: our own text, free of HTML."""

    def __init__(self, catalogue: Any):
        super().__init__()
        self.find = catalogue.ugettext

    def __missing__(self, text: str) -> Markup:
        word = self[text] = Markup(self.find(text))
        return word

    def say(self, text: str, **values: Any) -> Markup:
        """The sentence with these values, which are escaped."""
        return self[text] % values if values else self[text]


_words: dict[int, Words] = {}


def words() -> Words:
    """The words of the current request's language, kept for all requests in it."""
    try:
        return g.words
    except AttributeError:
        catalogue = _catalogue()
        g.words = _words.setdefault(id(catalogue), Words(catalogue))
        return g.words


def _said(text: str, **values: Any) -> Markup:
    return words().say(text, **values)


def _said_many(one: str, many: str, n: int, **values: Any) -> Markup:
    return Markup(_catalogue().ungettext(one, many, n)) % {"num": n, **values}


def locale_for(language: str, country: str) -> str:
    """The locale of a language as the team's country writes it: de + AT → de_AT."""
    return REGIONS.get(country, "de_DE") if language == "de" else "en_GB"


def language() -> str:
    """The language of the current request: 'de' or 'en'."""
    return _locale().language


def locale() -> str:
    """The locale of the current request: language and the habits of the team's country."""
    return _names()[0]


def day(value: date | None) -> str:
    """A date as people here write it: 24.11.2026."""
    return "" if value is None else _day(value, _names()[0])


def long_day(value: date, language: str, country: str) -> str:
    """A date as a letter in this language has it, whoever writes: 24. November 2026."""
    return format_date(value, "long", locale=locale_for(language, country))


def day_in(value: date, language: str, country: str) -> str:
    """A date in few letters as a document in this language has it, whoever writes."""
    return _day(value, locale_for(language, country))


def moment(value: datetime | None) -> str:
    """An instant in the team's time zone: 24.11.2026, 14:05."""
    return "" if value is None else _moment(value, *_names())


def number(value: int | float | Decimal) -> str:
    """A number with the separators of the locale."""
    return _number(value, _names()[0])


def size(length: int) -> str:
    """A number of bytes as file managers tell it, in steps of 1024: 900 B, 1,4 MB, 23 MB."""
    value, units = float(length), ["B", "kB", "MB", "GB"]
    while value >= 1000 and len(units) > 1:
        value, units = value / 1024, units[1:]
    return f"{number(round(value, 1) if value < 10 else round(value))}\N{NO-BREAK SPACE}{units[0]}"


def money(minor: int, currency: str) -> str:
    """An amount in minor units of its ISO 4217 currency, as it is written here: 1.234,50 €."""
    return _money(minor, currency, _names()[0])


def money_in(minor: int, currency: str, language: str, country: str) -> str:
    """An amount as a letter in this language has it, whoever writes."""
    return _money(minor, currency, locale_for(language, country))


def price(value: Decimal, currency: str) -> str:
    """What one unit costs, which may be fractions of a cent: 12,50 € or 0,2875 €."""
    return _price(value, currency, _names()[0])


def decimal_in(value: Decimal, language: str, country: str, least: int = 0) -> str:
    """A number as a document in this language has it, with at least so many decimals: 1.234,5."""
    decimals = max(-int(value.normalize().as_tuple().exponent), least)
    pattern = f"#,##0.{'0' * decimals}" if decimals else "#,##0"
    return format_decimal(value, pattern, locale=locale_for(language, country))


def amount(minor: int, currency: str) -> Decimal:
    """An amount in minor units as a decimal number: 123450 EUR is 1234.50."""
    return Decimal(minor).scaleb(-MINOR_DIGITS.get(currency, 2))


def minor(value: Decimal, currency: str) -> int:
    """A decimal number in minor units; ValueError where the currency has nothing so small."""
    scaled = value.scaleb(MINOR_DIGITS.get(currency, 2))
    if scaled != int(scaled):
        raise ValueError("no such coin")
    return int(scaled)


def amount_in(minor: int, currency: str, language: str, country: str) -> str:
    """An amount without its currency, where that stands above a table: 1.234,50."""
    digits = "0" * MINOR_DIGITS.get(currency, 2)
    pattern = f"#,##0.{digits}" if digits else "#,##0"
    locale = locale_for(language, country)
    return format_decimal(amount(minor, currency), pattern, locale=locale)


@lru_cache(maxsize=1)
def currencies() -> frozenset[str]:
    """The ISO 4217 currencies in which somebody pays today."""
    return frozenset(code for land in COUNTRIES for code in get_territory_currencies(land))


@lru_cache(maxsize=1)
def currency_list() -> tuple[str, ...]:
    """The same to choose from, those of the neighbours first."""
    near = ("EUR", "CHF")
    return (*near, *sorted(currencies().difference(near)))


def count(n: int) -> str:
    """A count that is exact up to COUNTED and then says "1.000+"."""
    return number(n) if n <= COUNTED else f"{number(COUNTED)}+"


def country_name(code: str | None) -> str:
    """The name of an ISO 3166 country in the current language; unknown codes stay as they are."""
    return "" if not code else Locale.parse(str(_locale())).territories.get(code, code)


@lru_cache(maxsize=512)
def country_in(language: str, code: str) -> str:
    """The name of a country as a letter in this language has it."""
    return "" if not code else Locale.parse(language).territories.get(code, code)


@lru_cache(maxsize=8)
def _countries(locale: str) -> tuple[tuple[str, str], ...]:
    names = {str(code): str(name) for code, name in Locale.parse(locale).territories.items()}
    near = [(code, names[code]) for code in REGIONS]
    others = [(code, names[code]) for code in COUNTRIES if code not in REGIONS]
    return (*near, *sorted(others, key=lambda country: country[1].casefold()))


def countries() -> tuple[tuple[str, str], ...]:
    """All ISO countries as (code, name), the neighbours first."""
    return _countries(str(_locale()))


def today() -> date:
    """Today's date where the team works."""
    zone = get_timezone()
    return now().astimezone(zone or ZoneInfo("UTC")).date()


def here(instant: datetime) -> datetime:
    """An instant as the clocks show it where the team works, without its zone."""
    return instant.astimezone(zone()).replace(tzinfo=None)


def zone() -> ZoneInfo:
    """The time zone the team works in."""
    return ZoneInfo(_names()[1])


def _catalogue() -> Any:
    try:
        return g.catalogue
    except AttributeError:
        g.catalogue = get_domain().get_translations()
        return g.catalogue
    except RuntimeError:  # outside of every application the strings are as they were written
        return NullTranslations()


def _names() -> tuple[str, str]:
    """The names of locale and time zone, asked for by every date on a page."""
    try:
        return g.names
    except AttributeError:
        g.names = str(_locale()), str(get_timezone())
        return g.names


def _locale() -> Locale:
    try:
        return g.locale
    except AttributeError:
        g.locale = get_locale() or Locale.parse("de_DE")
        return g.locale


@lru_cache(maxsize=4096)
def _number(value: int | float | Decimal, locale: str) -> str:
    return format_decimal(value, locale=locale)


@lru_cache(maxsize=4096)
def _money(minor: int, currency: str, locale: str) -> str:
    return _price(amount(minor, currency), currency, locale, most=MINOR_DIGITS.get(currency, 2))


@lru_cache(maxsize=4096)
def _price(value: Decimal, currency: str, locale: str, most: int = 4) -> str:
    digits = ("0" * MINOR_DIGITS.get(currency, 2)).ljust(most, "#")
    usual = Locale.parse(locale).currency_formats["standard"].pattern
    pattern = usual.replace("0.00", f"0.{digits}" if digits else "0")
    if get_currency_symbol(currency, locale)[-1:].isalpha():  # €1, but CHF 1: CLDR, currencySpacing
        pattern = pattern.replace("¤#", "¤\N{NO-BREAK SPACE}#")
    return format_currency(value, currency, pattern, locale=locale, currency_digits=False)


@lru_cache(maxsize=4096)
def _day(value: date, locale: str) -> str:
    return format_date(value, "dd.MM.yyyy" if locale.startswith("de") else "d MMM y", locale=locale)


@lru_cache(maxsize=4096)
def _moment(value: datetime, locale: str, zone: str) -> str:
    pattern = "dd.MM.yyyy, HH:mm" if locale.startswith("de") else "d MMM y, HH:mm"
    return format_datetime(value, pattern, tzinfo=ZoneInfo(zone), locale=locale)
