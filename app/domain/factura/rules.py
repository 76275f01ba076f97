"""What must hold for factura documents, and which status one shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from app.core.i18n import _l, currencies
from app.core.problems import Problem
from app.core.text import clean

LONGEST_NUMBER = 40
LONGEST_SUBJECT = 300
LARGEST = 10**15
"""Minor units; no invoice is larger, and the sum of thousands still is a whole number of SQLite."""


class Kind(StrEnum):
    """What a document is."""

    QUOTE = "quote"
    ORDER_CONFIRMATION = "order_confirmation"
    DELIVERY_NOTE = "delivery_note"
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    PRO_FORMA = "pro_forma"
    REMINDER = "reminder"


class State(StrEnum):
    """What was done with a document; only quotes are accepted or declined."""

    DRAFT = "draft"
    ISSUED = "issued"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CANCELLED = "cancelled"


class Status(StrEnum):
    """What people are told of a document today."""

    DRAFT = "draft"
    OPEN = "open"
    PARTLY_PAID = "partly_paid"
    OVERDUE = "overdue"
    REMINDED_1 = "reminded_1"
    REMINDED_2 = "reminded_2"
    REMINDED_3 = "reminded_3"
    PAID = "paid"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    ISSUED = "issued"
    CANCELLED = "cancelled"


REMINDED = (Status.REMINDED_1, Status.REMINDED_2, Status.REMINDED_3)
_OF_EVERY_KIND = (State.DRAFT, State.ISSUED, State.CANCELLED)
_OF_A_QUOTE = (*_OF_EVERY_KIND, State.ACCEPTED, State.DECLINED)


def states(kind: str) -> tuple[State, ...]:
    """The states that a document of this kind can have."""
    return _OF_A_QUOTE if kind == Kind.QUOTE else _OF_EVERY_KIND


def status(
    kind: str,
    state: str,
    *,
    paid: int,
    total: int,
    due_on: date | None,
    reminder_level: int,
    today: date,
) -> Status:
    """The status a document shows today.

    | state     | invoice                                            | quote     | others    |
    |-----------|----------------------------------------------------|-----------|-----------|
    | draft     | draft                                              | draft     | draft     |
    | issued    | paid > reminded 1-3 > overdue > partly paid > open | open      | issued    |
    | accepted  |                                                    | accepted  |           |
    | declined  |                                                    | declined  |           |
    | cancelled | cancelled                                          | cancelled | cancelled |

    Money is asked for by an invoice only; a delivery note, an order confirmation, a pro forma, a
    credit note and a reminder are out of the house, and that is all there is to tell. Nothing is
    left to pay of a total of zero, so it is paid. An invoice is overdue from the day after the one
    it is due; without such a day it never is. `queries.STATUS` says the same to the database.
    """
    if state in (State.DRAFT, State.CANCELLED):
        return Status(state)
    if kind == Kind.QUOTE:
        return Status.OPEN if state == State.ISSUED else Status(state)
    if kind != Kind.INVOICE:
        return Status.ISSUED
    if paid >= total:
        return Status.PAID
    if reminder_level > 0:
        return REMINDED[min(reminder_level, len(REMINDED)) - 1]
    if due_on is not None and due_on < today:
        return Status.OVERDUE
    return Status.PARTLY_PAID if paid > 0 else Status.OPEN


def remainder(kind: str, state: str, paid: int, total: int) -> int:
    """What is still to be paid, in minor units; nothing of what is no issued invoice."""
    asks = kind == Kind.INVOICE and state == State.ISSUED
    return max(total - paid, 0) if asks else 0


def check_document(values: Mapping[str, Any]) -> list[Problem]:
    """What keeps a document from being kept; `values` are complete (`services.DEFAULTS`)."""
    kind, state = values["kind"], values["state"]
    if kind not in list(Kind):
        return [Problem("kind", "unknown", _l("Please choose one of the list."))]
    if state not in states(kind):
        return [Problem("state", "unknown", _l("Please choose one of the list."))]
    return [*_check_texts(values), *_check_number(values), *_check_days(values), *_amounts(values)]


def _check_texts(values: Mapping[str, Any]) -> Iterator[Problem]:
    for field, longest in (("number", LONGEST_NUMBER), ("subject", LONGEST_SUBJECT)):
        text = values[field] or ""
        if len(text) > longest:
            message = _l("This may have at most %(n)d characters.", n=longest)
            yield Problem(field, "too_long", message)
        elif not _is_clean(text):
            message = _l("This contains characters that cannot be stored.")
            yield Problem(field, "unstorable", message)


def _is_clean(text: str) -> bool:
    try:
        return clean(text) == text
    except ValueError:
        return False


def _check_number(values: Mapping[str, Any]) -> Iterator[Problem]:
    """A draft has no number yet, since numbers without a gap are given when it is issued."""
    is_draft = values["state"] == State.DRAFT
    if is_draft and values["number"]:
        yield Problem("number", "draft", _l("A draft has no number yet."))
    if not is_draft and not values["number"]:
        yield Problem("number", "required", _l("An issued document needs a number."))


def _check_days(values: Mapping[str, Any]) -> Iterator[Problem]:
    issued_on, due_on = values["issued_on"], values["due_on"]
    if values["state"] == State.DRAFT:
        if issued_on:
            yield Problem("issued_on", "draft", _l("A draft has no day of issue yet."))
    elif not issued_on:
        yield Problem("issued_on", "required", _l("An issued document needs its day of issue."))
    elif due_on and due_on < issued_on:
        yield Problem("due_on", "too_early", _l("This cannot be due before it is issued."))


def _amounts(values: Mapping[str, Any]) -> Iterator[Problem]:
    if values["currency"] not in currencies():
        yield Problem("currency", "unknown", _l("Please give a currency like EUR or CHF."))
    for field in ("total", "paid"):
        if not _is_whole(values[field], LARGEST):
            yield Problem(field, "amount", _l("This is no amount that can be kept."))
    if not _is_whole(values["reminder_level"], len(REMINDED)):
        message = _l("There are %(n)d levels of reminders.", n=len(REMINDED))
        yield Problem("reminder_level", "unknown", message)


def _is_whole(value: Any, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most
