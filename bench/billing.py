"""What a document of 50 lines costs: kept as a draft, and issued with its PDF."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import NamedTuple

from app.core import rendering
from app.core.database import db
from app.domain.factura import paper, queries, services
from app.domain.factura.rules import Kind, LineValues
from bench.floor import PRAGMAS
from bench.houses import House
from bench.sending import opened

LINES, TURNS = 50, 20
CUSTOMER = 1


class Spent(NamedTuple):
    """Milliseconds: a draft kept, the same rows inserted raw; issued and kept as a PDF, and what
    of that was drawing."""

    saved: float
    inserted: float
    issued: float
    drawn: float


def document(house: House) -> Spent:
    """Medians of so many documents of one customer."""
    with opened(house):
        rendering.start(1)
        turns = [_turn() for _ in range(TURNS + 1)][1:]  # the first one reads fonts
        rendering.stop()
    inserted = _insert(house.database, turns[-1][0])
    saved, issued, drawn = (median(turn[at] for turn in turns) * 1000 for at in (1, 2, 3))
    return Spent(saved, inserted, issued, drawn)


def _turn() -> tuple[int, float, float, float]:
    began = time.perf_counter()
    document_id = services.add_draft(_values())
    db.session.commit()
    saved = time.perf_counter()
    services.issue(document_id)
    db.session.commit()
    paper.pdf_of(document_id)
    issued = time.perf_counter()
    rendering.render_pdf(paper.html_of(document_id))
    drawn = time.perf_counter()
    return document_id, saved - began, issued - saved, drawn - issued


def _values() -> dict[str, object]:
    lines = [
        LineValues(text=f"Leistung {n}", quantity=Decimal(n), price=Decimal("12.34"))
        for n in range(1, LINES + 1)
    ]
    return queries.fresh(Kind.INVOICE, CUSTOMER) | {"subject": "Gemessen", "lines": lines}


def _insert(database: Path, document_id: int) -> float:
    """Milliseconds of the rows of a document by raw SQL, as often."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        return median(_inserted(connection, document_id) for _ in range(TURNS)) * 1000


def _inserted(connection: sqlite3.Connection, document_id: int) -> float:
    def columns(table: str) -> list[str]:
        return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]

    own = {"id": "NULL", "number": "NULL", "key": "NULL"}
    head = columns("factura_document")
    lines = columns("factura_line")
    told = ", ".join(own.get(name, name) for name in head)
    began = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    added = connection.execute(
        f"INSERT INTO factura_document SELECT {told} FROM factura_document WHERE id = ?",
        [document_id],
    ).lastrowid
    told = ", ".join("?" if name == "document_id" else name for name in lines)
    connection.execute(
        f"INSERT INTO factura_line SELECT {told} FROM factura_line WHERE document_id = ?",
        [added, document_id],
    )
    connection.execute("COMMIT")
    return time.perf_counter() - began
