"""How a mail or a letter begins, and how a name stands on an envelope.

German after DIN 5008 and the Duden: in a salutation only the highest of several titles is said,
"Professor" is written out, "Dr." is not, and other degrees are left out; in Austria the degrees
that are borne before the name stay. In Switzerland no comma ends the salutation. English is
British, without a point after "Mr" and "Dr".

Nobody is called Herr or Frau who is not known as such: the neutral salutation, and none, greet by
first and last name.
"""

from __future__ import annotations

import re
from typing import Protocol

from app.domain.customers.rules import display_name

WITHOUT_COMMA = {"CH", "LI"}
TO_NOBODY = {"de": "Sehr geehrte Damen und Herren", "en": "Dear Sir or Madam"}
GREETING = {"de": "Guten Tag", "en": "Hello"}
HELLO = {"de": "Hallo", "en": "Hello"}
FORMAL = {"ms": "Sehr geehrte Frau", "mr": "Sehr geehrter Herr"}
CALLED = {"de": {"ms": "Frau", "mr": "Herr"}, "en": {"ms": "Ms", "mr": "Mr"}}
ON_ENVELOPE = {"ms": "Frau", "mr": "Herrn"}
FAMILY = {"de": "Familie {}", "en": "{} family"}

DOCTOR = re.compile(r"\bd{0,2}dr\b")
BORNE_IN_AUSTRIA = ("mag.", "mag.a", "dipl.-ing.", "di", "ing.")


class Named(Protocol):
    """Whoever has a name: a customer, a contact person, an address, as their rows tell it."""

    @property
    def salutation(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def first_name(self) -> str: ...
    @property
    def last_name(self) -> str: ...


def salutation(who: Named | None, language: str, country: str = "DE") -> str:
    """The formal beginning; `who` is None for a company without a contact person.

    `country` is where the team writes from.
    """
    if who is None:
        return _ended(TO_NOBODY[language], language, country)
    if _is_family(who):
        formal = {"de": f"Sehr geehrte {_family(who, 'de')}", "en": f"Dear {_family(who, 'en')}"}
        return _ended(formal[language], language, country)
    said = _formal_english(who) if language == "en" else _formal_german(who, country)
    return _ended(said, language, country) if said else greeting(who, language, country)


def greeting(who: Named | None, language: str, country: str = "DE") -> str:
    """The polite beginning that tells nobody's sex: "Guten Tag Kim Meier,"."""
    name = "" if who is None else _whole_name(who, language)
    return _ended(f"{GREETING[language]} {name}".strip(), language, country)


def hello(who: Named | None, language: str, country: str = "DE") -> str:
    """The familiar beginning: "Hallo Tanja,"."""
    name = "" if who is None else _familiar_name(who, language)
    return _ended(f"{HELLO[language]} {name}".strip(), language, country)


def name_lines(who: Named, company: str, language: str) -> list[str]:
    """The lines of an envelope above the street: company above person (DIN 5008)."""
    person = display_name("person", who.title, who.first_name, who.last_name, "")
    if _is_family(who):
        person = _family(who, language)
    elif language == "de" and person:
        person = f"{ON_ENVELOPE.get(who.salutation, '')} {person}".strip()
    elif who.last_name and not who.title:
        person = f"{CALLED['en'].get(who.salutation, '')} {person}".strip()
    return [line for line in (company, person) if line]


def _formal_german(who: Named, country: str) -> str:
    """Empty for those who are greeted by their whole name instead."""
    begin = FORMAL.get(who.salutation)
    if not begin or not who.last_name:
        return ""
    rank = _rank(who.title, country)
    if rank == "Prof.":
        rank = "Professorin" if who.salutation == "ms" else "Professor"
    return _joined(begin, rank, who.last_name)


def _formal_english(who: Named) -> str:
    """A title takes the place of "Ms" and "Mr", and tells nobody's sex."""
    rank = {"Prof.": "Professor", "Dr.": "Dr"}.get(_rank(who.title))
    called = rank or CALLED["en"].get(who.salutation)
    if who.last_name and called:
        return _joined("Dear", called, who.last_name)
    whole = _joined(who.first_name, who.last_name) if who.first_name else ""
    return f"Dear {whole}" if whole else TO_NOBODY["en"]


def _whole_name(who: Named, language: str) -> str:
    """First and last name with the title; a last name alone only after Herr, Frau or a title."""
    if _is_family(who):
        return _family(who, language)
    rank = _rank(who.title)
    if language == "en":
        rank = rank.rstrip(".")
    if who.first_name:
        return _joined(rank if who.last_name else "", who.first_name, who.last_name)
    called = CALLED[language].get(who.salutation, "")
    if not who.last_name or not (called or rank):
        return ""
    return _joined("" if language == "en" and rank else called, rank, who.last_name)


def _familiar_name(who: Named, language: str) -> str:
    is_one = not _is_family(who)
    return who.first_name if is_one and who.first_name else _whole_name(who, language)


def _rank(title: str, country: str = "") -> str:
    """The title that is said: "Prof." before "Dr."; in Austria others before none."""
    folded = title.casefold()
    if "prof" in folded:
        return "Prof."
    if DOCTOR.search(folded):
        return "Dr."
    borne = {word.casefold(): word for word in title.split()} if country == "AT" else {}
    return next((borne[word] for word in BORNE_IN_AUSTRIA if word in borne), "")


def _is_family(who: Named) -> bool:
    return who.salutation == "family" and bool(who.last_name)


def _family(who: Named, language: str) -> str:
    return FAMILY[language].format(who.last_name)


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _ended(said: str, language: str, country: str) -> str:
    return said if language == "de" and country in WITHOUT_COMMA else f"{said},"
