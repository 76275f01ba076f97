"""How SQLite would answer what is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from app.core.database import db


def plans(ask: Callable[[], Any]) -> list[str]:
    """The steps of all plans for the questions that something asks."""
    steps: list[str] = []

    def explain(
        connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any
    ) -> None:
        if statement.lstrip("(").startswith(("SELECT", "WITH")):
            plan = connection.connection.dbapi_connection.cursor()
            plan.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            steps.extend(row[3] for row in plan)

    event.listen(db.engine, "before_cursor_execute", explain)
    try:
        ask()
    finally:
        event.remove(db.engine, "before_cursor_execute", explain)
    assert steps
    return steps
