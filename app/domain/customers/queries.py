"""What is asked about customers: lists, search, the values of one."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, func, select, text, tuple_
from werkzeug.exceptions import NotFound

from app.core import events, fulltext, history
from app.core.audit import AuditEntry
from app.core.database import UTCDateTime, db, table
from app.core.forms import Editable
from app.core.i18n import _n
from app.core.text import Query, parse_query
from app.domain.customers import rules
from app.domain.customers.index import INDEXES
from app.domain.customers.models import (
    ContactPerson,
    Customer,
    CustomerEmail,
    CustomerPhone,
    SearchEntry,
)

PAGE = 50
MOST_ROWS = 1000
COUNTED = 1000
FEW = 5_000
"""So many customers of a narrowing are taken one by one and sorted; of more the list meets enough
while it walks an index in its order. docs/adr/0004 tells what both cost."""
LONGEST_NAME = 400
"""Letters of the longest name that a customer can have; a longer one is like nobody's."""

CUSTOMER, EMAIL, PHONE = (table(m).c for m in (Customer, CustomerEmail, CustomerPhone))
PERSON, ENTRY = table(ContactPerson).c, table(AuditEntry).c
THERE = CUSTOMER.removed_at.is_(None)
"""Who is not in the trash."""
EXISTS = select(CUSTOMER.id).where(CUSTOMER.id == bindparam("customer_id"), THERE)
HEADER = select(
    CUSTOMER.id, CUSTOMER.number, CUSTOMER.kind, CUSTOMER.name, CUSTOMER.company, CUSTOMER.town
).where(CUSTOMER.id == bindparam("customer_id"))
MASTER = select(*CUSTOMER).where(CUSTOMER.id == bindparam("customer_id"))
EMAILS = (
    select(EMAIL.label, EMAIL.address)
    .where(EMAIL.customer_id == bindparam("customer_id"))
    .order_by(EMAIL.position)
)
PHONES = (
    select(PHONE.label, PHONE.number)
    .where(PHONE.customer_id == bindparam("customer_id"))
    .order_by(PHONE.position)
)
PEOPLE = (
    select(*PERSON)
    .where(PERSON.customer_id == bindparam("customer_id"), PERSON.removed_at.is_(None))
    .order_by(PERSON.is_main.desc(), PERSON.last_name, PERSON.id)
)

MAIN_CONTACTS = select(PERSON.customer_id, PERSON.title, PERSON.first_name, PERSON.last_name).where(
    PERSON.customer_id.in_(bindparam("customer_ids", expanding=True)),
    PERSON.is_main,
    PERSON.removed_at.is_(None),
)
TRASHED_BY = (
    select(ENTRY.user_name)
    .where(ENTRY.customer_id == CUSTOMER.id, ENTRY.area == "customers", ENTRY.action == "deleted")
    .order_by(ENTRY.id.desc())
    .limit(1)
    .scalar_subquery()
)
TRASHED = select(
    CUSTOMER.id,
    CUSTOMER.number,
    CUSTOMER.name,
    CUSTOMER.town,
    CUSTOMER.removed_at,
    TRASHED_BY.label("removed_by"),
).where(CUSTOMER.removed_at.is_not(None))
NEWEST_TRASHED = TRASHED.order_by(CUSTOMER.removed_at.desc(), CUSTOMER.id.desc())
COUNT_TRASHED = select(func.count()).select_from(
    select(CUSTOMER.id).where(CUSTOMER.removed_at.is_not(None)).limit(COUNTED + 1).subquery()
)
NAMING = text(
    "SELECT e.id FROM audit_entry e WHERE e.customer_id IS NULL AND e.at >= :since AND EXISTS"
    " (SELECT 1 FROM json_each(e.changes) WHERE value ->> 0 = 'customer' AND"
    " substr(coalesce(value ->> 1, value ->> 2), 1, instr(coalesce(value ->> 1, value ->> 2), ' ')"
    " - 1) IN (SELECT value FROM json_each(:numbers)))"
).bindparams(bindparam("since", type_=UTCDateTime))
"""A line of such an entry tells "10001 Tanja Müller"; no number has a blank."""
FIRST = datetime.min.replace(tzinfo=UTC)
DOOMED = select(CUSTOMER.number).where(CUSTOMER.removed_at < bindparam("before", type_=UTCDateTime))
TO_PURGE = (
    select(CUSTOMER.id, CUSTOMER.number)
    .where(CUSTOMER.removed_at < bindparam("before", type_=UTCDateTime))
    .order_by(CUSTOMER.id)
)

