"""Dates as people and programs write them."""

from __future__ import annotations

import re
from datetime import date

DAY_FIRST = re.compile(r"(\d{1,2})\s*\.\s*(\d{1,2})\s*\.\s*(\d{4}|\d{2})")
YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})|(\d{4})(\d{2})(\d{2})")
SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}|\d{2})|(\d{1,2})-(\d{1,2})-(\d{4})")
TIME = re.compile(
    r"(?:T\d{2}:?\d{2}(?::?\d{2}(?:[.,]\d+)?)?|\s+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)"
    r"\s*(?:Z|[+-]\d{2}:?\d{2})?$"
)
PART = re.compile(
    r"-?-?-\d{2}-?(?:\d{2})?|\d{1,2}\.\s?\d{1,2}\.?|1604-?\d{2}-?\d{2}|\d{4}(?:-\d{2})?"
)


class NoSuchDay(ValueError):
    """It looks like a date, but no calendar has that day."""


class InDoubt(ValueError):
    """Day and month may be meant the other way round."""


def day(text: str, latest: date | None = None, month_first: bool = False) -> date | None:
    """The date of "1.2.1990", "1990-02-01", "19900201" or "1/2/1990", None for none.

    Two digits of a year mean the 21st century, or the 20th when the day would be after `latest`.
    Slashes are read day first; where `month_first` says that the file may mean otherwise, only
    a day that is alike both ways is taken. Raises NoSuchDay and InDoubt, and another ValueError for
    what is no date at all.
    """
    text = TIME.sub("", text.strip()[:40])
    if is_none(text):
        return None
    if found := YEAR_FIRST.fullmatch(text):
        year, month, day_ = (part for part in found.groups() if part)
        return _in_century(int(day_), int(month), year, latest)
    slashed = SLASHED.fullmatch(text)
    if not (found := slashed or DAY_FIRST.fullmatch(text)):
        raise ValueError(text)
    day_, month, year = (part for part in found.groups() if part)
    if slashed and month_first and int(day_) != int(month):
        raise InDoubt(text)
    return _in_century(int(day_), int(month), year, latest)


def is_none(text: str) -> bool:
    """Nothing, or the zeros that some programs write for it."""
    return not text.strip("0./-: ")


def is_part(text: str) -> bool:
    """A birthday without its year (for which Apple writes 1604) or without its day."""
    return bool(PART.fullmatch(text))


def _in_century(day_: int, month: int, year: str, latest: date | None) -> date:
    try:
        if len(year) == 4:
            return date(int(year), month, day_)
        found = date(2000 + int(year), month, day_)
        return found if latest is None or found <= latest else date(1900 + int(year), month, day_)
    except ValueError as error:
        raise NoSuchDay(f"{year}-{month}-{day_}") from error
