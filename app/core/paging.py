"""Lists by pages, and counts that stop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from app.core.database import db
from app.core.i18n import COUNTED

LATEST_ROWS = 5
"""Rows of a panel on the overview."""
PAGE = 50


@dataclass(frozen=True)
class Page:
    """Some rows of a list; `older` is the id to go on before, None at the end."""

    rows: list[Any]
    older: int | None


def page(asked: Select[*tuple[Any, ...]], facts: Mapping[str, Any]) -> Page:
    """The first page of what a statement asks for."""
    return cut(db.session.execute(asked.limit(PAGE + 1), facts).all())


def cut(rows: Sequence[Any], size: int = PAGE) -> Page:
    """A page of these rows; one more than `size` says that others follow."""
    return Page(list(rows[:size]), rows[size - 1].id if len(rows) > size else None)


def counting(rows: Select[*tuple[Any, ...]]) -> Select[int]:
    """The statement that counts rows, up to 1,001."""
    return select(func.count()).select_from(rows.limit(COUNTED + 1).subquery())


def total(
    counted: Select[int], facts: Mapping[str, Any], shown: Sequence[Any] | None = None
) -> int:
    """How many rows there are; fewer on the overview than have room there are all."""
    if shown is not None and len(shown) < LATEST_ROWS:
        return len(shown)
    return db.session.scalar(counted, facts) or 0
