"""Which tax is charged: the rates of DE, AT, CH and LI as dated tables, and why none is charged.

The rate is that of the day of the service (§ 27 (1) UStG, § 28 UStG 1994, Art. 115 MWSTG), not of
the day somebody writes the invoice. A new rate is one line here and holds from its day on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Code(StrEnum):
    """Which of a country's rates holds for something; it stays when the rate changes.

    ZERO is taxed at 0 per cent, or free of tax without losing that of what was bought for it;
    EXEMPT is free of tax by its nature (lessons, insurance, rent). SPECIAL is the third rate of AT
    (wine from the farm, art) and of CH and LI (lodging), FOOD the fourth of AT (staple food).
    """

    STANDARD = "standard"
    REDUCED = "reduced"
    SPECIAL = "special"
    FOOD = "food"
    ZERO = "zero"
    EXEMPT = "exempt"


class Treatment(StrEnum):
    """Whether a document charges tax, and if not, why."""

    TAXED = "taxed"
    REVERSE_CHARGE = "reverse_charge"
    SMALL_BUSINESS = "small_business"
    INTRA_COMMUNITY = "intra_community"
    EXPORT = "export"


NEEDS_VAT_NUMBER = (Treatment.REVERSE_CHARGE, Treatment.INTRA_COMMUNITY)
"""What holds only for customers who are businesses, which their VAT number proves."""

Rates = Mapping[Code, Sequence[tuple[date, str]]]

GERMANY: Rates = {
    Code.STANDARD: (
        (date(2007, 1, 1), "19"),
        (date(2020, 7, 1), "16"),
        (date(2021, 1, 1), "19"),
    ),
    Code.REDUCED: (
        (date(2007, 1, 1), "7"),
        (date(2020, 7, 1), "5"),
        (date(2021, 1, 1), "7"),
    ),
    Code.ZERO: ((date(2023, 1, 1), "0"),),
    Code.EXEMPT: ((date(2007, 1, 1), "0"),),
}
"""§ 12 (1), (2) UStG; § 28 (1) to (3) UStG for the second half of 2020; § 12 (3) UStG for
photovoltaics; § 4 UStG for what is exempt."""

AUSTRIA: Rates = {
    Code.STANDARD: ((date(2007, 1, 1), "20"),),
    Code.REDUCED: ((date(2007, 1, 1), "10"),),
    Code.SPECIAL: ((date(2016, 1, 1), "13"),),
    Code.FOOD: ((date(2026, 7, 1), "4.9"),),
    Code.ZERO: ((date(2024, 1, 1), "0"),),
    Code.EXEMPT: ((date(2007, 1, 1), "0"),),
}
"""§ 10 (1), (2), (3) UStG 1994; § 10 (1a) with annex 3 for staple food (BGBl. I No. 37/2026); § 6
for what is exempt. ZERO is photovoltaics (§ 28 (62)) until March 2025, or until the end of that
year by an older contract (BGBl. I No. 7/2025), and since 2026 contraceptives and what is needed for
monthly hygiene (§ 6 (1)). Not here: the 5 per cent of July 2020 to 2021 (§ 28 (52)), which held for
some trades only beside the 10 of others, and the 19 per cent of Jungholz and Mittelberg (§ 10 (4)).
"""

SWITZERLAND: Rates = {
    Code.STANDARD: (
        (date(2001, 1, 1), "7.6"),
        (date(2011, 1, 1), "8.0"),
        (date(2018, 1, 1), "7.7"),
        (date(2024, 1, 1), "8.1"),
    ),
    Code.REDUCED: (
        (date(2001, 1, 1), "2.4"),
        (date(2011, 1, 1), "2.5"),
        (date(2024, 1, 1), "2.6"),
    ),
    Code.SPECIAL: (
        (date(2001, 1, 1), "3.6"),
        (date(2011, 1, 1), "3.8"),
        (date(2018, 1, 1), "3.7"),
        (date(2024, 1, 1), "3.8"),
    ),
    Code.EXEMPT: ((date(2001, 1, 1), "0"),),
}
"""Art. 25 MWSTG (SR 641.20) with Art. 130 and 196 BV; Art. 21 MWSTG for what is exempt. The law of
Liechtenstein (LGBl. 2009 No. 330) has the same rates by treaty."""

TABLES: Mapping[str, Rates] = {
    "DE": GERMANY,
    "AT": AUSTRIA,
    "CH": SWITZERLAND,
    "LI": SWITZERLAND,
}

_SWISS = {
    Treatment.REVERSE_CHARGE: (
        "Leistungsort im Ausland (Art. 8 Abs. 1 MWSTG): Steuerschuldnerschaft des "
        "Leistungsempfängers (Reverse Charge).",
        "Place of supply abroad (Art. 8 (1) MWSTG): reverse charge, the recipient owes the VAT.",
    ),
    Treatment.SMALL_BUSINESS: (
        "Nicht mehrwertsteuerpflichtig (Art. 10 Abs. 2 Bst. a MWSTG).",
        "Not liable to VAT (Art. 10 (2) (a) MWSTG).",
    ),
    Treatment.EXPORT: (
        "Von der Steuer befreite Ausfuhr (Art. 23 Abs. 2 Ziff. 1 MWSTG).",
        "VAT-exempt export (Art. 23 (2) no. 1 MWSTG).",
    ),
}
SENTENCES: Mapping[str, Mapping[Treatment, tuple[str, str]]] = {
    "DE": {
        Treatment.REVERSE_CHARGE: (
            "Steuerschuldnerschaft des Leistungsempfängers (§ 13b UStG bzw. Art. 196 MwStSystRL).",
            "Reverse charge: the recipient of the supply owes the VAT "
            "(§ 13b UStG or Art. 196 of Directive 2006/112/EC).",
        ),
        Treatment.SMALL_BUSINESS: (
            "Steuerfreie Leistung eines Kleinunternehmers (§ 19 Abs. 1 UStG).",
            "VAT-exempt supply of a small business (§ 19 (1) UStG).",
        ),
        Treatment.INTRA_COMMUNITY: (
            "Steuerfreie innergemeinschaftliche Lieferung (§ 4 Nr. 1 Buchst. b, § 6a UStG).",
            "VAT-exempt intra-Community supply (§ 4 no. 1 (b), § 6a UStG).",
        ),
        Treatment.EXPORT: (
            "Steuerfreie Ausfuhrlieferung (§ 4 Nr. 1 Buchst. a, § 6 UStG).",
            "VAT-exempt export (§ 4 no. 1 (a), § 6 UStG).",
        ),
    },
    "AT": {
        Treatment.REVERSE_CHARGE: (
            "Übergang der Steuerschuld auf den Leistungsempfänger "
            "(§ 19 UStG 1994 bzw. Art. 196 MwStSystRL).",
            "Reverse charge: the recipient of the supply owes the VAT "
            "(§ 19 UStG 1994 or Art. 196 of Directive 2006/112/EC).",
        ),
        Treatment.SMALL_BUSINESS: (
            "Steuerfreie Leistung eines Kleinunternehmers (§ 6 Abs. 1 Z 27 UStG 1994).",
            "VAT-exempt supply of a small business (§ 6 (1) no. 27 UStG 1994).",
        ),
        Treatment.INTRA_COMMUNITY: (
            "Steuerfreie innergemeinschaftliche Lieferung (Art. 6 Abs. 1, Art. 7 UStG 1994).",
            "VAT-exempt intra-Community supply (Art. 6 (1), Art. 7 UStG 1994).",
        ),
        Treatment.EXPORT: (
            "Steuerfreie Ausfuhrlieferung (§ 6 Abs. 1 Z 1, § 7 UStG 1994).",
            "VAT-exempt export (§ 6 (1) no. 1, § 7 UStG 1994).",
        ),
    },
    "CH": _SWISS,
    "LI": _SWISS,
}
"""What has to stand on paper instead of the tax, in German and English.

