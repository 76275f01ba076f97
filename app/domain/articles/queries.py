"""What is asked about articles."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, or_, select
from werkzeug.exceptions import NotFound

from app.core import paging
from app.core.database import db, listed, table
from app.core.events import ask
from app.core.forms import Editable
from app.core.i18n import _, number, today
from app.core.paging import PAGE
from app.core.text import natural_key, parse_query, sort_form
from app.domain.articles import rules, tax
from app.domain.articles.labels import taxes as names
from app.domain.articles.models import Article, ArticleWord
from app.domain.settings.queries import team

MOST_PAGES = 1_000
FEW = 200
"""Articles with a word that are rather sorted than looked for in the order of the list."""

ARTICLE, WORD = table(Article).c, table(ArticleWord).c
SHOWN = select(
    ARTICLE.id,
    ARTICLE.number,
    ARTICLE.name,
    ARTICLE.text,
    ARTICLE.unit,
    ARTICLE.price,
    ARTICLE.currency,
    ARTICLE.is_gross,
    ARTICLE.tax,
    ARTICLE.active,
)
SORTS = {
    "name": (ARTICLE.name_sort, ARTICLE.id),
    "number": (ARTICLE.number_sort, ARTICLE.id),
}
OFFERED = SHOWN.where(ARTICLE.active).order_by(*SORTS["name"])
NUMBERED = (
    SHOWN.where(
        ARTICLE.active,
        ARTICLE.number != "",
        ARTICLE.number >= bindparam("first"),
        ARTICLE.number < bindparam("beyond"),
    )
    .order_by(ARTICLE.number)
    .limit(bindparam("most"))
)
CALLED = SHOWN.where(
    ARTICLE.active,
    or_(
        ARTICLE.number_sort.in_(listed("numbers")),
        ARTICLE.name_sort.in_(listed("names")),
    ),
).order_by(ARTICLE.number.desc(), ARTICLE.id)
EXISTING = select(ARTICLE.id).where(ARTICLE.id.in_(listed("article_ids")))
TAKEN = select(ARTICLE.id).where(ARTICLE.number == bindparam("number"), ARTICLE.number != "")
KEYED = select(ARTICLE.id).where(ARTICLE.key == bindparam("key"))
LATEST_NUMBER = (
    select(ARTICLE.number).where(ARTICLE.number != "").order_by(ARTICLE.id.desc()).limit(1)
)
HIGHEST_NUMBER = (
    select(ARTICLE.number)
    .where(
        ARTICLE.number_sort >= bindparam("first"),
        ARTICLE.number_sort < bindparam("beyond"),
    )
    .order_by(ARTICLE.number_sort.desc())
    .limit(1)
)


@dataclass(frozen=True)
class Wanted:
    """Which articles are asked for, and in which order (`SORTS`); `active` None means all."""

    words: str = ""
    active: bool | None = True
    sort: str = "name"
    page: int = 1


def article(article_id: int) -> Article:
    """An article; NotFound if there is none."""
    found = db.session.get(Article, article_id)
    if found is None:
        raise NotFound
    return found


def editable(article: Article) -> Editable:
    """An article as its form shows it."""
    values = {field: getattr(article, field) for field in rules.FIELDS}
    return Editable(values, str(article.version))


def choices(q: str, limit: int = 20) -> list[Any]:
    """Active articles whose number begins with what is typed, then those with its words.

    Every word must begin a word of number or name. Each row has id, number, name, text, unit,
    price, currency, is_gross, tax and active.
    """
    rows = _numbered(q.strip(), limit)
    if len(rows) == limit:
        return rows
    others = _narrowed(OFFERED, q).where(ARTICLE.id.not_in([row.id for row in rows]))
    return [*rows, *db.session.execute(others.limit(limit - len(rows)))]


def called(words: Collection[str]) -> dict[str, Any]:
    """The active articles with exactly these numbers or, failing that, names; capitals are equal.

    The rows of `choices`, by number or name in small letters.
    """
    asked = {
        "numbers": [natural_key(word) for word in words],
        "names": [sort_form(word) for word in words],
    }
    found: dict[str, Any] = {}
    rows = list(db.session.execute(CALLED, asked)) if words else []
    for name in ("number", "name"):
        for row in rows:
            found.setdefault(getattr(row, name).casefold(), row)
    return found


def existing(article_ids: Collection[int]) -> set[int]:
    """Those of these ids that are articles."""
    asked = {"article_ids": list(article_ids)}
    return set(db.session.scalars(EXISTING, asked)) if article_ids else set()


def search(wanted: Wanted) -> tuple[list[Any], bool]:
    """A page of the articles, and whether there are more behind it."""
    asked = _chosen(SHOWN, wanted).order_by(*SORTS[wanted.sort])
    start = (wanted.page - 1) * PAGE
    rows = db.session.execute(asked.limit(PAGE + 1).offset(start)).all()
    return list(rows[:PAGE]), len(rows) > PAGE


def count(wanted: Wanted) -> int:
    """How many there are, counted up to 1,001."""
    return paging.total(paging.counting(_chosen(select(ARTICLE.id), wanted)), {})


def taken_by(number: str) -> int | None:
    """The article with this number."""
    return db.session.scalar(TAKEN, {"number": number})


def made_by(key: str | None) -> int | None:
    """The article that this form has made already."""
    return db.session.scalar(KEYED, {"key": key}) if key else None


def next_number() -> str:
    """The next free number of the series that the latest article is of; empty if it has none."""
    latest = db.session.scalar(LATEST_NUMBER)
    if latest is None:
        return rules.FIRST
    first = natural_key(f"{rules.series(latest)}0").removesuffix("010")
    values = {"first": f"{first}0", "beyond": f"{first}:"}
    free = rules.following(db.session.scalar(HIGHEST_NUMBER, values) or latest)
    return "" if taken_by(free) or len(free) > rules.LONGEST["number"] else free


def taxes(on: date | None = None) -> dict[str, str]:
    """The tax codes of the team's country with their rates on a day: "Standard, 19 %"."""
    country, on = team().country, on or today()
    return {
        code: _("%(name)s, %(rate)s %%", name=names[code], rate=number(tax.rate(country, code, on)))
        for code in tax.codes(country, on)
    }


