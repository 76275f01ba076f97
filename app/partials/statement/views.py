"""What the statement of account of a customer shows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import url_for

from app.core.i18n import _, money, today
from app.domain.factura.labels import kinds
from app.domain.factura.rules import Kind
from app.domain.payments import queries
from app.domain.payments.labels import methods
from app.domain.payments.rules import EARLIEST, Method
from app.domain.payments.statement import FEE_ENTRY, PAYMENT_ENTRY, Account, Entry, statement
from app.shared.periods import NAMES, Period

THIS_YEAR = "this_year"


def detail(customer_id: int, arguments: Mapping[str, str]) -> dict[str, Any]:
    """The accounts of a customer in a period: this year, if no other is asked for."""
    asked, since, until = period(arguments)
    found = statement(customer_id, since, until)
    told: dict[str, Any] = asked.arguments() | {"period": asked.name}
    return {
        "accounts": [_account(account) for account in found.accounts],
        "is_cut": found.is_cut,
        "since": since,
        "until": until,
        "period": asked,
        "periods": NAMES,
        "pdf_url": url_for("statement.pdf", customer_id=customer_id, **told),
        "is_usual": asked.name == THIS_YEAR,
    }


def period(arguments: Mapping[str, str]) -> tuple[Period, date, date]:
    """The period an address asks for, this year without one, and its days up to today."""
    asked = Period.of(arguments, today(), THIS_YEAR)
    since = max(asked.since or EARLIEST, EARLIEST)
    return asked, since, max(min(asked.until or today(), today()), since)


def _account(account: Account) -> dict[str, Any]:
    currency = account.currency
    items = account.open_items
    return {
        "currency": currency,
        "opening": money(account.opening, currency),
        "closing": money(account.closing, currency),
        "entries": [_entry(entry, currency) for entry in account.entries],
        "open_items": [_item(row, currency) for row in items],
        "open": money(sum(row.open for row in items), currency),
        "is_more": len(items) >= queries.MOST_OPEN,
        "credit": money(account.credit, currency) if account.credit else "",
        "can_set_off": bool(account.credit and items),
    }


def _entry(entry: Entry, currency: str) -> dict[str, Any]:
    is_document = entry.kind not in (PAYMENT_ENTRY, FEE_ENTRY)
    written = money(abs(entry.amount), currency)
    return {
        "id": f"{entry.kind}-{entry.id}",
        "on": entry.on,
        "what": _what(entry),
        "url": url_for("factura_document.show", document_id=entry.id) if is_document else None,
        "text": entry.numbers or entry.text,
        "note": entry.text if entry.numbers else "",
        "charged": written if entry.amount >= 0 else "",
        "received": written if entry.amount < 0 else "",
        "balance": money(entry.balance, currency),
    }


def _what(entry: Entry) -> str:
    if entry.kind == FEE_ENTRY:
        return _("Reminder fee")
    if entry.kind == PAYMENT_ENTRY:
        return str(methods[Method(entry.method)])
    return f"{kinds[Kind(entry.kind)]} {entry.number}"


def _item(row: Any, currency: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "number": row.number,
        "subject": row.subject,
        "issued_on": row.issued_on,
        "due_on": row.due_on,
        "is_late": row.due_on is not None and row.due_on < today(),
        "total": money(row.total, currency),
        "open": money(row.open, currency),
    }
