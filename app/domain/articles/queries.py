"""What is asked about articles."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, or_, select
from werkzeug.exceptions import NotFound

from app.core.database import db, table
from app.core.text import Query, parse_query
from app.domain.articles.models import Article

ARTICLE = table(Article).c
OFFERED = (
    select(
        ARTICLE.id,
        ARTICLE.number,
        ARTICLE.name,
        ARTICLE.text,
        ARTICLE.unit,
        ARTICLE.price,
        ARTICLE.currency,
        ARTICLE.is_gross,
        ARTICLE.tax,
    )
    .where(ARTICLE.active)
    .order_by(ARTICLE.name_sort, ARTICLE.id)
)


def article(article_id: int) -> Article:
    """An article; NotFound if there is none."""
    found = db.session.get(Article, article_id)
    if found is None:
        raise NotFound
    return found


def choices(q: str, limit: int = 20) -> list[Any]:
    """The active articles with these words, or their beginnings, in number or name.

    Each row has id, number, name, text, unit, price, currency, is_gross and tax.
    """
    asked = _narrowed(OFFERED, parse_query(q)).limit(limit)
    return list(db.session.execute(asked))


def _narrowed(asked: Select[*tuple[Any, ...]], query: Query) -> Select[*tuple[Any, ...]]:
    for ways in query.terms:
        found = (func.instr(ARTICLE.found_by, f" {way}") > 0 for way in ways)
        asked = asked.where(or_(*found))
    return asked
