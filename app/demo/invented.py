"""Invented customers: names, towns and banks as in Germany, Austria and Switzerland."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from itertools import accumulate
from random import Random
from typing import Any

from app.core.text import fold
from app.demo import words
from app.domain.banking import directory

ORIGINS = {  # share, country, names
    "german": (70, "DE", words.GERMAN),
    "austrian": (9, "AT", words.AUSTRIAN),
    "swiss": (7, "CH", words.SWISS),
    "turkish": (8, "DE", words.TURKISH),
    "polish": (6, "DE", words.POLISH),
}
COMPANIES = 0.12
TOWNS = {"DE": words.GERMAN_TOWNS, "AT": words.AUSTRIAN_TOWNS, "CH": words.SWISS_TOWNS}
AREA_CODES = {"DE": "0221 030 040 089 069 0711 0211 0341 0231 0201", "AT": "01 0316 0732 0662"}
AREA_CODES |= {"CH": "044 031 061 071 041"}
MOBILE = {
    "DE": "0151 0160 0170 0171 0172 0175 0176 0178",
    "AT": "0664 0676 0699",
    "CH": "076 078 079",
}
CODE = {"DE": "+49", "AT": "+43", "CH": "+41"}
MAIL = ("example.com", "example.org", "example.net", "post.example.com", "mail.example.net")
LETTERS = ("", "", "", "", "a", "b")
METHODS = ("sepa_direct_debit", "invoice", "paypal")

# Banks whose account numbers have no check digit or one by Luhn's method.
BANKS = {
    "DE": "37050198 37050299 30050110 20050550 10050000 70150000 12030000 76050101 10011001",
    "AT": "20404 12000 14000 36000 32000 34000",
    "CH": "00700 00790 09000 00230 00778",
}
ACCOUNT_DIGITS = {"DE": 10, "AT": 11, "CH": 12}


class Inventor:
    """Makes up customers; the same seed always makes up the same."""

    def __init__(self, seed: int):
        self.random = Random(seed)

    def customer(self) -> dict[str, Any]:
        """The values of a new customer."""
        pick = self.random.random
        origin = self._one(tuple(ORIGINS), tuple(share for share, *_ in ORIGINS.values()))
        _share, country, names = ORIGINS[origin]
        is_company = pick() < COMPANIES
        person = self.person(names)
        values = {
            "kind": "company" if is_company else "person",
            "salutation": "" if is_company else "ms" if pick() < 0.5 else "mr",
            "title": "Dr." if not is_company and pick() < 0.04 else "",
            "company": "",
            "language": "de",
            "birthday": None if is_company or pick() < 0.4 else self._day(),
            "vat_number": "",
            **person,
            **self.postal(country),
        }
        if is_company:
            values |= {"company": self._company(person["last_name"], values["town"])}
            values |= {"first_name": "", "last_name": ""}
        name = fold(f"{person['first_name']} {person['last_name']}").replace(" ", ".")
        address = f"{name}{self.random.randrange(1000)}@{self._any(MAIL)}"
        values["emails"] = [{"label": "", "address": address}]
        values["phones"] = [self._phone(country)]
        return values

    def person(self, names: tuple[str, str] = words.GERMAN) -> dict[str, str]:
        """First and last name; one in ten surnames is rare or double."""
        first, last = self._common(_split(names[0])), self._common(_surnames(names[1]))
        if self.random.random() < 0.04:
            last = f"{last}-{self._common(_surnames(names[1]))}"
        return {"first_name": first, "last_name": last}

    def postal(self, country: str) -> dict[str, str]:
        start, town = self._common(_towns(country))
        digits = 5 if country == "DE" else 4
        rest = self.random.randrange(10 ** (digits - 2))
        return {
            "street": self._common(_streets(country)),
            "house_number": f"{self.random.randrange(1, 140)}{self._any(LETTERS)}",
            "address_extra": "",
            "postcode": f"{start}{rest:0{digits - 2}}",
            "town": town,
            "region": "",
            "country": country,
        }

    def account(self, country: str, holder: str) -> dict[str, str]:
        """A bank account whose IBAN holds."""
        code, bic, bank_name = self._any(_banks(country))
        number = self._account_number(country)
        bban = f"{code}{number}"
        letters = "".join(str(int(c, 36)) for c in f"{bban}{country}")
        check = 98 - int(f"{letters}00") % 97
        return {
            "account_holder": holder[:70],
            "account_number": "",
            "bank_code": "",
            "bank_name": bank_name,
            "rib_key": "",
            "branch_code": "",
            "iban": f"{country}{check:02}{bban}",
            "bic": bic,
        }

    def method(self) -> str:
        return self._one(METHODS, (55, 35, 10))

    def remark(self) -> str:
        return self._any(words.REMARKS)

    def before(self, day: date, most: int) -> date:
        """A day at most so many days before."""
        return day - timedelta(days=self.random.randrange(1, most))

    def _phone(self, country: str) -> dict[str, str]:
        mobile = self.random.random() < 0.6
        code = self._any(_split((MOBILE if mobile else AREA_CODES)[country]))
        number = str(self.random.randrange(10**6, 10**7))
        shape = self.random.randrange(4)
        if shape == 0:
            shown = f"{CODE[country]} {code[1:]} {number}"
        elif shape == 1:
            shown = f"{code}/{number}"
        else:
            shown = f"{code} {number[:3]} {number[3:]}"
        return {"label": "mobile" if mobile else "private", "number": shown}

    def _company(self, name: str, town: str) -> str:
        kind, form = self._any(_split(words.COMPANY_KINDS)), self._any(words.COMPANY_FORMS)
        return f"{kind} {town if self.random.random() < 0.15 else name} {form}"

    def _account_number(self, country: str) -> str:
        digits = ACCOUNT_DIGITS[country]
        number = f"{self.random.randrange(10 ** (digits - 1)):0{digits - 1}}"
        return number + _luhn(number)

    def _day(self) -> date:
        return self.before(date(2018, 1, 1), 80 * 365)

    def _common(self, things: Sequence[Any]) -> Any:
        """One of them, the first ones far more often than the last ones."""
        return self.random.choices(things, cum_weights=_falling(len(things)))[0]

    def _one(self, things: Sequence[Any], shares: tuple[int, ...]) -> Any:
        return self.random.choices(things, shares)[0]

    def _any(self, things: Sequence[Any]) -> Any:
        return things[int(self.random.random() * len(things))]


@cache
def _split(names: str) -> list[str]:
    return names.split()


@cache
def _surnames(names: str) -> list[str]:
    """The common ones, then (of German names) some thousand rare ones."""
    rare = []
    if names != words.TURKISH[1] and names != words.POLISH[1]:
        begins, ends = words.SURNAME_BEGINS.split(), words.SURNAME_ENDS.split()
        rare = [begin + end for end in ends for begin in begins if begin.lower() != end]
    return [*dict.fromkeys(names.split()), *rare]


@cache
def _streets(country: str) -> list[str]:
    begins, towns = words.STREET_BEGINS.split(), words.STREET_TOWNS.split()
    names = []
    for end in words.STREET_ENDS:
        names += [begin + end for begin in begins]
        names += [f"{town} {end.capitalize()}" for town in towns]
    return [name.replace("ß", "ss") for name in names] if country == "CH" else names


@cache
def _towns(country: str) -> list[tuple[str, str]]:
    towns = (town.split() for town in TOWNS[country].split(","))
    return [(start, " ".join(name)) for start, *name in towns]


@cache
def _banks(country: str) -> list[tuple[str, str, str]]:
    """Code, BIC and name of each bank."""
    found = []
    for code in BANKS[country].split():
        iban = directory.iban_from(country, code, "1".zfill(ACCOUNT_DIGITS[country])) or ""
        if bank := directory.bank_of(iban):
            found.append((code, bank.bic, bank.name[:100]))
    return found


@cache
def _falling(count: int) -> list[float]:
    return list(accumulate(1 / (rank + 20) for rank in range(count)))


def _luhn(number: str) -> str:
    doubled = (int(c) * (2 - n % 2) for n, c in enumerate(reversed(number)))
    return str(-sum(d // 10 + d % 10 for d in doubled) % 10)
