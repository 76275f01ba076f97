"""What is asked about imports: before customers come, while they do, before they are taken back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, exists, or_, select
from werkzeug.exceptions import NotFound

from app.core import background, paging
from app.core.audit import AuditEntry
from app.core.database import db, now, table
from app.core.i18n import _l
from app.core.paging import Page
from app.domain.banking.models import Mandate
from app.domain.customers.models import Customer
from app.domain.transfer import rules
from app.domain.transfer.models import ImportBatch, ImportedCustomer
from app.domain.transfer.rules import State

PAGE = 20
LONGEST_LIST = 200
"""Numbers of kept customers that a page tells."""

BATCH = table(ImportBatch).c
OF = BATCH.id == bindparam("batch_id")
HOW = select(BATCH.files, BATCH.encoding, BATCH.separator, BATCH.groups).where(OF)
STATE = select(BATCH.state).where(OF)
TALLY = select(
    *(BATCH.new, BATCH.skipped, BATCH.in_trash, BATCH.refused),
    *(BATCH.refusals, BATCH.skips, BATCH.joined),
).where(OF)
SHOWN = select(
    BATCH.id,
    BATCH.at,
    BATCH.user_name,
    BATCH.files,
    BATCH.state,
    BATCH.source,
    BATCH.digest,
    BATCH.encoding,
    BATCH.separator,
    BATCH.groups,
    BATCH.records,
    BATCH.new,
    BATCH.skipped,
    BATCH.in_trash,
    BATCH.refused,
    BATCH.removed,
    BATCH.joined,
    BATCH.beat_at,
    BATCH.ended_at,
    BATCH.reverted_at,
)
ONE = SHOWN.where(OF)
LATEST = SHOWN.order_by(BATCH.id.desc()).limit(PAGE + 1)
REFUSALS = select(BATCH.refusals).where(OF)
SKIPS = select(BATCH.skips).where(OF)
UNSTARTED = select(BATCH.id, BATCH.at, BATCH.source).where(
    BATCH.state == State.PREVIEW, BATCH.at < bindparam("before")
)
NAMED = select(BATCH.id, BATCH.source).where(
    BATCH.state.in_(rules.UNREAD), BATCH.source.is_not(None)
)

TOLD_LATER = exists().where(
    AuditEntry.customer_id == Customer.id,
    or_(AuditEntry.area != "transfer", AuditEntry.action != "imported"),
)
UNTOUCHED = and_(Customer.changed_at == ImportedCustomer.changed_at, ~TOLD_LATER)
CREATED = (
    select(Customer.id, Customer.number, Customer.name)
    .join(ImportedCustomer, ImportedCustomer.customer_id == Customer.id)
    .order_by(Customer.id)
)

SAME_FILE = (
    select(BATCH.id, BATCH.at)
    .where(BATCH.digest == bindparam("digest"), BATCH.state.in_(rules.BROUGHT_IN))
    .order_by(BATCH.id.desc())
    .limit(1)
)
NEWEST = (
    select(Customer.id, Customer.number, Customer.name, Customer.town, Customer.removed_at)
    .join(ImportedCustomer, ImportedCustomer.customer_id == Customer.id)
    .where(ImportedCustomer.batch_id == bindparam("batch_id"))
    .order_by(ImportedCustomer.customer_id.desc())
)
NUMBERED = select(Customer.number, Customer.id, Customer.name).where(
    Customer.number.in_(bindparam("numbers", expanding=True))
)


@dataclass(frozen=True)
class Batches:
    """A page of imports, newest first; `older` is the id to go on before, None at the end."""

    rows: list[Any]
    older: int | None


def batch(batch_id: int) -> ImportBatch | None:
    """The import of this number, as it is now."""
    return db.session.get(ImportBatch, batch_id, populate_existing=True)


def shown(batch_id: int) -> Any:
    """What a page tells of an import; NotFound if there is none."""
    found = db.session.execute(ONE, {"batch_id": batch_id}).first()
    if found is None:
        raise NotFound
    return found


def batches(before: int | None) -> Batches:
    """Imports, newest first, older than `before`."""
    asked = LATEST if before is None else LATEST.where(BATCH.id < before)
    found = list(db.session.execute(asked))
    older = found[PAGE - 1].id if len(found) > PAGE else None
    return Batches(found[:PAGE], older)


def imported_already(digest: str | None) -> Any:
    """The latest import of the same file that was not taken back: id and instant, or None."""
    return db.session.execute(SAME_FILE, {"digest": digest}).first() if digest else None


def how(batch_id: int) -> Any:
    """The files of an import, and how they are read: encoding, separator, groups."""
    return db.session.execute(HOW, {"batch_id": batch_id}).one()


def state_of(batch_id: int) -> str | None:
    return db.session.scalar(STATE, {"batch_id": batch_id})


def tally(batch_id: int) -> Any:
    """What an import has told of itself so far."""
    return db.session.execute(TALLY, {"batch_id": batch_id}).one()


def refusals(batch_id: int) -> list[tuple[str, int, str]]:
    """The first records that were refused: file, line and reason."""
    return [tuple(kept) for kept in db.session.scalar(REFUSALS, {"batch_id": batch_id}) or ()]


def skips(batch_id: int) -> list[tuple[str, int, str, bool]]:
    """The first that were skipped: file, line, number and whether its customer was in the trash."""
    return [tuple(kept) for kept in db.session.scalar(SKIPS, {"batch_id": batch_id}) or ()]


def is_cut_off(found: Any) -> bool:
    """Whether an import (or what takes it back) should be going on and is not.

    A process writes that it has ended before it lets go of its lock. So whoever finds no process
    looks once more, beside the transaction that read `found`: it may have ended since.
    """
    is_held = found.state in rules.GOING_ON and background.is_held(rules.job(found.id))
    if not rules.is_cut_off(found.state, found.beat_at, is_held, now()):
        return False
    with db.engine.connect().execution_options(read_only=True) as aside:
        return aside.scalar(STATE, {"batch_id": found.id}) == found.state


def unstarted(before: datetime) -> Sequence[Any]:
    """Imports that nobody has started since then: id, instant and stored file."""
    return db.session.execute(UNSTARTED, {"before": before}).all()


def needed_files(prefix: str) -> dict[str, Any]:
    """The stored files that an import is still to read, as `files.named` asks."""
    found = db.session.execute(NAMED)
    return {
        row.source: _l("import %(number)d", number=row.id)
        for row in found
        if row.source.startswith(prefix)
    }


def customers(batch_id: int, before: int | None) -> Page:
    """Who came with an import and is still there, in the trash too; the last of the file first."""
    asked = NEWEST if before is None else NEWEST.where(ImportedCustomer.customer_id < before)
    return paging.page(asked, {"batch_id": batch_id})


def untouched(batch_id: int, limit: int) -> Sequence[Any]:
    """The first customers of an import that nobody has touched since: id, number and name."""
    chosen = CREATED.where(ImportedCustomer.batch_id == batch_id, UNTOUCHED)
    return db.session.execute(chosen.limit(limit)).all()


def numbers_of(batch_id: int, limit: int | None = None) -> list[str]:
    """The numbers of the customers that an import created and that are still there."""
    chosen = CREATED.where(ImportedCustomer.batch_id == batch_id).limit(limit)
    return [row.number for row in db.session.execute(chosen)]


def customers_numbered(numbers: Iterable[str]) -> dict[str, Any]:
    """Who has these customer numbers, in the trash or not: id and name by number."""
    found = db.session.execute(NUMBERED, {"numbers": list(numbers)})
    return {row.number: row for row in found}


def taken_numbers(numbers: Iterable[str]) -> set[str]:
    """Which of these customer numbers somebody has."""
    chosen = select(Customer.number).where(Customer.number.in_(list(numbers)))
    return set(db.session.scalars(chosen))


def numbers_in_trash(numbers: Iterable[str]) -> set[str]:
    """Which of these customer numbers somebody in the trash has."""
    chosen = select(Customer.number).where(Customer.number.in_(list(numbers)))
    return set(db.session.scalars(chosen.where(Customer.removed_at.is_not(None))))


def taken_references(references: Iterable[str]) -> set[str]:
    """Which of these mandate references a mandate has, in force or not; in capitals."""
    wanted = {reference.upper() for reference in references}
    chosen = select(Mandate.reference_key).where(Mandate.reference_key.in_(wanted))
    return set(db.session.scalars(chosen))
