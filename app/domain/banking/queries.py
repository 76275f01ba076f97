"""What is asked about bank accounts and mandates."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from sqlalchemy import and_, bindparam, func, select
from werkzeug.exceptions import NotFound

from app.core.audit import AuditEntry
from app.core.database import db, table
from app.core.forms import Editable
from app.core.i18n import _n
from app.domain.banking import rules
from app.domain.banking.labels import choices
from app.domain.banking.models import BankAccount, Mandate, TeamAccount
from app.domain.customers.models import Customer

PAYMENT = ("payment_method", "vat_number")
ACCOUNT = (
    "account_holder",
    "account_number",
    "bank_code",
    "bank_name",
    "rib_key",
    "branch_code",
    "iban",
    "bic",
)
MANDATE = ("has_mandate", "mandate_reference", "mandate_date", "first_debit_on")
FIELDS = (*PAYMENT, *ACCOUNT, *MANDATE)
TEAM_FIELDS = ("account_holder", "iban", "bic", "bank_name", "creditor_id")
MOST_EARLIER = 100
STEM = 31
NOT_IN_REFERENCES = re.compile(r"[^A-Za-z0-9-]+")

HELD, SIGNED, PAYER = (table(m).c for m in (BankAccount, Mandate, Customer))
HOLDING = (HELD.customer_id == PAYER.id, HELD.ended_at.is_(None))
VALID = (SIGNED.customer_id == PAYER.id, SIGNED.ended_at.is_(None))
BANK = (
    select(
        PAYER.payment_method,
        PAYER.vat_number,
        PAYER.country,
        *(HELD[name] for name in ACCOUNT),
        HELD.id.label("account_id"),
        HELD.since.label("account_since"),
        SIGNED.id.label("mandate_id"),
        SIGNED.state.label("mandate_state"),
        SIGNED.since.label("mandate_since"),
        SIGNED.reference.label("mandate_reference"),
        SIGNED.signed_on.label("mandate_date"),
        SIGNED.first_debit_on,
    )
    .select_from(table(Customer))
    .outerjoin(table(BankAccount), and_(*HOLDING))
    .outerjoin(table(Mandate), and_(*VALID))
    .where(PAYER.id == bindparam("customer_id"))
)
MARKS = (
    select(PAYER.id, PAYER.payment_method, SIGNED.state)
    .outerjoin(table(Mandate), and_(*VALID))
    .where(PAYER.id.in_(bindparam("customer_ids", expanding=True)))
)
OWNED = select(
    *(
        select(func.count()).where(of == bindparam("customer_id")).scalar_subquery().label(name)
        for name, of in (("accounts", HELD.customer_id), ("mandates", SIGNED.customer_id))
    )
)
EARLIER_ACCOUNTS = (
    select(*BankAccount.__table__.columns)
    .where(BankAccount.customer_id == bindparam("customer_id"), BankAccount.ended_at.is_not(None))
    .order_by(BankAccount.ended_at.desc(), BankAccount.id.desc())
    .limit(MOST_EARLIER)
)
EARLIER_MANDATES = (
    select(*Mandate.__table__.columns)
    .where(Mandate.customer_id == bindparam("customer_id"), Mandate.ended_at.is_not(None))
    .order_by(Mandate.ended_at.desc(), Mandate.id.desc())
    .limit(MOST_EARLIER)
)
TAKEN = (
    select(Mandate.id)
    .where(
        Mandate.reference_key == func.upper(bindparam("reference")),
        Mandate.customer_id != bindparam("except_for"),
    )
    .limit(1)
)
MANDATES = select(func.count()).where(Mandate.customer_id == Customer.id).scalar_subquery()
NUMBERING = select(Customer.number, MANDATES.label("mandates")).where(
    Customer.id == bindparam("customer_id")
)
LAST_CHANGE = (
    select(AuditEntry.user_name, AuditEntry.at)
    .where(
        AuditEntry.customer_id == bindparam("customer_id"),
        AuditEntry.area.in_(("banking", "customers")),
    )
    .order_by(AuditEntry.id.desc())
    .limit(1)
)


@dataclass(frozen=True)
class History:
    """Accounts and mandates that hold no more, the latest first."""

    accounts: list[Any]
    mandates: list[Any]


def bank_of(customer_id: int) -> Any:
    """What holds now: payment method, VAT number and country of the customer, account, mandate.

    Columns of an account or a mandate that there is not are None.
    """
    row = db.session.execute(BANK, {"customer_id": customer_id}).first()
    if row is None:
        raise NotFound
    return row


def values_of(row: Any) -> dict[str, Any]:
    """The row of `bank_of` as the dialog shows it, with a name for each of FIELDS."""
    values = {name: getattr(row, name, None) or "" for name in FIELDS}
    return values | {
        "has_mandate": row.mandate_state == rules.MandateState.ON_HAND,
        "mandate_date": row.mandate_date,
        "first_debit_on": row.first_debit_on,
    }


def editable(customer_id: int) -> Editable:
    """The bank data as its dialog shows it; the version changes with these values only."""
    values = values_of(bank_of(customer_id))
    version = hashlib.sha256(repr(values).encode()).hexdigest()[:16]
    last = db.session.execute(LAST_CHANGE, {"customer_id": customer_id}).first()
    return Editable(values, version, *(last or ()))


def history(customer_id: int) -> History:
    """What held before; at most MOST_EARLIER of each."""
    asked = {"customer_id": customer_id}
    return History(
        list(db.session.execute(EARLIER_ACCOUNTS, asked)),
        list(db.session.execute(EARLIER_MANDATES, asked)),
    )


def current_account(customer_id: int) -> BankAccount | None:
    """The account that holds now."""
    chosen = select(BankAccount).where(BankAccount.customer_id == customer_id)
    return db.session.scalar(chosen.where(BankAccount.ended_at.is_(None)))


def current_mandate(customer_id: int) -> Mandate | None:
    """The mandate that is prepared or on hand."""
    chosen = select(Mandate).where(Mandate.customer_id == customer_id)
    return db.session.scalar(chosen.where(Mandate.ended_at.is_(None)))


def reference_taken(reference: str, except_for: int = 0) -> bool:
    """Whether a mandate of any other customer has this reference, in force or not."""
    asked = {"reference": reference, "except_for": except_for}
    return db.session.scalar(TAKEN, asked) is not None


def proposed_reference(customer_id: int) -> str:
    """A mandate reference that is free."""
    number, mandates = db.session.execute(NUMBERING, {"customer_id": customer_id}).one()
    proposals = references(number, customer_id, mandates + 1)
    return next(proposal for proposal in proposals if not reference_taken(proposal))


def references(number: str, customer_id: int, first: int = 1) -> Iterator[str]:
    """Mandate references made of the customer number and a running number.

    At most 35 characters that SEPA takes in references (EPC230-15).
    """
    ascii_number = unicodedata.normalize("NFKD", number).encode("ascii", "ignore").decode()
    stem = NOT_IN_REFERENCES.sub("-", ascii_number)[:STEM].strip("-") or str(customer_id)
    return (f"{stem}-{n}" for n in count(first))


def team_account() -> TeamAccount | None:
    """The account the team is paid to, if it is known where that is."""
    row = db.session.get(TeamAccount, 1)
    return row if row is not None and row.iban else None


def team_row() -> TeamAccount:
    """The row to edit, made empty when there is none yet."""
    row = db.session.get(TeamAccount, 1)
    return row if row is not None else TeamAccount(id=1, **dict.fromkeys(TEAM_FIELDS, ""))


def editable_team_account() -> Editable:
    """The team's account as its form shows it."""
    row = team_row()
    values = {name: getattr(row, name) for name in TEAM_FIELDS}
    shown = values | {"iban": rules.group(row.iban)}
    return Editable(shown, str(row.version or ""))


