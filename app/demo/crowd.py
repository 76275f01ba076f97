"""A crowd of invented customers, written fast: to measure with, not to look around in.

The rows are those the verbs would write, without asking the rules about each of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Table, insert, select

from app.core import audit, numbers
from app.core.audit import AuditEntry
from app.core.database import Model, db, happening
from app.core.text import natural_key
from app.demo.invented import Inventor
from app.domain.addresses.models import Address
from app.domain.banking.models import BankAccount, Mandate
from app.domain.comments.models import Comment
from app.domain.customers import index, services
from app.domain.customers.models import Customer, CustomerEmail, CustomerPhone
from app.domain.settings.queries import first_customer_number

CHUNK = 1000
SEED = 20261120
LAST_DAY = date(2026, 11, 20)
COMMENTS = 5
AUTHORS = ("Anna Berger", "Ben Kaya")
CACHE = "PRAGMA cache_size = -262144"

Rows = dict[type[Model], list[dict[str, Any]]]


def gather(count: int, *, lean: bool = False, comments_of_one: int = 0) -> None:
    """Write so many customers into a database that holds none.

    Each has an e-mail, a phone, an audit entry and its words in the search; unless `lean` also two
    addresses, an account with a mandate and five comments. The first customer gets
    `comments_of_one` more comments.
    """
    db.session.connection().exec_driver_sql(CACHE)
    invent = Inventor(SEED)
    given = numbers.reserve("customer", first_customer_number(), count)
    for chunk in _chunks(range(1, count + 1)):
        _write(_rows(chunk, given, invent, lean))
    for chunk in _chunks(range(comments_of_one)):
        _write({Comment: [_comment(1, n, comments_of_one, invent) for n in chunk]})
    index.rebuild(_entries(count))


def _rows(chunk: range, given: range, invent: Inventor, lean: bool) -> Rows:
    rows: Rows = defaultdict(list)
    for customer_id in chunk:
        values = invent.customer()
        number = str(given[customer_id - 1])
        born = datetime.combine(invent.before(LAST_DAY, 2000), datetime.min.time(), UTC)
        born += timedelta(hours=8, seconds=customer_id % 36000)
        _add_customer(rows, customer_id, number, values, born, invent)
        if not lean:
            _add_belongings(rows, customer_id, number, values, born, invent)
    return rows
