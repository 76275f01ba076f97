"""What must hold for factura documents, what may be done with them, and which status one shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from app.core.i18n import LANGUAGES, _l, currencies
from app.core.problems import Problem, Refused
from app.core.text import clean, clean_lines
from app.domain.articles.tax import NEEDS_VAT_NUMBER, Code, Treatment, codes, treatments
from app.domain.customers.rules import EU_VAT
from app.domain.factura.totals import PRICE_DIGITS, line_amount

LONGEST_NUMBER = 40
LONGEST_SUBJECT = 300
LONGEST_TEXT = 20_000
LONGEST_IN_LINE = {"number": 40, "text": 5_000, "unit": 20}
LONGEST_TERM = 3650
"""Days."""
LARGEST = 10**15
"""Minor units; no invoice is larger, and the sum of thousands still is a whole number of SQLite."""
MOST_LINES = 500
MOST_QUANTITY, MOST_PRICE = Decimal(10**9), Decimal(10**12)
DISCOUNT_DIGITS = 2
LARGEST_ID = 2**63 - 1
FIRST_ISSUE = date(2000, 1, 1)
EARLIEST, LATEST = date(1950, 1, 1), date(2149, 12, 31)
"""Of a service, and of what is due; what lies beyond was typed wrongly."""
TAX_IN = {"DE": "EUR", "AT": "EUR"}
"""The currency in which the tax has to be stated, whatever else is paid in: art. 230 VAT directive.
Swiss law does not ask for that (art. 26 MWSTG)."""
MAIN = "main"
"""Where a document goes unless somebody chose an additional address."""


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


class Move(StrEnum):
    """What may be done with a document."""

    EDIT = "edit"
    DISCARD = "discard"
    ISSUE = "issue"
    ACCEPT = "accept"
    DECLINE = "decline"
    REOPEN = "reopen"
    CANCEL = "cancel"


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
    CREDITED = "credited"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    ISSUED = "issued"
    CANCELLED = "cancelled"


REMINDED = (Status.REMINDED_1, Status.REMINDED_2, Status.REMINDED_3)
_OF_EVERY_KIND = (State.DRAFT, State.ISSUED, State.CANCELLED)
_OF_A_QUOTE = (*_OF_EVERY_KIND, State.ACCEPTED, State.DECLINED)


_A_DRAFT = {
    (State.DRAFT, Move.EDIT): State.DRAFT,
    (State.DRAFT, Move.ISSUE): State.ISSUED,
    (State.DRAFT, Move.DISCARD): None,
}
_CANCELLED = _A_DRAFT | {(State.ISSUED, Move.CANCEL): State.CANCELLED}
MOVES: Mapping[Kind, Mapping[tuple[State, Move], State | None]] = {
    Kind.QUOTE: _CANCELLED
    | {
        (State.ISSUED, Move.ACCEPT): State.ACCEPTED,
        (State.ISSUED, Move.DECLINE): State.DECLINED,
        (State.ACCEPTED, Move.REOPEN): State.ISSUED,
        (State.DECLINED, Move.REOPEN): State.ISSUED,
        (State.ACCEPTED, Move.CANCEL): State.CANCELLED,
    },
    Kind.ORDER_CONFIRMATION: _CANCELLED,
    Kind.DELIVERY_NOTE: _CANCELLED,
    Kind.INVOICE: _CANCELLED,
    Kind.CREDIT_NOTE: _A_DRAFT,
    Kind.PRO_FORMA: _CANCELLED,
    Kind.REMINDER: _CANCELLED,
}
"""What may be done with a document in which state, and the state it then has; None: it is gone.

