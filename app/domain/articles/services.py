"""What happens to articles: created, changed, set inactive and active again, deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, insert

from app.core import audit
from app.core.database import db, now, table
from app.core.events import announce
from app.core.i18n import _l
from app.core.problems import Invalid, Problem, Refused
from app.domain.articles import queries, rules
from app.domain.articles.models import Article, ArticleWord

WORDS = table(ArticleWord)


def create_article(values: Mapping[str, Any], key: str | None = None) -> int:
    """Create an article and return its id; the second time with the same `key` it is there."""
    if article_id := queries.made_by(key):
        return article_id
    _check(values)
    article = Article(active=True, created_at=now(), key=key or None)
    _take(article, values)
    db.session.add(article)
    _index(article)
    _tell("created", article, audit.difference({}, _told(article)))
    return article.id


def change_article(article_id: int, values: Mapping[str, Any]) -> None:
    """Change an article; documents that have it already stay as they are."""
    article = queries.article(article_id)
    _check(values, article_id)
    before = _told(article)
    _take(article, values)
    _index(article)
    if changes := audit.difference(before, _told(article)):
        _tell("changed", article, changes)


def activate_article(article_id: int, active: bool) -> None:
    """Offer an article in new documents, or no longer."""
    article = queries.article(article_id)
    if changes := audit.difference({"active": article.active}, {"active": active}):
        article.active = active
        _tell("activated" if active else "deactivated", article, changes)


def delete_article(article_id: int) -> None:
    """Delete an article for good. Refused while a document or a banner has it."""
    article = queries.article(article_id)
    if reasons := queries.objections(article_id):
        raise Refused(" ".join(reasons))
    db.session.delete(article)
    _tell("deleted", article, audit.difference(_told(article), {}))


def _check(values: Mapping[str, Any], article_id: int | None = None) -> None:
    problems = rules.check_article(values, queries.taxes())
    holder = queries.taken_by(values["number"])
    if holder not in (None, article_id):
        message = _l("“%(name)s” has this number.", name=queries.article(holder).name)
        problems.append(Problem("number", "taken", message))
    if problems:
        raise Invalid(problems)


def _take(article: Article, values: Mapping[str, Any]) -> None:
    for field in rules.FIELDS:
        setattr(article, field, values[field])
    for field, value in rules.sorting(article.number, article.name).items():
        setattr(article, field, value)


def _index(article: Article) -> None:
    """Write the words it is found by where those of few are looked for."""
    db.session.flush()
    db.session.execute(delete(WORDS).where(WORDS.c.article_id == article.id))
    words = sorted(set(article.found_by.split()))
    rows = [{"word": word, "article_id": article.id} for word in words]
    if rows:
        db.session.execute(insert(WORDS), rows)


def _told(article: Article) -> dict[str, Any]:
    """An article as the trail keeps it."""
    return {field: getattr(article, field) for field in rules.FIELDS}


def _tell(action: str, article: Article, changes: list[audit.Change]) -> None:
    db.session.flush()
    audit.record("articles", action, subject=article.name, changes=changes)
    announce("article.changed")
