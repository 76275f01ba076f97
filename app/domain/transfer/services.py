"""What happens in an import: a file is stored, read into a batch, and all of it is taken back.

A file becomes customers in chunks, each in a transaction of its own that the caller commits after
each step. What can be judged without the database is judged before it begins, so that others
wait for the writing only; and whenever an import is cut off, whole customers are left, in their
batch.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from types import MappingProxyType
from typing import Any

from sqlalchemy import delete, update

from app.core import audit, files
from app.core.database import db, now
from app.core.i18n import _, _l
from app.core.problems import Invalid, Problem, Refused
from app.domain.customers.services import erase_customers
from app.domain.groups import queries as groups
from app.domain.settings.queries import team
from app.domain.transfer import queries, rows, rules
from app.domain.transfer.chunk import Chunk, judge, write
from app.domain.transfer.models import ImportBatch, ImportedCustomer
from app.domain.transfer.reading import Reading, Record, Unreadable, check_bytes, read
from app.domain.transfer.record import bad_record
from app.domain.transfer.rules import State

CHUNK = 1000
"""Records, or customers to be removed, in one transaction."""
MOST_TOLD = 1000
"""Refusals, and skipped records, that a batch keeps to be told; all of them are counted."""


@dataclass(frozen=True, slots=True)
class How:
    """How files are read, '' where it is recognised, and the ids of groups that everybody joins."""

    encoding: str = ""
    separator: str = ""
    groups: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record that was not imported; line 0 is a file, or the rest of it, that is unreadable."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of some records; outcomes add up.

    Of those `skipped`, `in_trash` have the number of a customer in the trash.
    """

    new: int = 0
    skipped: int = 0
    in_trash: int = 0
    refused: list[Refusal] = field(default_factory=list)

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(
            new=self.new + other.new,
            skipped=self.skipped + other.skipped,
            in_trash=self.in_trash + other.in_trash,
            refused=[*self.refused, *other.refused],
        )


@dataclass(frozen=True, slots=True)
class Reverted:
    """How many customers were removed; `kept`, known at the end, are the numbers of the others."""

    removed: int = 0
    kept: list[str] = field(default_factory=list)


def begin_batch(file_names: Sequence[str], how: How | None = None) -> int:
    """Begin an import of these files, which the caller reads at once, and return its number."""
    how = how or How()
    batch = _new_batch(file_names, State.RUNNING)
    batch.encoding, batch.separator, batch.groups = how.encoding, how.separator, list(how.groups)
    db.session.flush()
    return batch.id


def keep_upload(data: bytes, longest: int) -> str:
    """Store a file that somebody brings and return its name; call it outside of a transaction.

    Raises Invalid for what cannot be a table or cards.
    """
    try:
        check_bytes(data, longest)
    except Unreadable as refusal:
        raise Invalid([Problem("file", "unreadable", refusal.reason)]) from refusal
    return files.keep(data)


def prepare_import(file_name: str, source: str) -> int:
    """Let a stored file be looked at before it is imported; returns the number of the import."""
    batch = _new_batch([file_name], State.PREVIEW)
    batch.source = batch.digest = source
    db.session.flush()
    return batch.id


def start_import(batch_id: int, how: How, records: int) -> None:
    """Let a process take up an import; `records` is about how many there are.

    Raises Refused for one that was started already, without records, and for groups that are not
    there.
    """
    batch = _known(batch_id)
    _check(rules.hindrance_to_start(batch_id, batch.state, queries.is_cut_off(batch)))
    if not records:
        raise Refused(rules.NO_ROWS)
    if set(how.groups) - groups.known(how.groups):
        raise Refused(_l("A group that was chosen is gone. Please choose again."))
    batch.encoding, batch.separator, batch.groups = how.encoding, how.separator, list(how.groups)
    batch.state, batch.beat_at, batch.records = State.WAITING, now(), records
    batch.user_name = audit.author()[1]
    audit.record("transfer", "started", subject=str(batch_id), changes=_told(batch))
    db.session.flush()


def discard_import(batch_id: int) -> None:
    """Forget an import that nobody has started; its file is the caller's to delete."""
    batch = _known(batch_id)
    _check(rules.hindrance_to_start(batch_id, batch.state, cut_off=False))
    audit.record("transfer", "discarded", subject=str(batch_id), changes=_told(batch))
    db.session.delete(batch)
    db.session.flush()


