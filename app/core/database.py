"""The database: one engine, short transactions, rows that know their version.

Reading requests run in a plain transaction that cannot write; writing requests take SQLite's
write lock at their first statement (`BEGIN IMMEDIATE`), so two of them can never both read a
value and overwrite each other's result. docs/adr/0003 tells why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar, cast

from flask import Flask, current_app, g, has_request_context, request
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    DateTime,
    MetaData,
    Select,
    String,
    Table,
    bindparam,
    event,
    func,
    select,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
PRAGMAS = ("journal_mode=wal", "foreign_keys=on", "busy_timeout=20000", "synchronous=full")


class Model(DeclarativeBase):
    """Base of every table. Constraints carry names, so that SQLite's batch mode can alter them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


@event.listens_for(Table, "after_parent_attach")
def _give_ids_once(table: Table, _metadata: Any) -> None:
    """An id is never given twice: an old page or link must not lead to somebody else's row."""
    if list(table.primary_key.columns.keys()) == ["id"]:
        table.dialect_options["sqlite"]["autoincrement"] = True


db = SQLAlchemy(model_class=Model, session_options={"expire_on_commit": False})
migrate = Migrate(render_as_batch=True)

_told: ContextVar[datetime | None] = ContextVar("told", default=None)


def table(model: type[Model]) -> Table:
    """The table of a model; statements over its columns cost half of those over attributes."""
    return cast(Table, model.__table__)


class UTCDateTime(TypeDecorator[datetime]):
    """An instant: stored in UTC without offset, handed out aware."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    @staticmethod
    def stored(value: datetime) -> str:
        """How SQLite holds it, for a statement that is given many rows in one value."""
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Exact(TypeDecorator[Decimal]):
    """A decimal number, stored as its digits: SQLite would make a float of it."""

    impl = String(30)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        return None if value is None else f"{value:f}"

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


def now() -> datetime:
    """This instant, in UTC; inside `happening` the one that is told."""
    return _told.get() or datetime.now(UTC)


@contextmanager
def happening(at: datetime) -> Iterator[None]:
    """What is written inside is written at this instant: the demo company has a past."""
    token = _told.set(at)
    try:
        yield
    finally:
        _told.reset(token)


class Versioned:
    """A row people edit: `version` counts its changes, so a stale form is noticed."""

    version: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}


class Removable:
    """A row that is removed by a mark first, so that removing can be undone."""

    removed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


def listed(name: str) -> Select[Any]:
    """The values of a list that is bound by this name, however many, to look among them."""
    return select(func.json_each(bindparam(name, type_=JSON)).table_valued("value").c.value)


def gathered(**columns: Any) -> ColumnElement[Any]:
    """The rows of a subquery as one list of objects, so that they need no question of their own."""
    pairs = [part for pair in columns.items() for part in pair]
    return func.json_group_array(func.json_object(*pairs), type_=JSON)


def next_ids(of: Table, count: int) -> range:
    """So many ids that no row of a table has had, for a verb that writes many rows at once.

    It gives them itself and holds the write lock until they are written: rows that are given their
    id by the database have to be sent one by one, if it is to be known whose it is.
    """
    last = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
    first = (db.session.scalar(last, {"name": of.name}) or 0) + 1
    return range(first, first + count)


def contains(column: Any, word: str) -> ColumnElement[bool]:
    """Whether a text contains a word, whichever of its letters are capitals.

    SQLite's LIKE does so for the letters of ASCII only, so GLOB is given both forms of each.
    """
    pattern = "".join(_either_case(letter) for letter in word)
    return column.op("GLOB", is_comparison=True)(f"*{pattern}*")


def init_app(app: Flask) -> None:
    db.init_app(app)
    migrate.init_app(app, db, directory=app.config["MIGRATIONS"])
    with app.app_context():
        event.listen(db.engine, "connect", _on_connect)
        event.listen(db.engine, "begin", _on_begin)


View = TypeVar("View", bound=Callable[..., Any])


def reads_first(view: View) -> View:
    """Mark an unsafe view that only reads until it calls `writing()`.

    For views that hash passwords or look things up on POST: the write lock is not held meanwhile.
    """
    view.reads_first = True  # type: ignore[attr-defined]
    return view


def writing() -> None:
    """End the reading transaction of this request; what follows takes the write lock."""
    db.session.rollback()
    g.writing = True


def after_commit(act: Callable[[], None]) -> None:
    """Do this when what is being written is kept; after a rollback it is not done.

    For waking another process, which must find the rows it is woken for. A request does it at its
    end, a command or job with its next commit; it does nothing with the database.
    """
    g.setdefault("after_commit", []).append(act)


def committed() -> None:
    """Do what was to be done after the commit."""
    for act in g.pop("after_commit", ()):
        act()


@contextmanager
def short_transaction() -> Iterator[Connection]:
    """A committed transaction of its own, for what must outlive a refused request.

    Only for requests that hold no write lock (`reads_first`), or it would wait for itself.
    """
    with db.engine.connect().execution_options(read_only=False) as connection, connection.begin():
        yield connection


def file() -> Path:
    """Where the database lies."""
    return Path(db.engine.url.database or "")


@event.listens_for(db.session, "after_commit")
def _on_commit(session: Any) -> None:
    if not has_request_context() and not session.in_nested_transaction():
        committed()


@event.listens_for(db.session, "after_rollback")
def _on_rollback(session: Any) -> None:
    if not has_request_context() and not session.in_nested_transaction():
        g.pop("after_commit", None)


def _either_case(letter: str) -> str:
    forms = "".join(sorted({form for form in (letter.lower(), letter.upper()) if len(form) == 1}))
    return f"[{forms}]" if len(forms) > 1 or letter in "*?[" else letter


def _on_connect(dbapi: Any, _record: Any) -> None:
    dbapi.isolation_level = None
    for pragma in current_app.config.get("SQLITE_PRAGMAS", PRAGMAS):
        dbapi.execute(f"pragma {pragma}")


def _on_begin(connection: Connection) -> None:
    if _is_reading(connection):
        statements = ("BEGIN", "PRAGMA query_only=on")
    else:
        statements = ("PRAGMA query_only=off", "BEGIN IMMEDIATE")
    for statement in statements:
        connection.exec_driver_sql(statement)


def _is_reading(connection: Connection) -> bool:
    asked = connection.get_execution_options().get("read_only")
    if asked is not None:
        return asked
    if not has_request_context():
        return not g.get("writing", True)
    if "writing" not in g:
        view = current_app.view_functions.get(request.endpoint or "")
        g.writing = request.method not in SAFE_METHODS and not hasattr(view, "reads_first")
    return not g.writing
