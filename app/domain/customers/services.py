"""What happens to customers: added, changed, given contact persons."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import NotFound

from app.core import audit, numbers
from app.core.audit import AuditEntry
from app.core.database import db, listed, now, table
from app.core.events import announce
from app.core.i18n import _l, today
from app.core.problems import Invalid, Problem, Refused, errors
from app.core.text import natural_key, sort_form
from app.domain.customers import index, queries, rules
from app.domain.customers.models import (
    ContactPerson,
    Customer,
    CustomerEmail,
    CustomerPhone,
)
from app.domain.settings.queries import first_customer_number, team

PERSON = ("salutation", "title", "first_name", "last_name", "role", "email", "phone", "is_main")
CHUNK = 100
"""Customers who are deleted for good in one transaction."""
LONGEST_WRITING = timedelta(minutes=1)

_customer = table(Customer)
ASIDE = update(_customer).where(
    _customer.c.id.in_(listed("customer_ids")), _customer.c.removed_at.is_(None)
)


def create_customer(values: Mapping[str, Any]) -> int:
    """Add a customer and return its id; without a number it gets the next one.

    Raises Invalid for values that do not hold.
    """
    values = _complete(values)
    _check(values, None)
    moment = now()
    customer = Customer(
        **columns(values),
        number=values["number"] or next_number(),
        created_at=moment,
        changed_at=moment,
    )
    customer.number_sort = natural_key(customer.number)
    db.session.add(customer)
    db.session.flush()
    _write_contacts(customer.id, values)
    changes = audit.difference({}, _told(values | {"number": customer.number}))
    audit.record(
        "customers", "created", customer_id=customer.id, subject=customer.name, changes=changes
    )
    index.reindex([customer.id])
    announce("customer.created", customer_id=customer.id)
    return customer.id


def change_customer(customer_id: int, values: Mapping[str, Any]) -> None:
    """Change the master data. Raises Invalid for values that do not hold."""
    values = _complete(values)
    _check(values, customer_id)
    customer = db.session.get_one(Customer, customer_id)
    values["number"] = values["number"] or customer.number
    changes = audit.difference(_told(queries.editable(customer_id).values), _told(values))
    if not changes:
        return
    touch(customer_id)
    for name, value in columns(values).items():
        setattr(customer, name, value)
    customer.number = values["number"]
    customer.number_sort = natural_key(customer.number)
    customer.changed_at = now()  # so that the version moves, whatever it was that changed
    db.session.flush()
    _write_contacts(customer_id, values)
    audit.record(
        "customers", "changed", customer_id=customer_id, subject=customer.name, changes=changes
    )
    index.reindex([customer_id])
    announce("customer.changed", customer_id=customer_id)


def set_payment(customer_id: int, payment_method: str, vat_number: str) -> None:
    """Change how a customer pays; the banking area checks the values and writes the audit entry."""
    customer = db.session.get_one(Customer, customer_id)
    if (customer.payment_method, customer.vat_number) == (payment_method, vat_number):
        return
    if customer.vat_number != vat_number:
        customer.vat_number = vat_number
        db.session.flush()
    _write_aside([customer_id], payment_method=payment_method)
    announce("customer.changed", customer_id=customer_id)


def touch(*customer_ids: int) -> None:
    """Something that hangs on a customer changed; its version stays.

    Every verb comes through here, so here one is refused whose customer is in the trash or gone.
    What hangs on several customers changes as long as one of them is there.
    """
    _write_aside(customer_ids, changed_at=now())


def touch_all(customer_ids: Collection[int]) -> None:
    """The same for many who have nothing in common: who is in the trash is left out."""
    _write_if_there(customer_ids, changed_at=now())


def _write_aside(customer_ids: Collection[int], **values: Any) -> None:
    """Write columns that are no master data, so that nobody editing those is disturbed."""
    if not _write_if_there(customer_ids, **values):
        raise Refused(_l("This customer has been deleted."))


def _write_if_there(customer_ids: Collection[int], **values: Any) -> int:
    """Write them for those who are not in the trash; answers how many these are.

    What is still to be flushed waits: it may belong to somebody who is gone.
    """
    asked = {"customer_ids": list(customer_ids)}
    return db.session.connection().execute(ASIDE.values(values), asked).rowcount


def next_number() -> str:
    """The next automatic customer number that nobody has."""
    while True:
        number = str(numbers.take("customer", first_customer_number()))
        if not queries.number_taken(number):
            return number


def columns(values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a customer row for these values, the made ones included."""
    name = [values[key] for key in ("kind", "title", "first_name", "last_name", "company")]
    return {key: values[key] for key in rules.FIELDS} | {
        "name": rules.display_name(*name),
        "list_name": rules.list_name(*name),
        "name_sort": rules.sort_key(*name),
        "company_sort": sort_form(values["company"]),
        "town_sort": sort_form(values["town"]),
    }


