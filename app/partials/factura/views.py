"""What the panel and its detail page show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.i18n import count, money, number, today
from app.core.panels import positive
from app.domain.factura import dealings, listing, queries
from app.domain.factura.labels import many
from app.domain.factura.listing import Wanted
from app.domain.payments.queries import credit_sums
from app.shared.factura import FILTERS, beginnings, filters, shown, shown_sums
from app.shared.periods import NAMES, Period


def panel(customer_id: int) -> dict[str, Any]:
    rows = queries.latest(customer_id)
    return {
        "documents": shown(rows),
        "shown": len(rows),
        "total": count(queries.count(customer_id, rows)),
        "beginnings": beginnings(customer_id),
    }


def detail(customer_id: int, arguments: Mapping[str, str]) -> dict[str, Any]:
    """All of them, drafts first, then the last issued; narrowed, added up and paged."""
    wanted = Wanted(**filters(arguments), customer_id=customer_id)
    period = Period.of(arguments, today())
    before = positive(arguments, "before")
    found = listing.search(wanted, before)
    is_narrowed = wanted != Wanted(customer_id=customer_id)
    is_whole = not (is_narrowed or before or found.older)
    return {
        "documents": shown(found.rows),
        "sums": shown_sums(listing.sums(wanted)) if found.rows else [],
        "older": found.older,
        "before": before,
        "wanted": wanted,
        "is_narrowed": is_narrowed,
        "asked": _asked(wanted, period),
        "period": period,
        "total": count(len(found.rows) if is_whole else queries.count(customer_id)),
        "totals": _totals(customer_id),
        "beginnings": beginnings(customer_id),
        "kinds": many,
        "statuses": FILTERS,
        "periods": NAMES,
    }


def bought(customer_id: int) -> dict[str, Any]:
    """The articles bought, the last first."""
    found = dealings.bought(customer_id)
    return {
        "customer_id": customer_id,
        "articles": [_article(one) for one in found[: dealings.MOST_ARTICLES]],
        "is_cut": len(found) > dealings.MOST_ARTICLES,
    }


def _asked(wanted: Wanted, period: Period) -> dict[str, Any]:
    """How the address of the page asks for it."""
    asked = {"q": wanted.words, "kind": wanted.kind, "status": wanted.status, **period.arguments()}
    return {name: value for name, value in asked.items() if value}


def _totals(customer_id: int) -> list[dict[str, str]]:
    """What was invoiced and what is open, a row per currency; what is nothing is left empty."""
    rows = {row.currency: row._mapping for row in dealings.invoiced(customer_id)}
    credit = credit_sums(customer_id)
    return [_total(currency, rows.get(currency, {}), credit) for currency in rows | credit]


def _total(currency: str, row: Mapping[str, Any], credit: Mapping[str, int]) -> dict[str, str]:
    parts = {name: row.get(name) for name in ("this_year", "last_year", "ever", "open", "overdue")}
    parts["credit"] = credit.get(currency)
    return {name: money(part, currency) if part else "" for name, part in parts.items()}


def _article(one: dealings.Bought) -> dict[str, Any]:
    return {
        "number": one.number,
        "name": one.name,
        "quantity": f"{number(one.quantity)} {one.unit}".strip(),
        "times": one.times,
        "last_on": one.last_on,
        "net": money(one.net, one.currency),
    }
