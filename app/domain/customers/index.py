"""What a customer is found by: one row of folded words per customer, kept by the verbs.

The row's label sorts like the customer's name, so the full-text indexes, which answer in the order
of their row ids, yield the first results by name without sorting. docs/adr/0004 tells more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import delete, insert, select, text, update

from app.core import events
from app.core.database import db
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

FIRST_FREE = text(
    "SELECT min(label) + 1 FROM search_entry taken WHERE label >= :base AND NOT EXISTS"
    " (SELECT 1 FROM search_entry WHERE label = taken.label + 1)"
)
INDEXES = ("search_trigram", "search_prefix")


def reindex(customer_ids: Sequence[int]) -> None:
    """Write anew what these customers are found by."""
    names = dict(
        db.session.execute(
            select(Customer.id, Customer.name_sort).where(Customer.id.in_(customer_ids))
        ).all()
    )
    old = dict(
        db.session.execute(
            select(SearchEntry.customer_id, SearchEntry.label).where(
                SearchEntry.customer_id.in_(customer_ids)
            )
        ).all()
    )
    for customer_id, words in collect_words(customer_ids).items():
        _write(customer_id, names[customer_id], old.get(customer_id), words)


def forget(customer_ids: Sequence[int]) -> None:
    """Make customers unfindable."""
    db.session.execute(delete(SearchEntry).where(SearchEntry.customer_id.in_(customer_ids)))


def rebuild(entries: Iterable[tuple[int, str, str]]) -> None:
    """Fill an empty index with (customer id, sort name, words) at once; for first imports."""
    connection = db.session.connection()
    triggers = connection.execute(
        text("SELECT name, sql FROM sqlite_master WHERE type='trigger' AND tbl_name='search_entry'")
    ).all()
    for name, _sql in triggers:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    connection.execute(insert(SearchEntry), list(_labelled(entries)))
    for index in INDEXES:
        connection.exec_driver_sql(f"INSERT INTO {index}({index}) VALUES('rebuild')")
    for _name, sql in triggers:
        connection.exec_driver_sql(sql)


def collect_words(customer_ids: Sequence[int]) -> dict[int, str]:
    """The words of each customer: its own and those the other areas answer."""
    found: dict[int, list[str]] = defaultdict(list)
    for row in db.session.execute(_own(customer_ids)):
        found[row.id].extend(str(value) for value in row[1:] if value)
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
        ContactPerson.first_name,
        ContactPerson.last_name,
        ContactPerson.role,
        ContactPerson.email,
        ContactPerson.phone,
        Customer.country,
    )
    known = ContactPerson.customer_id.in_(customer_ids), ContactPerson.removed_at.is_(None)
    return found.join(Customer).where(*known)


def _write(customer_id: int, name: str, label: int | None, words: str) -> None:
    base = order_label(name)
    if label is not None and base <= label < base + LABEL_SLOTS:
        entry = update(SearchEntry).where(SearchEntry.label == label)
        db.session.execute(entry.values(words=words))
        return
    if label is not None:
        forget([customer_id])
    row = {"label": _free(base), "customer_id": customer_id, "words": words}
    db.session.execute(insert(SearchEntry).values(row))


def _free(base: int) -> int:
    """The first label from `base` on that nobody has."""
    taken = db.session.scalar(select(SearchEntry.label).where(SearchEntry.label == base))
    return base if taken is None else db.session.execute(FIRST_FREE, {"base": base}).scalar_one()


def _labelled(entries: Iterable[tuple[int, str, str]]) -> Iterable[dict[str, int | str]]:
    last = -1
    for customer_id, name, words in sorted(entries, key=lambda entry: (entry[1], entry[0])):
        last = max(last + 1, order_label(name))
        yield {"label": last, "customer_id": customer_id, "words": words}