CELLS = """SELECT c.id, c.number, c.kind, c.list_name, c.company, c.town, c.name_sort, c.changed_at,
 (SELECT address FROM customer_email WHERE customer_id = c.id ORDER BY position LIMIT 1) AS email,
 (SELECT number FROM customer_phone WHERE customer_id = c.id ORDER BY position LIMIT 1) AS phone"""
NOT_TRASHED = "c.id NOT IN (SELECT id FROM customer WHERE removed_at IS NOT NULL)"
KNOWN = text(
    "SELECT e.customer_id FROM json_each(:ids) one CROSS JOIN search_entry e"
    " ON e.customer_id = one.value ORDER BY e.label"
)

SORTS = {
    "name": ("name_sort", "id"),
    "number": ("number_sort", "id"),
    "company": ("company_sort", "name_sort", "id"),
    "town": ("town_sort", "name_sort", "id"),
    "changed": ("changed_at", "id"),
}


def name_of(customer_id: int) -> str:
    """How a customer is called, one in the trash too; empty for an unknown one."""
    row = db.session.execute(HEADER, {"customer_id": customer_id}).first()
    return row.name if row else ""


def marks(customer_ids: Sequence[int]) -> dict[int, list[tuple[Any, ...]]]:
    """The badges that the areas hang on customers: (text, state) by customer.

    A hint banner has its look instead of a state. What comes third is where more is told: the key
    of a panel with a page, and what to ask there.
    """
    found: dict[int, list[tuple[Any, ...]]] = {customer_id: [] for customer_id in customer_ids}
    for answer in events.ask("customer.marking", customer_ids=customer_ids):
        for customer_id, pairs in answer.items():
            found[customer_id] += pairs
    return found


def customer_exists(customer_id: int) -> bool:
    """Whether there is such a customer, and not in the trash."""
    return db.session.scalar(EXISTS, {"customer_id": customer_id}) is not None


def header(customer_id: int) -> Any:
    """Number and name of a customer: id, number, kind, name, company, town."""
    return _found(db.session.execute(HEADER, {"customer_id": customer_id}).first())


def master(customer_id: int) -> Any:
    """The columns of a customer."""
    return _found(db.session.execute(MASTER, {"customer_id": customer_id}).first())


def emails(customer_id: int) -> list[Any]:
    """The labelled e-mail addresses, the main one first."""
    return list(db.session.execute(EMAILS, {"customer_id": customer_id}))


def phones(customer_id: int) -> list[Any]:
    """The labelled phone numbers, the main one first."""
    return list(db.session.execute(PHONES, {"customer_id": customer_id}))


def contact_persons(customer_id: int) -> list[Any]:
    """The contact persons, the main one first."""
    return list(db.session.execute(PEOPLE, {"customer_id": customer_id}))


def values_of(customer_ids: Sequence[int], name: str) -> dict[int, Any]:
    """One column of these customers."""
    asked = select(CUSTOMER.id, CUSTOMER[name]).where(CUSTOMER.id.in_(customer_ids))
    return dict(db.session.execute(asked).all())


def main_contacts(customer_ids: Sequence[int]) -> dict[int, str]:
    """The names of the main contact persons of those who have one."""
    found = db.session.execute(MAIN_CONTACTS, {"customer_ids": customer_ids})
    return {
        row.customer_id: rules.display_name("person", row.title, row.first_name, row.last_name, "")
        for row in found
    }


def has_main_contact(customer_id: int) -> bool:
    """Whether one of the contact persons is the main one; it comes first."""
    return any(person.is_main for person in contact_persons(customer_id)[:1])


def contact_person(customer_id: int, person_id: int, *, removed: bool = False) -> ContactPerson:
    """A contact person of this customer; NotFound for anybody else's."""
    person = db.session.get(ContactPerson, person_id)
    if person is None or person.customer_id != customer_id:
        raise NotFound
    if (person.removed_at is not None) != removed:
        raise NotFound
    return person


def editable(customer_id: int) -> Editable:
    """The master data as its form shows it, with its version and who changed it last."""
    row = master(customer_id)._mapping
    values = {key: row[key] for key in ("number", *rules.FIELDS)}
    values["emails"] = [dict(e._mapping) for e in emails(customer_id)]
    values["phones"] = [dict(p._mapping) for p in phones(customer_id)]
    return Editable(values, str(row["version"]), *history.last_change(customer_id, "customers"))