DE: § 14 (4) no. 8, § 14a (1) and (5) UStG, § 34a no. 5 UStDV (small businesses are exempt since
2025; before that their tax was not levied). AT: § 11 (1) and (1a) UStG 1994. CH, LI: Art. 26 MWSTG.
Reverse charge has two laws: that of the country for what is taxed there, and Art. 196 of Directive
2006/112/EC for services that are taxed where their recipient is, elsewhere in the Union.
"""


def rate(country: str, code: str, on: date) -> Decimal:
    """The rate of a code on a day of service, in per cent.

    Raises ValueError where the country does not have it, or did not on that day.
    """
    found = None
    for since, per_cent in TABLES.get(country, {}).get(Code(code), ()):
        if since <= on:
            found = per_cent
    if found is None:
        raise ValueError(f"{country} has no rate {code!r} on {on}")
    return Decimal(found)


def codes(country: str, on: date) -> list[Code]:
    """The codes that a country has on a day, the usual one first."""
    return [code for code in Code if _has(country, code, on)]


def treatments(country: str) -> list[Treatment]:
    """How documents of a team in this country may be treated, the usual one first."""
    return [Treatment.TAXED, *SENTENCES.get(country, {})]


def sentence(country: str, treatment: str, language: str) -> str:
    """What stands on paper to say by which law no tax is charged; empty if some is."""
    known = SENTENCES.get(country, {}).get(Treatment(treatment))
    return known[language != "de"] if known else ""


def _has(country: str, code: Code, on: date) -> bool:
    try:
        rate(country, code, on)
    except ValueError:
        return False
    return True