def add_contact_person(customer_id: int, values: Mapping[str, Any]) -> int:
    """Add a person at a company; the first one is the main one."""
    _check_person(values)
    first = not queries.has_main_contact(customer_id)
    person = ContactPerson(customer_id=customer_id, **_person(values))
    person.is_main = person.is_main or first
    db.session.add(person)
    db.session.flush()
    _keep_one_main(person)
    _tell_person("contact_added", person, audit.difference({}, _person(values)))
    return person.id


def change_contact_person(customer_id: int, person_id: int, values: Mapping[str, Any]) -> None:
    """Change a contact person."""
    _check_person(values)
    person = queries.contact_person(customer_id, person_id)
    before = {key: getattr(person, key) for key in PERSON}
    changes = audit.difference(before, _person(values))
    if not changes:
        return
    for key, value in _person(values).items():
        setattr(person, key, value)
    db.session.flush()
    _keep_one_main(person)
    _tell_person("contact_changed", person, changes)


def remove_contact_person(customer_id: int, person_id: int) -> None:
    """Take a contact person away; `restore_contact_person` brings it back."""
    person = queries.contact_person(customer_id, person_id)
    person.removed_at = now()
    db.session.flush()
    _keep_a_main_one(customer_id)
    _tell_person("contact_removed", person, [])


def restore_contact_person(customer_id: int, person_id: int) -> None:
    """Bring a removed contact person back."""
    person = queries.contact_person(customer_id, person_id, removed=True)
    person.removed_at = None
    _keep_one_main(person)
    _tell_person("contact_restored", person, [])


def delete_customer(customer_id: int) -> None:
    """Put a customer into the trash with all it has; `restore_customer` brings it back.

    Raises Refused with the reasons of the areas that object, and for one in the trash already.
    """
    customer = queries.header(customer_id)
    if queries.in_trash(customer_id):
        raise Refused(_l("This customer is in the trash already."))
    if reason := queries.hindrance_to_delete(customer_id):
        raise Refused(reason)
    _write_aside([customer_id], removed_at=now(), changed_at=now())
    index.forget([customer_id])
    audit.record("customers", "deleted", customer_id=customer_id, subject=customer.name)
    announce("customer.removed", customer_id=customer_id)


def restore_customer(customer_id: int) -> None:
    """Bring a customer back from the trash; NotFound for one who is not in it."""
    customer = queries.in_trash(customer_id)
    if customer is None:
        raise NotFound
    back = update(Customer).where(Customer.id == customer_id)
    db.session.execute(back.values(removed_at=None, changed_at=now()))
    index.reindex([customer_id])
    audit.record("customers", "restored", customer_id=customer_id, subject=customer.name)
    announce("customer.restored", customer_id=customer_id)


@dataclass(frozen=True, slots=True)
class Purged:
    """The numbers of customers who are deleted for good, and of those who had to be kept."""

    erased: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def purge_trash(before: datetime) -> Iterator[Purged]:
    """Delete for good whoever came into the trash before an instant.

    Begin it with nothing unsaved and commit after each step: each is short, for others wait
    meanwhile. Whom the database does not let go (a document was issued in spite of all) is kept,
    told and stops nobody. Of the others only the number is left, in the audit trail; an entry about
    many, which may name 100,000, forgets all of them in one step before anybody goes. At the end
    the areas are told to do the same with what was removed in them.
    """
    since = now() - LONGEST_WRITING
    numbers, entries = _names_to_forget(before)
    for entry_id in entries:
        _forget_names(entry_id, numbers)
        yield Purged()
    last, some = 0, False
    while chunk := queries.to_purge(before, last, CHUNK):
        last = chunk[-1].id
        step = _purge(chunk, since)
        some = some or bool(step.erased)
        yield step
    for _step in index.settle() if some else ():
        yield Purged()
    announce("trash.purged", before=before)
    yield Purged()


def erase_customers(customer_ids: Sequence[int]) -> None:
    """Delete customers with everything they have; nothing brings them back.

    Their trail goes with them, since it names them. What must be kept for ever
    (an issued invoice) is not deleted by its area, and then the database refuses the whole.
    """
    index.forget(customer_ids)
    announce("customer.erased", customer_ids=customer_ids)
    for model in (ContactPerson, CustomerEmail, CustomerPhone, AuditEntry):
        db.session.execute(delete(model).where(model.customer_id.in_(customer_ids)))
    db.session.execute(delete(Customer).where(Customer.id.in_(customer_ids)))


def _names_to_forget(before: datetime) -> tuple[set[str], list[int]]:
    """The numbers of those who will go, and the entries about many that name one of them.

    That reads every such entry, so the write lock is not held meanwhile.
    """
    db.session.connection(execution_options={"read_only": True})
    try:
        numbers = queries.numbers_to_purge(before)
        return numbers, queries.entries_naming(numbers) if numbers else []
    finally:
        db.session.rollback()


