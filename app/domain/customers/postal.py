"""Addresses: a typed street line taken apart, an address put together as its country writes it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# Where the house number leads: where people write French (not in BE and CH) or English.
NUMBER_FIRST = {"FR", "LU", "MC", "GB", "IE", "US", "CA", "AU", "NZ"}
NUMBER_FIRST |= {"GF", "GP", "MQ", "RE", "YT", "BL", "MF", "PM", "NC", "PF", "WF"}
TOWN_BEFORE_POSTCODE = {"US", "CA", "AU"}
POSTCODE_BELOW = {"GB", "IE"}
WITHOUT_REGION = {"DE", "AT", "CH", "LI", "FR", "LU", "BE", "NL", "MC"}
LONGEST_LINE = 300
LONGEST_NUMBER = 20

_LETTER = r"[a-zA-Z](?![^\W_])"
_PART = rf"\d{{1,5}}(?: ?{_LETTER})?"
_DOOR = r"(?:stiege|stg|top|tür|haus)\.? ?[0-9A-Za-z]+"
_NUMBER = (
    rf"{_PART}(?: ?[-–/+] ?(?:{_PART}|{_LETTER}|{_DOOR}))*"
    r"(?: \d/\d)?(?: (?:bis|ter|quater))?"
)
_TRAILING = re.compile(rf"(.*?\S)(?:,? +|(?<=[a-z]\.))({_NUMBER})", re.I)
_LEADING = re.compile(rf"({_NUMBER}),? +(?=.*[^\W\d_])(.+)", re.I)
_FRENCH = re.compile(
    r"[^a-z]*\d\D*?\b(?:rue|avenue|av|boulevard|bd|place|allée|chemin|impasse|quai|route)\b", re.I
)
_BOX = re.compile(
    r"(?:postfach|postlagernd|pf|p\.? ?o\.? ?box|case postale|bo[iî]te postale|b\.?p\.?"
    r"|casella postale|apartado|postbus)\b",
    re.I,
)
_ENDS_IN_DATE = re.compile(r".*\b\d{1,2}\.? [^\W\d_]+ (?:1[5-9]|20)\d\d")
_SQUARE = re.compile(r"[A-U] ?[1-7]")


def split_street(line: str, country: str = "") -> tuple[str, str]:
    """Street and house number of a typed line: "Hauptstr. 5a" → ("Hauptstr.", "5a").

    A line without house number, or one that is not understood, is all street.
    """
    line = line.strip()
    if len(line) > LONGEST_LINE or _BOX.match(line):
        return line, ""
    number_leads = country in NUMBER_FIRST or _FRENCH.match(line)
    if number_leads and (found := _LEADING.fullmatch(line)):
        number, street = found.groups()
    elif not _ENDS_IN_DATE.fullmatch(line) and (found := _TRAILING.fullmatch(line)):
        street, number = found.groups()
    else:
        return line, ""
    return (street, number) if len(number) <= LONGEST_NUMBER else (line, "")


def join_street(street: str, house_number: str, country: str) -> str:
    """Street and house number on one line, in the order of the country."""
    if not street or not house_number:
        return street or house_number
    if country in NUMBER_FIRST:
        return f"{house_number}{',' if country == 'LU' else ''} {street}"
    is_square = _SQUARE.fullmatch(street)  # the squares of Mannheim: Q7, 24
    return f"{street}{',' if is_square else ''} {house_number}"


def address_lines(values: Mapping[str, Any], home_country: str, country_name: str) -> list[str]:
    """The lines below the name, for screen and letters.

    The extra line (c/o, building, flat) stands above the street (DIN 5008; AFNOR XPZ 10-011 alike);
    the country, in capitals and in the language of the sender, only when it is abroad (UPU).
    """
    country = values.get("country") or ""
    lines = [
        values.get("address_extra") or "",
        join_street(values.get("street") or "", values.get("house_number") or "", country),
        *_town_lines(values, country),
        country_name.upper() if country and country != home_country else "",
    ]
    return [line for line in lines if line]


def _town_lines(values: Mapping[str, Any], country: str) -> list[str]:
    postcode, town, region = (values.get(key) or "" for key in ("postcode", "town", "region"))
    if country in TOWN_BEFORE_POSTCODE:
        return [" ".join(filter(None, (town, region, postcode)))]
    if country in POSTCODE_BELOW:
        return [town, region, postcode]
    named = region if country not in WITHOUT_REGION else ""
    return [" ".join(filter(None, (postcode, town))), named]
