"""How Alembic reaches the application's tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from logging.config import fileConfig

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from app.core.database import Exact, UTCDateTime

fileConfig(context.config.config_file_name, disable_existing_loggers=False)
database = current_app.extensions["migrate"].db

# The full-text indexes follow their entries by trigger; they are written by hand in the migrations.
INDEXES = ("search_trigram", "search_prefix", "search_factura_")


def is_ours(_object: object, name: str | None, kind: str, *_more: object) -> bool:
    return not (kind == "table" and (name or "").startswith(INDEXES))


def write_type(kind: str, item: object, _context: object) -> str | bool:
    """Types of our own are written as the plain ones they are stored as."""
    if kind == "type" and isinstance(item, UTCDateTime | Exact):
        return f"sa.{item.impl!r}"
    return False


def run_migrations() -> None:
    with database.engine.connect().execution_options(read_only=False) as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            include_object=is_ours,
            render_item=write_type,
            transactional_ddl=True,
            **current_app.extensions["migrate"].configure_args,
        )
        with unforced_references(connection), context.begin_transaction():
            context.run_migrations()
            check_references(connection)


@contextmanager
def unforced_references(connection: Connection) -> Iterator[None]:
    """Foreign keys are not enforced meanwhile: a table that others refer to can be rebuilt.

    SQLite ignores the switch inside a transaction, so it is set on the driver's connection before
    one begins; and set back, as that connection returns to the pool.
    """
    driver = connection.connection
    driver.execute("PRAGMA foreign_keys=off")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=on")


def check_references(connection: Connection) -> None:
    """Nothing may refer to a row that is gone; raises before the commit."""
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        told = ", ".join(sorted({f"{table} to {parent}" for table, _row, parent, _key in broken}))
        raise RuntimeError(f"the migration leaves references to rows that are gone: {told}")


run_migrations()
