"""The list of a group: the same as leaving out everybody else, in any order, few or many."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
from sqlalchemy import event, update

from app.core.database import db, now
from app.domain.customers import queries, services
from app.domain.customers.models import Customer
from app.domain.groups import narrowing as groups_of_list
from app.domain.groups import queries as groups
from app.domain.groups.narrowing import narrowing
from app.domain.groups.services import add_members, create_group
from tests.factories import customer_values

pytestmark = pytest.mark.usefixtures("context")

TOWNS = ("Bonn", "Köln", "Ulm")
QUERIES = ("", "m", "meier", "bonn meier", "mei ul", "0176 12", "zzz")
SORTS = ("name", "-name", "town", "-town", "number", "-changed")


def create(name: str, parent_id: int | None = None) -> int:
    return create_group({"name": name, "parent_id": parent_id, "no_information": False})


def trash(customer_id: int) -> None:
    services.delete_customer(customer_id)
    db.session.flush()


def listed(typed: str, sort: str, wanted: queries.Narrowing | None, limit: int = 7) -> list[int]:
    """Everything that is found, "more" by "more"."""
    everything, after = [], None
    while True:
        page = queries.find(typed, sort, after=after, limit=limit, narrowing=wanted)
        everything += [row.id for row in page.rows]
        after = page.after
        if after is None:
            return everything


@pytest.fixture
def crowd(context: None) -> list[int]:
    """Thirty people in three towns, whose names repeat."""
    return [
        services.create_customer(
            customer_values(last_name=f"Meier {n % 7}", town=TOWNS[n % 3], emails=[])
        )
        for n in range(30)
    ]


@pytest.fixture
def courses(crowd: list[int]) -> dict[str, int]:
    """Courses with two below them, one of which has one itself, and an empty group."""
    top = create("Kurse")
    tango, salsa = create("Tango", top), create("Salsa", top)
    deep, empty = create("Montag", salsa), create("Leer")
    for group_id, members in (
        (top, crowd[:3]),
        (tango, crowd[2:12]),
        (salsa, crowd[8:14]),
        (deep, crowd[20:]),
    ):
        add_members(group_id, members)
    return {"top": top, "tango": tango, "salsa": salsa, "deep": deep, "empty": empty}


@pytest.fixture(params=["few", "many"])
def size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to the same list, whatever the size of the groups."""
    if request.param == "many":
        for module in (queries, groups_of_list):
            monkeypatch.setattr(module, "FEW", 0)
    return request.param


