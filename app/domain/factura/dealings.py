"""What a customer has bought and what was invoiced to it.

What was sold is what invoices say that were not cancelled, less what credit notes take back of
them. What was invoiced is what the tax office sees: a cancelled invoice counts on its day, and the
credit note that takes it back counts on its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from typing import Any

from sqlalchemy import Date, Integer, and_, bindparam, case, cast, func, or_, select
from sqlalchemy import Float as Real

from app.core.database import db, table
from app.core.i18n import today
from app.domain.articles.models import Article
from app.domain.factura.models import FacturaDocument, FacturaLine
from app.domain.factura.queries import COUNTS, IS_INVOICE, IS_OWED, OF, TODAY
from app.domain.factura.rules import Kind, State

MOST_ARTICLES = 50
PARTS = 10_000
"""A quantity has at most four decimals, so that many make a whole number of it to be added up."""

DOCUMENT, LINE, ARTICLE = (table(m).c for m in (FacturaDocument, FacturaLine, Article))
ORIGIN = table(FacturaDocument).alias("origin")
IS_CREDIT = DOCUMENT.kind == Kind.CREDIT_NOTE
SIGN = case((IS_CREDIT, -1), else_=1)
SOLD = and_(
    DOCUMENT.state == State.ISSUED,
    or_(
        IS_INVOICE,
        and_(IS_CREDIT, func.coalesce(ORIGIN.c.state, State.ISSUED) != State.CANCELLED),
    ),
)
QUANTITY = cast(func.round(cast(LINE.quantity, Real) * PARTS), Integer)
BOUGHT = (
    select(
        ARTICLE.id,
        ARTICLE.number,
        ARTICLE.name,
        ARTICLE.unit,
        DOCUMENT.currency,
        DOCUMENT.is_gross,
        LINE.tax_rate,
        func.sum(SIGN * QUANTITY).label("parts"),
        func.sum(SIGN * LINE.amount).label("amount"),
        func.count(case((IS_INVOICE, DOCUMENT.id)).distinct()).label("times"),
        func.max(case((IS_INVOICE, DOCUMENT.issued_on))).label("last_on"),
    )
    .join_from(table(FacturaDocument), table(FacturaLine), LINE.document_id == DOCUMENT.id)
    .join(table(Article), ARTICLE.id == LINE.article_id)
    .outerjoin(ORIGIN, ORIGIN.c.id == DOCUMENT.origin_id)
    .where(OF, SOLD, LINE.quantity.is_not(None))
    .group_by(ARTICLE.id, DOCUMENT.currency, DOCUMENT.is_gross, LINE.tax_rate)
    .order_by(ARTICLE.id, DOCUMENT.currency)
)
NET, REST = SIGN * DOCUMENT.net, DOCUMENT.total - DOCUMENT.paid
THIS_YEAR, LAST_YEAR = (bindparam(name, type_=Date) for name in ("this_year", "last_year"))
IN_LAST_YEAR = and_(DOCUMENT.issued_on >= LAST_YEAR, DOCUMENT.issued_on < THIS_YEAR)
IS_LATE = or_(DOCUMENT.reminder_level > 0, DOCUMENT.due_on < TODAY)
INVOICED = (
    select(
        DOCUMENT.currency,
        func.sum(NET).filter(DOCUMENT.issued_on >= THIS_YEAR).label("this_year"),
        func.sum(NET).filter(IN_LAST_YEAR).label("last_year"),
        func.sum(NET).label("ever"),
        func.sum(REST).filter(IS_OWED).label("open"),
        func.sum(REST).filter(IS_OWED, IS_LATE).label("overdue"),
    )
    .where(OF, or_(IS_INVOICE, IS_CREDIT), DOCUMENT.state != State.DRAFT, COUNTS)
    .group_by(DOCUMENT.currency)
    .order_by(DOCUMENT.currency)
)
TURNOVERS = (
    select(DOCUMENT.customer_id, DOCUMENT.currency, func.sum(NET).label("net"))
    .where(
        DOCUMENT.customer_id.in_(bindparam("customer_ids", expanding=True)),
        or_(IS_INVOICE, IS_CREDIT),
        DOCUMENT.issued_on >= THIS_YEAR,
    )
    .group_by(DOCUMENT.customer_id, DOCUMENT.currency)
)


@dataclass(frozen=True)
class Bought:
    """An article and what a customer has had of it; `net` is in minor units.

    `last_on` is None for what was only given back.
    """

    number: str
    name: str
    unit: str
    currency: str
    quantity: Decimal
    net: int
    times: int
    last_on: date | None


def bought(customer_id: int) -> list[Bought]:
    """The articles a customer has bought, what was bought last first, up to MOST_ARTICLES + 1."""
    rows = db.session.execute(BOUGHT, {"customer_id": customer_id})
    found = [
        _bought(list(same)) for _key, same in groupby(rows, lambda row: (row.id, row.currency))
    ]
    found.sort(key=lambda one: (one.last_on or date.min, one.net), reverse=True)
    return found[: MOST_ARTICLES + 1]


def invoiced(customer_id: int) -> list[Any]:
    """What was invoiced per currency: this_year, last_year, ever (net), open and overdue.

    All in minor units; None where there is nothing.
    """
    day = today()
    years = {"this_year": date(day.year, 1, 1), "last_year": date(day.year - 1, 1, 1)}
    values = {"customer_id": customer_id, "today": day, **years}
    return list(db.session.execute(INVOICED, values))


def turnovers(customer_ids: Sequence[int]) -> dict[int, list[Any]]:
    """What was invoiced to customers this year, per currency: currency, net (minor units)."""
    values = {"customer_ids": customer_ids, "this_year": date(today().year, 1, 1)}
    found: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(TURNOVERS, values):
        found[row.customer_id].append(row)
    return found


def _bought(rows: list[Any]) -> Bought:
    """One article in one currency, at whatever rate of tax and kind of price it was sold."""
    first = rows[0]
    return Bought(
        first.number,
        first.name,
        first.unit,
        first.currency,
        quantity=Decimal(sum(row.parts for row in rows)) / PARTS,
        net=sum(map(_net, rows)),
        times=sum(row.times for row in rows),
        last_on=max((row.last_on for row in rows if row.last_on), default=None),
    )


def _net(row: Any) -> int:
    if not row.is_gross:
        return row.amount
    net = Decimal(row.amount) * 100 / (100 + row.tax_rate)
    return int(net.quantize(Decimal(1), ROUND_HALF_UP))
