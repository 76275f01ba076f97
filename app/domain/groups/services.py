"""What happens to groups: created, changed, moved, deleted; customers come into them and leave."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, text, update
from werkzeug.exceptions import NotFound

from app.core import audit
from app.core.database import UTCDateTime, db, listed, now, table
from app.core.events import announce
from app.core.i18n import _l
from app.core.problems import Invalid, Problem, Refused
from app.domain.customers.services import touch, touch_all
from app.domain.groups import queries, rules
from app.domain.groups.models import Group, GroupChange, GroupMember
from app.domain.settings.queries import team

KEPT = timedelta(days=30)
"""How long a change of many customers can be undone."""

_member = table(GroupMember)
JOIN = text(
    "INSERT INTO group_member (group_id, customer_id, added_at)"
    " SELECT :group_id, value ->> 0, value ->> 1 FROM json_each(:rows)"
)
LEAVE = delete(_member).where(
    _member.c.group_id == bindparam("group_id"), _member.c.customer_id.in_(listed("customer_ids"))
)

SILENT_NAMES = {"de": "Keine Informationen", "en": "No information"}


def create_group(values: Mapping[str, Any]) -> int:
    """Create a group and return its id; `parent_id` None is the top.

    Raises Invalid for a name that does not hold there and for an unknown parent.
    """
    name, parent_id = values["name"], values["parent_id"]
    _check_parent(parent_id)
    _check_name(name, parent_id)
    group = Group(
        parent_id=parent_id,
        name=name,
        name_sort=rules.sort_key(name),
        no_information=values["no_information"],
        created_at=now(),
    )
    db.session.add(group)
    db.session.flush()
    _tell("created", group, audit.difference({}, _told(group)))
    return group.id


def change_group(group_id: int, values: Mapping[str, Any]) -> None:
    """Give a group another name or place, or tell whether its customers get information.

    Everything below it comes along. Raises Invalid if it would lie below itself, or beside another
    one of its name.
    """
    group = queries.group(group_id)
    name, parent_id = values["name"], values["parent_id"]
    _check_parent(parent_id)
    if problems := rules.check_place(parent_id, queries.below(group_id)):
        raise Invalid(problems)
    _check_name(name, parent_id, group_id)
    before = _told(group)
    group.name, group.name_sort, group.parent_id = name, rules.sort_key(name), parent_id
    group.no_information = values["no_information"]
    changes = audit.difference(before, _told(group))
    if changes:
        only_moved = [field for field, *_values in changes] == ["parent"]
        _tell("moved" if only_moved else "changed", group, changes)


def move_group(group_id: int, parent_id: int | None) -> int | None:
    """Put a group below another one, or to the top (None); returns below which one it was."""
    group = queries.group(group_id)
    former = group.parent_id
    values = {"name": group.name, "no_information": group.no_information}
    change_group(group_id, values | {"parent_id": parent_id})
    return former


def delete_group(group_id: int) -> None:
    """Delete a group for good; whoever is in it leaves it.

    Refused while it has subgroups, or customers who by it get no information.
    """
    group = queries.group(group_id)
    if reason := queries.hindrance_to_delete(group_id):
        raise Refused(reason)
    subject = _subject(group_id)
    members = queries.members(group_id)
    changes = audit.difference(_told(group), {}) + _lines("removed", members)
    db.session.execute(delete(GroupMember).where(GroupMember.group_id == group_id))
    _end_undoing(group_id)
    db.session.delete(group)
    db.session.flush()
    touch_all([row.id for row in members])
    audit.record("groups", "deleted", subject=subject, changes=changes)
    announce("group.changed", group_id=group_id)
    announce("marks.changed")


def add_members(group_id: int, customer_ids: Iterable[int]) -> int | None:
    """Put many customers into a group; who is in it already or in the trash is left out.

    Returns the change to undo, or None if nobody was concerned.
    """
    queries.group(group_id)
    moment = now()
    concerned = queries.outsiders(group_id, customer_ids)
    _join(group_id, {row.id: moment for row in concerned})
    return _keep("added", group_id, concerned, moment) if concerned else None


def remove_members(group_id: int, customer_ids: Iterable[int]) -> int | None:
    """Take many customers out of a group; who is not in it or in the trash is left out.

    Returns the change to undo, or None if nobody was concerned.
    """
    queries.group(group_id)
    concerned = queries.insiders(group_id, customer_ids)
    _leave(group_id, concerned)
    return _keep("removed", group_id, concerned, now()) if concerned else None


def leave_group(customer_id: int, group_id: int) -> int:
    """Take one customer out of a group and return the change to undo."""
    concerned = queries.insiders(group_id, [customer_id])
    if not concerned:
        raise NotFound
    _leave(group_id, concerned)
    return _keep("removed", group_id, concerned, now(), customer_id)


def undo_change(change_id: int) -> int:
    """Take back what was done to many customers; returns how many it still concerned.

    Who left the group or came into it meanwhile stays as they are. Refused the second time.
    """
    change = queries.change(change_id)
    if change.undone_at is not None:
        raise Refused(_l("This cannot be undone any more."))
    change.undone_at = now()
    undo = _undo_adding if change.action == "added" else _undo_removing
    concerned = undo(change)
    if concerned:
        alone = change.customer_ids[0] if len(change.customer_ids) == 1 else None
        _record("undone", change.group_id, concerned, alone)
    return len(concerned)


def set_groups(
    customer_id: int, group_ids: Iterable[int], shown: Iterable[int] | None = None
) -> bool:
    """Put a customer into exactly these groups; returns whether that made a difference.

    `shown` are the groups they were in when somebody began to choose: only what was ticked or
    cleared since then happens, so that two people may choose at the same time. Raises Invalid if
    there is an unknown one.
    """
    before = queries.joined(customer_id)
    ticked, cleared = rules.difference(group_ids, before if shown is None else shown)
    joining, leaving = ticked - before.keys(), cleared & before.keys()
    if not joining and not leaving:
        return False
    paths = {node.id: node.path for node in queries.tree()}
    if joining - paths.keys():
        message = _l("One of these groups is gone. Please look at them again.")
        raise Invalid([Problem("groups", "unknown", message)])
    moment = now()
    for group_id in joining:
        _join(group_id, {customer_id: moment})
    for group_id in leaving:
        _leave(group_id, queries.insiders(group_id, [customer_id]))
    after = (before.keys() | joining) - leaving
    was, now_in = ([path for i, path in paths.items() if i in some] for some in (before, after))
    changes = audit.difference({"groups": was}, {"groups": now_in})
    audit.record("groups", "assigned", customer_id=customer_id, changes=changes)
    touch(customer_id)
    _announce_members()
    return True


def stop_information(customer_id: int) -> int:
    """Put a customer into the first group that gets no information, and return its id.

    If there is none (any more), it is created in the team's language.
    """
    group_id = queries.silent_group()
    if group_id is None:
        name = rules.free_name(SILENT_NAMES[team().language], queries.siblings(None))
        group_id = create_group({"name": name, "parent_id": None, "no_information": True})
    concerned = queries.outsiders(group_id, [customer_id])
    if concerned:
        _join(group_id, {customer_id: now()})
        _record("added", group_id, concerned, customer_id)
    return group_id


def groups_named(names: Iterable[str]) -> dict[str, int]:
    """Groups by what a file calls them, by name or path, whichever letters are capitals.

    A name that several groups have is that of the highest one; missing ones are created at the top.
    Names that no group can have are left out.
    """
    known: dict[str, int] = {}
    nodes = queries.tree()
    for node in sorted(nodes, key=lambda node: node.depth):
        known.setdefault(node.name.casefold(), node.id)
    known |= {node.path.casefold(): node.id for node in nodes if node.depth}
    found: dict[str, int] = {}
    for name in names:
        if name.casefold() not in known:
            if rules.check_name(name, ()):
                continue
            new = {"name": name, "parent_id": None, "no_information": False}
            known[name.casefold()] = create_group(new)
        found[name] = known[name.casefold()]
    return found


def join_on_import(memberships: Iterable[tuple[int, int]]) -> None:
    """Put new customers into groups, as (customer_id, group_id); the import tells about it.

    Groups that were deleted meanwhile and memberships that exist are left out.
    """
    by_group: dict[int, list[int]] = defaultdict(list)
    for customer_id, group_id in memberships:
        by_group[group_id].append(customer_id)
    moment = now()
    for group_id in queries.known(by_group):
        outside = queries.outsiders(group_id, by_group[group_id])
        _join(group_id, {row.id: moment for row in outside})


def forget_customers(customer_ids: Sequence[int]) -> None:
    """Customers left for good, and with that their groups."""
    db.session.execute(delete(GroupMember).where(GroupMember.customer_id.in_(customer_ids)))


def _check_name(name: str, parent_id: int | None, group_id: int | None = None) -> None:
    siblings = queries.siblings(parent_id, except_for=group_id)
    if problems := rules.check_name(name, siblings):
        raise Invalid(problems)


def _check_parent(parent_id: int | None) -> None:
    if parent_id is not None and not queries.known([parent_id]):
        message = _l("This group is gone. Please choose another one.")
        raise Invalid([Problem("parent_id", "unknown", message)])


def _subject(group_id: int) -> str:
    """Where a group lies, as short as an entry is headed."""
    return rules.in_short(queries.path_of(group_id))


def _told(group: Group) -> dict[str, Any]:
    """A group as the trail keeps it."""
    return {
        "name": group.name,
        "parent": queries.path_of(group.parent_id),
        "no_information": group.no_information,
    }


def _tell(action: str, group: Group, changes: list[audit.Change]) -> None:
    db.session.flush()
    audit.record("groups", action, subject=_subject(group.id), changes=changes)
    announce("group.changed", group_id=group.id)
    announce("marks.changed")


def _join(group_id: int, moments: Mapping[int, datetime]) -> None:
    """Put customers into a group, each since a moment."""
    stored = {moment: UTCDateTime.stored(moment) for moment in set(moments.values())}
    rows = [(customer_id, stored[moment]) for customer_id, moment in moments.items()]
    db.session.execute(JOIN, {"group_id": group_id, "rows": json.dumps(rows)})


def _leave(group_id: int, rows: Sequence[Any]) -> None:
    leaving = {"group_id": group_id, "customer_ids": [row.id for row in rows]}
    db.session.execute(LEAVE, leaving)


def _keep(
    action: str, group_id: int, rows: Sequence[Any], at: datetime, alone: int | None = None
) -> int:
    """Tell what was done, and keep it for a while, so that it can be undone."""
    _record(action, group_id, rows, alone)
    change = GroupChange(
        group_id=group_id,
        action=action,
        customer_ids=[row.id for row in rows],
        since=[row.added_at.isoformat() for row in rows] if action == "removed" else [],
        at=at,
    )
    db.session.add(change)
    db.session.flush()
    db.session.execute(delete(GroupChange).where(GroupChange.at < now() - KEPT))
    return change.id


def _end_undoing(group_id: int) -> None:
    """What was done to a deleted group stays done."""
    of_it = update(GroupChange).where(GroupChange.group_id == group_id)
    db.session.execute(of_it.values(undone_at=now()))


def _record(action: str, group_id: int, rows: Sequence[Any], alone: int | None) -> None:
    """One entry for all, or one in the history of the only customer whom it was about."""
    subject = _subject(group_id)
    changes = [] if alone else _lines(action, rows)
    audit.record("groups", action, customer_id=alone, subject=subject, changes=changes)
    touch_all([row.id for row in rows])
    _announce_members()


def _lines(action: str, rows: Sequence[Any]) -> list[audit.Change]:
    """A line per customer: "10001 Tanja Müller", as it is known to those who read the trail."""
    names = [f"{row.number} {row.name}" for row in rows]
    if action == "removed":
        return [("customer", name, None) for name in names]
    return [("customer", None, name) for name in names]


def _announce_members() -> None:
    announce("group.members_changed")
    announce("marks.changed")


def _undo_adding(change: GroupChange) -> Sequence[Any]:
    """Who still is in the group since then leaves it."""
    rows = queries.insiders(change.group_id, change.customer_ids, added_at=change.at)
    _leave(change.group_id, rows)
    return rows


def _undo_removing(change: GroupChange) -> Sequence[Any]:
    """Who is not in the group comes back, since when they had been in it."""
    since = dict(zip(change.customer_ids, change.since, strict=True))
    rows = queries.outsiders(change.group_id, change.customer_ids)
    _join(change.group_id, {row.id: datetime.fromisoformat(since[row.id]) for row in rows})
    return rows
