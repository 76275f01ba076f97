"""What is asked about groups: their tree, who is in them, who gets no information."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import CTE, Select, and_, bindparam, literal, select
from werkzeug.exceptions import NotFound

from app.core import paging
from app.core.database import db, listed, table
from app.core.i18n import _
from app.core.paging import LATEST_ROWS
from app.domain.customers.models import Customer
from app.domain.groups import rules
from app.domain.groups.models import Group, GroupChange, GroupMember

GROUPS, MEMBERS, CUSTOMERS = table(Group), table(GroupMember), table(Customer)
GROUP, MEMBER, CUSTOMER = GROUPS.c, MEMBERS.c, CUSTOMERS.c
OF = MEMBER.customer_id == bindparam("customer_id")
OF_THESE = MEMBER.customer_id.in_(bindparam("customer_ids", expanding=True))
SHOWN = MEMBER.customer_id.not_in(select(CUSTOMER.id).where(CUSTOMER.removed_at.is_not(None)))


def _subtree(top: Any, of: Any = None) -> CTE:
    """The ids of the groups at `top` (of each row of `of`) and of everything below them."""
    first = select(GROUP.id).where(top).correlate(of)
    found = first.cte("subtree", recursive=True, nesting=True)
    return found.union(select(GROUP.id).where(GROUP.parent_id == found.c.id))


def _upwards(lowest: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """For rows (group_id, added_at) one row of each of these groups and of every one above."""
    start = lowest.subquery("lowest")
    shown = (GROUP.parent_id, GROUP.name, GROUP.no_information)
    up = (
        select(start.c.group_id, start.c.added_at, *shown, literal(0).label("height"))
        .join_from(start, GROUPS, GROUP.id == start.c.group_id)
        .cte("up", recursive=True)
    )
    up = up.union_all(
        select(up.c.group_id, up.c.added_at, *shown, up.c.height + 1).join_from(
            up, GROUPS, GROUP.id == up.c.parent_id
        )
    )
    return select(up).order_by(up.c.added_at.desc(), up.c.group_id.desc(), up.c.height.desc())


TREE = select(GROUP.id, GROUP.parent_id, GROUP.name, GROUP.no_information, GROUP.version).order_by(
    GROUP.name_sort, GROUP.id
)
SILENT_GROUP = select(GROUP.id).where(GROUP.no_information).order_by(GROUP.id).limit(1)
SUBGROUP = select(GROUP.id).where(GROUP.parent_id == bindparam("group_id")).limit(1)
ANY_MEMBER = select(MEMBER.customer_id).where(MEMBER.group_id == bindparam("group_id")).limit(1)
BELOW = select(_subtree(GROUP.id == bindparam("group_id")))
SILENT = (
    select(MEMBER.customer_id)
    .where(OF_THESE, MEMBER.group_id.in_(select(_subtree(GROUP.no_information))))
    .distinct()
)

MEMBERSHIPS = select(MEMBER.group_id, MEMBER.added_at).where(OF)
COUNT = paging.counting(select(MEMBER.group_id).where(OF))
LATEST = _upwards(
    MEMBERSHIPS.order_by(MEMBER.added_at.desc(), MEMBER.group_id.desc()).limit(LATEST_ROWS)
)
PATH = _upwards(
    select(GROUP.id.label("group_id"), GROUP.created_at.label("added_at")).where(
        GROUP.id == bindparam("group_id")
    )
)
NAMES = (
    select(MEMBER.customer_id, GROUP.name)
    .join_from(MEMBERS, GROUPS, GROUP.id == MEMBER.group_id)
    .where(OF_THESE)
    .order_by(GROUP.name_sort, GROUP.id)
)

MEMBERS_COUNT = paging.counting(
    select(MEMBER.customer_id).where(MEMBER.group_id == bindparam("group_id"), SHOWN)
)
_called = (CUSTOMER.id, CUSTOMER.number, CUSTOMER.name)
_among = (CUSTOMER.id.in_(listed("customer_ids")), CUSTOMER.removed_at.is_(None))
_inside = and_(MEMBER.customer_id == CUSTOMER.id, MEMBER.group_id == bindparam("group_id"))
INSIDERS = (
    select(*_called, MEMBER.added_at).join_from(CUSTOMERS, MEMBERS, _inside).where(*_among)
).order_by(CUSTOMER.id)
OUTSIDERS = (
    select(*_called)
    .where(*_among, ~select(MEMBER.customer_id).where(_inside).exists())
    .order_by(CUSTOMER.id)
)
ALL_MEMBERS = select(*_called).join_from(CUSTOMERS, MEMBERS, _inside).order_by(CUSTOMER.id)

EACH = GROUPS.alias("each")
DIRECT = select(
    EACH.c.id,
    paging.counting(
        select(MEMBER.customer_id).where(MEMBER.group_id == EACH.c.id, SHOWN).correlate(EACH)
    ).scalar_subquery(),
)
_subtree_of_each = _subtree(GROUP.id == EACH.c.id, of=EACH)
TOTAL = select(
    EACH.c.id,
    paging.counting(
        select(MEMBER.customer_id)
        .join_from(_subtree_of_each, MEMBERS, MEMBER.group_id == _subtree_of_each.c.id)
        .where(SHOWN)
        .distinct()
    ).scalar_subquery(),
).where(EACH.c.id.in_(select(GROUP.parent_id).where(GROUP.parent_id.is_not(None))))


@dataclass(frozen=True, slots=True)
class Node:
    """A group at its place; `path` leads down to it from the top, `depth` is 0 there.

    `no_information` also holds when a group above has it.
    """

    id: int
    parent_id: int | None
    name: str
    depth: int
    path: str
    no_information: bool
    version: int


@dataclass(frozen=True, slots=True)
class Membership:
    """A group somebody is in, since when."""

    group_id: int
    path: str
    no_information: bool
    added_at: datetime


def tree() -> list[Node]:
    """All groups as they are displayed: each followed by its subgroups, by name."""
    return list(_walk(db.session.execute(TREE)))


def options() -> list[tuple[str, str]]:
    """All groups to choose from: id and path, in the order of the tree."""
    return [(str(node.id), node.path) for node in tree()]


def options_in_short() -> list[tuple[str, str]]:
    """The same where there is room for a line."""
    return [(group_id, rules.in_short(path)) for group_id, path in options()]


def group(group_id: int) -> Group:
    """A group; NotFound if there is none."""
    found = db.session.get(Group, group_id)
    if found is None:
        raise NotFound
    return found


def below(group_id: int) -> list[int]:
    """A group and everything below it, at any depth."""
    return list(db.session.scalars(BELOW, {"group_id": group_id}))


def has_subgroups(group_id: int) -> bool:
    return db.session.scalar(SUBGROUP, {"group_id": group_id}) is not None


def hindrance_to_delete(group_id: int) -> Any:
    """Why the group cannot be deleted, or None; customers in the trash count too."""
    silences = any(place.no_information for place in _memberships(PATH, {"group_id": group_id}))
    is_empty = db.session.scalar(ANY_MEMBER, {"group_id": group_id}) is None
    return rules.hindrance_to_delete(has_subgroups(group_id), silences and not is_empty)


def siblings(parent_id: int | None, except_for: int | None = None) -> list[str]:
    """The names below a group, or at the top."""
    others = select(GROUP.name).where(GROUP.parent_id.is_not_distinct_from(parent_id))
    return list(db.session.scalars(others.where(GROUP.id.is_distinct_from(except_for))))


def path_of(group_id: int | None) -> str:
    """Where a group lies; empty for none and for an unknown one."""
    found = list(_memberships(PATH, {"group_id": group_id}))
    return found[0].path if found else ""


def silent_group() -> int | None:
    """The first group whose customers get no information."""
    return db.session.scalar(SILENT_GROUP)


def known(group_ids: Iterable[int]) -> set[int]:
    """Those of these ids that are a group's."""
    return set(db.session.scalars(select(GROUP.id).where(GROUP.id.in_(set(group_ids)))))


