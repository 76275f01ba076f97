"""What went on with a crowd: groups, messages, documents and factura documents, as rows.

Like the crowd itself they are what the verbs would write, without asking the rules about each.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from app.core import files
from app.core.database import Model
from app.core.text import spellings
from app.demo.invented import Inventor
from app.domain.documents.models import Document
from app.domain.factura.models import FacturaDocument
from app.domain.groups.models import GroupMember
from app.domain.groups.rules import sort_key
from app.domain.messages.models import Message, MessageLink

TREE = {
    "Kurse": ("Welttanz", "Salsa", "Tango", "Hip-Hop"),
    "Kunden": ("Stammkunden", "Probestunde", "Ehemalige"),
    "Newsletter": (),
}
FIRST_GROUP = 100
"""Groups of the crowd are numbered from here, so that they need not be asked for."""
GROUPS = 2

MESSAGES = 5
CHANNELS = ("mail", "mail", "phone", "form", "letter", "visit")
SENDER = "Tanzschule Rheintakt <info@rheintakt.example.com>"
SUBJECTS = ("Termin im Mai", "Frage zur Rechnung", "Rückruf", "Anmeldung", "Neue Anschrift")

DOCUMENTS = 3
CONTENT = b"Invented to measure with.\n"
NAMES = ("Vertrag.pdf", "Anmeldung (unterschrieben).pdf", "Übersicht 2025.xlsx", "Foto.jpg")

FACTURA = 4
PREFIXES = {"quote": "AN", "invoice": "RE", "delivery_note": "LS"}
KINDS = ("invoice", "quote", "invoice", "delivery_note")

DELIVERED = (
    """
    INSERT INTO outbox_entry (id, kind, payload, reference, state, held, created_at, due_at,
        first_tried_at, tries, error, detail, done_at)
    SELECT id, 'mail', '{}', '<' || id || '@rheintakt.example.com>', 'sent', 0, at, at, at,
        1, '', '', at FROM message WHERE channel = 'mail' AND direction = 'out'
    """,
    "UPDATE message SET outbox_id = id WHERE channel = 'mail' AND direction = 'out'",
)
"""The mails of the team have all been sent; each has an entry of its own number."""

Rows = list[tuple[type[Model], dict[str, Any]]]


def groups(now: datetime) -> Iterator[dict[str, Any]]:
    """The rows of the tree."""
    number = FIRST_GROUP
    for top, below in TREE.items():
        parent, number = number, number + 1
        yield _group(parent, None, top, now)
        for name in below:
            yield _group(number, parent, name, now)
            number += 1


def of_customer(customer_id: int, address: str, born: datetime, invent: Inventor) -> Rows:
    """What one of the crowd has of everything; mails of the team go to this address."""
    rows: Rows = []
    for turn in range(GROUPS):
        rows.append((GroupMember, _membership(customer_id, turn, born)))
    for turn in range(MESSAGES):
        message_id = MESSAGES * (customer_id - 1) + turn + 1
        rows += message(customer_id, message_id, address, born, invent)
    for turn in range(DOCUMENTS):
        rows.append((Document, document(customer_id, turn, born)))
    for turn in range(FACTURA):
        rows.append((FacturaDocument, invoice(customer_id, turn, born, invent)))
    return rows


def message(
    customer_id: int, message_id: int, address: str, born: datetime, invent: Inventor
) -> Rows:
    """One message with its link; `message_id` must be free."""
    turn, at = message_id % MESSAGES, born + timedelta(days=message_id % 97)
    subject, body = SUBJECTS[turn % len(SUBJECTS)], invent.remark()
    row = {
        "id": message_id,
        "direction": "in" if turn % 2 else "out",
        "channel": CHANNELS[message_id % len(CHANNELS)],
        "subject": subject,
        "body": body,
        "words": _words(f"{subject} {body}"),
        "at": at,
        "read_at": at,
        "author_name": "Ben Kaya",
        "created_at": at,
        "version": 1,
        "envelope": None,
    }
    link = {"message_id": message_id, "customer_id": customer_id, "at": at, "removed": False}
    if (row["channel"], row["direction"]) == ("mail", "out"):
        row["envelope"] = {"sender": SENDER, "to": [address], "cc": [], "bcc": []}
    return [(Message, row), (MessageLink, link)]


def document(customer_id: int, turn: int, born: datetime) -> dict[str, Any]:
    """A document; they all share one stored file."""
    name = NAMES[turn % len(NAMES)]
    return {
        "customer_id": customer_id,
        "name": name,
        "words": _words(name),
        "digest": _digest(),
        "size": len(CONTENT),
        "media_type": "application/octet-stream",
        "uploaded_at": born + timedelta(days=turn),
        "author_name": "Anna Berger",
        "removed_at": None,
        "version": 1,
    }


def invoice(customer_id: int, turn: int, born: datetime, invent: Inventor) -> dict[str, Any]:
    """A quote, invoice or delivery note; two of three invoices are paid."""
    kind = KINDS[turn % len(KINDS)]
    total = 500 * (4 + int(invent.random.random() * 96))
    issued = (born + timedelta(days=30 * turn)).date()
    is_paid = kind == "invoice" and (customer_id + turn) % 3
    return {
        "customer_id": customer_id,
        "kind": kind,
        "state": "issued",
        "number": f"{PREFIXES[kind]}-{customer_id}-{turn + 1}",
        "subject": "Kursgebühr",
        "issued_on": issued,
        "due_on": issued + timedelta(days=14) if kind == "invoice" else None,
        "currency": "EUR",
        "net": round(total / 1.19),
        "total": total,
        "paid": total if is_paid else 0,
        "reminder_level": 0,
        "created_at": datetime(issued.year, issued.month, issued.day, 9, tzinfo=UTC),
        "version": 1,
    }


def _group(group_id: int, parent_id: int | None, name: str, now: datetime) -> dict[str, Any]:
    return {
        "id": group_id,
        "parent_id": parent_id,
        "name": name,
        "name_sort": sort_key(name),
        "no_information": False,
        "created_at": now,
        "version": 1,
    }


def _membership(customer_id: int, turn: int, born: datetime) -> dict[str, Any]:
    """Two different groups: one of the first half of the tree, one of the second."""
    half = (sum(map(len, TREE.values())) + len(TREE)) // 2
    group_id = FIRST_GROUP + turn * half + (customer_id * 7 + turn) % half
    return {"group_id": group_id, "customer_id": customer_id, "added_at": born}


@cache
def _words(text: str) -> str:
    return spellings(text)


@cache
def _digest() -> str:
    return files.keep(CONTENT)
