from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model, UTCDateTime
from app.domain.transfer.rules import State


class ImportBatch(Model):
    """One import: what it read and what became of it; its id is the batch number.

    `source` names the stored file while it waits to be read (a page's import), `encoding` and
    `separator` are '' where they are recognised, `groups` the ids of groups that everybody joins,
    `records` about how many there are, 0 if nobody counted. The counts, who `joined` which group
    (its id as text → how many), the first `refusals` ([file, line, reason]) and the first `skips`
    ([file, line, number, whether its customer is in the trash]) are written after every chunk, with
    `beat_at`, when it was heard of last. Of those `skipped`, `in_trash` have the number of a
    customer in the trash. `removed` are those whom taking it back has removed. `digest` is that of
    the file of a page's import, by which the same one is recognised later.

    The number of an import that was discarded is not given again: somebody may still see its page.
    """

    __tablename__ = "import_batch"
    __table_args__ = (Index("ix_import_batch_digest", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    user_name: Mapped[str] = mapped_column(String(200), default="")
    files: Mapped[list[str]] = mapped_column(JSON, default=list)
    reverted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    state: Mapped[str] = mapped_column(String(12), default=State.RUNNING)
    source: Mapped[str | None] = mapped_column(String(64))
    digest: Mapped[str | None] = mapped_column(String(64))
    encoding: Mapped[str] = mapped_column(String(40), default="")
    separator: Mapped[str] = mapped_column(String(4), default="")
    groups: Mapped[list[int]] = mapped_column(JSON, default=list)
    records: Mapped[int] = mapped_column(default=0)
    new: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[int] = mapped_column(default=0)
    in_trash: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    refusals: Mapped[list[Any]] = mapped_column(JSON, default=list)
    skips: Mapped[list[Any]] = mapped_column(JSON, default=list)
    joined: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    removed: Mapped[int] = mapped_column(default=0)
    beat_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ImportedCustomer(Model):
    """A customer that an import created, with the instant after which a change is somebody's."""

    __tablename__ = "imported_customer"
    __table_args__ = (Index("ix_imported_customer_batch", "batch_id"),)

    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customer.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    batch_id: Mapped[int] = mapped_column(ForeignKey("import_batch.id", ondelete="RESTRICT"))
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    groups: Mapped[list[str]] = mapped_column(JSON, default=list)
