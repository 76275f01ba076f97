"""What the readers of files hand on: one record for each customer in the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from app.core.problems import Problem
from app.domain.customers.rules import FIELDS

VALUES = ("number", *FIELDS)
BANK = (
    *("payment_method", "account_holder", "account_number", "bank_code", "bank_name"),
    *("iban", "bic", "mandate_reference", "mandate_date", "first_debit_on"),
)
PERSON = ("salutation", "title", "first_name", "last_name", "role", "email", "phone")


class Unreadable(Exception):
    """A file, or the rest of one, that cannot be read; `reason` is the sentence for people."""

    def __init__(self, reason: Any):
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Record:
    """One customer as a file describes it; nothing is checked but that it could be read.

    `line` is where it begins in the file, counted from 1. `values` has every name in VALUES (text,
    `birthday` a date or None), `bank` is empty or has every name in BANK (the two dates may be
    None), a contact person has the names in PERSON, an additional address those of the address
    table. `street` is as written: splitting it is for whoever knows the country. A problem of
    level error means that the record must not become a customer.
    """

    line: int
    values: dict[str, Any]
    emails: list[dict[str, str]] = field(default_factory=list)
    phones: list[dict[str, str]] = field(default_factory=list)
    addresses: list[dict[str, Any]] = field(default_factory=list)
    contact_persons: list[dict[str, str]] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    bank: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    extra: list[tuple[str, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def bad_record(line: int, code: str, message: Any) -> Record:
    """A record of which nothing but its place could be read."""
    return Record(line, dict.fromkeys(VALUES, ""), problems=[Problem("", code, message)])


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that is being read: how it was understood, and its records one after the other.

    `kind` is 'csv' or 'vcard'. `columns` are the headers with the field they were understood as,
    None for one that is kept as it is; a vCard has none. `separator` is '' for a vCard or a table
    of one column. `about` tells how many records there are: exactly for cards, for a table at most,
    since a row may have several lines. Iterating `records` may raise Unreadable, and only that.
    """

    kind: str
    encoding: str
    separator: str
    columns: list[tuple[str, str | None]]
    about: int
    records: Iterator[Record]

    def to_the_end(self) -> Iterator[Record]:
        """The records; where reading ends early, the last one tells why."""
        try:
            yield from self.records
        except Unreadable as end:
            yield bad_record(0, "unreadable", end.reason)