def forget_unstarted(before: datetime) -> Sequence[Any]:
    """Forget the imports that were prepared before this instant and that nobody has started.

    Answers them; their files are the caller's to delete, or the sweep's.
    """
    forgotten = queries.unstarted(before)
    db.session.execute(delete(ImportBatch).where(ImportBatch.id.in_([row.id for row in forgotten])))
    return forgotten


def run_import(batch_id: int, today: date) -> Iterator[Outcome]:
    """Do an import that waits: each step is a chunk, and the caller commits after each.

    Raises Refused if it does not wait (any more): a double start imports once.
    """
    source = _take_up(batch_id)
    (name,) = queries.how(batch_id).files
    yield Outcome()
    yield from import_file(batch_id, name, files.path_of(source).read_bytes(), today)
    end_batch(batch_id)
    yield Outcome()


def import_file(batch_id: int, name: str, data: bytes, today: date) -> Iterator[Outcome]:
    """Read a file into a batch: each step is a chunk, and the caller commits after each.

    The first step is empty, so that no transaction is open while the file is read. A customer
    number that somebody has is skipped; records that do not hold are refused and never stop the
    others. Whoever has no number gets the next one that is free and not given in this file.
    """
    home, how = team(), queries.how(batch_id)
    yield Outcome()
    given: frozenset[str] | None = None
    names: set[str] = set()
    for chunk in _chunks(_records(data, today, how)):
        newcomers = [rows.newcomer(record, home, today, names) for record in chunk]
        if given is None and not all(made.values["number"] for made in newcomers):
            given = _given_numbers(data, today, how)
        place = Chunk(batch_id, how.groups, given or frozenset())
        yield _import_chunk(place, name, newcomers)


def refuse_file(batch_id: int, name: str, reason: str) -> Outcome:
    """Tell of a file of the batch that there is nothing to read in it."""
    outcome = Outcome(refused=[Refusal(name, 0, reason)])
    _keep_count(batch_id, outcome)
    return outcome


def end_batch(batch_id: int) -> None:
    """All files of an import have been read."""
    _end(batch_id, State.FINISHED)


def break_off(batch_id: int) -> None:
    """An import cannot go on, because something broke."""
    _end(batch_id, State.FAILED)


def begin_revert(batch_id: int) -> None:
    """Let an import be taken back; `revert_batch` does it.

    Raises Refused for an unknown batch, for one that is going on, that was reverted, or that ended
    without anybody new.
    """
    batch = _known(batch_id)
    _check(rules.hindrance_to_revert(batch_id, batch.state, queries.is_cut_off(batch), batch.new))
    batch.state, batch.beat_at = State.REVERTING, now()
    db.session.flush()


def revert_batch(batch_id: int) -> Iterator[Reverted]:
    """Remove the customers of an import whom nobody has touched since, with all they have.

    Each step is a chunk, and the caller commits after each; the last tells who is kept. Somebody
    who lies in the trash has been touched. Groups that the import made stay. Raises Refused like
    `begin_revert`.
    """
    if queries.state_of(batch_id) != State.REVERTING:
        begin_revert(batch_id)
    while untouched := queries.untouched(batch_id, CHUNK):
        erase_customers([row.id for row in untouched])
        changes = [("customer", f"{row.number} {row.name}", None) for row in untouched]
        audit.record("transfer", "reverted", subject=str(batch_id), changes=changes)
        _write(batch_id, beat_at=now(), removed=ImportBatch.removed + len(untouched))
        yield Reverted(len(untouched))
    _write(batch_id, state=State.REVERTED, reverted_at=now(), source=None)
    yield Reverted(kept=queries.numbers_of(batch_id))