There is nothing else: what was issued is neither changed nor deleted. A cancelled invoice has a
credit note over all of it, and a credit note stays, since an invoice says the contrary of it.
"""

FOLLOW_UPS: Mapping[Kind, tuple[Kind, ...]] = {
    Kind.QUOTE: (Kind.ORDER_CONFIRMATION, Kind.INVOICE, Kind.PRO_FORMA),
    Kind.ORDER_CONFIRMATION: (Kind.DELIVERY_NOTE, Kind.INVOICE, Kind.PRO_FORMA),
    Kind.DELIVERY_NOTE: (Kind.INVOICE,),
    Kind.INVOICE: (Kind.CREDIT_NOTE, Kind.DELIVERY_NOTE),
    Kind.CREDIT_NOTE: (),
    Kind.PRO_FORMA: (Kind.INVOICE,),
    Kind.REMINDER: (),
}
"""Which documents can be made from one that is issued (or accepted)."""

GOES_ON = (State.ISSUED, State.ACCEPTED)
"""States of a document that others can be made from."""
DUE = (Kind.QUOTE, Kind.INVOICE, Kind.PRO_FORMA, Kind.REMINDER)
"""What has a day: a quote holds until then, the others are to be paid."""
PRICELESS = (Kind.DELIVERY_NOTE,)
"""What says no amount; its lines keep their prices for the invoice that is made from it."""
NOT_ADDED = (*PRICELESS, Kind.REMINDER)
"""What is no money of its own: a reminder asks once more for what its invoice asks."""


@dataclass(frozen=True, slots=True)
class LineValues:
    """A line as it is typed; without a quantity it is only a text.

    `price` is for one unit before the `discount` (per cent), `tax` a code of `articles.tax`.
    """

    article_id: int | None = None
    number: str = ""
    text: str = ""
    unit: str = ""
    quantity: Decimal | None = None
    price: Decimal | None = None
    discount: Decimal = Decimal(0)
    tax: str = Code.STANDARD


def allowed(kind: str, state: str) -> tuple[Move, ...]:
    """What may be done with a document of this kind in this state."""
    return tuple(move for (before, move) in MOVES[Kind(kind)] if before == state)


def moved(kind: str, state: str, move: Move) -> State | None:
    """The state a document has after a move, None if it is gone then; Refused if it may not."""
    if (State(state), move) not in MOVES[Kind(kind)]:
        raise Refused(_why_not(kind, state, move))
    return MOVES[Kind(kind)][State(state), move]


def follow_ups(kind: str, state: str) -> tuple[Kind, ...]:
    """What can be made from a document of this kind in this state."""
    return FOLLOW_UPS[Kind(kind)] if state in GOES_ON else ()


def same_use(kind: str, other: str) -> bool:
    """Whether documents of both kinds go to addresses of the same use: goods, or paper."""
    return (kind == Kind.DELIVERY_NOTE) == (other == Kind.DELIVERY_NOTE)


def keeps_day(kind: str, other: str) -> bool:
    """Whether what is made from it is about the same day of service: goods that were brought are
    charged later, and what is given back was charged before.
    """
    return kind == Kind.DELIVERY_NOTE or other == Kind.CREDIT_NOTE


def _why_not(kind: str, state: str, move: Move) -> Any:
    if state == State.DRAFT:
        return _l("A draft has to be issued first.")
    if move in (Move.EDIT, Move.ISSUE, Move.DISCARD):
        return _l("This has been issued and is not changed any more.")
    if state == State.CANCELLED:
        return _l("This has been cancelled.")
    if kind == Kind.CREDIT_NOTE and move == Move.CANCEL:
        return _l("A credit note stays. Write an invoice to take it back.")
    return _l("This is not possible any more.")


def states(kind: str) -> tuple[State, ...]:
    """The states that a document of this kind can have."""
    return _OF_A_QUOTE if kind == Kind.QUOTE else _OF_EVERY_KIND


def status(
    kind: str,
    state: str,
    *,
    paid: int,
    credited: int,
    total: int,
    due_on: date | None,
    reminder_level: int,
    today: date,
) -> Status:
    """The status a document shows today.

    | state     | invoice                                 | quote     | others    |
    |-----------|-----------------------------------------|-----------|-----------|
    | draft     | draft                                   | draft     | draft     |
    | issued    | credited > paid > reminded 1-3          | open      | issued    |
    |           |   > overdue > partly paid > open        |           |           |
    | accepted  |                                         | accepted  |           |
    | declined  |                                         | declined  |           |
    | cancelled | cancelled                               | cancelled | cancelled |

    Money is asked for by an invoice only; a delivery note, an order confirmation, a pro forma, a
    credit note and a reminder are out of the house, and that is all there is to tell. Nothing is
    left to pay of a total of zero, so it is paid; what credit notes settled in full is credited, as
    nobody paid it. An invoice is overdue from the day after the one it is due; without such a day
    it never is. `queries.STATUS` says the same to the database.
    """
    if state in (State.DRAFT, State.CANCELLED):
        return Status(state)
    if kind == Kind.QUOTE:
        return Status.OPEN if state == State.ISSUED else Status(state)
    if kind != Kind.INVOICE:
        return Status.ISSUED
    if paid >= total:
        return Status.CREDITED if is_credited(credited, total) else Status.PAID
    if reminder_level > 0:
        return REMINDED[min(reminder_level, len(REMINDED)) - 1]
    if due_on is not None and due_on < today:
        return Status.OVERDUE
    return Status.PARTLY_PAID if paid > 0 else Status.OPEN


def is_credited(credited: int, total: int) -> bool:
    """Whether credit notes gave back all of an invoice."""
    return credited >= total > 0


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


def check_draft(values: Mapping[str, Any], lines: Sequence[LineValues]) -> list[Problem]:
    """What keeps a draft from being kept; problems of lines are at `lines-0-quantity` and so on."""
    if values["kind"] not in list(Kind):
        return [Problem("kind", "unknown", _l("Please choose one of the list."))]
    return [*_check_head(values), *_check_term(values), *_check_lines(values, lines)]


def check_rates(
    values: Mapping[str, Any], lines: Sequence[LineValues], country: str, on: date
) -> list[Problem]:
    """What the law of the team's country does not know on the day of the service."""
    if values["treatment"] not in treatments(country):
        message = _l("There is no such rule in the team's country.")
        return [Problem("treatment", "unknown", message)]
    if values["treatment"] != Treatment.TAXED:
        return []
    known = codes(country, on)
    message = _l("There is no such tax rate on this day.")
    return [
        Problem(f"lines-{index}-tax", "unknown", message)
        for index, line in enumerate(lines)
        if line.quantity is not None and line.tax not in known
    ]


