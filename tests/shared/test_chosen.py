"""Whom a form of the list names."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from werkzeug.datastructures import MultiDict

from app.core.database import db
from app.core.problems import Invalid, Refused
from app.domain.customers.services import delete_customer
from app.domain.groups.services import add_members, create_group
from app.shared import chosen as module
from app.shared.chosen import Filter, chosen

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def three(make_customer: Callable[..., int], context: None) -> list[int]:
    return [make_customer(last_name=name) for name in ("Abel", "Berger", "Conrad")]


@pytest.fixture
def group_id(three: list[int]) -> int:
    group_id = create_group({"name": "Tango", "parent_id": None, "no_information": False})
    add_members(group_id, three[1:])
    db.session.commit()
    return group_id


def ids(*fields: tuple[str, object]) -> list[int]:
    return chosen(MultiDict([(name, str(value)) for name, value in fields])).ids


class TestTicked:
    def test_by_name_and_each_once(self, three: list[int]):
        a, _b, c = three
        assert ids(("customer", c), ("customer", a), ("customer", c)) == [a, c]

    def test_who_is_gone_is_left_out(self, three: list[int]):
        a, b, _c = three
        delete_customer(b)
        assert ids(("customer", a), ("customer", b), ("customer", 999)) == [a]

    @pytest.mark.parametrize("value", ["x", "-1", "", "1e3", "9" * 40, "²", "\0", "1 OR 1"])
    def test_what_is_no_id_is_nobody(self, three: list[int], value: str):
        assert ids(("customer", value), ("customer", three[0])) == [three[0]]

    @pytest.mark.parametrize("fields", [{}, {"customer": "999"}, {"all": ""}, {"found": "q=abel"}])
    def test_nobody_is_refused(self, three: list[int], fields: dict[str, str]):
        with pytest.raises(Invalid) as refusal:
            chosen(MultiDict(fields))
        assert [problem.code for problem in refusal.value.problems] == ["required"]


class TestAllFound:
    @pytest.mark.parametrize(
        ("found", "expected"),
        [
            ("", [0, 1, 2]),
            ("q=berger", [1]),
            ("sort=-name", [0, 1, 2]),
            ("group={group}", [1, 2]),
            ("q=abel&group={group}", []),
            ("q=con&group={group}&below=1", [2]),
            ("group=999", []),
            ("group=x", []),
            ("group=" + "9" * 30, []),
            ("q=%00&group=%FF", []),
        ],
    )
    def test_the_list_as_it_was_narrowed(
        self, three: list[int], group_id: int, found: str, expected: list[int]
    ):
        fields = [("all", 1), ("found", found.format(group=group_id))]
        if not expected:
            with pytest.raises(Invalid):
                ids(*fields)
        else:
            assert ids(*fields, ("customer", three[0])) == [three[n] for n in expected]

    def test_not_more_than_can_be_taken(self, three: list[int], monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(module, "MOST", 3)
        assert ids(("all", 1)) == three
        monkeypatch.setattr(module, "MOST", 2)
        with pytest.raises(Refused):
            ids(("all", 1))


@pytest.mark.parametrize(
    "fields",
    [
        [("customer", "1"), ("customer", "3"), ("found", "q=x")],
        [("all", "1"), ("found", "q=t&group=1&below=1")],
    ],
)
def test_the_next_step_names_the_same(three: list[int], fields: list[tuple[str, str]]):
    add_members(1, three)
    choice = chosen(MultiDict(fields))
    assert chosen(MultiDict(choice.fields)) == choice
    assert choice.ids


@pytest.mark.parametrize(
    ("arguments", "kept"),
    [
        ({}, {}),
        ({"q": "mü", "group": "", "below": "1"}, {"q": "mü"}),
        ({"group": "5"}, {"group": 5}),
        ({"group": "5", "below": "1", "rows": "50"}, {"group": 5, "below": 1}),
        ({"group": "x"}, {"group": 0}),
    ],
)
def test_an_address_keeps_what_narrows(arguments: dict[str, str], kept: dict[str, object]):
    assert Filter.of(arguments).arguments() == kept