def objections(article_id: int) -> list[str]:
    """Why an article must stay, as every area answers that needs it."""
    answers = ask("article.deletion_requested", article_id=article_id)
    return [str(reason) for reason in answers if reason]


def _numbered(typed: str, limit: int) -> list[Any]:
    if not typed:
        return []
    values = {"first": typed, "beyond": f"{typed}\U0010ffff", "most": limit}
    return list(db.session.execute(NUMBERED, values))


def _chosen(asked: Select[*tuple[Any, ...]], wanted: Wanted) -> Select[*tuple[Any, ...]]:
    if wanted.active is not None:
        asked = asked.where(ARTICLE.active == wanted.active)
    return _narrowed(asked, wanted.words)


def _narrowed(asked: Select[*tuple[Any, ...]], words: str) -> Select[*tuple[Any, ...]]:
    """What has all words is soon met in the order of the list, unless one of them is rare."""
    terms = parse_query(words).terms
    if (few := _few(terms)) is not None:
        asked = asked.where(ARTICLE.id.in_(few))
    for ways in terms:
        found = (func.instr(ARTICLE.found_by, f" {way}") > 0 for way in ways)
        asked = asked.where(or_(*found))
    return asked


def _few(terms: Iterable[Sequence[str]]) -> list[int] | None:
    """The articles with a word, if there are few with one of these."""
    for ways in terms:
        begins = (and_(WORD.word >= way, WORD.word < f"{way}\U0010ffff") for way in ways)
        asked = select(WORD.article_id).where(or_(*begins)).limit(FEW + 1)
        found = db.session.scalars(asked).all()
        if len(found) <= FEW:
            return list(set(found))
    return None