def check_issue(
    values: Mapping[str, Any],
    lines: Sequence[LineValues],
    *,
    total: int,
    vat_number: str,
    country: str,
) -> list[Problem]:
    """What keeps a draft from being issued beyond that.

    `vat_number` is the customer's, `country` the team's. A business abroad is known by its VAT
    number: § 14a (1), (3) UStG, § 11 (1) no. 2 UStG 1994.
    """
    return [*_check_sum(values, lines, total), *_check_treatment(values, vat_number, country)]


def _check_head(values: Mapping[str, Any]) -> Iterator[Problem]:
    offered = {
        "language": [code for code, _name in LANGUAGES],
        "treatment": list(Treatment),
    }
    for field, known in offered.items():
        if values[field] not in known:
            yield Problem(field, "unknown", _l("Please choose one of the list."))
    if values["currency"] not in currencies():
        yield Problem("currency", "unknown", _l("Please give a currency like EUR or CHF."))
    for field in ("customer_id", "person_id"):
        if values[field] is not None and not _is_whole(values[field], LARGEST_ID):
            yield Problem(field, "unknown", _l("Please choose one of the list."))
    if values["address_key"] != MAIN and not _is_id(values["address_key"]):
        yield Problem("address_key", "unknown", _l("Please choose one of the list."))
    yield from _check_text("subject", values["subject"], LONGEST_SUBJECT, clean)
    for field in ("intro", "closing"):
        yield from _check_text(field, values[field], LONGEST_TEXT, clean_lines)


def _is_id(key: str) -> bool:
    return key.isascii() and key.isdecimal() and len(key) < 20 and int(key) <= LARGEST_ID


def _check_term(values: Mapping[str, Any]) -> Iterator[Problem]:
    since, until, days = (values[name] for name in ("service_on", "service_until", "payment_days"))
    if until and not since:
        yield Problem("service_on", "required", _l("Please give the first day as well."))
    elif until and until < since:
        yield Problem("service_until", "too_early", _l("This is before the first day."))
    if days is not None and not _is_whole(days, LONGEST_TERM):
        message = _l("Please give days from %(least)d to %(most)d.", least=0, most=LONGEST_TERM)
        yield Problem("payment_days", "out_of_range", message)
    for field in ("service_on", "service_until", "due_on"):
        if values[field] and not EARLIEST <= values[field] <= LATEST:
            message = _l(
                "Please give a year from %(first)s to %(last)s.",
                first=str(EARLIEST.year),
                last=str(LATEST.year),
            )
            yield Problem(field, "out_of_range", message)


def _check_lines(values: Mapping[str, Any], lines: Sequence[LineValues]) -> Iterator[Problem]:
    if len(lines) > MOST_LINES:
        yield Problem("lines", "too_many", _l("At most %(n)d lines are possible.", n=MOST_LINES))
        return
    for index, line in enumerate(lines):
        for problem in _check_line(line, values):
            yield Problem(f"lines-{index}-{problem.field}", problem.code, problem.message)


