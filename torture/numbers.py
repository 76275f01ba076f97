"""Many issue at once, some change their mind, some are killed: no number is lost or given twice.

Processes on one database file issue documents of two kinds. Every now and then one rolls back what
it has issued already, and SIGKILL hits while transactions are open. What is there in the end must
be numbered from the start on without a gap, on days that go the way numbers go; a number that was
told to its process as committed must be there.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app import create_app
from app.config import configuration
from app.core.database import db, table
from app.domain.customers import services as customers
from app.domain.factura import services as factura
from app.domain.factura.models import FacturaDocument
from app.domain.factura.rules import Kind, State
from tests.factories import customer_values, draft_values

KINDS = (Kind.INVOICE, Kind.QUOTE)
ROLLED_BACK = 0.2
"""How often somebody changes their mind."""
MOST_SECONDS = 3600

DOCUMENT = table(FacturaDocument).c


@dataclass(frozen=True)
class Outcome:
    """What a trial left: the numbers of each kind, what is wrong with them, how it went."""

    issued: Counter[str]
    gaps: list[str]
    doubles: list[str]
    lost: set[str]
    kills: int
    rolled_back: int

    @property
    def is_good(self) -> bool:
        return not self.gaps and not self.doubles and not self.lost


def trial(folder: Path, *, processes: int, each: int, kills: int) -> Outcome:
    """So many processes issue so many documents each, and so many of them are killed on the way.

    Whoever is killed is replaced, and goes on with what was left to do.
    """
    house = _house(folder)
    with house.app_context():
        customer_id = customers.create_customer(customer_values())
        db.session.commit()
        db.engine.dispose()
    context = multiprocessing.get_context("spawn")
    logs = [folder / f"issuer-{n}.log" for n in range(processes)]
    workers = {log: _start(context, folder, log, customer_id, each) for log in logs}
    left = kills
    until = time.monotonic() + MOST_SECONDS
    while workers:
        assert time.monotonic() < until, "issuing took too long"
        time.sleep(0.05)
        for log, worker in list(workers.items()):
            if left and _lines(log) and random.random() < 0.3:
                os.kill(worker.pid or 0, signal.SIGKILL)
                left -= 1
            if not worker.is_alive():
                worker.join()
                del workers[log]
                if worker.exitcode == -signal.SIGKILL:
                    workers[log] = _start(context, folder, log, customer_id, each)
                else:
                    assert worker.exitcode == 0, f"an issuer failed: {log.read_text()}"
    return _outcome(house, logs, kills - left)


def issue_many(folder: str, log: str, customer_id: int, each: int) -> None:
    """What one process does: issue until `each` numbers stand in its log, which it writes last."""
    house = _house(Path(folder), fresh=False)
    random.seed(os.getpid())
    with house.app_context(), open(log, "a", buffering=1) as told:
        left = each - len(_committed(Path(log)))
        while left > 0:
            number = _issue_one(customer_id)
            told.write(f"{number or 'rolled back'}\n")
            left -= number is not None
            time.sleep(0.002)  # SQLite's lock knows no queue, and somebody else would starve


def _issue_one(customer_id: int) -> str | None:
    """The kind and number that were issued; None if it was rolled back, or had to wait too long."""
    kind = random.choice(KINDS)
    try:
        number = factura.issue(factura.add_draft(draft_values(customer_id, kind)))
        if random.random() >= ROLLED_BACK:
            db.session.commit()
            return f"{kind} {number}"
    except OperationalError:
        pass
    db.session.rollback()
    return None


def _house(folder: Path, *, fresh: bool = True) -> Flask:
    settings = configuration(data=folder, secret_key="k" * 48)
    house = create_app(settings | {"TESTING": True, "WAKE": lambda _delay: None})
    if fresh:
        with house.app_context():
            upgrade()
    return house


def _start(context: Any, folder: Path, log: Path, customer_id: int, each: int) -> Any:
    worker = context.Process(target=issue_many, args=(str(folder), str(log), customer_id, each))
    worker.start()
    return worker


def _lines(log: Path) -> list[str]:
    return log.read_text().splitlines() if log.exists() else []


def _committed(log: Path) -> list[str]:
    return [line for line in _lines(log) if line.count(" ") == 1 and line != "rolled back"]


def _outcome(house: Flask, logs: list[Path], kills: int) -> Outcome:
    with house.app_context():
        asked = select(DOCUMENT.kind, DOCUMENT.number, DOCUMENT.issued_on, DOCUMENT.id)
        rows = db.session.execute(asked.where(DOCUMENT.state == State.ISSUED)).all()
    issued = Counter(f"{row.kind} {row.number}" for row in rows)
    told = Counter(line for log in logs for line in _committed(log))
    return Outcome(
        issued=Counter(row.kind for row in rows),
        gaps=[kind for kind in KINDS if not _is_whole(kind, [r for r in rows if r.kind == kind])],
        doubles=[number for given in (issued, told) for number, n in given.items() if n > 1],
        lost=set(told) - set(issued),
        kills=kills,
        rolled_back=sum(_lines(log).count("rolled back") for log in logs),
    )


def _is_whole(kind: str, rows: list[Any]) -> bool:
    """Whether each year's numbers go from 1 up, and the days with them."""
    places = sorted((row.issued_on.year, int(row.number.rpartition("-")[2])) for row in rows)
    years = Counter(year for year, _value in places)
    wanted = [(year, n) for year, most in sorted(years.items()) for n in range(1, most + 1)]
    days = [row.issued_on for row in sorted(rows, key=lambda row: row.number)]
    return places == wanted and days == sorted(days)