@pytest.fixture
def plans() -> Iterator[Callable[[], list[list[tuple[int, int, str]]]]]:
    """How SQLite goes about the statements sent meanwhile."""
    sent: list[Any] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        if statement.startswith("SELECT"):
            sent.append((statement, values))

    def explained() -> list[list[tuple[int, int, str]]]:
        event.remove(db.engine, "before_cursor_execute", note)
        connection = db.session.connection()
        return [
            [(r[0], r[1], r[3]) for r in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {s}", v)]
            for s, v in sent
        ]

    event.listen(db.engine, "before_cursor_execute", note)
    yield explained
    if event.contains(db.engine, "before_cursor_execute", note):
        event.remove(db.engine, "before_cursor_execute", note)


def steps(plan: list[tuple[int, int, str]], part: str = "f") -> list[str]:
    """What a plan does for one of its parts."""
    inside = {row[0] for row in plan if row[2] in (f"MATERIALIZE {part}", f"CO-ROUTINE {part}")}
    found = []
    for number, parent, detail in plan:
        if parent in inside:
            inside.add(number)
            found.append(detail)
    return found


class TestSameAsLeavingOut:
    def test_every_query_in_every_order(self, courses: dict[str, int], size: str):
        for typed, sort in product(QUERIES, SORTS):
            everybody = listed(typed, sort, None)
            for group_id, below in product(courses.values(), (False, True)):
                ids = groups.below(group_id) if below else [group_id]
                members = {m.id for one in ids for m in groups.members(one)}
                expected = [customer_id for customer_id in everybody if customer_id in members]
                wanted = narrowing(group_id, below=below)
                assert listed(typed, sort, wanted) == expected, (typed, sort, group_id, below)
                assert queries.find(typed, sort, narrowing=wanted, limit=3).total == len(expected)

    def test_all_of_them_by_name(self, courses: dict[str, int], size: str):
        for typed in QUERIES:
            for wanted in (None, *(narrowing(one, below=True) for one in courses.values())):
                assert queries.found_ids(typed, wanted, 100) == listed(typed, "name", wanted)
        assert len(queries.found_ids("", narrowing(courses["deep"], below=False), 4)) == 4

    def test_somebody_in_two_groups_below_stands_there_once(
        self, courses: dict[str, int], crowd: list[int], size: str
    ):
        found = listed("", "number", narrowing(courses["top"], below=True))
        assert found == [*crowd[:14], *crowd[20:]]

    def test_a_group_that_is_none_holds_nobody(self, crowd: list[int]):
        for group_id, below in product((0, 999, 2**62), (True, False)):
            wanted = narrowing(group_id, below=below)
            assert queries.find("", "name", narrowing=wanted).rows == []
            assert queries.find("meier", "town", narrowing=wanted).total == 0
            assert queries.found_ids("", wanted, 10) == []

    def test_the_count_is_bounded(
        self, courses: dict[str, int], size: str, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(queries, "COUNTED", 5)
        for typed in ("", "meier"):
            wanted = narrowing(courses["tango"], below=False)
            found = queries.find(typed, narrowing=wanted, limit=2)
            assert (found.total, found.more_than_counted) == (5, True)


class TestTrash:
    def test_nobody_of_it_is_shown(self, courses: dict[str, int], crowd: list[int], size: str):
        gone, tango = crowd[3], courses["tango"]
        trash(gone)
        for wanted in (None, narrowing(tango, below=False), narrowing(courses["top"], below=True)):
            for sort in SORTS:
                for typed in ("", "meier"):
                    shown = listed(typed, sort, wanted)
                    assert gone not in shown
                    total = queries.find(typed, sort, limit=1, narrowing=wanted).total
                    assert total == len(shown)
        assert gone not in queries.found_ids("", narrowing(tango, below=False), 100)
        assert queries.known_ids([gone, crowd[4]]) == [crowd[4]]

    def test_its_numbers_and_likenesses(self, crowd: list[int]):
        number = queries.header(crowd[3]).number
        assert queries.by_number(number).id == crowd[3]
        values = queries.editable(crowd[3]).values
        alike = {likeness.id for likeness in queries.look_alikes(values)}
        db.session.execute(update(Customer).where(Customer.id.in_(alike)).values(removed_at=now()))
        assert queries.by_number(number) is None
        assert alike
        assert not alike & {likeness.id for likeness in queries.look_alikes(values)}

    def test_an_empty_list_is_empty(self, crowd: list[int]):
        for customer_id in crowd:
            assert queries.any_customer()
            trash(customer_id)
        assert not queries.any_customer()
        assert queries.find("").total == 0


class TestPlans:
    """Nothing is sorted but few customers, and nobody is read who is not shown."""

    def test_everybody_is_walked_by_an_index(self, crowd: list[int], plans: Any):
        for sort in SORTS:
            queries.find("", sort, after=crowd[9], limit=3)
        listings = [plan for plan in plans() if steps(plan)]
        for sort, listing in zip(SORTS, listings, strict=True):
            self.assert_walked(listing, sort)

    def test_of_a_large_group_the_same(
        self, courses: dict[str, int], plans: Any, monkeypatch: pytest.MonkeyPatch
    ):
        for module in (queries, groups_of_list):
            monkeypatch.setattr(module, "FEW", 0)
        asked = list(product(SORTS, (False, True)))
        for sort, below in asked:
            wanted = narrowing(courses["top"], below=below)
            queries.find("", sort, narrowing=wanted, limit=2)
        listings = [plan for plan in plans() if steps(plan)]
        for (sort, _below), listing in zip(asked, listings, strict=True):
            self.assert_walked(listing, sort)
            assert any("group_member USING" in step for step in steps(listing))

    def assert_walked(self, listing: list[tuple[int, int, str]], sort: str) -> None:
        index = f"ix_customer_{queries.SORTS[sort.removeprefix('-')][0]}"
        assert f" c USING COVERING INDEX {index}" in steps(listing)[0]
        assert not [step for step in steps(listing) if "TEMP B-TREE" in step]

    def test_a_small_group_is_taken_one_by_one(self, courses: dict[str, int], plans: Any):
        for typed, sort in product(("", "me", "meier"), SORTS):
            queries.find(typed, sort, narrowing=narrowing(courses["tango"], below=False), limit=2)
        found = plans()
        assert [plan for plan in found if steps(plan)]
        for plan in found:
            details = [row[2] for row in plan]
            assert not [d for d in details if d.startswith(("SCAN c", "SCAN e", "SCAN search"))]
            assert not [d for d in details if "VIRTUAL TABLE" in d]

    def test_a_search_in_a_large_group_stops_at_the_limit(
        self, courses: dict[str, int], plans: Any, monkeypatch: pytest.MonkeyPatch
    ):
        for module in (queries, groups_of_list):
            monkeypatch.setattr(module, "FEW", 0)
        queries.find("meier", narrowing=narrowing(courses["tango"], below=False), limit=2)
        [listing] = [plan for plan in plans() if steps(plan)]
        assert steps(listing)[0].startswith("SCAN i VIRTUAL TABLE")
        assert not [step for step in steps(listing) if "TEMP B-TREE" in step]


def test_known_ids(crowd: list[int]):
    assert queries.known_ids([]) == []
    asked = [crowd[9], crowd[0], 999_999, crowd[0], 0, -1, 2**62]
    assert queries.known_ids(asked) == sorted(
        {crowd[0], crowd[9]}, key=listed("", "name", None).index
    )
