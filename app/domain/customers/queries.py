"""What is asked about customers: lists, search, the values of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, select, text
from werkzeug.exceptions import NotFound

from app.core import events, history
from app.core.database import UTCDateTime, db, table
from app.core.forms import Editable
from app.core.text import Query, parse_query
from app.domain.customers import rules
from app.domain.customers.models import (
    ContactPerson,
    Customer,
    CustomerEmail,
    CustomerPhone,
)

PAGE = 50
MOST_ROWS = 1000
COUNTED = 1000
SHORTEST_SUBSTRING = 3
MOST_TRIGRAMS = 12
LONGEST_NAME = 400
"""Letters of the longest name that a customer can have; a longer one is like nobody's."""

CUSTOMER, EMAIL, PHONE = (table(m).c for m in (Customer, CustomerEmail, CustomerPhone))
PERSON = table(ContactPerson).c
EXISTS = select(CUSTOMER.id).where(CUSTOMER.id == bindparam("customer_id"))
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

ROW = """SELECT c.id, c.number, c.kind, c.list_name, c.company, c.town, c.name_sort, c.changed_at,
 (SELECT address FROM customer_email WHERE customer_id = c.id ORDER BY position LIMIT 1) AS email,
 (SELECT number FROM customer_phone WHERE customer_id = c.id ORDER BY position LIMIT 1) AS phone
 FROM customer c"""

SORTS = {
    "name": ("name_sort", "id"),
    "number": ("number_sort", "id"),
    "company": ("company_sort", "name_sort", "id"),
    "town": ("town_sort", "name_sort", "id"),
    "changed": ("changed_at", "id"),
}


def name_of(customer_id: int) -> str:
    """How a customer is called; empty for an unknown one."""
    row = db.session.execute(HEADER, {"customer_id": customer_id}).first()
    return row.name if row else ""


