"""Serials: the worker makes mails and letters for many, some at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from app.core import audit, jobs, outbox
from app.core.database import db, writing
from app.core.jobs import Deliver, Delivery
from app.core.outbox import Later
from app.domain.serials import queries
from app.domain.serials.production import produce
from app.domain.serials.services import JOB

KEPT = timedelta(days=30)
SOON = timedelta(seconds=10)


@contextmanager
def _session() -> Iterator[Deliver]:
    yield _deliver


def _deliver(entry: Any) -> None:
    """Do what there is to do for a serial, as the colleague who started it.

    Only for the latest entry of it, and not before another thread is done with one before: two
    would render the same letters.
    """
    serial = queries.serial_if_there(entry.payload["serial_id"])
    if serial is None or serial.outbox_id != entry.id:
        return
    if queries.is_in_hand(JOB, serial.id, entry.id):
        raise Later(SOON)
    writing()
    with audit.acting(serial.user_id, serial.user_name):
        for _step in produce(serial.id, entry.tries):
            db.session.commit()
            outbox.renew(entry.id)
            if jobs.is_ending():
                raise Later


job = Delivery(kind=JOB, session=_session, kept=KEPT)
