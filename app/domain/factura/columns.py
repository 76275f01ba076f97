"""What the customer list can show of factura documents."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.i18n import _l, money
from app.core.registry import Column
from app.domain.factura import dealings, queries


def _open_amounts(customer_ids: Sequence[int]) -> dict[int, str]:
    """What customers still owe, currency by currency."""
    found = queries.open_amounts(customer_ids)
    return {
        customer_id: ", ".join(money(row.open, row.currency) for row in rows)
        for customer_id, rows in found.items()
    }


def _turnovers(customer_ids: Sequence[int]) -> dict[int, str]:
    """What was invoiced to customers this year without tax, currency by currency."""
    found = dealings.turnovers(customer_ids)
    return {
        customer_id: ", ".join(money(row.net, row.currency) for row in rows)
        for customer_id, rows in found.items()
    }


columns = (
    Column(
        key="open_amount",
        label=_l("Open amount"),
        load=_open_amounts,
        order=80,
        look="amount",
    ),
    Column(
        key="turnover",
        label=_l("Turnover this year (net)"),
        load=_turnovers,
        order=81,
        look="amount",
    ),
)
