"""From a record of a file to a customer: completed, judged by the rules, laid out in rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.core import audit
from app.core.audit import AuditEntry
from app.core.database import Model
from app.core.i18n import _, country_name
from app.core.problems import Problem, errors, warnings
from app.core.text import natural_key
from app.domain.addresses import labels as address_labels
from app.domain.addresses import rules as addresses
from app.domain.addresses.models import Address
from app.domain.banking import directory
from app.domain.banking import labels as bank_labels
from app.domain.banking import rules as banking
from app.domain.banking import services as bank
from app.domain.banking.queries import ACCOUNT, MANDATE
from app.domain.comments.models import Comment
from app.domain.comments.rules import LONGEST as LONGEST_COMMENT
from app.domain.customers import labels as customer_labels
from app.domain.customers import rules as customers
from app.domain.customers import services
from app.domain.customers.models import ContactPerson, CustomerEmail, CustomerPhone
from app.domain.customers.postal import address_lines, split_street
from app.domain.customers.rules import PaymentMethod
from app.domain.groups import rules as groups
from app.domain.settings.queries import Team
from app.domain.transfer.labels import labels as own_labels
from app.domain.transfer.models import ImportedCustomer
from app.domain.transfer.record import Record

LABELS = customer_labels.labels | address_labels.labels | bank_labels.labels | own_labels

Values = dict[str, Any]

MOST_GROUPS = 300
"""Different names of groups in a file; where there are more, a column holds something else."""


@dataclass(slots=True)
class Newcomer:
    """A customer to be; `reason` tells in words why the record may not become one.

    `warnings` are worth a look and keep nobody out.

    `values`, `bank`, `persons` and `addresses` are as the verbs of their areas store them; `bank`
    always has a payment method.
    """

    line: int
    values: Values
    bank: Values
    persons: list[Values]
    addresses: list[Values]
    comments: list[str]
    groups: list[str]
    warnings: list[str]
    reason: str = ""


def newcomer(
    record: Record, home: Team, today: date, group_names: set[str] | None = None
) -> Newcomer:
    """The customer that a record describes, judged without asking the database.

    Whoever has no country or language gets the team's. An additional address that lacks what an
    envelope needs is kept in a comment, and so are groups when there are too many: `group_names`
    are those that the records before it had. Whatever else does not hold refuses the record.
    """
    values = _values(record, home)
    country = values["country"]
    found = [_postal(address, country) for address in record.addresses]
    incomplete = [address for address in found if _is_incomplete(address)]
    joined = _groups(record.groups, set() if group_names is None else group_names)
    kept = [
        *record.extra,
        *(_in_a_line(address, home) for address in incomplete),
        *((str(LABELS["groups"]), name) for name in record.groups if name not in joined),
    ]
    made = Newcomer(
        line=record.line,
        values=values,
        bank=_bank(record.bank, country),
        persons=record.contact_persons,
        addresses=[address for address in found if address not in incomplete],
        comments=list(_comments(kept, record.note)),
        groups=joined,
        warnings=[str(problem.message) for problem in warnings(record.problems)],
    )
    made.reason = " ".join(dict.fromkeys(_objections(made, record, today)))
    made.bank |= {} if made.reason else _looked_up(made.bank)
    return made


def customer(made: Newcomer, moment: datetime) -> Values:
    """The row of Customer."""
    number = made.values["number"]
    return services.columns(made.values) | {
        "number": number,
        "number_sort": natural_key(number),
        "payment_method": made.bank["payment_method"],
        "created_at": moment,
        "changed_at": moment,
    }


def belongings(
    made: Newcomer, customer_id: int, batch_id: int, moment: datetime
) -> Iterator[tuple[type[Model], Values]]:
    """The rows of what hangs on a customer, but for account and mandate."""
    owner = {"customer_id": customer_id}
    yield (
        ImportedCustomer,
        owner | {"batch_id": batch_id, "changed_at": moment, "groups": made.groups},
    )
    yield AuditEntry, audit.entry("transfer", "imported", customer_id, str(batch_id), told(made))
    for i, row in enumerate(services.email_rows(made.values["emails"])):
        yield CustomerEmail, owner | {"position": i} | row
    for i, row in enumerate(services.phone_rows(made.values["phones"], made.values["country"])):
        yield CustomerPhone, owner | {"position": i} | row
    for i, person in enumerate(made.persons):
        yield ContactPerson, owner | person | {"is_main": i == 0}
    for address in made.addresses:
        yield Address, owner | address | {"created_at": moment}
    author_id, author_name = audit.author()
    by = {"author_id": author_id, "author_name": author_name, "created_at": moment}
    for body in made.comments:
        yield Comment, owner | {"body": body} | by


def account(made: Newcomer, customer_id: int, moment: datetime) -> Values | None:
    """The row of BankAccount, None for a customer without one."""
    columns = bank.account_columns(made.bank)
    if not any(columns.values()):
        return None
    return columns | {"customer_id": customer_id, "since": moment}


def mandate(
    made: Newcomer, customer_id: int, account_id: int | None, moment: datetime
) -> Values | None:
    """The row of Mandate, None for a customer without one."""
    if not made.bank["mandate_reference"]:
        return None
    owner = {"customer_id": customer_id, "bank_account_id": account_id, "since": moment}
    return bank.mandate_columns(made.bank) | owner


def told(made: Newcomer) -> list[audit.Change]:
    """What the history tells of a new customer."""
    values = {name: made.values[name] for name in ("number", *customers.FIELDS)}
    values["emails"] = [email["address"] for email in made.values["emails"]]
    values["phones"] = [phone["number"] for phone in made.values["phones"]]
    values["contact_persons"] = [_name(person) for person in made.persons]
    values["addresses"] = [addresses.in_short(address) for address in made.addresses]
    values |= {name: made.bank[name] for name in ("payment_method", *ACCOUNT, *MANDATE)}
    values["groups"] = made.groups
    return [
        (name, None, banking.mask(value) if name in bank.MASKED else value)
        for name, value in values.items()
        if value
    ]


def sentence(problem: Problem) -> str:
    """A problem in words, with the name of its field."""
    label = LABELS.get(problem.field.partition("-")[0])
    return f"{label}: {problem.message}" if label else str(problem.message)


def _values(record: Record, home: Team) -> Values:
    country = record.values["country"] or home.country
    values = _postal(record.values, country) | {
        "language": record.values["language"] or home.language,
        "emails": record.emails,
        "phones": record.phones,
    }
    return customers.normalised(values)


def _postal(address: Mapping[str, Any], country: str) -> Values:
    """An address with its country, and with street and house number apart."""
    values = {**address, "country": address["country"] or country}
    if not values["house_number"]:
        split = split_street(values["street"], values["country"])
        values["street"], values["house_number"] = split
    return values


def _is_incomplete(address: Values) -> bool:
    found = errors(addresses.check_address(address))
    return bool(found) and all(problem.code == "required" for problem in found)


def _bank(given: Mapping[str, Any], country: str) -> Values:
    """Bank data as they are stored: a mandate with a date is signed and on hand."""
    values = bank.normalised({**given, "has_mandate": bool(given.get("mandate_date"))}, country)
    usual = PaymentMethod.SEPA_DIRECT_DEBIT if values["has_mandate"] else PaymentMethod.INVOICE
    return values | {"payment_method": values["payment_method"] or usual.value}


def _looked_up(values: Values) -> Values:
    """BIC and name of the bank as the dialog fills them in for a valid IBAN."""
    empty = [name for name in ("bic", "bank_name") if not values[name]]
    found = directory.bank_of(values["iban"]) if values["iban"] and empty else None
    if found is None:
        return {}
    known = {"bic": found.bic, "bank_name": found.name[: banking.LONGEST["bank_name"]]}
    return {name: known[name] for name in empty}


def _objections(made: Newcomer, record: Record, today: date) -> Iterator[str]:
    """What keeps a record from becoming a customer: what could not be read, and what does not hold.

    What could not be read is not there, so nothing else is said of it and nothing is missed.
    """
    unread = errors(record.problems)
    yield from (str(problem.message) for problem in unread)
    if any(not problem.field for problem in unread):  # nothing but its place could be read
        return
    silent = {problem.field for problem in unread}

    def others(problems: Iterable[Problem]) -> list[Problem]:
        found = errors(problems)
        return [p for p in found if p.field not in silent and not (unread and p.code == "required")]

    yield from map(sentence, others(customers.customer_errors(made.values, today)))
    for person in made.persons:
        yield from _of(_("Contact person"), others(customers.check_contact_person(person)))
    for address in made.addresses:
        yield from _of(address_labels.history, others(addresses.check_address(address)))
    if record.bank:
        found = others(banking.bank_errors(made.bank, today))
        yield from (sentence(problem) for problem in found if not _is_made(problem))


def _of(thing: Any, problems: Iterable[Problem]) -> Iterator[str]:
    return (f"{thing}: {sentence(problem)}" for problem in problems)


def _groups(names: list[str], known: set[str]) -> list[str]:
    """Names that can be a group's, as long as a file has no more of them than a team has groups."""
    fitting = [name for name in names if not groups.check_name(name, ())]
    taken = [name for name in fitting if name in known or len(known) < MOST_GROUPS]
    known.update(taken)
    return taken


