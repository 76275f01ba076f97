"""A group as the customer list takes it: those who are in it, and in what lies below it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from app.core.database import db
from app.domain.customers.queries import FEW, NOBODY, Narrowing
from app.domain.groups import queries

ONE = "SELECT customer_id FROM group_member WHERE group_id = :group"
IN_ONE = "EXISTS (SELECT 1 FROM group_member WHERE group_id = :group AND customer_id = {id})"

GROUPS = "SELECT value FROM json_each(:groups)"
SEVERAL = f"SELECT DISTINCT customer_id FROM group_member WHERE group_id IN ({GROUPS})"
# With the plus SQLite reads the few groups of a customer and does not look for each one of these.
INSIDE = f"customer_id = {{id}} AND +group_id IN ({GROUPS})"
IN_SEVERAL = f"EXISTS (SELECT 1 FROM group_member WHERE {INSIDE})"


def narrowing(group_id: int, *, below: bool) -> Narrowing:
    """The customers of a group, with `below` those of its subgroups too; nobody if it is gone."""
    groups = queries.below(group_id) if below else list(queries.known([group_id]))
    if not groups:
        return NOBODY
    if len(groups) == 1:
        return _counted(ONE, IN_ONE, {"group": group_id})
    return _counted(SEVERAL, IN_SEVERAL, {"groups": json.dumps(groups)})


def _counted(ids: str, holds: str, values: Mapping[str, Any]) -> Narrowing:
    size = text(f"SELECT count(*) FROM ({ids} LIMIT {FEW + 1})")
    return Narrowing(ids, holds, db.session.execute(size, values).scalar_one(), values)
