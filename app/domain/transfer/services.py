"""What happens in an import: a batch is begun, files are read into it, all of it is taken back.

A file becomes customers in chunks, each in a transaction of its own that the caller commits after
each step. What can be judged without the database is judged before it begins, so that others
wait for the writing only; and whenever an import is cut off, whole customers are left, in their
batch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count, islice
from typing import Any

from sqlalchemy import delete, insert

from app.core import audit, numbers
from app.core.database import Model, db, now
from app.core.events import announce
from app.core.i18n import _l
from app.core.problems import Problem, Refused
from app.domain.banking.models import BankAccount, Mandate
from app.domain.banking.queries import reference_taken, references
from app.domain.banking.services import needs_reference
from app.domain.customers import index
from app.domain.customers.models import Customer
from app.domain.customers.services import erase_customers
from app.domain.settings.queries import first_customer_number, team
from app.domain.transfer import queries, rows
from app.domain.transfer.models import ImportBatch, ImportedCustomer
from app.domain.transfer.reading import Record, Unreadable, read
from app.domain.transfer.record import bad_record
from app.domain.transfer.rows import Newcomer

CHUNK = 1000
"""Records, or customers to be removed, in one transaction."""

REFERENCE_TAKEN = Problem(
    "mandate_reference", "taken", _l("The mandate of another customer has this reference.")
)


Owned = list[tuple[int, Newcomer]]
"""Customers with the ids they were given."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that was not imported; line 0 is a file, or the rest of it, that is unreadable."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of some records; outcomes add up."""

    new: int = 0
    skipped: int = 0
    refused: list[Refusal] = field(default_factory=list)

    def __add__(self, other: Outcome) -> Outcome:
        refused = [*self.refused, *other.refused]
        return Outcome(self.new + other.new, self.skipped + other.skipped, refused)


@dataclass(frozen=True, slots=True)
class Reverted:
    """How many customers were removed; `kept`, known at the end, are the numbers of the others."""

    removed: int = 0
    kept: list[str] = field(default_factory=list)


def begin_batch(file_names: Sequence[str]) -> int:
    """Begin an import of these files and return its number."""
    _user_id, user_name = audit.author()
    batch = ImportBatch(at=now(), user_name=user_name, files=list(file_names))
    db.session.add(batch)
    db.session.flush()
    return batch.id


def import_file(batch_id: int, name: str, data: bytes, today: date) -> Iterator[Outcome]:
    """Read a file into a batch: each step is a chunk, and the caller commits after each.

    The first step is empty, so that no transaction is open while the file is read. A customer
    number that somebody has is skipped; records that do not hold are refused and never stop the
    others. Whoever has no number gets the next one that is free and not given in this file.
    """
    home = team()
    yield Outcome()
    given: set[str] | None = None
    for chunk in _chunks(_records(data, today)):
        newcomers = [rows.newcomer(record, home, today) for record in chunk]
        if given is None and not all(made.values["number"] for made in newcomers):
            given = _given_numbers(data, today)
        yield _import_chunk(batch_id, name, newcomers, given or set())


def revert_batch(batch_id: int) -> Iterator[Reverted]:
    """Remove the customers of an import whom nobody has touched since, with all they have.

    Each step is a chunk, and the caller commits after each; the last tells who is kept. Raises
    Refused for an unknown batch and for one that was reverted already.
    """
    batch = queries.batch(batch_id)
    if batch is None:
        raise Refused(_l("There is no import %(number)d.", number=batch_id))
    if batch.reverted_at is not None:
        raise Refused(_l("Import %(number)d has been reverted already.", number=batch_id))
    while untouched := queries.untouched(batch_id, CHUNK):
        erase_customers([row.id for row in untouched])
        changes = [("customer", f"{row.number} {row.name}", None) for row in untouched]
        audit.record("transfer", "reverted", subject=str(batch_id), changes=changes)
        yield Reverted(len(untouched))
    batch.reverted_at = now()
    db.session.flush()
    yield Reverted(kept=queries.numbers_of(batch_id))


def forget_customers(customer_ids: Sequence[int]) -> None:
    """Customers left for good: no import has them any more."""
    of_them = ImportedCustomer.customer_id.in_(customer_ids)
    db.session.execute(delete(ImportedCustomer).where(of_them))


def _records(data: bytes, today: date) -> Iterator[Record]:
    """The records of a file; where reading ends early, the last one tells why."""
    try:
        yield from read(data, today).records
    except Unreadable as end:
        yield bad_record(0, "unreadable", end.reason)


def _chunks(records: Iterator[Record]) -> Iterator[list[Record]]:
    while chunk := list(islice(records, CHUNK)):
        yield chunk


def _given_numbers(data: bytes, today: date) -> set[str]:
    """The customer numbers in a file, which automatic ones must not take from their owners."""
    try:
        columns = [column for _header, column in read(data, today).columns]
    except Unreadable:
        return set()
    if "number" not in columns:
        return set()
    return {record.values["number"] for record in _records(data, today)}


def _import_chunk(batch_id: int, name: str, newcomers: list[Newcomer], given: set[str]) -> Outcome:
    """Write those who may be; what only the database knows is asked here."""
    taken = queries.taken_numbers(_distinct(newcomers, lambda made: made.values["number"]))
    claimed = queries.taken_references(_distinct(newcomers, _reference))
    welcome: list[Newcomer] = []
    refused: list[Refusal] = []
    skipped = 0
    for made in newcomers:
        number, reference = made.values["number"], _reference(made).upper()
        if number in taken:
            skipped += 1
        elif reason := _objection(made, claimed):
            refused.append(Refusal(name, made.line, reason))
        else:
            welcome.append(made)
            taken |= {number} - {""}
            claimed |= {reference} - {""}
    if welcome:
        _give_numbers(welcome, given)
        _write(batch_id, welcome, claimed)
    return Outcome(len(welcome), skipped, refused)


def _objection(made: Newcomer, claimed: set[str]) -> str:
    if not made.reason and _reference(made).upper() in claimed:
        return rows.sentence(REFERENCE_TAKEN)
    return made.reason


def _reference(made: Newcomer) -> str:
    return made.bank["mandate_reference"]


def _distinct(newcomers: list[Newcomer], key: Callable[[Newcomer], str]) -> set[str]:
    return {key(made) for made in newcomers} - {""}


def _give_numbers(newcomers: list[Newcomer], given: set[str]) -> None:
    """The next free numbers for those who brought none."""
    unnumbered = [made for made in newcomers if not made.values["number"]]
    if not unnumbered:
        return
    first = numbers.reserve("customer", first_customer_number(), 0).start
    free = list(islice(_free_numbers(first, given), len(unnumbered)))
    numbers.reserve("customer", first, free[-1] - first + 1)
    for made, number in zip(unnumbered, free, strict=True):
        made.values["number"] = str(number)


def _free_numbers(first: int, given: set[str]) -> Iterator[int]:
    for start in count(first, CHUNK):
        block = range(start, start + CHUNK)
        taken = queries.taken_numbers(map(str, block)) | given
        yield from (number for number in block if str(number) not in taken)


def _write(batch_id: int, newcomers: list[Newcomer], claimed: set[str]) -> None:
    """Write customers with everything they have, all rows of a table at once."""
    moment = now()
    ids = _insert_customers([rows.customer(made, moment) for made in newcomers])
    owned = [(ids[made.values["number"]], made) for made in newcomers]
    _make_references(owned, claimed)
    many: dict[type[Model], list[dict[str, Any]]] = defaultdict(list)
    for customer_id, made in owned:
        for model, row in rows.belongings(made, customer_id, batch_id, moment):
            many[model].append(row)
    for model, some in many.items():
        db.session.connection().execute(insert(model), some)
    _insert_bank(owned, moment)
    index.add(list(ids.values()))
    announce("customers.imported", customer_ids=list(ids.values()))


def _insert_customers(some: list[dict[str, Any]]) -> dict[str, int]:
    """Write the customers themselves and answer their ids by number."""
    inserted = insert(Customer).returning(Customer.number, Customer.id)
    return dict(db.session.connection().execute(inserted, some).all())


def _make_references(owned: Owned, claimed: set[str]) -> None:
    """Give mandates that brought no reference one that nobody has."""
    wanting = [
        (customer_id, made)
        for customer_id, made in owned
        if not _reference(made) and needs_reference(made.bank)
    ]
    first = {next(references(made.values["number"], i)) for i, made in wanting}
    claimed = claimed | queries.taken_references(first)
    for customer_id, made in wanting:
        made.bank["mandate_reference"] = next(
            proposed
            for proposed in references(made.values["number"], customer_id)
            if proposed.upper() not in claimed
            and (proposed in first or not reference_taken(proposed))
        )
        claimed.add(_reference(made).upper())


def _insert_bank(owned: Owned, moment: datetime) -> None:
    """Write accounts, and mandates that point to them."""
    accounts = [row for i, made in owned if (row := rows.account(made, i, moment))]
    ids: dict[int, int] = {}
    if accounts:
        inserted = insert(BankAccount).returning(BankAccount.customer_id, BankAccount.id)
        ids = dict(db.session.connection().execute(inserted, accounts).all())
    mandates = [row for i, made in owned if (row := rows.mandate(made, i, ids.get(i), moment))]
    if mandates:
        db.session.connection().execute(insert(Mandate), mandates)