def _purge(rows: Sequence[Any], since: datetime) -> Purged:
    """Erase them at once, or one by one if somebody of them cannot be.

    Entries about many that came since then name them once more.
    """
    if _erased(rows):
        gone = [row.number for row in rows]
        lines: list[audit.Change] = [("number", number, None) for number in gone]
        for entry_id in queries.entries_naming(gone, since):
            _forget_names(entry_id, gone)
        audit.record("customers", "purged", changes=lines)
        return Purged(erased=gone)
    if len(rows) == 1:
        return Purged(kept=[rows[0].number])
    each = [_purge([row], since) for row in rows]
    return Purged(
        [number for one in each for number in one.erased],
        [number for one in each for number in one.kept],
    )


def _forget_names(entry_id: int, numbers: Collection[str]) -> None:
    """An entry about many has a line like "10001 Tanja Müller" for each; the number stays."""
    entry = table(AuditEntry).c
    told = db.session.scalars(select(entry.changes).where(entry.id == entry_id)).one()
    lines = [_nameless(line, numbers) for line in told]
    written = update(table(AuditEntry)).where(entry.id == entry_id)
    db.session.execute(written.values(changes=lines))


def _nameless(line: Sequence[Any], numbers: Collection[str]) -> list[Any]:
    field, *values = line
    if field != "customer":
        return [field, *values]
    firsts = [value and str(value).partition(" ")[0] for value in values]
    return [field, *(n if n in numbers else v for n, v in zip(firsts, values, strict=True))]


def _erased(rows: Sequence[Any]) -> bool:
    """Whether the database let them go; if not, nothing of them was touched."""
    try:
        with db.session.begin_nested():
            erase_customers([row.id for row in rows])
    except IntegrityError:
        return False
    return True


def _complete(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as they are stored; who has no language yet gets the team's."""
    values = rules.normalised(values)
    return values | {"language": values["language"] or team().language}


def _check(values: Mapping[str, Any], customer_id: int | None) -> None:
    problems = errors(rules.check_customer(values, today()))
    if values["number"] and queries.number_taken(values["number"], except_for=customer_id):
        problems.append(Problem("number", "taken", _told_holder(values["number"])))
    if problems:
        raise Invalid(problems)


def _told_holder(number: str) -> Any:
    """Who has a number; one in the trash is found by nobody, so it is said."""
    if queries.number_in_trash(number):
        return _l("A customer in the trash has this number.")
    return _l("Another customer has this number.")


def _write_contacts(customer_id: int, values: Mapping[str, Any]) -> None:
    for model, rows in (
        (CustomerEmail, email_rows(values["emails"])),
        (CustomerPhone, phone_rows(values["phones"], values["country"])),
    ):
        db.session.execute(delete(model).where(model.customer_id == customer_id))
        if rows:
            owned = [{"customer_id": customer_id, "position": i} | r for i, r in enumerate(rows)]
            db.session.execute(insert(model), owned)


def email_rows(emails: list[Mapping[str, str]]) -> list[dict[str, Any]]:
    """Rows of CustomerEmail, still without their customer."""
    return [
        {"label": e["label"], "address": e["address"], "key": rules.email_key(e["address"])}
        for e in emails
    ]


def phone_rows(phones: list[Mapping[str, str]], country: str) -> list[dict[str, Any]]:
    """Rows of CustomerPhone, still without their customer."""
    return [
        {"label": p["label"], "number": p["number"], "key": rules.phone_key(p["number"], country)}
        for p in phones
    ]


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as the history keeps them."""
    return {key: values[key] for key in ("number", *rules.FIELDS, "emails", "phones")}


def _check_person(values: Mapping[str, Any]) -> None:
    if problems := errors(rules.check_contact_person(values)):
        raise Invalid(problems)


def _person(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: values[key] for key in PERSON}


def _keep_one_main(person: ContactPerson) -> None:
    """The person who just became the main one takes it from whoever was."""
    if not person.is_main:
        return
    others = select(ContactPerson).where(
        ContactPerson.customer_id == person.customer_id,
        ContactPerson.id != person.id,
        ContactPerson.is_main,
    )
    for other in db.session.scalars(others):
        other.is_main = False
    db.session.flush()


def _keep_a_main_one(customer_id: int) -> None:
    """Of those who are left, the first is the main one if nobody is."""
    people = queries.contact_persons(customer_id)
    if people and not people[0].is_main:
        queries.contact_person(customer_id, people[0].id).is_main = True


def _tell_person(action: str, person: ContactPerson, changes: list[audit.Change]) -> None:
    db.session.flush()
    name = rules.display_name("person", person.title, person.first_name, person.last_name, "")
    customer_id = person.customer_id
    audit.record("customers", action, customer_id=customer_id, subject=name, changes=changes)
    touch(customer_id)
    index.reindex([customer_id])
    announce("contact_person.changed", customer_id=customer_id)
