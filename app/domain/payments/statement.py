"""A customer's account: what was asked for, what came in, and what that leaves, by currency.

An invoice and a credit note count from the day of their issue, also an invoice that was cancelled,
since a credit note says the contrary of it. A credit note that is set off is no money and stands
there once. Of reminder fees only those are told that were paid: until then nobody owes them for
sure. So the balance of today is always what is open less the credit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Date, String, bindparam, case, func, literal, select, union_all

from app.core.database import db, table
from app.domain.factura.models import FacturaDocument
from app.domain.factura.queries import COUNTS
from app.domain.factura.rules import Kind, State
from app.domain.payments import queries
from app.domain.payments.models import Payment
from app.domain.payments.rules import Method

MOST = 500
"""Entries of one period; who wants more asks for shorter ones."""
PAYMENT_ENTRY, FEE_ENTRY = "payment", "fee"

DOCUMENT, PAYMENT = table(FacturaDocument).c, table(Payment).c
SINCE = bindparam("since", type_=Date)
UNTIL = bindparam("until", type_=Date)
ISSUED = (
    DOCUMENT.customer_id == bindparam("customer_id"),
    DOCUMENT.issued_on <= UNTIL,
    DOCUMENT.kind.in_((Kind.INVOICE, Kind.CREDIT_NOTE)),
    DOCUMENT.state != State.DRAFT,
    COUNTS,
)
RECEIVED = (
    PAYMENT.customer_id == bindparam("customer_id"),
    PAYMENT.received_on <= UNTIL,
    PAYMENT.taken_back_at.is_(None),
    PAYMENT.method != Method.CREDIT_NOTE,
)
CHARGED = case((DOCUMENT.kind == Kind.INVOICE, DOCUMENT.total), else_=-DOCUMENT.total)
DOCUMENTS = select(
    DOCUMENT.issued_on.label("on"),
    literal(0).label("rank"),
    DOCUMENT.id,
    DOCUMENT.kind,
    DOCUMENT.number.label("number"),
    literal("", String).label("method"),
    DOCUMENT.subject.label("text"),
    DOCUMENT.currency,
    CHARGED.label("amount"),
).where(*ISSUED)
PAYMENTS = select(
    PAYMENT.received_on.label("on"),
    literal(2).label("rank"),
    PAYMENT.id,
    literal(PAYMENT_ENTRY, String).label("kind"),
    literal("", String).label("number"),
    PAYMENT.method,
    PAYMENT.note.label("text"),
    PAYMENT.currency,
    (-PAYMENT.amount).label("amount"),
).where(*RECEIVED)
FEES = select(
    PAYMENT.received_on.label("on"),
    literal(1).label("rank"),
    PAYMENT.id,
    literal(FEE_ENTRY, String).label("kind"),
    literal("", String).label("number"),
    PAYMENT.method,
    literal("", String).label("text"),
    PAYMENT.currency,
    PAYMENT.fees.label("amount"),
).where(*RECEIVED, PAYMENT.fees > 0)
_ALL = union_all(
    DOCUMENTS.where(DOCUMENT.issued_on >= SINCE),
    PAYMENTS.where(PAYMENT.received_on >= SINCE),
    FEES.where(PAYMENT.received_on >= SINCE),
).subquery()
ENTRIES = select(_ALL).order_by(_ALL.c.on, _ALL.c.rank, _ALL.c.id).limit(MOST + 1)
_SO_FAR = union_all(
    select(
        DOCUMENT.currency,
        DOCUMENT.issued_on.label("on"),
        CHARGED.label("amount"),
    ).where(*ISSUED),
    select(
        PAYMENT.currency,
        PAYMENT.received_on,
        PAYMENT.fees - PAYMENT.amount,
    ).where(*RECEIVED),
).subquery()
BALANCES = select(
    _SO_FAR.c.currency,
    func.sum(case((_SO_FAR.c.on < SINCE, _SO_FAR.c.amount), else_=0)).label("opening"),
    func.sum(_SO_FAR.c.amount).label("closing"),
).group_by(_SO_FAR.c.currency)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of an account, in minor units: what is asked for is above nought, `balance` after it.

    `kind` is that of a document, "payment" or "fee"; `numbers` are the documents that were paid.
    """

    on: date
    kind: str
    id: int
    number: str
    method: str
    text: str
    amount: int
    balance: int
    numbers: str = ""


@dataclass(slots=True)
class Account:
    """What happened in one currency in a period, and what is open and to the customer's credit."""

    currency: str
    opening: int = 0
    closing: int = 0
    entries: list[Entry] = field(default_factory=list)
    open_items: list[Any] = field(default_factory=list)
    credit: int = 0


@dataclass(frozen=True, slots=True)
class Statement:
    """The accounts of a customer, one for each currency, and whether entries were left out."""

    since: date
    until: date
    accounts: list[Account]
    is_cut: bool


def statement(customer_id: int, since: date, until: date, most_open: int = 50) -> Statement:
    """The accounts of a customer from the first to the last day of a period."""
    facts = {"customer_id": customer_id, "since": since, "until": until}
    rows = db.session.execute(ENTRIES, facts).all()
    balances = {row.currency: row for row in db.session.execute(BALANCES, facts)}
    items = queries.open_items(customer_id, most=most_open)
    credits = queries.credit_sums(customer_id)
    known = {*balances, *credits, *(row.currency for row in (*rows, *items))}
    accounts = {currency: Account(currency) for currency in sorted(known)}
    for currency, account in accounts.items():
        if row := balances.get(currency):
            account.opening, account.closing = row.opening, row.closing
        account.credit = credits.get(currency, 0)
        account.open_items = [row for row in items if row.currency == currency]
    _enter(accounts, rows[:MOST])
    return Statement(since, until, [*filter(_says_something, accounts.values())], len(rows) > MOST)


def _enter(accounts: dict[str, Account], rows: Any) -> None:
    """Put the entries into their accounts, each with the balance after it."""
    paid_for = queries.parts([row.id for row in rows if row.kind == PAYMENT_ENTRY])
    balance = {currency: account.opening for currency, account in accounts.items()}
    for row in rows:
        balance[row.currency] += row.amount
        numbers = queries.numbers(paid_for[row.id]) if row.kind == PAYMENT_ENTRY else ""
        entry = Entry(
            on=row.on,
            kind=row.kind,
            id=row.id,
            number=row.number or "",
            method=row.method,
            text=row.text,
            amount=row.amount,
            balance=balance[row.currency],
            numbers=numbers,
        )
        accounts[row.currency].entries.append(entry)


def _says_something(account: Account) -> bool:
    return bool(account.entries or account.opening or account.open_items or account.credit)
