"""Bringing in 10,000 customers: the command, and the same rows by raw sqlite3."""

from __future__ import annotations

import csv
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from app.demo.invented import Inventor
from bench.floor import PRAGMAS
from bench.houses import House, flask

ROWS = 10_000
HEADER = """
    Anrede Titel Vorname Nachname Firma Strasse PLZ Ort Land E-Mail Telefon Geburtstag
    Kontoinhaber IBAN BIC Notiz
"""
TABLES = (
    *("customer", "customer_email", "customer_phone", "bank_account", "comment", "audit_entry"),
    *("search_entry", "import_batch", "imported_customer"),
)

MOVED = """
    SELECT new.* FROM search_entry new JOIN old.search_entry one USING (customer_id)
    WHERE new.label <> one.label
"""


def import_both(house: House, folder: Path) -> tuple[float, float]:
    """Seconds of the command (its start included), and of inserting the rows it made."""
    above, below = house.copy(folder / "above"), house.copy(folder / "below")
    file = folder / "customers.csv"
    _write_table(file)
    with closing(sqlite3.connect(above.database)) as connection:
        before = {table: _last(connection, table) for table in TABLES}
    begun = time.perf_counter()
    flask(above.data, "customers", "import", str(file), "--json")
    seconds = time.perf_counter() - begun
    with closing(sqlite3.connect(above.database)) as connection:
        connection.execute("ATTACH ? AS old", (str(below.database),))
        rows = {
            table: connection.execute(
                f"SELECT * FROM {table} WHERE {_key(table)} > ?", (before[table],)
            ).fetchall()
            for table in TABLES
        }
        moved = connection.execute(MOVED).fetchall()
    rows["search_entry"] += moved
    return seconds, _insert(below, file, rows, [customer_id for _, customer_id, _ in moved])


def _write_table(file: Path) -> None:
    invent = Inventor(4711)
    with file.open("w", newline="", encoding="utf-8") as opened:
        table = csv.writer(opened, delimiter=";")
        table.writerow(HEADER.split())
        for _ in range(ROWS):
            table.writerow(_row(invent))


def _row(invent: Inventor) -> list[str]:
    values = invent.customer()
    holder = values["company"] or f"{values['first_name']} {values['last_name']}"
    account = invent.account(values["country"], holder)
    birthday = values["birthday"]
    return [
        {"ms": "Frau", "mr": "Herr"}.get(values["salutation"], ""),
        *(values[key] for key in ("title", "first_name", "last_name", "company")),
        f"{values['street']} {values['house_number']}",
        *(values[key] for key in ("postcode", "town", "country")),
        values["emails"][0]["address"],
        values["phones"][0]["number"],
        f"{birthday:%d.%m.%Y}" if birthday else "",
        *(account[key] for key in ("account_holder", "iban", "bic")),
        invent.remark(),
    ]


def _insert(house: House, file: Path, rows: dict[str, list[tuple]], moved: list[int]) -> float:
    """Read the file and insert the finished rows; the triggers of the search run as always.

    `moved` are customers whose entry in the search gave way to a new one.
    """
    begun = time.perf_counter()
    with file.open(newline="", encoding="utf-8") as opened:
        list(csv.reader(opened, delimiter=";"))
    with closing(sqlite3.connect(house.database, isolation_level=None)) as connection:
        for pragma in (*PRAGMAS, "foreign_keys=off"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "DELETE FROM search_entry WHERE customer_id = ?", [(one,) for one in moved]
        )
        for table, found in rows.items():
            if found:
                marks = ", ".join("?" * len(found[0]))
                connection.executemany(f"INSERT INTO {table} VALUES ({marks})", found)
        connection.execute("COMMIT")
    return time.perf_counter() - begun


def _key(table: str) -> str:
    return "customer_id" if table in ("search_entry", "imported_customer") else "id"


def _last(connection: sqlite3.Connection, table: str) -> int:
    return connection.execute(f"SELECT coalesce(max({_key(table)}), 0) FROM {table}").fetchone()[0]
