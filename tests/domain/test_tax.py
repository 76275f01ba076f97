"""Tax rates of DE, AT, CH and LI by day, and the sentences where none is charged."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from app.domain.articles.tax import (
    TABLES,
    Code,
    Treatment,
    codes,
    rate,
    sentence,
    treatments,
)

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("country", "code", "first", "before", "since"),
    [
        ("DE", "standard", date(2020, 7, 1), "19", "16"),
        ("DE", "standard", date(2021, 1, 1), "16", "19"),
        ("DE", "reduced", date(2020, 7, 1), "7", "5"),
        ("DE", "reduced", date(2021, 1, 1), "5", "7"),
        ("DE", "standard", date(2007, 1, 1), None, "19"),
        ("DE", "zero", date(2023, 1, 1), None, "0"),
        ("AT", "special", date(2016, 1, 1), None, "13"),
        ("AT", "zero", date(2024, 1, 1), None, "0"),
        ("AT", "zero", date(2025, 4, 1), "0", "0"),
        ("AT", "zero", date(2026, 1, 1), "0", "0"),
        ("AT", "reduced", date(2026, 7, 1), "10", "10"),
        ("AT", "food", date(2026, 7, 1), None, "4.9"),
        ("CH", "standard", date(2011, 1, 1), "7.6", "8.0"),
        ("CH", "standard", date(2018, 1, 1), "8.0", "7.7"),
        ("CH", "standard", date(2024, 1, 1), "7.7", "8.1"),
        ("CH", "reduced", date(2011, 1, 1), "2.4", "2.5"),
        ("CH", "reduced", date(2024, 1, 1), "2.5", "2.6"),
        ("CH", "special", date(2011, 1, 1), "3.6", "3.8"),
        ("CH", "special", date(2018, 1, 1), "3.8", "3.7"),
        ("CH", "special", date(2024, 1, 1), "3.7", "3.8"),
        ("LI", "standard", date(2024, 1, 1), "7.7", "8.1"),
    ],
)
def test_a_rate_holds_from_its_day_on(
    country: str, code: str, first: date, before: str | None, since: str | None
):
    for day, expected in ((first - DAY, before), (first, since)):
        if expected is None:
            with pytest.raises(ValueError, match="has no rate"):
                rate(country, code, day)
        else:
            assert rate(country, code, day) == Decimal(expected)


@pytest.mark.parametrize(
    ("country", "standard", "reduced", "special"),
    [
        ("DE", "19", "7", None),
        ("AT", "20", "10", "13"),
        ("CH", "8.1", "2.6", "3.8"),
        ("LI", "8.1", "2.6", "3.8"),
    ],
)
def test_today(country: str, standard: str, reduced: str, special: str | None):
    day = date(2026, 11, 26)
    known = {code: rate(country, code, day) for code in codes(country, day)}
    assert known[Code.STANDARD] == Decimal(standard)
    assert known[Code.REDUCED] == Decimal(reduced)
    assert known.get(Code.SPECIAL) == (special and Decimal(special))
    assert known[Code.EXEMPT] == 0


@pytest.mark.parametrize("country", TABLES)
def test_tables_go_forward_in_time(country: str):
    for code, steps in TABLES[country].items():
        days = [since for since, _per_cent in steps]
        assert days == sorted(set(days)), code


def test_there_is_nothing_elsewhere():
    assert codes("FR", date(2026, 1, 1)) == []
    with pytest.raises(ValueError, match="has no rate"):
        rate("FR", Code.STANDARD, date(2026, 1, 1))
    with pytest.raises(ValueError, match="luxury"):
        rate("DE", "luxury", date(2026, 1, 1))


def test_only_the_union_supplies_within_itself():
    assert treatments("DE") == list(Treatment)
    assert treatments("AT") == list(Treatment)
    for country in ("CH", "LI"):
        assert Treatment.INTRA_COMMUNITY not in treatments(country)
    assert treatments("FR") == [Treatment.TAXED]


@pytest.mark.parametrize(
    ("country", "treatment", "law"),
    [
        ("DE", "reverse_charge", "§ 13b UStG"),
        ("DE", "small_business", "§ 19 "),
        ("DE", "intra_community", "§ 4 Nr. 1 Buchst. b"),
        ("DE", "export", "§ 4 Nr. 1 Buchst. a"),
        ("DE", "reverse_charge", "Art. 196 MwStSystRL"),
        ("AT", "reverse_charge", "§ 19 UStG 1994"),
        ("AT", "reverse_charge", "Art. 196 MwStSystRL"),
        ("AT", "small_business", "§ 6 Abs. 1 Z 27 UStG 1994"),
        ("AT", "intra_community", "Art. 6 Abs. 1"),
        ("AT", "export", "§ 6 Abs. 1 Z 1"),
        ("CH", "small_business", "Art. 10 Abs. 2 Bst. a MWSTG"),
        ("CH", "export", "Art. 23 Abs. 2 Ziff. 1 MWSTG"),
        ("LI", "reverse_charge", "Art. 8 Abs. 1 MWSTG"),
    ],
)
def test_the_sentence_names_its_law(country: str, treatment: str, law: str):
    assert law in sentence(country, treatment, "de")


@pytest.mark.parametrize("country", TABLES)
def test_every_treatment_has_its_sentence_in_both_languages(country: str):
    for treatment in treatments(country):
        german, english = (sentence(country, treatment, language) for language in ("de", "en"))
        assert bool(german) == bool(english) == (treatment != Treatment.TAXED)
        assert german != english or not german


@pytest.mark.parametrize(
    ("country", "words"),
    [
        ("DE", "Steuerschuldnerschaft des Leistungsempfängers"),
        ("AT", "Übergang der Steuerschuld auf den Leistungsempfänger"),
    ],
)
def test_the_law_wants_these_very_words(country: str, words: str):
    """§ 14a (5) UStG; § 11 (1a) UStG 1994."""
    assert words in sentence(country, Treatment.REVERSE_CHARGE, "de")
