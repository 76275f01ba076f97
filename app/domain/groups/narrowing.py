"""A group as the customer list takes it: those who are in it, and in what lies below it."""

from __future__ import annotations

import json

from sqlalchemy import text

from app.core.database import db
from app.domain.customers.queries import FEW, NOBODY, Narrowing
from app.domain.groups import queries

GROUPS = "SELECT value FROM json_each(:groups)"
IDS = f"SELECT DISTINCT customer_id FROM group_member WHERE group_id IN ({GROUPS})"
# With the plus SQLite reads the few groups of a customer and does not look for each one of these.
INSIDE = f"customer_id = {{id}} AND +group_id IN ({GROUPS})"
HOLDS = f"EXISTS (SELECT 1 FROM group_member WHERE {INSIDE})"
SIZE = text(f"SELECT count(*) FROM ({IDS} LIMIT {FEW + 1})")


def narrowing(group_id: int, *, below: bool) -> Narrowing:
    """The customers of a group, with `below` those of its subgroups too; nobody if it is gone."""
    groups = queries.below(group_id) if below else list(queries.known([group_id]))
    if not groups:
        return NOBODY
    values = {"groups": json.dumps(groups)}
    return Narrowing(IDS, HOLDS, db.session.execute(SIZE, values).scalar_one(), values)