def members_count(group_id: int) -> int:
    """How many customers are in the group itself, counted up to 1,001."""
    return db.session.scalar(MEMBERS_COUNT, {"group_id": group_id}) or 0


def outsiders(group_id: int, customer_ids: Iterable[int]) -> list[Any]:
    """Those of these customers who are not in the group: id, number, name."""
    return _of_group(OUTSIDERS, group_id, customer_ids)


def insiders(
    group_id: int, customer_ids: Iterable[int], added_at: datetime | None = None
) -> list[Any]:
    """Those of these customers who are in the group: id, number, name, added_at.

    With `added_at` only who came into it at this very instant.
    """
    then = () if added_at is None else (MEMBER.added_at == added_at,)
    return _of_group(INSIDERS.where(*then), group_id, customer_ids)


def members(group_id: int) -> list[Any]:
    """All customers of the group itself, those in the trash too: id, number, name."""
    return list(db.session.execute(ALL_MEMBERS, {"group_id": group_id}))


def counts() -> tuple[dict[int, int], dict[int, int]]:
    """Customers by group: in it, and with everybody below for groups that have subgroups.

    Each is counted up to 1,001; who is in several groups below one counts once.
    """
    direct, total = (db.session.execute(statement) for statement in (DIRECT, TOTAL))
    return {row[0]: row[1] for row in direct}, {row[0]: row[1] for row in total}


