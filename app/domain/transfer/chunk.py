"""One chunk of an import: judged against the database, then written, a table at a time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count, islice
from typing import Any

from sqlalchemy import insert

from app.core import numbers
from app.core.database import Model, db, now
from app.core.events import announce
from app.core.i18n import _l
from app.core.problems import Problem
from app.domain.banking.models import BankAccount, Mandate
from app.domain.banking.queries import reference_taken, references
from app.domain.banking.services import needs_reference
from app.domain.customers import index
from app.domain.customers.models import Customer
from app.domain.groups import queries as group_queries
from app.domain.groups import services as groups
from app.domain.settings.queries import first_customer_number
from app.domain.transfer import queries, rows
from app.domain.transfer.rows import Newcomer

BLOCK = 1000
"""Numbers that are looked at together for free ones."""

REFERENCE_TAKEN = Problem(
    "mandate_reference", "taken", _l("The mandate of another customer has this reference.")
)


Owned = list[tuple[int, Newcomer]]
"""Customers with the ids they were given."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a newcomer: skipped because the number exists, refused for a reason, or new.

    `in_trash` tells that the number is that of a customer in the trash. A reason that the record
    itself gives stands in `made` as well.
    """

    made: Newcomer
    is_skipped: bool = False
    in_trash: bool = False
    reason: str = ""

    @property
    def is_new(self) -> bool:
        return not (self.is_skipped or self.reason)


@dataclass(frozen=True, slots=True)
class Chunk:
    """For whom a chunk is written: the batch, the groups that everybody joins, numbers to leave."""

    batch_id: int
    groups: Sequence[int] = ()
    given: frozenset[str] = field(default_factory=frozenset)


def judge(newcomers: Sequence[Newcomer]) -> Iterator[Fate]:
    """What becomes of each, by what only the database knows and by those before them."""
    taken = queries.taken_numbers(_distinct(newcomers, lambda made: made.values["number"]))
    in_trash = queries.numbers_in_trash(taken) if taken else set()
    claimed = queries.taken_references(_distinct(newcomers, _reference))
    for made in newcomers:
        number, reference = made.values["number"], _reference(made).upper()
        if number in taken:
            yield Fate(made, is_skipped=True, in_trash=number in in_trash)
        elif made.reason or reference in claimed:
            taken_too = rows.sentence(REFERENCE_TAKEN) if reference in claimed else ""
            yield Fate(made, reason=f"{made.reason} {taken_too}".strip())
        else:
            taken |= {number} - {""}
            claimed |= {reference} - {""}
            yield Fate(made)


def write(newcomers: Sequence[Newcomer], chunk: Chunk) -> Counter[int]:
    """Write customers with everything they have; answers how many joined each group."""
    _give_numbers(newcomers, chunk.given)
    moment = now()
    ids = _insert_customers([rows.customer(made, moment) for made in newcomers])
    owned = [(ids[made.values["number"]], made) for made in newcomers]
    _make_references(owned)
    many: dict[type[Model], list[dict[str, Any]]] = defaultdict(list)
    for customer_id, made in owned:
        for model, row in rows.belongings(made, customer_id, chunk.batch_id, moment):
            many[model].append(row)
    for model, some in many.items():
        db.session.connection().execute(insert(model), some)
    _insert_bank(owned, moment)
    joined = _join_groups(owned, chunk.groups)
    index.add(list(ids.values()))
    announce("customers.imported", customer_ids=list(ids.values()))
    return joined


def _reference(made: Newcomer) -> str:
    return made.bank["mandate_reference"]


def _distinct(newcomers: Sequence[Newcomer], key: Callable[[Newcomer], str]) -> set[str]:
    return {key(made) for made in newcomers} - {""}


def _give_numbers(newcomers: Sequence[Newcomer], given: frozenset[str]) -> None:
    """The next free numbers for those who brought none."""
    unnumbered = [made for made in newcomers if not made.values["number"]]
    if not unnumbered:
        return
    first = numbers.reserve("customer", first_customer_number(), 0).start
    free = list(islice(_free_numbers(first, given), len(unnumbered)))
    numbers.reserve("customer", first, free[-1] - first + 1)
    for made, number in zip(unnumbered, free, strict=True):
        made.values["number"] = str(number)


def _free_numbers(first: int, given: frozenset[str]) -> Iterator[int]:
    for start in count(first, BLOCK):
        block = range(start, start + BLOCK)
        taken = queries.taken_numbers(map(str, block)) | given
        yield from (number for number in block if str(number) not in taken)


def _insert_customers(some: list[dict[str, Any]]) -> dict[str, int]:
    """Write the customers themselves and answer their ids by number."""
    inserted = insert(Customer).returning(Customer.number, Customer.id)
    return dict(db.session.connection().execute(inserted, some).all())


def _make_references(owned: Owned) -> None:
    """Give mandates that brought no reference one that nobody has."""
    wanting = [
        (customer_id, made)
        for customer_id, made in owned
        if not _reference(made) and needs_reference(made.bank)
    ]
    first = {next(references(made.values["number"], i)) for i, made in wanting}
    claimed = {_reference(made).upper() for _id, made in owned} | queries.taken_references(first)
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


def _join_groups(owned: Owned, chosen: Sequence[int]) -> Counter[int]:
    """Put each into the groups of its record, made where there are none, and into those chosen.

    A chosen group that somebody has deleted since is left out.
    """
    names = dict.fromkeys(name for _id, made in owned for name in made.groups)
    named = groups.groups_named(names) if names else {}
    everybodys = group_queries.known(chosen) if chosen else set()
    memberships = [
        (customer_id, group_id)
        for customer_id, made in owned
        for group_id in {named[name] for name in made.groups if name in named} | everybodys
    ]
    if memberships:
        groups.join_on_import(memberships)
    return Counter(group_id for _customer_id, group_id in memberships)