def number_taken(number: str, except_for: int | None = None) -> bool:
    """Whether a customer has this number already; one in the trash keeps it."""
    found = db.session.scalar(select(Customer.id).where(Customer.number == number))
    return found is not None and found != except_for


def hindrance_to_delete(customer_id: int) -> str | None:
    """Why a customer must stay, as the first area says it that objects; None if it may be deleted.

    The button and the verb ask here, so they never disagree.
    """
    reason = events.ask_first("customer.deletion_requested", customer_id=customer_id)
    return str(reason) if reason else None


def belongings(customer_id: int) -> list[str]:
    """What goes with a customer who is deleted, in words like "3 comments"."""
    people = len(contact_persons(customer_id))
    found = [_n("%(num)d contact person", "%(num)d contact persons", people)] if people else []
    for answer in events.ask("customer.belonging", customer_id=customer_id):
        found += answer
    return found


def number_in_trash(number: str) -> bool:
    """Whether a customer in the trash has this number."""
    return db.session.scalar(TRASHED.where(CUSTOMER.number == number)) is not None


def in_trash(customer_id: int) -> Any:
    """A customer in the trash: id, number, name, town, removed_at, removed_by; None elsewhere."""
    return db.session.execute(TRASHED.where(CUSTOMER.id == customer_id)).first()


@dataclass(frozen=True)
class Trash:
    """A page of the trash, the last deleted first; `older` is the place to go on before.

    That is an instant and an id: whoever was deleted then may be back when somebody goes on.
    """

    rows: list[Any]
    older: tuple[datetime, int] | None


def trash(before: tuple[datetime, int] | None = None) -> Trash:
    """Who is in the trash, from the last one before a place on."""
    asked = NEWEST_TRASHED.limit(PAGE + 1)
    if before is not None:
        asked = asked.where(tuple_(CUSTOMER.removed_at, CUSTOMER.id) < tuple_(*before))
    rows = list(db.session.execute(asked))
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return Trash(rows[:PAGE], (last.removed_at, last.id) if last else None)


def trash_count() -> int:
    """How many are in the trash, counted up to 1,001."""
    return db.session.scalar(COUNT_TRASHED) or 0


def count_to_purge(before: datetime) -> int:
    """How many came into the trash before an instant."""
    waiting = select(func.count()).select_from(TO_PURGE.order_by(None).subquery())
    return db.session.scalar(waiting, {"before": before}) or 0


def numbers_to_purge(before: datetime) -> set[str]:
    """The numbers of all who came into the trash before an instant."""
    return set(db.session.scalars(DOOMED, {"before": before}))


def entries_naming(numbers: Collection[str], since: datetime = FIRST) -> list[int]:
    """Entries about many customers, written since an instant, that name one of these."""
    asked = {"numbers": json.dumps(list(numbers)), "since": since}
    return list(db.session.scalars(NAMING, asked))


def to_purge(before: datetime, after: int, limit: int) -> list[Any]:
    """Customers who came into the trash before an instant: id, number; from an id on."""
    asked = TO_PURGE.where(CUSTOMER.id > after).limit(limit)
    return list(db.session.execute(asked, {"before": before}))


def by_number(number: str) -> Any:
    """The row of the customer with exactly this number, as `find` gives it, or None."""
    found = _typed(f"{CELLS} FROM customer c WHERE c.number = :number AND c.removed_at IS NULL")
    return db.session.execute(found, {"number": number}).first()


def any_customer() -> bool:
    """Whether there is anybody; who is in the trash does not count."""
    return db.session.scalar(select(SearchEntry.customer_id).limit(1)) is not None


@dataclass(frozen=True)
class Found:
    """A piece of the customer list; `after` continues it, None at its end.

    `total` is exact up to 1,000 and capped there (`more_than_counted`).
    """

    rows: list[Any]
    after: int | None
    total: int
    more_than_counted: bool


@dataclass(frozen=True)
class Narrowing:
    """Some of the customers, as an area on the right tells them in SQL with its values.

    `ids` selects their `customer_id`, each once; `holds` is the condition that `{id}` is one of
    them; `size` counts them up to FEW + 1.
    """

    ids: str
    holds: str
    size: int
    values: Mapping[str, Any]


NOBODY = Narrowing("SELECT NULL AS customer_id WHERE 0", "0", 0, {})


