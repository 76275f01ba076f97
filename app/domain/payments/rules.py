"""What must hold for payments, and how one is divided among invoices."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from app.core.i18n import _l, currencies, money
from app.core.problems import Problem
from app.domain.factura.rules import LARGEST

LONGEST_NOTE = 300
EARLIEST = date(2000, 1, 1)
"""A day before it is a slip of the keyboard."""


class Method(StrEnum):
    """How something was paid.

    CREDIT_NOTE is no money: a credit note was set off. TAKEN_OVER had been paid before payments
    were recorded here.
    """

    TRANSFER = "transfer"
    CASH = "cash"
    CARD = "card"
    PAYPAL = "paypal"
    DIRECT_DEBIT = "direct_debit"
    OTHER = "other"
    TAKEN_OVER = "taken_over"
    CREDIT_NOTE = "credit_note"


BY_HAND = tuple(m for m in Method if m not in (Method.TAKEN_OVER, Method.CREDIT_NOTE))
"""What people may say of a payment they record."""


@dataclass(frozen=True, slots=True)
class Owed:
    """An invoice on which something is open, in minor units; those due first come first."""

    document_id: int
    number: str
    currency: str
    open: int


def propose(amount: int, owed: Iterable[Owed]) -> dict[int, int]:
    """What of an amount pays which invoice: each as far as it goes, in their order."""
    parts: dict[int, int] = {}
    for one in owed:
        part = min(amount, one.open)
        if part > 0:
            parts[one.document_id] = part
            amount -= part
    return parts


def credit(amount: int, fees: int, parts: Iterable[int]) -> int:
    """What is left of a payment for the customer; less than nothing if too much was given away."""
    return amount - fees - sum(parts)


def fees_left(asked: Sequence[int], paid: int) -> list[int]:
    """What of reminder fees may be paid now, the oldest reminder first: all of it, and the last.

    A reminder asks for its own fee alone, so either may come in. Nothing if all is paid.
    """
    left = sum(asked) - paid
    return sorted({left, min(asked[-1], left)} - {0}, reverse=True) if left > 0 else []


def fingerprint(owed: Iterable[Owed]) -> str:
    """What tells whether something else is open than was before."""
    told = ";".join(f"{one.document_id}:{one.open}" for one in owed)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def own_key(customer_id: int, key: str | None) -> str | None:
    """The key of a form as it is kept: one that is nobody else's, whatever a form says."""
    return hashlib.sha256(f"{customer_id}\0{key}".encode()).hexdigest()[:32] if key else None


def check_payment(
    values: Mapping[str, Any], owed: Mapping[int, Owed], today: date
) -> list[Problem]:
    """What keeps a payment from being recorded.

    `values` are `received_on`, `currency`, `method`, `note`, `amount` and `fees` in minor units,
    `parts`, what of it is for which document, and `credit`, what is meant to stay as the customer's
    credit: nobody pays too much without somebody having read it. `owed` are the invoices that can
    be paid.
    """
    problems = [*_check_facts(values, today), *_check_amounts(values)]
    problems = problems or [*_check_parts(values, owed)]
    return problems or [*_check_credit(values)]


def _check_facts(values: Mapping[str, Any], today: date) -> Iterator[Problem]:
    received_on = values["received_on"]
    if received_on is None:
        yield Problem("received_on", "required", _l("Please say when it came in."))
    elif received_on > today:
        yield Problem("received_on", "future", _l("This day is still to come."))
    elif received_on < EARLIEST:
        yield Problem("received_on", "too_early", _l("This day is too long ago."))
    if values["currency"] not in currencies():
        yield Problem("currency", "unknown", _l("Please give a currency like EUR or CHF."))
    if values["method"] not in BY_HAND:
        yield Problem("method", "unknown", _l("Please choose one of the list."))
    if len(values["note"]) > LONGEST_NOTE:
        message = _l("This may have at most %(n)d characters.", n=LONGEST_NOTE)
        yield Problem("note", "too_long", message)


def _check_amounts(values: Mapping[str, Any]) -> Iterator[Problem]:
    amount, fees = values["amount"], values["fees"]
    if amount is None:
        yield Problem("amount", "required", _l("Please say how much it was."))
    elif amount <= 0:
        yield Problem("amount", "too_small", _l("A payment is more than nothing."))
    elif amount > LARGEST:
        yield Problem("amount", "too_large", _l("This is no amount that can be kept."))
    elif fees < 0:
        yield Problem("fees", "too_small", _l("Fees cannot be less than nothing."))
    elif fees > amount:
        yield Problem("fees", "too_large", _l("This is more than was paid."))


def _check_parts(values: Mapping[str, Any], owed: Mapping[int, Owed]) -> Iterator[Problem]:
    currency, parts = values["currency"], values["parts"]
    for document_id, part in parts.items():
        field = f"part-{document_id}"
        one = owed.get(document_id)
        if one is None:
            yield Problem(field, "not_open", _l("Nothing is open on this invoice any more."))
        elif one.currency != currency:
            message = _l("This invoice is to be paid in %(currency)s.", currency=one.currency)
            yield Problem(field, "currency", message)
        elif part <= 0:
            yield Problem(field, "too_small", _l("This is less than nothing."))
        elif part > one.open:
            message = _l("Only %(amount)s are open here.", amount=money(one.open, currency))
            yield Problem(field, "too_large", message)


def _check_credit(values: Mapping[str, Any]) -> Iterator[Problem]:
    left = credit(values["amount"], values["fees"], values["parts"].values())
    written = money(abs(left), values["currency"])
    if left < 0:
        message = _l("This is %(amount)s less than what it is divided into.", amount=written)
        yield Problem("amount", "divided", message)
    elif left != values["credit"]:
        message = _l("%(amount)s of it stay as the customer's credit.", amount=written)
        yield Problem("credit", "surplus", message)
