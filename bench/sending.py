"""A letter beside the bare renderer, letters by all cores, and mails to many customers.

Everything runs as it does in the worker: the rules, the rows and the render processes are real, and
no mail leaves. The house is a copy.
"""

from __future__ import annotations

import io
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from os import cpu_count
from statistics import median
from typing import Any

from flask import Flask
from reportlab.lib.fonts import addMapping
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from xhtml2pdf import default, pisa

from app import create_app
from app.config import configuration
from app.core import audit, outbox, rendering
from app.core.database import db
from app.core.render_process import FACES, FAMILIES
from app.domain.letters import layout
from app.domain.letters import queries as looks
from app.domain.letters import services as letters
from app.domain.mailing import services as mailing
from app.domain.serials import check, queries, services
from app.domain.templates import archive
from app.domain.templates import queries as templates
from app.domain.templates.services import create_template
from app.jobs import serial as serials
from bench.floor import PRAGMAS
from bench.houses import House

LETTERS, MAILS = 1_000, 10_000
TURNS = 80
ACCOUNT = {
    **{"host": "mail.example.com", "port": 587, "security": "starttls", "username": "bench"},
    **{"password": "bench", "from_name": "Bench", "from_address": "bench@example.com"},
    "sends_as": "team",
}
TEXT = {
    "name": "Sommerfest",
    "language": "de",
    "category_id": None,
    "subject": "Sommerfest in {{town}}",
    "body": "{{salutation}},\n\nam 12. Juni feiern wir, und Sie sind eingeladen. Ihre Kundennummer "
    "{{customer_number}} gilt als Eintrittskarte, auch für {{name}} und Begleitung.\n\n"
    + "Es gibt Musik, Kuchen und am Abend einen Tanz für alle. " * 14
    + "\n\nMit freundlichen Grüßen\n\n\n{{my_signature}}",
}
TABLES = (
    *("outbox_entry", "message", "message_link", "message_attachment", "audit_entry"),
    *("serial", "serial_recipient"),
)


@dataclass(frozen=True)
class Sent:
    """Seconds until the serial was committed, until everything of it was made, and of the floor."""

    committed: float
    made: float
    floor: float


def furnish(house: House) -> None:
    """An account to send by, and the templates of the archive."""
    with opened(house):
        mailing.save_account(ACCOUNT)
        for draft in archive.drafts("mail"):
            create_template("mail", asdict(draft) | {"category_id": None})
        db.session.commit()


def one_letter(house: House) -> tuple[float, float]:
    """Milliseconds of a letter, from its values to its PDF, and of the bare renderer in a process
    as warm, by turns."""
    with opened(house):
        style = looks.style()
        sheet = letters.sheet_for(
            ["Frau", "Dr. Tanja Müller", "Venloer Straße 389a", "50825 Köln"],
            "Sommerfest in Köln",
            TEXT["body"].replace("{{", "").replace("}}", ""),
            on=date(2026, 11, 26),
            language="de",
        )
    _register_fonts()
    rendering.start(1)
    ours, bare = [], []
    html = layout.document(sheet, style)
    for _turn in range(TURNS):
        ours.append(_timed(lambda: rendering.render_pdf(layout.document(sheet, style))))
        bare.append(_timed(lambda: pisa.CreatePDF(html, dest=io.BytesIO(), encoding="utf-8")))
    rendering.stop()
    return median(ours) * 1000, median(bare) * 1000


def many_letters(house: House, bare: float) -> Sent:
    """A serial of letters, all of them in one PDF; the floor is the bare renderer on every core."""
    committed, made = _serial(house, "letter", LETTERS)
    rendering.stop()
    return Sent(committed, made, LETTERS * bare / 1000 / (cpu_count() or 1))


def many_mails(house: House, other: House) -> Sent:
    """A serial of mails, until all stand in the outbox; the floor inserts the same rows raw."""
    with closing(sqlite3.connect(house.database)) as connection:
        before = {table: _last(connection, table) for table in TABLES}
    committed, made = _serial(house, "mail", MAILS)
    with closing(sqlite3.connect(house.database)) as connection:
        rows = {
            table: connection.execute(
                f"SELECT * FROM {table} WHERE rowid > ?", (before[table],)
            ).fetchall()
            for table in TABLES
        }
    return Sent(committed, made, _insert(other, rows))


def _serial(house: House, kind: str, count: int) -> tuple[float, float]:
    """Seconds until a serial to the first so many customers is committed, and until it is made."""
    with opened(house):
        template_id = create_template(kind, TEXT)
        db.session.commit()
        begun = time.perf_counter()
        template = templates.template(template_id, kind)
        found = check.look(check.Text.of(template, {}), range(1, count + 1))
        serial_id = services.draft_serial(template, {}, found)
        services.start_serial(serial_id, found.digest)
        db.session.commit()
        committed = time.perf_counter() - begun
        entry: Any = outbox.take([services.JOB])
        with serials.job.session() as deliver:
            deliver(entry)
        made = time.perf_counter() - begun
        tally = queries.tally(serial_id, kind)
        if tally.addressed < 0.9 * count or tally.failed:
            raise RuntimeError(f"{count} of kind {kind}: {tally}")
    return committed, made


@contextmanager
def opened(house: House) -> Iterator[Flask]:
    """The application over a house, in which a colleague acts."""
    app = create_app(configuration(data=house.data) | {"WAKE": lambda _delay: None})
    with app.app_context(), audit.acting(1, "bench"):
        yield app
        db.session.remove()
        db.engine.dispose()


def _register_fonts() -> None:
    """The fonts of the letters, as the render processes have them."""
    for face, (bold, italic) in FACES.items():
        pdfmetrics.registerFont(TTFont(face, rendering.FONTS / f"{face}.ttf"))
        addMapping("liberationsans", bold, italic, face)
    for family in FAMILIES:
        default.DEFAULT_FONT[family] = "liberationsans"


def _insert(house: House, rows: dict[str, list[tuple]]) -> float:
    """Seconds of inserting finished rows in one transaction."""
    begun = time.perf_counter()
    with closing(sqlite3.connect(house.database, isolation_level=None)) as connection:
        for pragma in (*PRAGMAS, "foreign_keys=off"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN IMMEDIATE")
        for table, found in rows.items():
            if found:
                marks = ", ".join("?" * len(found[0]))
                connection.executemany(f"INSERT INTO {table} VALUES ({marks})", found)
        connection.execute("COMMIT")
    return time.perf_counter() - begun


def _timed(work: Any) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _last(connection: sqlite3.Connection, table: str) -> int:
    return connection.execute(f"SELECT coalesce(max(rowid), 0) FROM {table}").fetchone()[0]
