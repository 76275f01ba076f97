"""What a customer is found by: one row of folded words per customer, kept by the verbs.

The row's label sorts like the customer's name, so the full-text indexes, which answer in the order
of their row ids, yield the first results by name without sorting. docs/adr/0004 tells more.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import delete, func, insert, select, text

from app.core import events, fulltext
from app.core.database import db, table
from app.core.fulltext import Indexes
from app.core.text import LABEL_SLOTS, order_label, spellings
from app.domain.customers import rules
from app.domain.customers.models import (
    ContactPerson,
    Customer,
    CustomerEmail,
    CustomerPhone,
    SearchEntry,
)
from app.domain.settings.queries import team

BEFORE = text(
    "SELECT e.label FROM customer c JOIN search_entry e ON e.customer_id = c.id"
    " WHERE (c.name_sort, c.id) < (:name, :id) ORDER BY c.name_sort DESC, c.id DESC LIMIT 1"
)
INDEXES = Indexes("search_trigram", "search_prefix")
FIRST, LAST = -LABEL_SLOTS, 2**63 - 1
CHUNK = 1000

# FTS5 writes to disk after every statement, so many rows come in one.
AT_ONCE = text(
    "INSERT INTO search_entry (label, customer_id, words) SELECT json_extract(value, '$.label'),"
    " json_extract(value, '$.customer_id'), json_extract(value, '$.words') FROM json_each(:rows)"
)
GAPS = text(
    "WITH new AS MATERIALIZED (SELECT n.id, n.name_sort, coalesce((SELECT e.label"
    " FROM customer c JOIN search_entry e ON e.customer_id = c.id"
    " WHERE (c.name_sort, c.id) < (n.name_sort, n.id)"
    f" ORDER BY c.name_sort DESC, c.id DESC LIMIT 1), {FIRST}) AS before"
    " FROM json_each(:ids) one CROSS JOIN customer n ON n.id = one.value)"
    " SELECT id, name_sort, before, coalesce((SELECT min(label) FROM search_entry"
    f" WHERE label > before), {LAST}) AS behind FROM new ORDER BY name_sort, id"
)


def reindex(customer_ids: Sequence[int]) -> None:
    """Write anew what these customers are found by; nobody in the trash is."""
    forget(customer_ids)
    names = dict(
        db.session.execute(
            select(Customer.id, Customer.name_sort).where(
                Customer.id.in_(customer_ids), Customer.removed_at.is_(None)
            )
        ).all()
    )
    words = collect_words(customer_ids)
    for customer_id in sorted(names, key=lambda one: (names[one], one)):
        _write(customer_id, names[customer_id], words[customer_id])


def add(customer_ids: Sequence[int]) -> None:
    """Make new customers findable, many at once."""
    words = collect_words(customer_ids)
    rows: list[dict[str, Any]] = []
    crowded: list[Any] = []
    found = db.session.execute(GAPS, {"ids": json.dumps(customer_ids)})
    for (before, behind), group in groupby(found, key=lambda row: (row.before, row.behind)):
        new = list(group)
        if behind - before <= len(new):
            crowded += new
            continue
        labels = _between(before, behind, [row.name_sort for row in new])
        for row, label in zip(new, labels, strict=True):
            rows.append({"label": label, "customer_id": row.id, "words": words[row.id]})
    db.session.execute(AT_ONCE, {"rows": json.dumps(rows)})
    for row in crowded:
        _write(row.id, row.name_sort, words[row.id])


def forget(customer_ids: Sequence[int]) -> None:
    """Make customers unfindable."""
    db.session.execute(delete(SearchEntry).where(SearchEntry.customer_id.in_(customer_ids)))


def rebuild() -> None:
    """Write anew what everybody is found by, at once and a chunk at a time."""
    entries = table(SearchEntry)
    with fulltext.refilling(entries, INDEXES) as connection:
        for rows in _labelled():
            connection.execute(insert(entries), rows)


def settle() -> Iterator[None]:
    """Let the indexes forget who was erased; the caller commits after each step."""
    return fulltext.settle(INDEXES)


def collect_words(customer_ids: Sequence[int]) -> dict[int, str]:
    """The words of each customer: its own and those the other areas answer."""
    found: dict[int, list[str]] = defaultdict(list)
    for customer_id, birthday, *texts in db.session.execute(_own(customer_ids)):
        found[customer_id] += [f"{birthday:%d.%m.%Y}"] if birthday else []
        found[customer_id].extend(filter(None, texts))
    for customer_id, address in db.session.execute(_emails(customer_ids)):
        found[customer_id].append(address)
    home = team().country
    for customer_id, number, country in db.session.execute(_phones(customer_ids)):
        found[customer_id].extend(rules.phone_forms(number, country or home))
    for customer_id, *person, phone, country in db.session.execute(_people(customer_ids)):
        found[customer_id].extend(filter(None, person))
        found[customer_id].extend(rules.phone_forms(phone, country or home))
    for answer in events.ask("customer.indexing", customer_ids=customer_ids):
        for customer_id, texts in answer.items():
            found[customer_id].extend(texts)
    return {customer_id: spellings(" ".join(texts)) for customer_id, texts in found.items()}


def _own(customer_ids: Sequence[int]):
    return select(
        Customer.id,
        Customer.birthday,
        Customer.number,
        Customer.title,
        Customer.first_name,
        Customer.last_name,
        Customer.company,
        Customer.street,
        Customer.house_number,
        Customer.address_extra,
        Customer.postcode,
        Customer.town,
        Customer.region,
        Customer.vat_number,
    ).where(Customer.id.in_(customer_ids))


def _emails(customer_ids: Sequence[int]):
    found = select(CustomerEmail.customer_id, CustomerEmail.address)
    return found.where(CustomerEmail.customer_id.in_(customer_ids))


def _phones(customer_ids: Sequence[int]):
    found = select(CustomerPhone.customer_id, CustomerPhone.number, Customer.country)
    return found.join(Customer).where(CustomerPhone.customer_id.in_(customer_ids))


def _people(customer_ids: Sequence[int]):
    found = select(
        ContactPerson.customer_id,
        ContactPerson.title,
        ContactPerson.first_name,
        ContactPerson.last_name,
        ContactPerson.role,
        ContactPerson.email,
        ContactPerson.phone,
        Customer.country,
    )
    known = ContactPerson.customer_id.in_(customer_ids), ContactPerson.removed_at.is_(None)
    return found.join(Customer).where(*known)


def _write(customer_id: int, name: str, words: str) -> None:
    row = {"label": _label(name, customer_id), "customer_id": customer_id, "words": words}
    db.session.execute(insert(SearchEntry).values(row))


def _label(name: str, customer_id: int) -> int:
    """A label between those of the neighbours in the list, the name's own one if that is there."""
    before, behind = _neighbours(name, customer_id)
    if behind - before < 2:
        _spread(before)
        before, behind = _neighbours(name, customer_id)
    own = order_label(name)
    return own if before < own < behind else min(before + LABEL_SLOTS, (before + behind) // 2)


def _neighbours(name: str, customer_id: int) -> tuple[int, int]:
    """The labels between which a name belongs."""
    before = db.session.scalar(BEFORE, {"name": name, "id": customer_id})
    before = FIRST if before is None else before
    behind = db.session.scalar(
        select(func.min(SearchEntry.label)).where(SearchEntry.label > before)
    )
    return before, LAST if behind is None else behind


def _between(before: int, behind: int, names: list[str]) -> Iterator[int]:
    """Ascending labels in a gap that is wide enough, a name's own one where that is there."""
    gap = min(LABEL_SLOTS, (behind - before) // (len(names) + 1))
    label = before
    for left, name in zip(range(len(names), 0, -1), names, strict=True):
        label = min(max(label + gap, order_label(name)), behind - left * gap)
        yield label


def _spread(label: int) -> None:
    """Move as many neighbours of a label apart as it takes to make room for more."""
    count = LABEL_SLOTS
    while True:
        low, entries, high = _around(label, count)
        gap = (high - low) // (len(entries) + 1)
        if gap >= LABEL_SLOTS // 4 or (low, high) == (FIRST, LAST):
            break
        count *= 2
    forget([entry["customer_id"] for entry in entries])
    spread = [entry | {"label": low + n * gap} for n, entry in enumerate(entries, start=1)]
    db.session.execute(AT_ONCE, {"rows": json.dumps(spread)})


def _around(label: int, count: int) -> tuple[int, list[dict[str, Any]], int]:
    """`count` entries on either side of a label, and the labels next to them."""
    columns = select(SearchEntry.label, SearchEntry.customer_id, SearchEntry.words)
    below = columns.where(SearchEntry.label <= label).order_by(SearchEntry.label.desc())
    above = columns.where(SearchEntry.label > label).order_by(SearchEntry.label)
    low, high = (db.session.execute(side.limit(count + 1)).all() for side in (below, above))
    entries = [dict(row._mapping) for row in [*low[:count][::-1], *high[:count]]]
    return (
        low[count].label if len(low) > count else FIRST,
        entries,
        high[count].label if len(high) > count else LAST,
    )


def _labelled() -> Iterator[list[dict[str, int | str]]]:
    """The rows of the whole index in the order of names, a chunk at a time."""
    last = FIRST
    ordered = (
        select(Customer.id, Customer.name_sort)
        .where(Customer.removed_at.is_(None))
        .order_by(Customer.name_sort, Customer.id)
    )
    for chunk in db.session.execute(ordered).partitions(CHUNK):
        words = collect_words([customer_id for customer_id, _name in chunk])
        rows: list[dict[str, int | str]] = []
        for customer_id, name in chunk:
            last = max(last + LABEL_SLOTS, order_label(name))
            rows.append({"label": last, "customer_id": customer_id, "words": words[customer_id]})
        yield rows
