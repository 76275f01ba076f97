"""Groups: their tree, what happens to it, who is in them and who gets no information."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from flask import Flask, g
from sqlalchemy import func, insert, select, update
from werkzeug.exceptions import NotFound

from app.core.audit import AuditEntry
from app.core.database import db, now
from app.core.i18n import _
from app.core.problems import Invalid, Refused
from app.domain.customers import queries as customers
from app.domain.customers.models import Customer
from app.domain.customers.services import delete_customer, erase_customers
from app.domain.groups import queries, rules, services
from app.domain.groups.models import Group, GroupChange, GroupMember
from tests.factories import groups_in_a_chain

pytestmark = pytest.mark.usefixtures("context")

SILENT = 1
"""The group that a fresh database has."""


def create(name: str, parent_id: int | None = None, silent: bool = False) -> int:
    values = {"name": name, "parent_id": parent_id, "no_information": silent}
    return services.create_group(values)


def chain(depth: int) -> list[int]:
    """Groups each below the one before."""
    ids: list[int] = []
    for number in range(depth):
        ids.append(create(f"Ebene {number}", ids[-1] if ids else None))
    return ids


def entry() -> AuditEntry:
    """The newest entry of the audit trail."""
    newest = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)
    return db.session.scalars(newest).one()


def entries() -> int:
    return db.session.scalar(select(func.count(AuditEntry.id))) or 0


def codes(refusal: pytest.ExceptionInfo[Invalid]) -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in refusal.value.problems]


def inside(group_id: int) -> list[int]:
    members = select(GroupMember.customer_id).where(GroupMember.group_id == group_id)
    return sorted(db.session.scalars(members))


def crowd(size: int) -> list[int]:
    """So many customers, as plain rows."""
    moment = now()
    rows = [
        {
            "number": f"C{n}",
            "number_sort": f"c{n}",
            "kind": "person",
            "name": f"Person {n}",
            "list_name": f"Person {n}",
            "name_sort": f"person {n}",
            "company_sort": "",
            "town_sort": "",
            "created_at": moment,
            "changed_at": moment,
        }
        for n in range(size)
    ]
    db.session.bulk_insert_mappings(Customer, rows)  # type: ignore[arg-type]
    return list(db.session.scalars(select(Customer.id).where(Customer.number.like("C%"))))


def trash(customer_id: int) -> None:
    away = update(Customer).where(Customer.id == customer_id).values(removed_at=now())
    db.session.execute(away)


@pytest.fixture
def customer_id(make_customer: Callable[..., int]) -> int:
    return make_customer()


@pytest.fixture
def other_id(make_customer: Callable[..., int]) -> int:
    return make_customer(last_name="Berger")


class TestTree:
    def test_a_fresh_database_has_the_group_that_gets_no_information(self):
        [node] = queries.tree()
        assert (node.id, node.name, node.no_information) == (SILENT, "Keine Informationen", True)

    def test_each_is_followed_by_its_subgroups_by_name(self):
        courses = create("Kurse")
        create("Zumba", courses)
        tango = create("Tango", courses)
        create("Anfänger", tango)
        create("Ärzte")
        shown = [(node.depth, node.path) for node in queries.tree()]
        assert shown == [
            (0, "Ärzte"),
            (0, "Keine Informationen"),
            (0, "Kurse"),
            (1, "Kurse › Tango"),
            (2, "Kurse › Tango › Anfänger"),
            (1, "Kurse › Zumba"),
        ]
        assert queries.options()[3] == (str(tango), "Kurse › Tango")
        assert queries.path_of(tango) == "Kurse › Tango"
        assert queries.path_of(None) == queries.path_of(999) == ""

    def test_numbers_sort_by_value(self):
        for name in ("Kurs 10", "Kurs 9", "kurs 1", "Äpfel", "42"):
            create(name)
        shown = [node.name for node in queries.tree()]
        assert shown == ["42", "Äpfel", "Keine Informationen", "kurs 1", "Kurs 9", "Kurs 10"]

    def test_one_query_however_deep(self, count_queries: Callable[[], Any]):
        db.session.execute(insert(Group), rows := groups_in_a_chain(500))
        ids = [row["id"] for row in rows]
        with count_queries() as sent:
            nodes = queries.tree()
        assert len(sent) == 1
        assert max(node.depth for node in nodes) == 499
        assert max(len(rules.in_short(node.path)) for node in nodes) < 100
        assert sorted(queries.below(ids[200])) == ids[200:]

    def test_a_group_above_that_gets_no_information_counts(self):
        deceased = create("Verstorben", SILENT)
        create("Kurse")
        silent = {node.name for node in queries.tree() if node.no_information}
        assert silent == {"Keine Informationen", "Verstorben"}
        services.move_group(deceased, None)
        assert {n.name for n in queries.tree() if n.no_information} == {"Keine Informationen"}

    @pytest.mark.parametrize(
        ("names", "path"),
        [
            (["A"], "A"),
            (["A", "B"], "A › B"),
            (list("ABCDEF"), "A › B › C › D › E › F"),
            (list("ABCDEFG"), "A › B › … › E › F › G"),
        ],
    )
    def test_long_paths_are_shortened_to_be_read(self, names: list[str], path: str):
        assert rules.path(names) == " › ".join(names)
        assert rules.in_short(rules.path(names)) == path

    def test_deep_ones_are_told_apart(self, customer_id: int):
        ids = chain(5)
        places = [create("Blatt", create("Zweig", create(f"Ast {n}", ids[-1]))) for n in "12"]
        one, two = (create("Ende", place) for place in places)
        paths = [queries.path_of(group_id) for group_id in (one, two)]
        assert rules.in_short(paths[0]) == rules.in_short(paths[1])
        far = create("x" * 100, one)
        paths.append(queries.path_of(far))
        assert services.groups_named(paths) == dict(zip(paths, (one, two, far), strict=True))
        services.set_groups(customer_id, [one])
        services.set_groups(customer_id, [two])
        assert entry().changes == [["groups", paths[:1], paths[1:2]]]
        services.move_group(create("Neu", places[0]), places[1])
        assert entry().changes == [["parent", *map(queries.path_of, places)]]


class TestCreating:
    def test_it_is_there_and_told(self):
        courses = create("Kurse")
        group_id = create("Tango", courses, silent=True)
        group = queries.group(group_id)
        assert (group.name, group.name_sort, group.parent_id) == ("Tango", "tango", courses)
        assert group.no_information
        told = entry()
        assert (told.area, told.action, told.customer_id) == ("groups", "created", None)
        assert told.subject == "Kurse › Tango"
        assert told.changes == [
            ["name", None, "Tango"],
            ["parent", None, "Kurse"],
            ["no_information", None, True],
        ]
        assert {"group.changed", "marks.changed"} <= g.announced

    @pytest.mark.parametrize(
        ("name", "code"),
        [
            ("", "required"),
            ("x" * 101, "too_long"),
            ("keine informationen", "taken"),
            ("KEINE INFORMATIONEN", "taken"),
        ],
    )
    def test_bad_names(self, name: str, code: str, changes_nothing: Callable[[], Any]):
        with changes_nothing(), pytest.raises(Invalid) as refusal:
            create(name)
        assert codes(refusal) == [("name", code)]

    def test_the_same_name_elsewhere_is_no_clash(self):
        create("Keine Informationen", SILENT)
        create("x" * 100)
        create("Straße")
        with pytest.raises(Invalid):
            create("STRASSE")

    def test_below_nothing(self, changes_nothing: Callable[[], Any]):
        with changes_nothing(), pytest.raises(Invalid) as refusal:
            create("Tango", 999)
        assert codes(refusal) == [("parent_id", "unknown")]


class TestChanging:
    def test_it_is_changed_and_told(self):
        group_id = create("Tanzen")
        g.announced.clear()
        services.change_group(
            group_id, {"name": "Ärzte", "parent_id": None, "no_information": True}
        )
        group = db.session.get_one(Group, group_id, populate_existing=True)
        assert (group.name, group.name_sort, group.version) == ("Ärzte", "arzte", 2)
        assert entry().changes == [["name", "Tanzen", "Ärzte"], ["no_information", False, True]]
        assert {"group.changed", "marks.changed"} <= g.announced

    def test_its_own_name_in_other_letters_is_free(self):
        group_id = create("tanzen")
        services.change_group(
            group_id, {"name": "Tanzen", "parent_id": None, "no_information": False}
        )
        assert queries.group(group_id).name == "Tanzen"

    def test_the_same_again_changes_nothing(self, changes_nothing: Callable[[], Any]):
        with changes_nothing():
            values = {"name": "Keine Informationen", "parent_id": None, "no_information": True}
            services.change_group(SILENT, values)
            db.session.commit()

    def test_name_and_place_at_once(self):
        group_id = create("keine Informationen", create("Kurse"))
        services.change_group(group_id, {"name": "VIP", "parent_id": None, "no_information": False})
        assert queries.path_of(group_id) == "VIP"
        told = entry()
        assert (told.action, [field for field, *_ in told.changes]) == (
            "changed",
            ["name", "parent"],
        )

    def test_bad_input(self):
        group_id = create("Tanzen")
        for name in ("", "x" * 101, "keine Informationen"):
            with pytest.raises(Invalid):
                services.change_group(
                    group_id, {"name": name, "parent_id": None, "no_information": False}
                )
        assert queries.group(group_id).name == "Tanzen"
        with pytest.raises(NotFound):
            services.change_group(999, {"name": "x", "parent_id": None, "no_information": False})


class TestMoving:
    def test_with_everything_below(self):
        courses, tango = create("Kurse"), create("Tango")
        deep = create("Anfänger", tango)
        services.move_group(tango, courses)
        assert queries.path_of(deep) == "Kurse › Tango › Anfänger"
        assert (entry().action, entry().subject) == ("moved", "Kurse › Tango")
        assert entry().changes == [["parent", "", "Kurse"]]
        assert services.move_group(tango, None) == courses
        assert queries.path_of(deep) == "Tango › Anfänger"

    def test_to_where_it_is(self, changes_nothing: Callable[[], Any]):
        with changes_nothing():
            services.move_group(SILENT, None)
            db.session.commit()

    @pytest.mark.parametrize("target", [0, 1, 49])
    def test_no_circle(self, target: int):
        ids = chain(50)
        with pytest.raises(Invalid) as refusal:
            services.move_group(ids[0], ids[target])
        assert codes(refusal) == [("parent_id", "circle")]
        services.move_group(ids[49], ids[0])
        assert len(queries.tree()) == 51

    def test_beside_one_of_its_name(self):
        group_id = create("keine informationen", create("Kurse"))
        with pytest.raises(Invalid) as refusal:
            services.move_group(group_id, None)
        assert codes(refusal) == [("name", "taken")]

    def test_below_nothing(self):
        with pytest.raises(Invalid) as refusal:
            services.move_group(SILENT, 999)
        assert codes(refusal) == [("parent_id", "unknown")]


class TestDeleting:
    def test_who_is_in_it_leaves_it(self, customer_id: int, other_id: int):
        group_id = create("Tango", create("Kurse"))
        services.add_members(group_id, [customer_id, other_id])
        changed = db.session.get_one(Customer, customer_id, populate_existing=True).changed_at
        services.delete_group(group_id)
        assert inside(group_id) == []
        with pytest.raises(NotFound):
            queries.group(group_id)
        told = entry()
        assert (told.action, told.subject, told.customer_id) == ("deleted", "Kurse › Tango", None)
        assert told.changes[2:] == [
            ["customer", "10001 Tanja Müller", None],
            ["customer", "10002 Tanja Berger", None],
        ]
        fresh = db.session.get_one(Customer, customer_id, populate_existing=True)
        assert fresh.changed_at > changed

    def test_refused_with_subgroups(self, changes_nothing: Callable[[], Any]):
        courses = create("Kurse")
        create("Tango", courses)
        db.session.commit()
        with changes_nothing(), pytest.raises(Refused):
            services.delete_group(courses)

    @pytest.mark.parametrize("place", ["itself", "below"])
    def test_refused_while_somebody_gets_no_information_by_it(
        self, place: str, customer_id: int, changes_nothing: Callable[[], Any]
    ):
        group_id = SILENT if place == "itself" else create("Verstorben", SILENT)
        change_id = services.add_members(group_id, [customer_id])
        assert change_id is not None
        db.session.commit()
        with changes_nothing(), pytest.raises(Refused):
            services.delete_group(group_id)
        services.undo_change(change_id)
        services.delete_group(group_id)
        with pytest.raises(NotFound):
            queries.group(group_id)

    def test_refused_for_those_in_the_trash_too_until_the_mark_is_off(self, customer_id: int):
        services.add_members(SILENT, [customer_id])
        delete_customer(customer_id)
        with pytest.raises(Refused):
            services.delete_group(SILENT)
        name = queries.group(SILENT).name
        services.change_group(SILENT, {"name": name, "parent_id": None, "no_information": False})
        services.delete_group(SILENT)

    def test_what_was_done_to_it_cannot_be_undone_any_more(self, customer_id: int):
        group_id = create("Tango")
        services.add_members(group_id, [customer_id])
        change_id = services.remove_members(group_id, [customer_id])
        services.delete_group(group_id)
        assert change_id is not None
        with pytest.raises(Refused):
            services.undo_change(change_id)


class TestManyMembers:
    def test_only_those_for_whom_it_makes_a_difference(self, customer_id: int, other_id: int):
        group_id = create("VIP")
        services.add_members(group_id, [customer_id])
        g.announced.clear()
        change_id = services.add_members(group_id, [other_id, customer_id, other_id, 999])
        assert change_id is not None
        assert queries.change(change_id).customer_ids == [other_id]
        assert inside(group_id) == [customer_id, other_id]
        told = entry()
        assert (told.action, told.subject, told.customer_id) == ("added", "VIP", None)
        assert told.changes == [["customer", None, "10002 Tanja Berger"]]
        assert {"group.members_changed", "marks.changed"} <= g.announced

    def test_nobody_is_concerned(self, customer_id: int):
        group_id = create("VIP")
        services.add_members(group_id, [customer_id])
        before = entries()
        assert services.add_members(group_id, [customer_id, 999]) is None
        assert services.add_members(group_id, []) is None
        assert services.remove_members(SILENT, [customer_id]) is None
        assert entries() == before

    def test_removing(self, customer_id: int, other_id: int):
        group_id = create("VIP")
        services.add_members(group_id, [customer_id])
        assert services.remove_members(group_id, [customer_id, other_id])
        assert inside(group_id) == []
        assert entry().changes == [["customer", "10001 Tanja Müller", None]]

    def test_no_such_group(self, customer_id: int):
        for verb in (services.add_members, services.remove_members):
            with pytest.raises(NotFound):
                verb(999, [customer_id])

    def test_nobody_in_the_trash(self, customer_id: int):
        services.add_members(SILENT, [customer_id])
        trash(customer_id)
        assert services.remove_members(SILENT, [customer_id]) is None
        assert services.add_members(create("VIP"), [customer_id]) is None
        assert queries.members_count(SILENT) == 0

    def test_customers_have_changed(self, customer_id: int, other_id: int):
        moments = dict(db.session.execute(select(Customer.id, Customer.changed_at)).all())
        services.add_members(SILENT, [customer_id])
        changed = dict(db.session.execute(select(Customer.id, Customer.changed_at)).all())
        assert changed[customer_id] > moments[customer_id]
        assert changed[other_id] == moments[other_id]

    def test_as_many_as_there_are_in_a_handful_of_statements(
        self, count_queries: Callable[[], Any]
    ):
        ids = crowd(5000)
        with count_queries() as sent:
            added = services.add_members(SILENT, ids)
        assert len(sent) < 12
        assert len(entry().changes) == 5000
        assert added is not None
        with count_queries() as sent:
            assert services.undo_change(added) == 5000
        assert len(sent) < 12
        services.add_members(SILENT, ids)
        removed = services.remove_members(SILENT, ids)
        assert removed is not None
        with count_queries() as sent:
            assert services.undo_change(removed) == 5000
        assert len(sent) < 12
        assert inside(SILENT) == sorted(ids)


class TestUndoing:
    def test_adding(self, customer_id: int, other_id: int):
        services.add_members(SILENT, [customer_id])
        change_id = services.add_members(SILENT, [customer_id, other_id])
        assert change_id is not None
        assert services.undo_change(change_id) == 1
        assert inside(SILENT) == [customer_id]
        assert (entry().action, entry().subject) == ("undone", "Keine Informationen")

    def test_removing_brings_them_back_since_when_they_were_in(self, customer_id: int):
        services.add_members(SILENT, [customer_id])
        since = queries.joined(customer_id)
        change_id = services.remove_members(SILENT, [customer_id])
        assert change_id is not None
        assert services.undo_change(change_id) == 1
        assert queries.joined(customer_id) == since

    def test_not_twice(self, customer_id: int):
        change_id = services.add_members(SILENT, [customer_id])
        assert change_id is not None
        services.undo_change(change_id)
        with pytest.raises(Refused):
            services.undo_change(change_id)

    def test_who_was_changed_otherwise_meanwhile_stays(self, customer_id: int, other_id: int):
        added = services.add_members(SILENT, [customer_id, other_id])
        services.remove_members(SILENT, [customer_id])
        services.add_members(SILENT, [customer_id])
        assert added is not None
        assert services.undo_change(added) == 1
        assert inside(SILENT) == [customer_id]
        removed = services.remove_members(SILENT, [customer_id])
        services.add_members(SILENT, [customer_id])
        assert removed is not None
        assert services.undo_change(removed) == 0

    def test_nobody_who_left_for_good(self, customer_id: int):
        services.add_members(SILENT, [customer_id])
        change_id = services.remove_members(SILENT, [customer_id])
        erase_customers([customer_id])
        assert change_id is not None
        assert services.undo_change(change_id) == 0
        assert inside(SILENT) == []

    def test_nobody_who_is_in_the_trash_by_now(self, customer_id: int, other_id: int):
        added = services.add_members(SILENT, [customer_id, other_id])
        trash(customer_id)
        assert added is not None
        assert services.undo_change(added) == 1
        assert inside(SILENT) == [customer_id]
        services.add_members(SILENT, [other_id])
        removed = services.remove_members(SILENT, [other_id])
        trash(other_id)
        assert removed is not None
        assert services.undo_change(removed) == 0

    def test_old_changes_are_forgotten(self, customer_id: int):
        change_id = services.add_members(SILENT, [customer_id])
        old = now() - services.KEPT - timedelta(days=1)
        db.session.execute(update(GroupChange).values(at=old))
        services.remove_members(SILENT, [customer_id])
        assert change_id is not None
        db.session.expire_all()
        with pytest.raises(NotFound):
            services.undo_change(change_id)


class TestGroupsOfACustomer:
    def test_set_and_told(self, customer_id: int):
        courses = create("Kurse")
        tango = create("Tango", courses)
        services.add_members(SILENT, [customer_id])
        g.announced.clear()
        services.set_groups(customer_id, [tango, courses])
        assert set(queries.joined(customer_id)) == {courses, tango}
        told = entry()
        assert (told.area, told.action, told.customer_id) == ("groups", "assigned", customer_id)
        assert told.changes == [["groups", ["Keine Informationen"], ["Kurse", "Kurse › Tango"]]]
        assert {"group.members_changed", "marks.changed"} <= g.announced

    def test_what_stays_keeps_since_when(self, customer_id: int):
        services.set_groups(customer_id, [SILENT])
        since = queries.joined(customer_id)[SILENT]
        services.set_groups(customer_id, [SILENT, create("VIP")])
        assert queries.joined(customer_id)[SILENT] == since

    def test_nothing_new_is_nothing(self, customer_id: int):
        services.set_groups(customer_id, [SILENT])
        before = entries()
        services.set_groups(customer_id, [SILENT])
        assert entries() == before

    def test_an_unknown_one(self, customer_id: int, changes_nothing: Callable[[], Any]):
        with changes_nothing(), pytest.raises(Invalid) as refusal:
            services.set_groups(customer_id, [SILENT, 999])
        assert codes(refusal) == [("groups", "unknown")]

    def test_two_choose_at_the_same_time(self, customer_id: int):
        old, mine, hers = create("Alt"), create("Meine"), create("Ihre")
        services.set_groups(customer_id, [old])
        services.set_groups(customer_id, [hers], shown=[old])
        services.set_groups(customer_id, [old, mine], shown=[old])
        assert set(queries.joined(customer_id)) == {hers, mine}

    def test_leaving_one_and_coming_back(self, customer_id: int, other_id: int):
        services.set_groups(customer_id, [SILENT])
        since = queries.joined(customer_id)
        change_id = services.leave_group(customer_id, SILENT)
        told = entry()
        assert (told.action, told.customer_id, told.changes) == ("removed", customer_id, [])
        assert queries.joined(customer_id) == {}
        with pytest.raises(NotFound):
            services.leave_group(customer_id, SILENT)
        with pytest.raises(NotFound):
            queries.change_of(other_id, change_id)
        services.undo_change(queries.change_of(customer_id, change_id).id)
        assert queries.joined(customer_id) == since
        assert (entry().action, entry().customer_id) == ("undone", customer_id)

    def test_the_latest_five_with_their_paths(
        self, customer_id: int, count_queries: Callable[[], Any]
    ):
        ids = chain(8)
        for group_id in ids:
            services.set_groups(customer_id, [*queries.joined(customer_id), group_id])
        with count_queries() as sent:
            found = queries.latest(customer_id)
        assert len(sent) == 1
        assert [row.group_id for row in found] == ids[:2:-1]
        assert found[-1].path == "Ebene 0 › Ebene 1 › Ebene 2 › Ebene 3"
        assert found[0].added_at == queries.joined(customer_id)[ids[-1]]
        assert queries.count(customer_id, found) == 8
        assert [row.group_id for row in queries.memberships(customer_id)] == ids

    def test_names_for_the_list(self, customer_id: int, other_id: int):
        services.set_groups(customer_id, [create("Zumba"), create("Ärzte", SILENT)])
        assert queries.names([customer_id, other_id]) == {customer_id: "Ärzte, Zumba"}


class TestNoInformation:
    def test_who_is_in_such_a_group_or_below_it(self, customer_id: int, other_id: int):
        services.set_groups(customer_id, [create("Verstorben", create("Ruhend", SILENT))])
        services.set_groups(other_id, [create("VIP")])
        both = [customer_id, other_id]
        assert queries.gets_no_information(both) == {customer_id}
        assert customers.marks(both) == {
            customer_id: [(_("gets no information"), "warn")],
            other_id: [],
        }

    def test_stopping(self, customer_id: int):
        assert services.stop_information(customer_id) == SILENT
        assert inside(SILENT) == [customer_id]
        assert (entry().action, entry().customer_id) == ("added", customer_id)
        before = entries()
        assert services.stop_information(customer_id) == SILENT
        assert entries() == before

    def test_stopping_without_such_a_group(self, customer_id: int):
        services.change_group(
            SILENT, {"name": "Keine Informationen", "parent_id": None, "no_information": False}
        )
        group_id = services.stop_information(customer_id)
        assert queries.group(group_id).name == "Keine Informationen 2"
        assert queries.gets_no_information([customer_id]) == {customer_id}


class TestImporting:
    def test_groups_by_name(self):
        courses = create("Kurse")
        tango = create("Tango", courses)
        deep = create("VIP", tango)
        vip = create("vip")
        found = services.groups_named(
            ["TANGO", "Kurse › Tango", "Neu", "neu", "VIP", "", "x" * 101]
        )
        assert found == {
            "TANGO": tango,
            "Kurse › Tango": tango,
            "Neu": found["Neu"],
            "neu": found["Neu"],
            "VIP": vip,
        }
        assert deep not in found.values()
        assert queries.group(found["Neu"]).parent_id is None

    def test_plainly_and_only_once(self, customer_id: int, other_id: int):
        vip = create("VIP")
        services.set_groups(customer_id, [vip])
        since, before = queries.joined(customer_id), entries()
        pairs = [(customer_id, vip), (other_id, vip), (other_id, vip), (other_id, SILENT)]
        services.join_on_import([*pairs, (other_id, 999)])
        assert queries.joined(customer_id) == since
        assert set(queries.joined(other_id)) == {vip, SILENT}
        assert entries() == before


class TestCounting:
    def test_direct_and_with_subgroups(self, customer_id: int, other_id: int):
        courses = create("Kurse")
        tango, zumba = create("Tango", courses), create("Zumba", courses)
        services.set_groups(customer_id, [tango, zumba, courses])
        services.set_groups(other_id, [zumba])
        direct, total = queries.counts()
        assert direct == {SILENT: 0, courses: 1, tango: 1, zumba: 2}
        assert total == {courses: 2}
        trash(customer_id)
        direct, total = queries.counts()
        assert (direct[tango], direct[zumba], total[courses]) == (0, 1, 1)
        assert queries.members_count(zumba) == 1

    def test_up_to_a_bound_in_two_queries(self, count_queries: Callable[[], Any]):
        services.add_members(create("Viele", SILENT), crowd(1200))
        with count_queries() as sent:
            direct, total = queries.counts()
        assert len(sent) == 2
        assert (max(direct.values()), total) == (1001, {SILENT: 1001})


class TestTogether:
    """What two people do at the same time."""

    def at_once(self, app: Flask, verbs: Sequence[Callable[[], Any]]) -> list[Exception]:
        failed: list[Exception] = []

        def run(verb: Callable[[], Any]) -> None:
            with app.app_context():
                try:
                    verb()
                    db.session.commit()
                except Exception as error:
                    db.session.rollback()
                    failed.append(error)

        threads = [Thread(target=run, args=(verb,)) for verb in verbs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return failed

    def test_two_moves_make_no_circle(self, app: Flask):
        for turn in range(5):
            one, two = create(f"Eins {turn}"), create(f"Zwei {turn}")
            db.session.commit()
            failed = self.at_once(
                app,
                [
                    lambda one=one, two=two: services.move_group(one, two),
                    lambda one=one, two=two: services.move_group(two, one),
                ],
            )
            assert [type(error) for error in failed] == [Invalid]
            db.session.rollback()
            db.session.expire_all()
            assert {one, two} <= {node.id for node in queries.tree()}
            db.session.rollback()

    def test_two_create_the_same_name(self, app: Flask):
        db.session.rollback()
        failed = self.at_once(app, [lambda: create("Tango")] * 4)
        assert [type(error) for error in failed] == [Invalid] * 3
        assert [node.name for node in queries.tree()].count("Tango") == 1

    def test_deleting_while_somebody_joins(self, app: Flask, customer_id: int):
        group_id = create("Tango")
        db.session.commit()
        self.at_once(
            app,
            [
                lambda: services.delete_group(group_id),
                lambda: services.add_members(group_id, [customer_id]),
            ],
        )
        assert inside(group_id) == []
