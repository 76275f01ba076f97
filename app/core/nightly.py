"""What is done once a night, by the clocks where the team works; each night is remembered.

A worker that starts in the morning does what the night before did not. docs/operating.md tells
the operator.
"""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta
from typing import Any

from flask import current_app, g
from sqlalchemy import JSON, Date, String, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.core import i18n
from app.core.database import Model, UTCDateTime, db, now, short_transaction, table, writing
from app.core.jobs import Nightly

BEGINS = timedelta(hours=3)
"""When a night's work begins, after midnight."""
AGAIN = timedelta(hours=1)
"""When work that failed or was cut off is begun again, after it began."""
BROKEN = "broken"


class NightlyRun(Model):
    """How the work of this name went last; without `ended_at` it runs, or was cut off.

    `error` is a code in the words of the work, `told` what it has to tell.
    """

    __tablename__ = "nightly_run"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    night: Mapped[date] = mapped_column(Date)
    began_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    error: Mapped[str] = mapped_column(String(40), default="")
    told: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class Unfinished(Exception):
    """The work could not be done, or not all of it: `code` says why, `told` more."""

    def __init__(self, code: str, **told: Any):
        super().__init__(code, told)
        self.code, self.told = code, told


RUNS = table(NightlyRun).c
ALL = select(*RUNS)


def runs() -> dict[str, Any]:
    """How each work went last, by its name."""
    return {row.name: row for row in db.session.execute(ALL)}


def night_of(local: datetime) -> date:
    """The day that the night belongs to which began last: until three o'clock the day before."""
    return (local - BEGINS).date()


def is_due(last: Any | None, night: date, moment: datetime) -> bool:
    """Whether work is to be begun that went like this the last time."""
    if last is None or last.night < night:
        return True
    is_done = last.ended_at is not None and not last.error
    return last.night == night and not is_done and moment - last.began_at >= AGAIN


def is_late(last: Any, local: datetime) -> bool:
    """Whether a night has begun an hour ago at least that is not this one's."""
    return last.night < night_of(local - AGAIN)


def do(work: Nightly) -> None:
    """Do the work if it is due, and remember how it went."""
    g.writing = False  # to look once a minute takes no lock
    moment = now()
    night = night_of(i18n.here(moment))
    last = runs().get(work.name)
    writing()
    if is_due(last, night, moment):
        _remember(work, night=night, began_at=moment, ended_at=None, error="", told={})
        error, told = _done(work)
        _remember(work, night=night, began_at=moment, ended_at=now(), error=error, told=told)


def _done(work: Nightly) -> tuple[str, dict[str, Any]]:
    """Whatever happens is told, so that the rest of the night is not lost."""
    try:
        return "", dict(work.run() or {})
    except Unfinished as why:
        current_app.logger.error("Nightly work %s: %s %s", work.name, why.code, why.told)
        return why.code, why.told
    except Exception:
        reference = secrets.token_hex(4)
        current_app.logger.exception("Nightly work %s broke, reference %s", work.name, reference)
        return BROKEN, {"reference": reference}
    finally:
        db.session.rollback()


def _remember(work: Nightly, **facts: Any) -> None:
    row = insert(table(NightlyRun)).values(name=work.name, **facts)
    with short_transaction() as connection:
        connection.execute(row.on_conflict_do_update(index_elements=["name"], set_=facts))