@contextmanager
def without_collecting() -> Iterator[None]:
    """Rows make no cycles, and looking for some after every few hundred takes a tenth longer."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def forget_customers(customer_ids: Sequence[int]) -> None:
    """Customers left for good: no import has them any more."""
    of_them = ImportedCustomer.customer_id.in_(customer_ids)
    db.session.execute(delete(ImportedCustomer).where(of_them))


def _new_batch(file_names: Sequence[str], state: State) -> ImportBatch:
    _user_id, user_name = audit.author()
    moment, names = now(), list(file_names)
    batch = ImportBatch(at=moment, user_name=user_name, files=names, state=state, beat_at=moment)
    db.session.add(batch)
    return batch


def _known(batch_id: int) -> ImportBatch:
    batch = queries.batch(batch_id)
    if batch is None:
        raise Refused(_l("There is no import %(number)d.", number=batch_id))
    return batch


def _check(hindrance: Any) -> None:
    if hindrance:
        raise Refused(hindrance)


def _told(batch: ImportBatch) -> list[audit.Change]:
    """What the audit trail tells of an import: its file, how it is read and who joins what."""
    paths = dict(groups.options()) if batch.groups else {}
    values = {"files": batch.files, "encoding": batch.encoding, "separator": batch.separator}
    return audit.difference({}, values | {"groups": [paths[str(one)] for one in batch.groups]})


def _take_up(batch_id: int) -> str:
    """Make a waiting import a running one, and answer where its file is."""
    waiting = update(ImportBatch).where(ImportBatch.id == batch_id)
    waiting = waiting.where(ImportBatch.state == State.WAITING).returning(ImportBatch.source)
    source = db.session.scalar(waiting.values(state=State.RUNNING, beat_at=now()))
    if source is None:
        raise Refused(_l("Import %(number)d does not wait to be run.", number=batch_id))
    return source


def _records(data: bytes, today: date, how: Any) -> Iterator[Record]:
    """The records of a file; where reading ends early, the last one tells why."""
    try:
        yield from _reading(data, today, how).to_the_end()
    except Unreadable as end:
        yield bad_record(0, "unreadable", end.reason)


def _reading(data: bytes, today: date, how: Any) -> Reading:
    return read(data, today, encoding=how.encoding or None, sep=how.separator or None)


def _chunks(records: Iterator[Record]) -> Iterator[list[Record]]:
    while chunk := list(islice(records, CHUNK)):
        yield chunk


def _given_numbers(data: bytes, today: date, how: Any) -> frozenset[str]:
    """The customer numbers in a file, which automatic ones must not take from their owners."""
    try:
        reading = _reading(data, today, how)
    except Unreadable:
        return frozenset()
    if "number" not in [column for _header, column in reading.columns]:
        return frozenset()
    return frozenset(record.values["number"] for record in reading.to_the_end())


def _import_chunk(place: Chunk, name: str, newcomers: list[rows.Newcomer]) -> Outcome:
    """Write those who may be; what only the database knows is asked here."""
    if queries.state_of(place.batch_id) != State.RUNNING:
        raise Refused(_("Import %(number)d was stopped.", number=place.batch_id))
    fates = list(judge(newcomers))
    welcome = [fate.made for fate in fates if fate.is_new]
    refused = [Refusal(name, fate.made.line, fate.reason) for fate in fates if fate.reason]
    joined = write(welcome, place) if welcome else Counter[int]()
    outcome = Outcome(
        new=len(welcome),
        skipped=sum(fate.is_skipped for fate in fates),
        in_trash=sum(fate.in_trash for fate in fates),
        refused=refused,
    )
    skips = [
        [name, fate.made.line, fate.made.values["number"], fate.in_trash]
        for fate in fates
        if fate.is_skipped
    ]
    _keep_count(place.batch_id, outcome, skips, joined)
    return outcome


def _keep_count(
    batch_id: int,
    outcome: Outcome,
    skips: Sequence[list[Any]] = (),
    joined: Mapping[int, int] = MappingProxyType({}),
) -> None:
    """Add to what the batch tells of itself, and let its heart beat."""
    known = queries.tally(batch_id)
    refusals = [[refusal.file, refusal.line, refusal.reason] for refusal in outcome.refused]
    refusals = refusals[: MOST_TOLD - len(known.refusals)]
    skips = skips[: MOST_TOLD - len(known.skips)]
    members = Counter(known.joined) + Counter({str(key): n for key, n in joined.items()})
    _write(
        batch_id,
        beat_at=now(),
        new=known.new + outcome.new,
        skipped=known.skipped + outcome.skipped,
        in_trash=known.in_trash + outcome.in_trash,
        refused=known.refused + len(outcome.refused),
        **({"refusals": [*known.refusals, *refusals]} if refusals else {}),
        **({"skips": [*known.skips, *skips]} if skips else {}),
        **({"joined": dict(members)} if joined else {}),
    )


def _end(batch_id: int, state: State) -> None:
    ended = update(ImportBatch).where(ImportBatch.id == batch_id)
    ended = ended.where(ImportBatch.state == State.RUNNING)
    db.session.execute(ended.values(state=state, ended_at=now(), beat_at=now(), source=None))


def _write(batch_id: int, **values: Any) -> None:
    db.session.execute(update(ImportBatch).where(ImportBatch.id == batch_id).values(**values))