def marks(customer_ids: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
    """The badge of customers who want direct debit while the mandate is outstanding."""
    outstanding = (str(choices["mandate_state"]["outstanding"]), "warn")
    return {
        customer_id: [outstanding]
        for customer_id, *stored in db.session.execute(MARKS, {"customer_ids": customer_ids})
        if rules.collection_state(*stored) == rules.CollectionState.OUTSTANDING
    }


def belonging(customer_id: int) -> list[str]:
    """What goes with a customer who is deleted: accounts and mandates, the earlier ones too."""
    row = db.session.execute(OWNED, {"customer_id": customer_id}).one()
    accounts = _n("%(num)d bank account", "%(num)d bank accounts", row.accounts)
    mandates = _n("%(num)d SEPA mandate", "%(num)d SEPA mandates", row.mandates)
    return [text for text, some in ((accounts, row.accounts), (mandates, row.mandates)) if some]


def words(customer_ids: Sequence[int]) -> dict[int, list[str]]:
    """What customers are found by: IBAN and account holder."""
    found = select(BankAccount.customer_id, BankAccount.iban, BankAccount.account_holder).where(
        BankAccount.customer_id.in_(customer_ids), BankAccount.ended_at.is_(None)
    )
    return {row[0]: [text for text in row[1:] if text] for row in db.session.execute(found)}