def latest(customer_id: int) -> list[Membership]:
    """The five groups that the customer came into last."""
    return list(_memberships(LATEST, {"customer_id": customer_id}))


def count(customer_id: int, shown: Sequence[Any] | None = None) -> int:
    """How many groups the customer is in; fewer than five `latest` ones are all."""
    return paging.total(COUNT, {"customer_id": customer_id}, shown)


def memberships(customer_id: int) -> list[Membership]:
    """All groups the customer is in, in the order of the tree."""
    since = joined(customer_id)
    return [
        Membership(node.id, node.path, node.no_information, since[node.id])
        for node in (tree() if since else ())
        if node.id in since
    ]


def joined(customer_id: int) -> dict[int, datetime]:
    """The groups the customer is in, with the moment they came into them."""
    rows = db.session.execute(MEMBERSHIPS, {"customer_id": customer_id})
    return {row.group_id: row.added_at for row in rows}


def names(customer_ids: Sequence[int]) -> dict[int, str]:
    """The names of their groups, for the customer list."""
    found: dict[int, list[str]] = defaultdict(list)
    for row in db.session.execute(NAMES, {"customer_ids": customer_ids}):
        found[row.customer_id].append(row.name)
    return {customer_id: ", ".join(some) for customer_id, some in found.items()}


def gets_no_information(customer_ids: Sequence[int]) -> set[int]:
    """Those who are in a group that gets no information, or in one below it."""
    return set(db.session.scalars(SILENT, {"customer_ids": customer_ids}))


def marks(customer_ids: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
    """The badge of those who get no information."""
    silent = gets_no_information(customer_ids)
    return {customer_id: [(_("gets no information"), "warn")] for customer_id in silent}


def change(change_id: int) -> GroupChange:
    """What was done to many customers at once; NotFound if it is not known (any more)."""
    found = db.session.get(GroupChange, change_id)
    if found is None:
        raise NotFound
    return found


def change_of(customer_id: int, change_id: int) -> GroupChange:
    """A change of this customer alone; NotFound for anybody else's."""
    found = change(change_id)
    if found.customer_ids != [customer_id]:
        raise NotFound
    return found


def _of_group(
    statement: Select[*tuple[Any, ...]], group_id: int, customer_ids: Iterable[int]
) -> list[Any]:
    asked = {"group_id": group_id, "customer_ids": list(customer_ids)}
    return list(db.session.execute(statement, asked))


def _walk(rows: Iterable[Any]) -> Iterator[Node]:
    """Depth first and without recursion, however deep the tree is."""
    children: dict[int | None, list[Any]] = defaultdict(list)
    for row in rows:
        children[row.parent_id].append(row)
    waiting: list[tuple[Any, tuple[str, ...], bool]] = []
    waiting += [(row, (), False) for row in reversed(children[None])]
    while waiting:
        row, above, silent = waiting.pop()
        names, silent = (*above, row.name), silent or row.no_information
        path = rules.path(names)
        yield Node(row.id, row.parent_id, row.name, len(above), path, silent, row.version)
        waiting += [(child, names, silent) for child in reversed(children[row.id])]


def _memberships(
    statement: Select[*tuple[Any, ...]], values: Mapping[str, Any]
) -> Iterator[Membership]:
    """Groups out of rows that lead from the top of the tree down to each of them."""
    rows = db.session.execute(statement, values)
    for group_id, way in groupby(rows, key=lambda row: row.group_id):
        line = list(way)
        path = rules.path([row.name for row in line])
        silent = any(row.no_information for row in line)
        yield Membership(group_id, path, silent, line[0].added_at)
