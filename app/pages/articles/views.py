"""What the pages of articles show."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import url_for

from app.core import i18n
from app.core.i18n import _, _n
from app.core.panels import positive
from app.domain.articles import queries, rules, tax
from app.domain.articles.queries import MOST_PAGES, SORTS, Wanted
from app.domain.factura import totals
from app.domain.factura.settings import settings
from app.domain.settings.queries import team
from app.pages.articles.form import GROSS

SHOWS = {"": True, "inactive": False, "all": None}
"""What `show` asks for in the address."""


def listed(arguments: Mapping[str, str]) -> dict[str, Any]:
    """A page of the articles that the address asks for."""
    wanted, show = _wanted(arguments), _show(arguments)
    rows, is_more = queries.search(wanted)
    number = queries.count(wanted)
    taxes = queries.taxes()
    return {
        "wanted": wanted,
        "show": show,
        "rows": [_row(row, taxes) for row in rows],
        "count": _n("%(count)s article", "%(count)s articles", number, count=i18n.count(number)),
        "are_there_others": not rows and queries.count(Wanted(active=None)) > 0,
        "heads": [_head(key, wanted, show) for key in SORTS],
        "previous": _here(wanted, show, page=wanted.page - 1) if wanted.page > 1 else None,
        "next": _here(wanted, show, page=wanted.page + 1) if is_more else None,
    }


def fresh_values() -> dict[str, Any]:
    """What the form of a new article holds at first."""
    usual = settings()
    return {
        "number": queries.next_number(),
        "currency": usual.currency,
        "is_gross": usual.is_gross,
        "tax": next(iter(queries.taxes()), ""),
    }


def other_price(values: Mapping[str, Any]) -> str:
    """What a net price comes to with tax, or a gross one without; empty if there is none yet."""
    price, code, currency = values["price"], values["tax"], values["currency"]
    if not isinstance(price, Decimal) or not 0 <= price < rules.LARGEST:
        return ""
    if code not in queries.taxes() or currency not in i18n.currencies():
        return ""
    rate = tax.rate(team().country, code, i18n.today())
    is_gross = values["is_gross"] == GROSS
    other = totals.other_price(price, rate, to_gross=not is_gross)
    shown = i18n.price(other, currency)
    if is_gross:
        return _("%(price)s net, without tax", price=shown)
    return _("%(price)s gross, with tax", price=shown)


def _wanted(arguments: Mapping[str, str]) -> Wanted:
    sort = arguments.get("sort", "")
    return Wanted(
        words=arguments.get("q", "")[:200],
        active=SHOWS[_show(arguments)],
        sort=sort if sort in SORTS else "name",
        page=min(positive(arguments, "page") or 1, MOST_PAGES),
    )


def _show(arguments: Mapping[str, str]) -> str:
    show = arguments.get("show", "")
    return show if show in SHOWS else ""


def _head(key: str, wanted: Wanted, show: str) -> dict[str, Any]:
    return {"key": key, "url": _here(wanted, show, sort=key), "is_chosen": wanted.sort == key}


def _here(wanted: Wanted, show: str, **over: Any) -> str:
    """The list as it is asked for, with something else."""
    asked = {"q": wanted.words, "show": show, "sort": wanted.sort, "page": 1} | over
    usual = {"sort": "name", "page": 1}
    return url_for("articles.show", **{k: v for k, v in asked.items() if v and v != usual.get(k)})


def _row(row: Any, taxes: Mapping[str, str]) -> dict[str, Any]:
    return {
        **row._mapping,
        "price": i18n.price(row.price, row.currency),
        "tax": taxes.get(row.tax, row.tax),
        "is_gross": row.is_gross,
    }
