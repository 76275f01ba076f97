"""Full-text search: what SQLite's FTS5 is asked for folded words, and what proves its answers.

An index of trigrams answers for words of three letters and more, one of word prefixes for shorter
ones; both follow a table of entries by trigger, whose `words` are `core.text.spellings`. User text
travels as bound values and quoted terms only. docs/adr/0004 tells more.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Connection, Integer, Subquery, Table, delete, text

from app.core.database import db
from app.core.text import Query

SHORTEST_SUBSTRING = 3
MOST_TRIGRAMS = 12
MERGED_PAGES = 400
"""What an index folds in one step; others wait for some tenths of a second."""


class Indexes(NamedTuple):
    """The names of the two full-text indexes over the entries of something."""

    trigram: str
    prefix: str


def matching(query: Query, indexes: Indexes) -> tuple[str, str, dict[str, Any]]:
    """The full-text index to ask, its conditions over it and the entries (e), and their values.

    From the third letter the trigrams answer and `instr` proves the whole word; for one and two
    letters alone the prefixes do.
    """
    ways = _ways(query)
    proven, values = proof(query)
    prefixes = not any(_is_long(word) for way in ways for word in way)
    match = " OR ".join(f"({_match(way, prefixes)})" for way in ways)
    index = indexes.prefix if prefixes else indexes.trigram
    return index, f"{index} MATCH :match AND ({proven})", values | {"match": match}


def found(
    query: Query, entries: Table, key: str, indexes: Indexes
) -> tuple[Subquery, dict[str, Any]]:
    """What a query finds as a table of `label` and `id` (the entry's `key`), and its values.

    Sorted by label, either way, nothing is sorted: the indexes answer in the order of their row
    ids, which are the labels.
    """
    index, conditions, values = matching(query, indexes)
    rows = f"{index} i CROSS JOIN {entries.name} e ON e.label = i.rowid WHERE {conditions}"
    asked = text(f"SELECT i.rowid AS label, e.{key} AS id FROM {rows}")
    return asked.columns(label=BigInteger, id=Integer).subquery("found"), values


def proof(query: Query) -> tuple[str, dict[str, Any]]:
    """The condition that an entry (e) really holds what is looked for, whoever offers it."""
    ways = _ways(query)
    spellings = [spelling for way in ways for word in way for spelling in word]
    keys = {spelling: f"w{n}" for n, spelling in enumerate(dict.fromkeys(spellings))}
    values = {keys[s]: s if len(s) >= SHORTEST_SUBSTRING else f" {s}" for s in keys}
    return " OR ".join(f"({_proof_of(way, keys)})" for way in ways) or "1", values


@contextmanager
def refilling(entries: Table, indexes: Indexes) -> Iterator[Connection]:
    """Empty the entries; those that are written meanwhile are indexed at the end, all at once."""
    connection = db.session.connection()
    asked = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :name")
    triggers = connection.execute(asked, {"name": entries.name}).all()
    for name, _sql in triggers:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    connection.execute(delete(entries))
    yield connection
    for index in indexes:
        connection.exec_driver_sql(f"INSERT INTO {index}({index}) VALUES('rebuild')")
    for _name, sql in triggers:
        connection.exec_driver_sql(sql)


def settle(indexes: Indexes) -> Iterator[None]:
    """Fold the full-text indexes, until no table of theirs holds words that they have forgotten.

    FTS5 only marks what is deleted and drops it when it merges (sqlite.org/fts5.html, the 'merge'
    command, which is done when it changes less than two rows). The caller commits after each step.
    """
    for name in indexes:
        pages, changed = -MERGED_PAGES, 2
        while changed >= 2:
            connection = db.session.connection()
            counter: Any = connection.connection.dbapi_connection
            before = counter.total_changes
            merge = f"INSERT INTO {name}({name}, rank) VALUES('merge', ?)"
            connection.exec_driver_sql(merge, (pages,))
            changed, pages = counter.total_changes - before, MERGED_PAGES
            yield


def _ways(query: Query) -> list[list[tuple[str, ...]]]:
    """The words that must all be there, or each alone: a grouped number ("0176 123-45") joined."""
    alone = [(joined,) for joined in query.joined]
    ways = [list(query.terms), *([word] for word in alone)]
    if alone and not any(map(_is_long, query.terms)):
        ways = ways[1:]
    return [way for way in ways if way]


def _match(words: list[tuple[str, ...]], prefixes: bool) -> str:
    """The full-text expression for words that must all be there, each in one of its spellings."""
    asked = words if prefixes else [word for word in words if _is_long(word)]
    term = _prefix if prefixes else _trigrams
    return " AND ".join(f"({' OR '.join(term(spelling) for spelling in word)})" for word in asked)


def _proof_of(words: list[tuple[str, ...]], keys: dict[str, str]) -> str:
    """The condition that every word really is there: inside a word, or at its start if short."""
    return " AND ".join(
        "(" + " OR ".join(_found_in_words(spelling, keys[spelling]) for spelling in word) + ")"
        for word in words
    )


def _found_in_words(spelling: str, key: str) -> str:
    text = "e.words" if len(spelling) >= SHORTEST_SUBSTRING else "' ' || e.words"
    return f"instr({text}, :{key})"


def _is_long(word: tuple[str, ...]) -> bool:
    return all(len(spelling) >= SHORTEST_SUBSTRING for spelling in word)


def _prefix(spelling: str) -> str:
    return f"{_quoted(spelling)} *"


def _trigrams(spelling: str) -> str:
    found = dict.fromkeys(spelling[i : i + 3] for i in range(len(spelling) - 2))
    return f"({' AND '.join(_quoted(part) for part in list(found)[:MOST_TRIGRAMS])})"


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'