def find(
    typed: str,
    sort: str = "name",
    *,
    after: int | None = None,
    limit: int = PAGE,
    narrowing: Narrowing | None = None,
) -> Found:
    """The customers a typed query finds, sorted by one of SORTS ("-name" is backwards).

    Word prefixes from the first letter, any substring from the third; several words narrow, and so
    does a `narrowing`.
    """
    wanted = _wanted(parse_query(typed), narrowing)
    name, backwards = sort.removeprefix("-"), sort.startswith("-")
    if name not in SORTS:
        name, backwards = "name", False
    if wanted.walked:
        statement = _walked(wanted, SORTS[name], backwards, after)
    elif name == "name":
        statement = _by_label(wanted, backwards, after)
    else:
        statement = _sorted(wanted, SORTS[name], backwards, after)
    values = {**wanted.values, "limit": limit + 1} | ({} if after is None else {"after": after})
    rows = db.session.execute(_typed(statement), values).all()
    more = rows[limit - 1].id if len(rows) > limit else None
    rows = rows[:limit]
    total = len(rows) if more is None and after is None else _count(wanted)
    return Found(list(rows), more, min(total, COUNTED), total > COUNTED)


def found_ids(typed: str, narrowing: Narrowing | None, limit: int) -> list[int]:
    """All whom `find` shows page by page, in the order of their names, up to a limit."""
    wanted = _wanted(parse_query(typed), narrowing)
    found = f"SELECT e.customer_id FROM {wanted.entries} WHERE {wanted.conditions}"
    ordered = text(f"{found} ORDER BY {wanted.label} LIMIT :limit")
    return list(db.session.scalars(ordered, {**wanted.values, "limit": limit}))


def known_ids(customer_ids: Sequence[int]) -> list[int]:
    """Those of these ids that are customers and not in the trash, in the order of their names."""
    return list(db.session.scalars(KNOWN, {"ids": json.dumps(list(dict.fromkeys(customer_ids)))}))


@dataclass(frozen=True)
class _Wanted:
    """Who is looked for, in SQL: search `entries` (e), their `conditions` and their order `label`.

    With `walked`, a condition over the customers (c), a list does better to walk those in its own
    order and to ask it of each. Who is in the trash has no entry.
    """

    entries: str
    conditions: str = "1"
    label: str = "e.label"
    walked: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


def _wanted(query: Query, narrowing: Narrowing | None) -> _Wanted:
    """Few are proved one by one, without the full-text index; many are met along the way."""
    if not query and not narrowing:
        return _Wanted("search_entry e", walked="1")
    if narrowing and (narrowing.size <= FEW or not query):
        proof, values = fulltext.proof(query)
        few = narrowing.size <= FEW
        return _Wanted(
            f"({narrowing.ids}) m CROSS JOIN search_entry e ON e.customer_id = m.customer_id",
            proof,
            walked="" if few else narrowing.holds.format(id="c.id"),
            values={**values, **narrowing.values},
        )
    index, conditions, values = fulltext.matching(query, INDEXES)
    if narrowing:
        conditions += f" AND {narrowing.holds.format(id='e.customer_id')}"
        values |= narrowing.values
    entries = f"{index} i JOIN search_entry e ON e.label = i.rowid"
    return _Wanted(entries, conditions, "i.rowid", values=values)


def _walked(wanted: _Wanted, columns: tuple[str, ...], backwards: bool, after: int | None) -> str:
    """In the order of an index that holds these columns; the walk stops at the limit.

    Rows are not read on the way, so the trash is asked by its own small index.
    """
    conditions = f"{wanted.walked} AND {_beyond(columns, backwards, after)} AND {NOT_TRASHED}"
    return _whole(f"customer c WHERE {conditions}", _order(columns, backwards))


def _by_label(wanted: _Wanted, backwards: bool, after: int | None) -> str:
    """In the order of the entries: the full-text index needs no sort and stops at the limit."""
    label, way = wanted.label, "DESC" if backwards else "ASC"
    conditions = wanted.conditions
    if after is not None:
        last = "(SELECT label FROM search_entry WHERE customer_id = :after)"
        conditions += f" AND {label} {'<' if backwards else '>'} {last}"
    inner = f"SELECT e.customer_id, {label} AS label FROM {wanted.entries} WHERE {conditions}"
    found = f"({inner} ORDER BY {label} {way} LIMIT :limit) f"
    return f"{CELLS} FROM {found} JOIN customer c ON c.id = f.customer_id ORDER BY f.label {way}"


