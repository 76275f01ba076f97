"""From the values of one row or card to a record."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from unicodedata import is_normalized

from app.core.i18n import _l
from app.core.problems import Problem
from app.core.text import clean, clean_lines
from app.domain.customers.rules import EMAIL_LABELS, PHONE_LABELS
from app.domain.transfer import days, words
from app.domain.transfer.headings import ADDRESS, LABELS, MEANINGS, REACH, Column
from app.domain.transfer.places import Places
from app.domain.transfer.record import BANK, PERSON, VALUES, Record

LONGEST = 100_000
"""Characters that one value of a file may have."""

NEW_LINE = re.compile("[\x0b\x0c\x85]")
SHORTENED = re.compile(r"\d[.,]\d+E\+\d+")
DIGITS_ONLY = {"number", "postcode", "phone", "mobile", "account_number", "bank_code", "iban"}
LINES = {"street", "note", "other", "email", "phone", "mobile", "fax", "groups"}
"""Fields that may have several lines, or several values in lines."""

PLAIN = MEANINGS.keys() - ADDRESS - REACH - {"groups", "note"}
"""Fields that a customer has once."""


class Draft:
    """Gathers the values of one record; `put` them all, then `finish`.

    **Person or company.** A row with a company and a name is a company whose contact person is
    the one named; with a company alone a company, else a person. A column of kinds overrides
    this, and with it a person may carry the name of a company. The form of address "Firma", and
    a legal form ("GmbH") in a column that holds whole names, make the name a company's. E-mails,
    phones and addresses always belong to the customer, not to the contact person.
    """

    def __init__(self, line: int, today: date, month_first: bool = False):
        self.line = line
        self.today = today
        self.month_first = month_first
        self.plain: dict[str, str] = {}
        self.headers: dict[str, str] = {}
        self.places = Places()
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
        if name in PLAIN and not scope:
            self._put_plain(name, header, value)
        elif name == "email":
            self.emails += [(number, scope, address) for address in words.addresses(value)]
        elif name in ("phone", "mobile", "fax"):
            self._put_phones(name, scope, number, value)
        elif name in LABELS:
            self.labels[name, number] = value
        elif name == "groups":
            self.groups += words.group_names(value)
        elif name == "note":
            self.notes.append(value)
        elif name == "other" or not self.places.put(column, value):
            self.extra.append((header, value))

    def finish(self) -> Record:
        """The record made of everything that was put."""
        self._settle_names()
        company = self._is_company()
        main, others = self.places.addresses(company)
        self._check_countries([main, *others])
        values: dict[str, Any] = {name: self.plain.get(name, "") for name in VALUES} | main
        values["kind"] = "company" if company else "person"
        values["language"] = self._language()
        values["birthday"] = self._birthday(company)
        persons = [self._contact_person()] if company else []
        if company:
            values |= dict.fromkeys(("salutation", "title", "first_name", "last_name"), "")
        else:
            self._keep("role", self.plain.get("role", ""))
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

    def _keep(self, name: str, value: str) -> None:
        """Put aside what fits nowhere, under the header it came with."""
        if value:
            self.extra.append((self.headers[name], value))

    def problem(self, field: str, code: str, message: Any, **more: Any) -> None:
        """Remember what could not be read."""
        self.problems.append(Problem(field, code, message, **more))

    def _clean(self, name: str, header: str, raw: str) -> str:
        value = raw.strip()
        if not _is_clean(value):
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

    def _put_plain(self, name: str, header: str, value: str) -> None:
        if name in self.plain:
            self.extra.append((header, value))
        else:
            self.plain[name] = value
            self.headers[name] = header

    def _put_phones(self, name: str, scope: str, number: int, value: str) -> None:
        label = scope if name == "phone" else name
        self.phones += [(number, label, phone) for phone in words.phone_numbers(value)]

    def _settle_names(self) -> None:
        """From whole names, middle names and forms of address to the columns of a customer."""
        plain = self.plain
        self._settle_salutation()
        whole = plain.pop("full_name", "")
        if not self._says_already(whole):
            if plain.get("first_name") or plain.get("last_name"):
                self._keep("full_name", whole)
            elif not words.is_company_name(whole):
                self.plain = plain = words.person_name(whole) | plain
            elif plain.setdefault("company", whole) != whole:
                self._keep("full_name", whole)
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
        if code is None:
            self._keep("salutation", given)
        if not code and plain.get("title"):
            code, rest = words.salutation(plain["title"])
            if code is not None:
                plain["title"] = rest
        if title:
            plain["title"] = " ".join(filter(None, [title, plain.get("title", "")]))
        if code:
            plain["salutation"] = code

    def _says_already(self, whole: str) -> bool:
        if whole == self.plain.get("company"):
            return True
        names = ("title", "first_name", "middle_name", "last_name")
        known = words.key(" ".join(self.plain.get(name, "") for name in names))
        given = self.plain.get("salutation") or "none"
        return all(
            words.key(word) in known or words.salutation(word)[0] == given for word in whole.split()
        )

    def _is_company(self) -> bool:
        plain = self.plain
        written = plain.pop("kind", "")
        kind = words.kind(written)
        if not kind:
            self._keep("kind", written)
        if plain.get("salutation") == "company":
            del plain["salutation"]
            kind = kind or "company"
        if kind == "company" and not plain.get("company"):
            names = [plain.pop(name, "") for name in ("title", "first_name", "last_name")]
            plain["company"] = " ".join(filter(None, names))
        return kind == "company" or (not kind and bool(plain.get("company")))

    def _check_countries(self, addresses: list[dict[str, Any]]) -> None:
        """Names of countries become their codes."""
        for address in addresses:
            written = address.get("country", "")
            if (code := words.country(written)) is None:
                message = _l("There is no country %(value)s.", value=_short(written))
                self.problem("country", "unknown_country", message)
            elif written:
                address["country"] = code

    def _language(self) -> str:
        written = self.plain.get("language", "")
        language = words.language(written)
        if language is None:
            self._keep("language", written)
        return language or ""

    def _birthday(self, company: bool) -> date | None:
        written = self.plain.get("birthday", "")
        if company or days.is_part(written):
            if not days.is_none(written):
                self._keep("birthday", written)
            return None
        return self._date("birthday", latest=self.today)

    def _date(self, name: str, latest: date | None = None) -> date | None:
        written = self.plain.get(name, "")
        try:
            return days.day(written, latest, self.month_first)
        except ValueError as error:
            message = _no_date(error, _short(written))
            self.problem(name, "unreadable_date", message)
            return None

    def _contact_person(self) -> dict[str, str]:
        person = {name: self.plain.get(name, "") for name in PERSON} | {"email": "", "phone": ""}
        if not person["last_name"]:
            person["last_name"], person["first_name"] = person["first_name"], ""
        if not person["last_name"]:
            self._keep("role", person["role"])
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
            self._keep("payment_method", written)
        dates = {name: self._date(name) for name in ("mandate_date", "first_debit_on")}
        return bank | {"payment_method": method or ""} | dates


def _is_clean(value: str) -> bool:
    """Whether cleaning, which takes its time, would change nothing; so it is with most values."""
    if len(value) > LONGEST or not value.isprintable() or "  " in value:
        return False
    return value.isascii() or ("\ufffd" not in value and is_normalized("NFC", value))


def _no_date(error: ValueError, value: str) -> Any:
    if isinstance(error, days.NoSuchDay):
        return _l("There is no day %(value)s.", value=value)
    if isinstance(error, days.InDoubt):
        return _l(
            "The date %(value)s is ambiguous; write it as 31.12.1990 or 1990-12-31.", value=value
        )
    return _l("%(value)s is no date; write it as 31.12.1990 or 1990-12-31.", value=value)


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
