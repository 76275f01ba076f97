"""A house under measurement: the application and the floor, each over a copy of its own."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import event

from app import create_app
from app.config import configuration
from app.core.database import db
from app.domain.customers.queries import find
from bench import floor, imprint, sending
from bench.houses import House, environment
from bench.servers import Server, gunicorn
from bench.visitor import Visitor
from bench.work import PROBES, Work, group_of

SEED = 20261120
TYPICAL = """
    SELECT id FROM customer c WHERE kind = 'person' AND (NOT EXISTS (SELECT 1 FROM mandate)
    OR EXISTS (SELECT 1 FROM mandate WHERE customer_id = c.id AND state = 'on_hand'))
    AND id > 100 LIMIT 1
"""


@dataclass
class Site:
    house: House
    app: Server
    visitor: Visitor
    below: Visitor
    ids: list[int]

    def customer(self, work: Work, n: int) -> int:
        return 1 if work.one else self.ids[n % len(self.ids)]


@contextmanager
def opened(house: House, works: Sequence[Work], folder: Path, port: int) -> Iterator[Site]:
    """Start both servers over copies of the house and sign in."""
    above = house.copy(folder / "above")
    below = house.copy(folder / "below")
    for copy in (above, below):
        sending.furnish(copy)
    searches = _searches(above)
    told = folder / "floor.json"
    with ExitStack() as stack:
        here = environment(above.data, PORT=str(port))
        app = stack.enter_context(gunicorn("wsgi:app", port, here))
        visitor = stack.enter_context(closing(Visitor(port)))
        visitor.sign_in()
        templates = _templates(above, works, visitor, searches)
        told.write_text(
            json.dumps(
                {"database": str(below.database), "templates": templates, "searches": searches}
            )
        )
        there = environment(below.data, BENCH_FLOOR=str(told))
        stack.enter_context(gunicorn("bench.floor:app", port + 1, there))
        other = stack.enter_context(closing(Visitor(port + 1)))
        ids = Random(SEED).sample(range(2, house.kind.customers + 1), 500)
        yield Site(above, app, visitor, other, ids)


def _searches(house: House) -> list[tuple[str, list[Any]]]:
    """The statement and values by which the application lists what each probe finds."""
    app = create_app(configuration(data=house.data))
    found = []
    with app.app_context():
        for probe in PROBES:
            sent: list[tuple[str, list[Any]]] = []

            def note(_c: Any, _cursor: Any, sql: str, values: Any, *_more: Any) -> None:
                sent.append((sql, list(values)))  # noqa: B023 (called before the next probe)

            event.listen(db.engine, "before_cursor_execute", note)
            find(probe)
            event.remove(db.engine, "before_cursor_execute", note)
            found.append(next(s for s in sent if "search_entry" in s[0] and "count(" not in s[0]))
        db.session.remove()
        db.engine.dispose()
    return found


def _templates(
    house: House, works: Sequence[Work], visitor: Visitor, searches: list[tuple[str, list[Any]]]
) -> dict[str, str]:
    """The floor's template for each kind of work, from the application's answer to it."""
    made = {}
    with closing(sqlite3.connect(house.database)) as connection:
        connection.row_factory = sqlite3.Row
        typical = connection.execute(TYPICAL).fetchone()["id"]
        for work in works:
            customer_id = 1 if work.one else typical
            answer = visitor.send(work.app(visitor, 0, customer_id))
            if answer.status != 200:
                raise RuntimeError(f"{work.label}: the application answered {answer.status}")
            if work.key == "search":
                first = connection.execute(*searches[0]).fetchone()
                made["search"] = imprint.of_list(answer.text, first)
            elif work.key == "by_group":
                group = floor.rows_of("by_group", connection, group_of(customer_id))
                made["by_group"] = imprint.of_list(answer.text, group["rows"][0])
            else:
                rows = floor.rows_of(work.key, connection, customer_id)
                made[work.key] = imprint.of_page(answer.text, rows)
    return made
