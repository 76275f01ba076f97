"""Comments: what must hold, what happens, what is found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import g
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from app.core import paging
from app.core.audit import AuditEntry
from app.core.database import db
from app.core.problems import Invalid
from app.domain.comments import queries, rules, services
from app.domain.comments.models import Comment
from app.domain.customers.models import Customer

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def customer_id(make_customer: Callable[..., int]) -> int:
    return make_customer()


@pytest.fixture
def other_id(make_customer: Callable[..., int]) -> int:
    return make_customer(last_name="Berger")


@pytest.fixture
def write(customer_id: int, context: None) -> Callable[[str], int]:
    """Write a comment; what that announced is forgotten."""

    def writing(body: str, pinned: bool = False) -> int:
        comment_id = services.write_comment(customer_id, {"body": body, "pinned": pinned})
        g.announced.clear()
        return comment_id

    return writing


def stored(comment_id: int) -> Comment:
    return db.session.get_one(Comment, comment_id, populate_existing=True)


def told(customer_id: int) -> tuple[str, list[Any]]:
    """Action and changes of the newest entry of the audit trail."""
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
    assert (entry.customer_id, entry.area) == (customer_id, "comments")
    return entry.action, entry.changes


def found(customer_id: int, words: str, before: int | None = None) -> list[str]:
    return [row.body for row in queries.search(customer_id, words, before).rows]


class TestWriting:
    def test_it_is_there_and_told(self, customer_id: int):
        changed = db.session.get_one(Customer, customer_id).changed_at
        comment_id = services.write_comment(customer_id, {"body": "Ruft gern früh an."})
        comment = stored(comment_id)
        assert (comment.body, comment.pinned, comment.edited_at) == (
            "Ruft gern früh an.",
            False,
            None,
        )
        assert told(customer_id) == ("written", [["body", None, "Ruft gern früh an."]])
        assert "comment.changed" in g.announced
        assert (
            db.session.get_one(Customer, customer_id, populate_existing=True).changed_at > changed
        )

    @pytest.mark.parametrize(
        ("body", "code"), [("", "required"), ("x" * (rules.LONGEST + 1), "too_long")]
    )
    def test_bad_input(
        self, customer_id: int, body: str, code: str, changes_nothing: Callable[[], Any]
    ):
        with changes_nothing(), pytest.raises(Invalid) as refusal:
            services.write_comment(customer_id, {"body": body})
        assert [(p.field, p.code) for p in refusal.value.problems] == [("body", code)]

    def test_the_longest(self, customer_id: int):
        services.write_comment(customer_id, {"body": "x" * rules.LONGEST})


class TestEditing:
    def test_it_is_changed_and_told(self, customer_id: int, write: Callable[[str], int]):
        comment_id = write("Alt")
        services.edit_comment(customer_id, comment_id, {"body": "Neu"})
        assert stored(comment_id).body == "Neu"
        assert stored(comment_id).edited_at is not None
        assert stored(comment_id).version == 2
        assert told(customer_id) == ("edited", [["body", "Alt", "Neu"]])
        assert "comment.changed" in g.announced

    def test_the_same_again_is_no_edit(
        self, customer_id: int, write: Callable[[str], int], changes_nothing: Callable[[], Any]
    ):
        comment_id = write("Alt")
        db.session.commit()
        with changes_nothing():
            services.edit_comment(customer_id, comment_id, {"body": "Alt"})
            services.pin_comment(customer_id, comment_id, False)
            db.session.commit()
        assert not g.announced

    def test_nothing_is_no_comment(self, customer_id: int, write: Callable[[str], int]):
        comment_id = write("Alt")
        with pytest.raises(Invalid):
            services.edit_comment(customer_id, comment_id, {"body": ""})
        assert stored(comment_id).body == "Alt"


class TestPinning:
    def test_pinned_ones_stand_first(self, customer_id: int, write: Callable[[str], int]):
        ids = [write(f"Nr. {n}") for n in range(7)]
        services.pin_comment(customer_id, ids[0], True)
        services.pin_comment(customer_id, ids[2], True)
        assert told(customer_id) == ("pinned", [["pinned", False, True]])
        bodies = [row.body for row in queries.latest(customer_id)]
        assert bodies == ["Nr. 2", "Nr. 0", "Nr. 6", "Nr. 5", "Nr. 4"]
        services.pin_comment(customer_id, ids[2], False)
        assert told(customer_id)[0] == "unpinned"
        assert [row.body for row in queries.latest(customer_id)][:2] == ["Nr. 0", "Nr. 6"]

    def test_it_is_no_edit(self, customer_id: int, write: Callable[[str], int]):
        comment_id = write("Alt")
        services.pin_comment(customer_id, comment_id, True)
        assert stored(comment_id).edited_at is None
        assert "comment.changed" in g.announced


class TestRemoving:
    def test_it_is_gone_and_comes_back(self, customer_id: int, write: Callable[[str], int]):
        comment_id = write("Alt")
        services.remove_comment(customer_id, comment_id)
        assert told(customer_id) == ("removed", [["body", "Alt", None]])
        assert queries.latest(customer_id) == []
        assert queries.count(customer_id) == 0
        assert found(customer_id, "alt") == []
        for verb in (
            lambda: services.remove_comment(customer_id, comment_id),
            lambda: services.edit_comment(customer_id, comment_id, {"body": "Neu"}),
            lambda: services.pin_comment(customer_id, comment_id, True),
        ):
            with pytest.raises(NotFound):
                verb()
        services.restore_comment(customer_id, comment_id)
        assert told(customer_id) == ("restored", [])
        assert found(customer_id, "") == ["Alt"]
        with pytest.raises(NotFound):
            services.restore_comment(customer_id, comment_id)

    def test_nobody_elses(self, customer_id: int, other_id: int, write: Callable[[str], int]):
        comment_id = write("Alt")
        for verb in (services.remove_comment, services.restore_comment, queries.comment):
            with pytest.raises(NotFound):
                verb(other_id, comment_id)
        with pytest.raises(NotFound):
            services.edit_comment(other_id, comment_id, {"body": "Neu"})
        with pytest.raises(NotFound):
            services.pin_comment(other_id, comment_id, True)


class TestSearching:
    @pytest.mark.parametrize(
        ("words", "hit"),
        [
            *(
                ("überweisung", True),
                ("ÜBERWEISUNG", True),
                ("weis märz", True),
                ("MÄRZ über", True),
            ),
            *(("100%", True), ("%", True), ("_", True), ("a_b", True), ("[wichtig]", True)),
            *(("?", True), ("c:\\temp", True), ("straße", True), ("STRASSE", False), ("^", True)),
            *(
                ("*", False),
                ("a*b", False),
                ("b_a", False),
                ("uberweisung", False),
                ("100_", False),
            ),
            *(("überweisung april", False), ("[xyz]", False), ("wichtig]x", False), ("", True)),
        ],
    )
    def test_every_word_must_be_there(
        self, customer_id: int, write: Callable[[str], int], words: str, hit: bool
    ):
        body = "Überweisung im März: 100% a_b [wichtig]\nC:\\Temp, Straße? x^2"
        write(body)
        write("Ganz anders.")
        assert (body in found(customer_id, words)) == hit

    @pytest.mark.parametrize(
        "words", ["\0", "a\0b", "x" * 200, "a " * 100, "[", "]", "[]", "[^a]", "🦄"]
    )
    def test_no_words_are_an_error(self, customer_id: int, write: Callable[[str], int], words: str):
        write("Hallo")
        assert len(found(customer_id, words)) <= 1

    def test_page_by_page(self, customer_id: int, other_id: int):
        for number in range(2 * paging.PAGE + 3):
            services.write_comment(customer_id, {"body": f"Nr. {number}"})
            if number % 50 == 0:
                services.write_comment(other_id, {"body": f"Fremd {number}"})
        pages, before = [], None
        while True:
            page = queries.search(customer_id, "nr", before)
            pages.append([row.body for row in page.rows])
            before = page.older
            if before is None:
                break
        assert [len(page) for page in pages] == [50, 50, 3]
        assert [body for page in pages for body in page] == [f"Nr. {n}" for n in range(102, -1, -1)]

    def test_a_full_last_page_has_no_next(self, customer_id: int):
        for number in range(paging.PAGE):
            services.write_comment(customer_id, {"body": f"Nr. {number}"})
        assert queries.search(customer_id, "", None).older is None
        assert queries.count(customer_id) == paging.PAGE
