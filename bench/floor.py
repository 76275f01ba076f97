"""The raw floor: the same rows by sqlite3, the same HTML by a compiled template, a bare Flask app.

It has no session, user, CSRF, translation, formats or permission. What it serves is told by a file
named in BENCH_FLOOR (see `imprint`): its templates are imprints of the application's own answers,
so they are of the same size and follow every change of the pages.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask, request
from jinja2 import Environment

CUSTOMER = {
    "c": "SELECT * FROM customer WHERE id = :id",
    "emails": "SELECT label, address FROM customer_email WHERE customer_id = :id ORDER BY position",
    "phones": "SELECT label, number FROM customer_phone WHERE customer_id = :id ORDER BY position",
}
PEOPLE = {"people": "SELECT * FROM contact_person WHERE customer_id = :id AND removed_at IS NULL"}
ADDRESSES = {
    "addresses": "SELECT * FROM address WHERE customer_id = :id AND removed_at IS NULL"
    " ORDER BY id DESC LIMIT 5",
    "addresses_count": "SELECT count(*) AS n FROM (SELECT 1 FROM address"
    " WHERE customer_id = :id AND removed_at IS NULL LIMIT 1001)",
}
BANK = {
    "bank": "SELECT c.payment_method, c.vat_number, a.*, m.reference, m.state, m.signed_on,"
    " m.first_debit_on FROM customer c"
    " LEFT JOIN bank_account a ON a.customer_id = c.id AND a.ended_at IS NULL"
    " LEFT JOIN mandate m ON m.customer_id = c.id AND m.ended_at IS NULL WHERE c.id = :id",
}
SHOWN = (
    "SELECT id, body, pinned, author_name, created_at, edited_at FROM comment"
    " WHERE customer_id = :id AND removed_at IS NULL"
)
COMMENTS = {
    "comments": f"{SHOWN} ORDER BY pinned DESC, id DESC LIMIT 5",
    "comments_count": "SELECT count(*) AS n FROM (SELECT 1 FROM comment"
    " WHERE customer_id = :id AND removed_at IS NULL LIMIT 1001)",
}
GROUPS = {
    "groups": "SELECT g.id, g.name, p.name AS parent, m.added_at FROM group_member m"
    " JOIN customer_group g ON g.id = m.group_id LEFT JOIN customer_group p ON p.id = g.parent_id"
    " WHERE m.customer_id = :id ORDER BY g.name_sort LIMIT 6",
}
MESSAGE = (
    "SELECT m.id, m.direction, m.channel, m.subject, m.body, m.at, m.read_at, m.author_name"
    " FROM message_link l JOIN message m ON m.id = l.message_id"
    " WHERE l.customer_id = :id AND l.removed = 0 ORDER BY l.at DESC, l.message_id DESC LIMIT "
)
MESSAGES = {
    "messages": f"{MESSAGE} 5",
    "messages_count": "SELECT count(*) AS n FROM (SELECT 1 FROM message_link"
    " WHERE customer_id = :id AND removed = 0 LIMIT 1001)",
}
DOCUMENT = (
    "SELECT id, name, size, uploaded_at, author_name FROM document"
    " WHERE customer_id = :id AND removed_at IS NULL ORDER BY id DESC LIMIT "
)
DOCUMENTS = {
    "documents": f"{DOCUMENT} 5",
    "documents_count": "SELECT count(*) AS n FROM (SELECT 1 FROM document"
    " WHERE customer_id = :id AND removed_at IS NULL LIMIT 1001)",
}
FACTURUM = (
    "SELECT id, kind, state, number, subject, issued_on, due_on, currency, total, paid,"
    " reminder_level FROM factura_document WHERE customer_id = :id"
    " ORDER BY issued_on DESC, id DESC LIMIT "
)
FACTURA = {
    "factura": f"{FACTURUM} 5",
    "factura_count": "SELECT count(*) AS n FROM (SELECT 1 FROM factura_document"
    " WHERE customer_id = :id LIMIT 1001)",
    "open": "SELECT currency, count(*) AS n, sum(total - paid) AS amount FROM factura_document"
    " WHERE customer_id = :id AND kind = 'invoice' AND state = 'issued' AND paid < total"
    " GROUP BY currency",
}
DOCUMENTS_OF_ALL = (
    "SELECT d.id, d.kind, d.state, d.number, d.subject, d.issued_on, d.due_on, d.currency, d.total,"
    " d.paid, d.reminder_level, c.id AS customer_id, c.name AS customer FROM factura_document d"
    " JOIN customer c ON c.id = d.customer_id WHERE d.issued_on IS NOT NULL{}"
    " ORDER BY d.issued_on DESC, d.id DESC LIMIT 51"
)
OVERDUE = (
    " AND d.kind = 'invoice' AND d.state = 'issued' AND d.paid < d.total AND d.due_on < date('now')"
)
LISTED = (
    "SELECT c.id, c.number, c.kind, c.list_name, c.company, c.town, c.changed_at,"
    " (SELECT address FROM customer_email WHERE customer_id = c.id ORDER BY position LIMIT 1)"
    " AS email, (SELECT number FROM customer_phone WHERE customer_id = c.id ORDER BY position"
    " LIMIT 1) AS phone FROM customer c WHERE c.removed_at IS NULL AND EXISTS (SELECT 1 FROM"
    " group_member WHERE customer_id = c.id AND group_id = :id) ORDER BY c.name_sort, c.id LIMIT 50"
)
MAIL = {
    "c": CUSTOMER["c"],
    "emails": CUSTOMER["emails"],
    **PEOPLE,
    "me": "SELECT name, email, signature FROM user WHERE id = 1",
    "account": "SELECT from_name, from_address, sends_as FROM mail_account",
    "drafts": "SELECT * FROM mail_draft WHERE customer_id = :id ORDER BY changed_at DESC LIMIT 5",
    "documents": f"{DOCUMENT} 9",
}
TEMPLATES = {
    "templates": "SELECT t.id, t.name, t.language, t.subject, t.body, c.name AS category"
    " FROM template t LEFT JOIN template_category c ON c.id = t.category_id"
    " WHERE t.kind = 'mail' AND t.removed_at IS NULL ORDER BY c.name_sort, t.name_sort",
}
OUTBOX = {
    "entries": "SELECT e.id, e.created_at, e.state, e.error, e.tries, e.done_at, m.subject, m.body,"
    " m.envelope, m.author_name, c.id AS customer_id, c.name AS customer FROM outbox_entry e"
    " LEFT JOIN message m ON m.outbox_id = e.id LEFT JOIN message_link l ON l.message_id = m.id"
    " LEFT JOIN customer c ON c.id = l.customer_id WHERE e.state = 'sent'"
    " ORDER BY e.id DESC LIMIT 51",
    "account": MAIL["account"],
}
ALL_COMMENTS = COMMENTS | {"comments": f"{SHOWN} ORDER BY id DESC LIMIT 51"}
SEARCHED_COMMENTS = COMMENTS | {
    "comments": f"{SHOWN} AND lower(body) LIKE '%sommerfest%' ORDER BY id DESC LIMIT 51"
}

ROWS: dict[str, dict[str, str]] = {
    "overview": CUSTOMER
    | PEOPLE
    | ADDRESSES
    | BANK
    | GROUPS
    | COMMENTS
    | MESSAGES
    | FACTURA
    | DOCUMENTS,
    "comments": COMMENTS,
    "bank": BANK,
    "master": CUSTOMER,
    "all_comments": CUSTOMER | ALL_COMMENTS,
    "searched_comments": SEARCHED_COMMENTS,
    "groups": GROUPS,
    "by_group": {"rows": LISTED},
    "all_documents": CUSTOMER | FACTURA | {"documents": f"{DOCUMENT} 51"},
    "all_messages": CUSTOMER | FACTURA | {"messages": f"{MESSAGE} 51"},
    "all_factura": CUSTOMER | FACTURA | {"factura": f"{FACTURUM} 51"},
    "factura_list": {"documents": DOCUMENTS_OF_ALL.format("")},
    "factura_found": {"documents": DOCUMENTS_OF_ALL.format("")},
    "factura_overdue": {"documents": DOCUMENTS_OF_ALL.format(OVERDUE)},
    "factura_sums": {
        "sums": "SELECT currency, kind, count(*) AS n, sum(net) AS net, sum(total) AS total"
        " FROM factura_document WHERE issued_on BETWEEN date('now', 'start of year', '-1 year') AND"
        " date('now', 'start of year', '-1 day') GROUP BY currency, kind"
    },
    "mail": MAIL,
    "template_mail": MAIL | TEMPLATES,
    "outbox": OUTBOX,
    "comment_saved": COMMENTS,
    "master_saved": CUSTOMER | PEOPLE | BANK,
}
ROWS |= {"overview_of_one": ROWS["overview"], "comments_of_one": ROWS["comments"]}
AUDITED = (
    "INSERT INTO audit_entry (at, user_id, user_name, customer_id, area, action, subject, changes)"
    " VALUES (datetime('now'), 1, 'bench', :id, 'area', 'changed', '', '[[\"a\", \"b\", \"c\"]]')"
)
PRAGMAS = ("journal_mode=wal", "foreign_keys=on", "busy_timeout=20000", "synchronous=full")

app = Flask(__name__)
environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
local = threading.local()
told: dict[str, Any] = {}
templates: dict[str, Any] = {}

if place := os.environ.get("BENCH_FLOOR"):
    told = json.loads(Path(place).read_text())
    templates = {key: environment.from_string(text) for key, text in told["templates"].items()}


@app.get("/hello")
def hello() -> str:
    return "Hello"


@app.get("/<kind>/<int:customer_id>")
def page(kind: str, customer_id: int) -> str:
    """The page or fragment of this kind."""
    return templates[kind].render(rows_of(kind, connection(), customer_id))


@app.get("/search/<int:number>")
def search(number: int) -> str:
    """The rows of one search, bounded and sorted as the application asks for them."""
    sql, values = told["searches"][number]
    return templates["search"].render(rows=connection().execute(sql, values).fetchall()[:50])


@app.post("/<kind>/<int:customer_id>")
def save(kind: str, customer_id: int) -> str:
    """Write and answer the fresh fragments, in one transaction."""
    values = request.form.to_dict() | {"id": customer_id}
    open_ = connection()
    open_.execute("BEGIN IMMEDIATE")
    WRITES[kind](open_, values)
    html = templates[kind].render(rows_of(kind, open_, customer_id))
    open_.execute("COMMIT")
    return html


def write_comment(open_: sqlite3.Connection, values: Mapping[str, Any]) -> None:
    open_.execute(
        "INSERT INTO comment"
        " (customer_id, body, pinned, author_id, author_name, created_at, version)"
        " VALUES (:id, :body, 0, 1, 'bench', datetime('now'), 1)",
        values,
    )
    open_.execute("UPDATE customer SET changed_at = datetime('now') WHERE id = :id", values)
    open_.execute(AUDITED, values)


def write_master(open_: sqlite3.Connection, values: Mapping[str, Any]) -> None:
    """The row, its e-mails and phones, and what it is found by (which moves two indexes)."""
    open_.execute(
        "UPDATE customer SET house_number = :house_number, changed_at = datetime('now'),"
        " version = version + 1 WHERE id = :id",
        values,
    )
    for table in ("customer_email", "customer_phone"):
        rows = open_.execute(f"SELECT * FROM {table} WHERE customer_id = :id", values).fetchall()
        open_.execute(f"DELETE FROM {table} WHERE customer_id = :id", values)
        marks = ", ".join("?" * len(rows[0]))
        open_.executemany(f"INSERT INTO {table} VALUES ({marks})", map(tuple, rows))
    open_.execute("UPDATE search_entry SET words = words WHERE customer_id = :id", values)
    open_.execute(AUDITED, values)


WRITES = {"comment_saved": write_comment, "master_saved": write_master}


def rows_of(kind: str, open_: sqlite3.Connection, customer_id: int) -> dict[str, Any]:
    """The rows a page of this kind shows: one for `c` and `bank`, lists for the others."""
    found: dict[str, Any] = {}
    for name, sql in ROWS[kind].items():
        rows = open_.execute(sql, {"id": customer_id}).fetchall()
        found[name] = rows[0] if name in ("c", "bank") else rows
    return found


def connection(path: str = "") -> sqlite3.Connection:
    """This thread's connection, with the pragmas of the application."""
    if not hasattr(local, "connection"):
        local.connection = sqlite3.connect(path or told["database"], isolation_level=None)
        local.connection.row_factory = sqlite3.Row
        for pragma in PRAGMAS:
            local.connection.execute(f"PRAGMA {pragma}")
    return local.connection