def marks(customer_ids: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
    """The badges that the areas hang on customers: (text, state) pairs by customer."""
    found: dict[int, list[tuple[str, str]]] = {customer_id: [] for customer_id in customer_ids}
    for answer in events.ask("customer.marking", customer_ids=customer_ids):
        for customer_id, pairs in answer.items():
            found[customer_id] += pairs
    return found


def customer_exists(customer_id: int) -> bool:
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
    """Whether a customer has this number already."""
    found = db.session.scalar(select(Customer.id).where(Customer.number == number))
    return found is not None and found != except_for


def by_number(number: str) -> Any:
    """The row of the customer with exactly this number, as `find` gives it, or None."""
    found = _typed(f"{ROW} WHERE c.number = :number")
    return db.session.execute(found, {"number": number}).first()


def any_customer() -> bool:
    return db.session.scalar(select(Customer.id).limit(1)) is not None


@dataclass(frozen=True)
class Found:
    """A piece of the customer list; `after` continues it, None at its end.

    `total` is exact up to 1,000 and capped there (`more_than_counted`).
    """

    rows: list[Any]
    after: int | None
    total: int
    more_than_counted: bool


def find(typed: str, sort: str = "name", *, after: int | None = None, limit: int = PAGE) -> Found:
    """The customers a typed query finds, sorted by one of SORTS ("-name" is backwards).

    Word prefixes from the first letter, any substring from the third; several words narrow.
    """
    query = parse_query(typed)
    name, backwards = sort.removeprefix("-"), sort.startswith("-")
    if name not in SORTS:
        name, backwards = "name", False
    if query and name == "name":
        statement, values = _by_label(query, backwards, after)
    else:
        statement, values = _by_column(query, SORTS[name], backwards, after)
    rows = db.session.execute(statement, values | {"limit": limit + 1}).all()
    more = rows[limit - 1].id if len(rows) > limit else None
    rows = rows[:limit]
    total = len(rows) if more is None and after is None else _count(query)
    return Found(list(rows), more, min(total, COUNTED), total > COUNTED)


def _by_label(query: Query, backwards: bool, after: int | None) -> tuple[Any, dict[str, Any]]:
    """In the order of the index itself: nothing is sorted, and the search stops at the limit."""
    index, conditions, values = _matching(query)
    if after is not None:
        sign = "<" if backwards else ">"
        conditions += (
            f" AND i.rowid {sign} (SELECT label FROM search_entry WHERE customer_id=:after)"
        )
        values["after"] = after
    order = "DESC" if backwards else "ASC"
    entries = f"{index} i JOIN search_entry e ON e.label = i.rowid"
    inner = f"SELECT e.customer_id, i.rowid AS label FROM {entries} WHERE {conditions}"
    found = f"({inner} ORDER BY i.rowid {order} LIMIT :limit) f"
    sql = f"{ROW.replace('FROM customer c', f'FROM {found} JOIN customer c')}"
    sql += f" ON c.id = f.customer_id ORDER BY f.label {order}"
    return _typed(sql), values


def _by_column(
    query: Query, columns: tuple[str, ...], backwards: bool, after: int | None
) -> tuple[Any, dict[str, Any]]:
    """In the order of columns: by their index without a query, else by sorting what was found."""
    conditions, values = "1", {}
    if query:
        index, matching, values = _matching(query)
        entries = f"{index} i JOIN search_entry e ON e.label = i.rowid"
        conditions = f"c.id IN (SELECT e.customer_id FROM {entries} WHERE {matching})"
    if after is not None:
        sign = "<" if backwards else ">"
        last = f"(SELECT {', '.join(columns)} FROM customer WHERE id = :after)"
        conditions += f" AND ({', '.join(f'c.{column}' for column in columns)}) {sign} {last}"
        values["after"] = after
    way = "DESC" if backwards else "ASC"
    order = ", ".join(f"c.{column} {way}" for column in columns)
    return _typed(f"{ROW} WHERE {conditions} ORDER BY {order} LIMIT :limit"), values


def _typed(sql: str) -> Any:
    return text(sql).columns(changed_at=UTCDateTime())


def _matching(query: Query) -> tuple[str, str, dict[str, Any]]:
    """The full-text index to ask, its conditions and their values.

    From the third letter the trigrams answer and `instr` proves the whole word; for one and two
    letters alone the prefixes do. A grouped number ("0176 123-45") also matches as one word.
    User text travels as bound values and quoted terms only.
    """
    alone = [(joined,) for joined in query.joined]
    ways = [list(query.terms), *([word] for word in alone)]
    if alone and not any(map(_is_long, query.terms)):
        ways = ways[1:]
    prefixes = not any(_is_long(word) for way in ways for word in way)
    spellings = [spelling for way in ways for word in way for spelling in word]
    keys = {spelling: f"w{n}" for n, spelling in enumerate(dict.fromkeys(spellings))}
    values = {keys[s]: s if len(s) >= SHORTEST_SUBSTRING else f" {s}" for s in keys}
    values["match"] = " OR ".join(f"({_match(way, prefixes)})" for way in ways)
    proof = " OR ".join(f"({_proof(way, keys)})" for way in ways)
    index = "search_prefix" if prefixes else "search_trigram"
    return index, f"{index} MATCH :match AND ({proof})", values


def _match(words: list[tuple[str, ...]], prefixes: bool) -> str:
    """The full-text expression for words that must all be there, each in one of its spellings."""
    asked = words if prefixes else [word for word in words if _is_long(word)]
    term = _prefix if prefixes else _trigrams
    return " AND ".join(f"({' OR '.join(term(spelling) for spelling in word)})" for word in asked)


def _proof(words: list[tuple[str, ...]], keys: dict[str, str]) -> str:
    """The condition that every word really is there: inside a word, or at its start if short."""
    return " AND ".join(
        "(" + " OR ".join(_found_in_words(spelling, keys[spelling]) for spelling in word) + ")"
        for word in words
    )


def _found_in_words(spelling: str, key: str) -> str:
    text = "e.words" if len(spelling) >= SHORTEST_SUBSTRING else "' ' || e.words"
    return f"instr({text}, :{key})"


def _is_long(word: tuple[str, ...]) -> bool:
    return all(len(spelling) >= SHORTEST_SUBSTRING for spelling in word)


def _prefix(spelling: str) -> str:
    return f"{_quoted(spelling)} *"


def _trigrams(spelling: str) -> str:
    found = dict.fromkeys(spelling[i : i + 3] for i in range(len(spelling) - 2))
    return f"({' AND '.join(_quoted(part) for part in list(found)[:MOST_TRIGRAMS])})"


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'


def _count(query: Query) -> int:
    """How many are found, counted up to a bound."""
    bound = COUNTED + 1
    if not query:
        some = select(Customer.id).limit(bound).subquery()
        return db.session.scalar(select(func.count()).select_from(some)) or 0
    index, conditions, values = _matching(query)
    entries = f"{index} i JOIN search_entry e ON e.label = i.rowid"
    sql = f"SELECT count(*) FROM (SELECT 1 FROM {entries} WHERE {conditions} LIMIT {bound})"
    return db.session.execute(text(sql), values).scalar_one()


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
    rows = db.session.execute(chosen.where(Customer.id.in_(list(reasons)[:20])))
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
