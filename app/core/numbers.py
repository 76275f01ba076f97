"""Counters: the next number of a kind, given inside the transaction that uses it."""

from __future__ import annotations

from sqlalchemy import String, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model, db


class Counter(Model):
    """What was given last for a kind of number."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int]


def take(name: str, start: int) -> int:
    """The next number of a kind, at least `start`; the caller's transaction holds the lock."""
    last = db.session.scalar(select(Counter.value).where(Counter.name == name))
    value = max(start, (last or 0) + 1)
    db.session.execute(
        insert(Counter)
        .values(name=name, value=value)
        .on_conflict_do_update(index_elements=["name"], set_={"value": value})
    )
    return value


def reserve(name: str, start: int, count: int) -> range:
    """The next `count` numbers of a kind, for verbs that make many at once."""
    first = take(name, start)
    db.session.execute(update(Counter).where(Counter.name == name).values(value=first + count - 1))
    return range(first, first + count)