def _check_line(line: LineValues, values: Mapping[str, Any]) -> Iterator[Problem]:
    if not line.text.strip():
        yield Problem("text", "required", _l("Please say what this is."))
    yield from _check_text("number", line.number, LONGEST_IN_LINE["number"], clean)
    yield from _check_text("text", line.text, LONGEST_IN_LINE["text"], clean_lines)
    yield from _check_text("unit", line.unit, LONGEST_IN_LINE["unit"], clean)
    if line.article_id is not None and not _is_whole(line.article_id, LARGEST_ID):
        yield Problem("article_id", "unknown", _l("Please choose one of the list."))
    if line.tax not in list(Code):
        yield Problem("tax", "unknown", _l("Please choose one of the list."))
    problems = list(_check_numbers(line, values["kind"]))
    yield from problems
    if not problems and values["currency"] in currencies():
        amount = line_amount(line.quantity, line.price, line.discount, values["currency"])
        if abs(amount) > LARGEST:
            yield Problem("price", "out_of_range", _l("This is no amount that can be kept."))


def _check_numbers(line: LineValues, kind: str) -> Iterator[Problem]:
    """Only a delivery note does without prices: it brings goods and asks for nothing."""
    if line.quantity is None and line.price is not None:
        yield Problem("quantity", "required", _l("Please give the quantity."))
    if line.quantity is not None and line.price is None and kind != Kind.DELIVERY_NOTE:
        yield Problem("price", "required", _l("Please give the price."))
    yield from _check_number_of("quantity", line.quantity, -MOST_QUANTITY, MOST_QUANTITY)
    yield from _check_number_of("price", line.price, -MOST_PRICE, MOST_PRICE)
    discount = (Decimal(0), Decimal(100), DISCOUNT_DIGITS)
    message = _l("Please give a number from 0 to 100.")
    yield from _check_number_of("discount", line.discount, *discount, message)


def _check_number_of(
    field: str,
    value: Decimal | None,
    least: Decimal,
    most: Decimal,
    digits: int = PRICE_DIGITS,
    beyond: Any = _l("This number is too large or too small."),
) -> Iterator[Problem]:
    if value is None:
        return
    if not value.is_finite() or not least <= value <= most:
        yield Problem(field, "out_of_range", beyond)
    elif value != round(value, digits):
        message = _l("This may have at most %(n)d decimals.", n=digits)
        yield Problem(field, "decimals", message)


def _check_sum(
    values: Mapping[str, Any], lines: Sequence[LineValues], total: int
) -> Iterator[Problem]:
    counts = any(line.quantity is not None for line in lines)
    if not counts and values["kind"] != Kind.REMINDER:
        yield Problem("lines", "required", _l("There is no line with a quantity yet."))
    if total < 0:
        yield Problem("lines", "negative", _l("The total cannot be less than nothing."))
    if any(line.quantity == 0 for line in lines):
        yield Problem("lines", "zero", _l("A line has the quantity 0."), "warning")
    elif counts and total == 0 and values["kind"] == Kind.INVOICE:
        yield Problem("lines", "zero", _l("There is nothing to pay on it."), "warning")


def _check_treatment(values: Mapping[str, Any], vat_number: str, country: str) -> Iterator[Problem]:
    """An intra-community supply goes to a business of another member state (§ 6a (1) UStG)."""
    treatment, state = values["treatment"], vat_number[:2]
    if treatment in NEEDS_VAT_NUMBER and not vat_number:
        message = _l("Without tax by this rule only with the customer's VAT number.")
        yield Problem("treatment", "vat_number", message)
    elif treatment == Treatment.INTRA_COMMUNITY and (state == country or state not in EU_VAT):
        message = _l("Without tax by this rule only with a VAT number of another EU country.")
        yield Problem("treatment", "vat_number", message)


def _check_texts(values: Mapping[str, Any]) -> Iterator[Problem]:
    for field, longest in (("number", LONGEST_NUMBER), ("subject", LONGEST_SUBJECT)):
        yield from _check_text(field, values[field] or "", longest, clean)


def _check_text(
    field: str, text: str, longest: int, cleaned: Callable[[str], str]
) -> Iterator[Problem]:
    if len(text) > longest:
        message = _l("This may have at most %(n)d characters.", n=longest)
        yield Problem(field, "too_long", message)
    elif not _is_clean(text, cleaned):
        message = _l("This contains characters that cannot be stored.")
        yield Problem(field, "unstorable", message)


def _is_clean(text: str, cleaned: Callable[[str], str]) -> bool:
    try:
        return cleaned(text) == text
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
