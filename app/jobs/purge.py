"""Every night: deletes for good what has been in the trash for long, and what is of no use now."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.core import outbox, sweep
from app.core.database import db, now
from app.core.jobs import Nightly
from app.core.registry import registry
from app.domain.customers import services as customers
from app.domain.customers.rules import TRASH_DAYS
from app.domain.factura import index

MOST_TOLD = 20
"""How many customer numbers are told."""


@dataclass
class Purged:
    """Who went, whom something kept, and the files that went with them or `stay`."""

    erased: int = 0
    kept: list[str] = field(default_factory=list)
    files: int = 0
    stay: int = 0


def purge(before: datetime) -> Purged:
    """Delete for good who came into the trash before an instant, files included.

    A customer who must be kept is told and stops nobody; a file that somebody else has, too, or
    that came just now, stays. It commits by itself, so begin it with nothing unsaved.
    """
    needed = sweep.needed()
    purged = Purged()
    for step in customers.purge_trash(before):
        db.session.commit()
        purged.erased += len(step.erased)
        purged.kept += step.kept
    for _step in index.settle() if purged.erased else ():
        db.session.commit()
    purged.files, purged.stay = sweep.drop_needless(needed)
    return purged


def _run() -> dict[str, Any]:
    purged = purge(now() - timedelta(days=TRASH_DAYS))
    _forget_deliveries()
    return {"erased": purged.erased, "kept": sorted(purged.kept)[:MOST_TOLD]}


def _forget_deliveries() -> None:
    moment = now()
    for delivery in registry().deliveries().values():
        if delivery.kept is not None:
            outbox.forget(delivery.kind, moment - delivery.kept)
    db.session.commit()


job = Nightly(name="purge", run=_run, order=10)