def _is_made(problem: Problem) -> bool:
    """Whether it is the missing reference of a mandate, which is made when it is written."""
    return (problem.field, problem.code) == ("mandate_reference", "required")


def _comments(kept: list[tuple[str, str]], note: str) -> Iterator[str]:
    """The note last, so that it stands above what was not understood."""
    if kept:
        lines = (f"{header}: {value}" for header, value in kept)
        yield from _pieces("\n".join([_("From the import:"), *lines]))
    yield from _pieces(note)


def _pieces(text: str) -> Iterator[str]:
    """A text in parts that are short enough for a comment, cut between words."""
    while len(text) > LONGEST_COMMENT:
        cut = max(text.rfind("\n", 1, LONGEST_COMMENT), text.rfind(" ", 1, LONGEST_COMMENT))
        cut = cut if cut > 0 else LONGEST_COMMENT
        yield text[:cut].rstrip()
        text = text[cut:].lstrip()
    if text:
        yield text


def _in_a_line(address: Values, home: Team) -> tuple[str, str]:
    use = next((name for name in ("is_billing", "is_delivery") if address[name]), "addresses")
    lines = address_lines(address, home.country, country_name(address["country"]))
    return str(LABELS[use]), ", ".join(filter(None, [address["company"], _name(address), *lines]))


def _name(person: Mapping[str, Any]) -> str:
    title, first_name, last_name = (person[name] for name in ("title", "first_name", "last_name"))
    return customers.display_name("person", title, first_name, last_name, "")
