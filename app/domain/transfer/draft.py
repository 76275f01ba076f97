"""From the values of one row or card to a record."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from app.core.i18n import _l
from app.core.problems import Problem
from app.core.text import clean, clean_lines
from app.domain.customers.rules import EMAIL_LABELS, PHONE_LABELS
from app.domain.transfer import days, words
from app.domain.transfer.columns import ADDRESS, LABELS, NAMES, Column
from app.domain.transfer.record import BANK, PERSON, VALUES, Record

LONGEST = 100_000
"""Characters that one value of a file may have."""

NEW_LINE = re.compile("[\x0b\x0c\x85]")
SHORTENED = re.compile(r"\d[.,]\d+E\+\d+")
DIGITS_ONLY = {"number", "postcode", "phone", "mobile", "account_number", "bank_code", "iban"}
LINES = {"street", "note", "other", "email", "phone", "mobile", "fax", "groups"}
"""Fields that may have several lines, or several values in lines."""

PLACES = {"": 0, "work": 1, "private": 2, "other": 3, "billing": 4, "delivery": 5}


class Draft:
    """Gathers the values of one record; `put` them all, then `finish`.

    **Person or company.** A row with a company and a name is a company whose contact person is
    the one named; with a company alone a company, else a person. A column of kinds overrides
    this, and with it a person may carry the name of a company. The form of address "Firma", and
    a legal form ("GmbH") in a column that holds whole names, make the name a company's.

    **Which address.** The main one is that without a place, else the business one of a company
    and the private one of a person, else the first; all others are additional addresses.
    """

    def __init__(self, line: int, today: date, month_first: bool = False):
        self.line = line
        self.today = today
        self.month_first = month_first
        self.plain: dict[str, str] = {}
        self.places: dict[tuple[str, int], dict[str, str]] = {}
        self.emails: list[tuple[int, str, str]] = []
        self.phones: list[tuple[int, str, str]] = []
        self.labels: dict[tuple[str, int], str] = {}
        self.groups: list[str] = []
        self.notes: list[str] = []
        self.extra: list[tuple[str, str]] = []
        self.problems: list[Problem] = []

    def put(self, column: Column, header: str, raw: str) -> None:
        """Take one value; the header is kept beside what finds no place of its own."""
        value = self._clean(column.field, header, raw)
        if not value:
            return
        name, scope, number = column
        if name == "email":
            self.emails += [(number, scope, address) for address in words.addresses(value)]
        elif name in ("phone", "mobile", "fax"):
            self._put_phones(name, scope, number, value)
        elif name in LABELS:
            self.labels[name, number] = value
        elif name == "groups":
            self.groups += words.group_names(value)
        elif name == "note":
            self.notes.append(value)
        elif name == "other":
            self.extra.append((header, value))
        elif name in ADDRESS or (name in NAMES and scope):
            self._put_place(column, header, value)
        elif name in self.plain:
            self.extra.append((header, value))
        else:
            self.plain[name] = value

    def finish(self) -> Record:
        """The record made of everything that was put."""
        self._settle_names()
        company = self._is_company()
        main, others = self._addresses(company)
        values: dict[str, Any] = {name: self.plain.get(name, "") for name in VALUES} | main
        values["kind"] = "company" if company else "person"
        values["language"] = self._language()
        values["birthday"] = self._birthday(company)
        persons = [self._contact_person()] if company else []
        if company:
            values |= dict.fromkeys(("salutation", "title", "first_name", "last_name"), "")
        elif role := self.plain.get("role"):
            self.extra.append(("Role", role))
        return Record(
            line=self.line,
            values=values,
            emails=self._labelled("email", "address", self.emails),
            phones=self._labelled("phone", "number", self.phones),
            addresses=others,
            contact_persons=[person for person in persons if person["last_name"]],
            groups=list(dict.fromkeys(self.groups)),
            bank=self._bank(),
            note="\n".join(self.notes),
            extra=self.extra,
            problems=self.problems,
        )

    def problem(self, field: str, code: str, message: Any, **more: Any) -> None:
        """Remember what could not be read."""
        self.problems.append(Problem(field, code, message, **more))

    def _clean(self, name: str, header: str, raw: str) -> str:
        value = raw.strip()
        plain = value.isascii() and value.isprintable() and "  " not in value
        if not plain or len(value) > LONGEST:
            value = self._cleaned(name, header, value)
        if name in DIGITS_ONLY and SHORTENED.fullmatch(value):
            message = _l(
                "A spreadsheet has shortened the number to %(value)s; its digits are lost.",
                value=value,
            )
            self.problem(name, "shortened", message)
        return value

    def _cleaned(self, name: str, header: str, value: str) -> str:
        if len(value) > LONGEST:
            message = _l("%(column)s: longer than %(n)d characters.", column=header, n=LONGEST)
            self.problem(name, "too_long", message)
            value = value[:LONGEST]
        try:
            value = clean_lines(NEW_LINE.sub("\n", value)).strip()
            value = value if name in LINES else clean(value)
        except ValueError:
            message = _l("%(column)s: holds characters that are no text.", column=header)
            self.problem(name, "no_text", message)
            value = ""
        if "\ufffd" in value:
            message = _l("%(column)s: holds letters that could not be read.", column=header)
            self.problem(name, "lost_character", message, level="warning")
        return value

    def _put_phones(self, name: str, scope: str, number: int, value: str) -> None:
        label = scope if name == "phone" else name
        self.phones += [(number, label, phone) for phone in words.phone_numbers(value)]

    def _put_place(self, column: Column, header: str, value: str) -> None:
        place = self.places.setdefault((column.scope, column.number), {})
        if column.field == "street" and "\n" in value:
            value, _newline, rest = value.partition("\n")
            place["address_extra"] = rest.replace("\n", ", ")
        if column.field == "address_extra" and column.field in place:
            place["address_extra"] += ", " + value
        elif column.field in place:
            self.extra.append((header, value))
        else:
            place[column.field] = value

    def _settle_names(self) -> None:
        """From whole names, middle names and forms of address to the columns of a customer."""
        plain = self.plain
        self._settle_salutation()
        whole = plain.pop("full_name", "")
        if whole and not (plain.get("first_name") or plain.get("last_name")):
            name = words.person_name(whole)
            if words.is_company_name(whole):
                plain.setdefault("company", whole)
            elif whole != plain.get("company"):
                self.plain = plain = name | {k: v for k, v in plain.items() if v}
        elif whole and not self._says_already(whole):
            self.extra.append(("Name", whole))
        if middle := plain.pop("middle_name", ""):
            plain["first_name"] = f"{plain.get('first_name', '')} {middle}".strip()
        if not plain.get("first_name") and plain.get("last_name") == plain.get("company"):
            plain.pop("last_name", None)
        if plain.get("first_name") and not plain.get("last_name") and not plain.get("company"):
            plain["last_name"] = plain.pop("first_name")

    def _settle_salutation(self) -> None:
        plain = self.plain
        given = plain.pop("salutation", "")
        code, title = words.salutation(given)
        if given and code is None:
            self.extra.append(("Salutation", given))
        if not code and plain.get("title"):
            code, rest = words.salutation(plain["title"])
            if code is not None:
                plain["title"] = rest
        if title:
            plain["title"] = " ".join(filter(None, [title, plain.get("title", "")]))
        if code:
            plain["salutation"] = code

    def _says_already(self, whole: str) -> bool:
        keys = ("salutation", "title", "first_name", "middle_name", "last_name", "company")
        known = words.key(" ".join(self.plain.get(name, "") for name in keys))
        return all(words.key(word) in known for word in whole.split())

    def _is_company(self) -> bool:
        plain = self.plain
        kind = words.kind(plain.pop("kind", "")) or (
            "company" if plain.get("salutation") == "company" else ""
        )
        if plain.get("salutation") == "company":
            del plain["salutation"]
        if kind == "company" and not plain.get("company"):
            names = [plain.pop(name, "") for name in ("title", "first_name", "last_name")]
            plain["company"] = " ".join(filter(None, names))
        return kind == "company" or (not kind and bool(plain.get("company")))

    def _addresses(self, company: bool) -> tuple[dict[str, str], list[dict[str, Any]]]:
        for place in self.places.values():
            words.settle_address(place)
        order = PLACES if company else PLACES | {"private": 0.5}
        found = sorted(self.places.items(), key=lambda p: (order[p[0][0]], p[0][1]))
        usable = [(scope, place) for (scope, _number), place in found if words.has_address(place)]
        if not usable:
            usable = [("", place) for (scope, _number), place in found[:1] if not scope]
        own = next((i for i, (_scope, place) in enumerate(usable) if not _named(place)), None)
        main = self._address(usable.pop(own)[1]) if own is not None else {}
        return main, [self._additional(scope, place) for scope, place in usable]

    def _additional(self, scope: str, place: dict[str, str]) -> dict[str, Any]:
        whole = place.pop("full_name", "")
        names = dict.fromkeys(("salutation", "title", "first_name", "last_name", "company"), "")
        if words.is_company_name(whole):
            names["company"] = whole
        elif whole:
            names |= words.person_name(whole)
        names |= {name: place.pop(name) for name in tuple(names) if name in place}
        if names["salutation"] not in words.SALUTATIONS:
            names["salutation"] = words.salutation(names["salutation"])[0] or ""
        flags = {"is_delivery": scope == "delivery", "is_billing": scope == "billing"}
        return names | self._address(place) | flags

    def _address(self, place: dict[str, str]) -> dict[str, str]:
        written = place.pop("country", "")
        country = words.country(written)
        if country is None:
            message = _l("There is no country %(value)s.", value=_short(written))
            self.problem("country", "unknown_country", message)
        names = ("street", "house_number", "address_extra", "postcode", "town", "region")
        return {name: place.get(name, "") for name in names} | {"country": country or ""}

    def _language(self) -> str:
        written = self.plain.get("language", "")
        language = words.language(written)
        if language is None:
            self.extra.append(("Language", written))
        return language or ""

    def _birthday(self, company: bool) -> date | None:
        written = self.plain.get("birthday", "")
        if company or days.is_part(written):
            if not days.is_none(written):
                self.extra.append(("Birthday", written))
            return None
        return self._date("birthday", latest=self.today)

    def _date(self, name: str, latest: date | None = None) -> date | None:
        written = self.plain.get(name, "")
        try:
            return days.day(written, latest, self.month_first)
        except ValueError:
            message = _l(
                "The date %(value)s cannot be read without doubt; write it as 31.12.1990 or "
                "1990-12-31.",
                value=_short(written),
            )
            self.problem(name, "unreadable_date", message)
            return None

    def _contact_person(self) -> dict[str, str]:
        person = {name: self.plain.get(name, "") for name in PERSON} | {"email": "", "phone": ""}
        if not person["last_name"]:
            person["last_name"], person["first_name"] = person["first_name"], ""
        if not person["last_name"] and person["role"]:
            self.extra.append(("Role", person["role"]))
        return person

    def _labelled(
        self, kind: str, key: str, entries: list[tuple[int, str, str]]
    ) -> list[dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        known = EMAIL_LABELS if kind == "email" else PHONE_LABELS
        for number, label, value in entries:
            written = self.labels.get((f"{kind}_label", number), "")
            code = label or words.label(written)
            if code is None:
                self.extra.append((written, value))
            code = code if code is not None and code in known else "other"
            found.setdefault(value, {"label": code, key: value})
        return list(found.values())

    def _bank(self) -> dict[str, Any]:
        if not any(self.plain.get(name) for name in BANK):
            return {}
        bank: dict[str, Any] = {name: self.plain.get(name, "") for name in BANK}
        written = bank["payment_method"]
        method = words.payment_method(written)
        if method is None:
            message = _l("There is no payment method %(value)s.", value=_short(written))
            self.problem("payment_method", "unknown_payment_method", message)
        dates = {name: self._date(name) for name in ("mandate_date", "first_debit_on")}
        return bank | {"payment_method": method or ""} | dates


def _named(place: dict[str, str]) -> bool:
    return any(name in place for name in NAMES)


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
