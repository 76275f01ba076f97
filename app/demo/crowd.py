"""A crowd of invented customers, written fast: to measure with, not to look around in.

The rows are those the verbs would write, without asking the rules about each of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import insert

from app.core import audit, numbers
from app.core.audit import AuditEntry
from app.core.database import Model, db
from app.core.text import natural_key
from app.demo import dealings
from app.demo.invented import Inventor
from app.domain.addresses.models import Address
from app.domain.banking.models import BankAccount, Mandate
from app.domain.banking.rules import MandateState
from app.domain.comments.models import Comment
from app.domain.customers import index, services
from app.domain.customers.models import Customer, CustomerEmail, CustomerPhone
from app.domain.documents.models import Document
from app.domain.factura import index as factura_index
from app.domain.factura.models import FacturaDocument
from app.domain.groups.models import Group
from app.domain.settings.queries import first_customer_number

CHUNK = 1000
SEED = 20261120
LAST_DAY = date(2026, 11, 20)
COMMENTS = 5
AUTHORS = ("Anna Berger", "Ben Kaya")
ONE = "Firma <firma@example.com>"
"""Whom mails to the first customer go to, who has many."""
CACHE = "PRAGMA cache_size = -262144"

Rows = dict[type[Model], list[dict[str, Any]]]


def gather(count: int, *, lean: bool = False, rows_of_one: int = 0, documents: int = 0) -> None:
    """Write so many customers into a database that holds none.

    Each has an e-mail, a phone, an audit entry and its words in the search; unless `lean` also two
    addresses, an account with a mandate, five comments, and what `dealings` tells. The first
    customer gets `rows_of_one` more comments, messages, documents and factura documents each; the
    others share so many more factura `documents`.
    """
    connection = db.session.connection()
    connection.exec_driver_sql(CACHE)
    invent = Inventor(SEED)
    given = numbers.reserve("customer", first_customer_number(), count)
    _write({Group: list(dealings.groups(_instant(invent)))})
    for ids in _chunks(1, count):
        rows: Rows = defaultdict(list)
        for customer_id in ids:
            _add(rows, customer_id, str(given[customer_id - 1]), invent, lean)
        _write(rows)
    for turns in _chunks(1, rows_of_one):
        _write(_more_of_one(turns, count, invent))
    for turns in _chunks(0, documents):
        _write({FacturaDocument: [_document(turn, count, lean, invent) for turn in turns]})
    for statement in dealings.DELIVERED:
        connection.exec_driver_sql(statement)
    index.rebuild()
    factura_index.rebuild()


def _add(rows: Rows, customer_id: int, number: str, invent: Inventor, lean: bool) -> None:
    values = invent.customer()
    columns = services.columns(values)
    born = _instant(invent)
    row = columns | {
        "id": customer_id,
        "number": number,
        "number_sort": natural_key(number),
        "payment_method": invent.method(),
        "created_at": born,
        "changed_at": born,
        "version": 1,
    }
    rows[Customer].append(row)
    owner = {"customer_id": customer_id, "position": 0}
    rows[CustomerEmail] += [owner | e for e in services.email_rows(values["emails"])]
    rows[CustomerPhone] += [
        owner | p for p in services.phone_rows(values["phones"], values["country"])
    ]
    changes = audit.difference({}, {"number": number, **values})
    entry = audit.entry("customers", "created", customer_id, columns["name"], changes)
    rows[AuditEntry].append(entry | {"at": born, "user_name": AUTHORS[0]})
    if not lean:
        _add_belongings(rows, row, values["emails"][0]["address"], invent)


def _add_belongings(rows: Rows, customer: dict[str, Any], address: str, invent: Inventor) -> None:
    customer_id, country, born = (customer[key] for key in ("id", "country", "created_at"))
    mailbox = f"{customer['name']} <{address}>"
    for is_billing in (True, False):
        rows[Address].append(
            {
                "customer_id": customer_id,
                **dict.fromkeys(("salutation", "title", "company"), ""),
                **invent.person(),
                **invent.postal(country),
                "is_billing": is_billing,
                "is_delivery": not is_billing,
                "created_at": born,
                "removed_at": None,
                "version": 1,
            }
        )
    account = invent.account(country, customer["name"])
    kept = {"id": customer_id, "customer_id": customer_id, "since": born, "ended_at": None}
    rows[BankAccount].append({**kept, **account, "version": 1})
    rows[Mandate].append({**kept, **_mandate(customer, invent), "version": 1})
    for turn in range(COMMENTS):
        rows[Comment].append(_comment(customer_id, born + timedelta(days=turn), turn, invent))
    for model, row in dealings.of_customer(customer_id, mailbox, born, invent):
        rows[model].append(row)


def _more_of_one(turns: range, count: int, invent: Inventor) -> Rows:
    """Some more of everything for the first customer."""
    rows: Rows = defaultdict(list)
    for turn in turns:
        at = _instant(invent)
        rows[Comment].append(_comment(1, at, turn, invent))
        rows[Document].append(dealings.document(1, turn, at))
        rows[FacturaDocument].append(dealings.invoice(1, dealings.FACTURA + turn, at, invent))
        message_id = count * dealings.MESSAGES + turn
        for model, row in dealings.message(1, message_id, ONE, at, invent):
            rows[model].append(row)
    return rows


def _document(turn: int, count: int, lean: bool, invent: Inventor) -> dict[str, Any]:
    """A factura document of somebody but the first, who has enough."""
    rounds, customer = divmod(turn, count - 1)
    of_customer = rounds + (0 if lean else dealings.FACTURA)
    at = _instant(invent) - timedelta(days=30 * of_customer)
    return dealings.invoice(2 + customer, of_customer, at, invent)


def _mandate(customer: dict[str, Any], invent: Inventor) -> dict[str, Any]:
    """On hand for four of five who pay by direct debit, else prepared."""
    signed = customer["payment_method"] == "sepa_direct_debit" and invent.random.random() < 0.8
    day = customer["created_at"].date()
    return {
        "bank_account_id": customer["id"],
        "state": MandateState.ON_HAND if signed else MandateState.PREPARED,
        "reference": f"{customer['number']}-1",
        "signed_on": day if signed else None,
        "first_debit_on": day + timedelta(days=14) if signed else None,
    }


def _comment(customer_id: int, at: datetime, turn: int, invent: Inventor) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        "body": invent.remark(),
        "pinned": False,
        "author_id": None,
        "author_name": AUTHORS[turn % 2],
        "created_at": at,
        "edited_at": None,
        "removed_at": None,
        "version": 1,
    }


def _instant(invent: Inventor) -> datetime:
    """Some moment of the opening hours of the last years."""
    seconds = 8 * 3600 + invent.random.randrange(10 * 3600)
    day = datetime.combine(invent.before(LAST_DAY, 2000), time(), UTC)
    return day + timedelta(seconds=seconds)


def _write(rows: Rows) -> None:
    connection = db.session.connection()
    for table, values in rows.items():
        connection.execute(insert(table), values)


def _chunks(first: int, count: int) -> Iterator[range]:
    for start in range(first, first + count, CHUNK):
        yield range(start, min(start + CHUNK, first + count))