def _sorted(wanted: _Wanted, columns: tuple[str, ...], backwards: bool, after: int | None) -> str:
    """All that were found, sorted by these columns."""
    found = f"SELECT e.customer_id FROM {wanted.entries} WHERE {wanted.conditions}"
    conditions = f"c.id IN ({found}) AND {_beyond(columns, backwards, after)}"
    return _whole(f"customer c WHERE {conditions}", _order(columns, backwards))


def _whole(customers: str, order: str) -> str:
    """The rows of the first of these customers (c); of the others only their order is read."""
    first = f"(SELECT c.id FROM {customers} {order} LIMIT :limit) f"
    return f"{CELLS} FROM {first} JOIN customer c ON c.id = f.id {order}"


def _beyond(columns: tuple[str, ...], backwards: bool, after: int | None) -> str:
    """The condition that a customer (c) stands behind the last one in this order."""
    if after is None:
        return "1"
    last = f"(SELECT {', '.join(columns)} FROM customer WHERE id = :after)"
    return f"({', '.join(f'c.{column}' for column in columns)}) {'<' if backwards else '>'} {last}"


def _order(columns: tuple[str, ...], backwards: bool) -> str:
    way = "DESC" if backwards else "ASC"
    return f"ORDER BY {', '.join(f'c.{column} {way}' for column in columns)}"


def _typed(sql: str) -> Any:
    return text(sql).columns(changed_at=UTCDateTime())


def _count(wanted: _Wanted) -> int:
    """How many are found, counted up to a bound."""
    found = f"SELECT 1 FROM {wanted.entries} WHERE {wanted.conditions} LIMIT {COUNTED + 1}"
    return db.session.execute(text(f"SELECT count(*) FROM ({found})"), wanted.values).scalar_one()


@dataclass(frozen=True)
class Likeness:
    """An existing customer that may be the one being typed, and why."""

    id: int
    number: str
    name: str
    town: str
    reasons: tuple[str, ...]


def look_alikes(values: dict[str, Any], except_for: int | None = None) -> list[Likeness]:
    """Customers with the same e-mail or phone, or a similar name at the same postcode."""
    reasons: dict[int, list[str]] = {}
    for reason, ids in (
        ("email", _with_email([rules.email_key(e["address"]) for e in values["emails"]])),
        ("phone", _with_phone(values)),
        ("name", _with_name(values)),
    ):
        for customer_id in dict.fromkeys(ids):
            reasons.setdefault(customer_id, []).append(reason)
    reasons.pop(except_for or 0, None)
    chosen = select(Customer.id, Customer.number, Customer.name, Customer.town)
    known = Customer.id.in_(list(reasons)[:20]), THERE
    rows = db.session.execute(chosen.where(*known))
    alike = [Likeness(r.id, r.number, r.name, r.town, tuple(reasons[r.id])) for r in rows]
    return sorted(alike, key=lambda likeness: (-len(likeness.reasons), likeness.id))[:5]


def _with_email(keys: list[str]) -> list[int]:
    keys = [key for key in keys if key]
    found = select(CustomerEmail.customer_id).where(CustomerEmail.key.in_(keys)).limit(20)
    return list(db.session.scalars(found)) if keys else []


def _with_phone(values: dict[str, Any]) -> list[int]:
    keys = [rules.phone_key(p["number"], values["country"]) for p in values["phones"]]
    keys = [key for key in keys if len(key) >= 5]
    found = select(CustomerPhone.customer_id).where(CustomerPhone.key.in_(keys)).limit(20)
    return list(db.session.scalars(found)) if keys else []


def _with_name(values: dict[str, Any]) -> list[int]:
    """Names at the same postcode are compared; that is some hundreds at most."""
    name = rules.display_name(
        values["kind"], "", values["first_name"], values["last_name"], values["company"]
    )
    if not values["postcode"] or not name or len(name) > LONGEST_NAME:
        return []
    near = select(Customer.id, Customer.kind, Customer.first_name, Customer.last_name)
    near = near.add_columns(Customer.company).where(Customer.postcode == values["postcode"])
    return [
        row.id
        for row in db.session.execute(near.limit(2000))
        if rules.similar_names(
            name, rules.display_name(row.kind, "", row.first_name, row.last_name, row.company)
        )
    ]


def _found(row: Any) -> Any:
    if row is None:
        raise NotFound
    return row
