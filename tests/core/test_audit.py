"""The audit trail: what differs, who did it, in values that can be kept."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from flask import Flask, g
from sqlalchemy import select

from app.core import audit, history, paging
from app.core.audit import AuditEntry
from app.core.database import db
from tests.browserless import Browser


class Colour(StrEnum):
    RED = "red"


def newest() -> AuditEntry:
    return db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ({}, {}, []),
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [("a", 1, 2)]),
        ({"a": ""}, {"a": None}, []),
        ({"a": None}, {"a": []}, []),
        ({}, {"a": ""}, []),
        ({"a": False}, {"a": None}, []),
        ({"a": False}, {"a": True}, [("a", False, True)]),
        ({"a": 1}, {}, [("a", 1, None)]),
        ({"b": 1, "a": 1}, {"a": 2, "b": 2}, [("a", 1, 2), ("b", 1, 2)]),
        ({"a": [{"x": 1}]}, {"a": [{"x": 2}]}, [("a", [{"x": 1}], [{"x": 2}])]),
    ],
)
def test_what_differs(before: dict[str, Any], after: dict[str, Any], changes: list[Any]):
    assert audit.difference(before, after) == changes


def test_values_are_kept_as_plain_ones(context: None):
    values = [
        (date(2026, 11, 24), "2026-11-24"),
        (datetime(2026, 11, 24, 14, 5, tzinfo=UTC), "2026-11-24T14:05:00+00:00"),
        (Colour.RED, "red"),
        (Decimal("1.50"), "1.50"),
        (
            [{"label": "work", "on": date(2026, 1, 2)}, None],
            [{"label": "work", "on": "2026-01-02"}, None],
        ),
        ("Ä\n<b>", "Ä\n<b>"),
        (True, True),
    ]
    audit.record("x", "y", changes=[("field", value, None) for value, _kept in values])
    assert newest().changes == [["field", kept, None] for _value, kept in values]
    assert "history.written" in g.announced


def test_a_long_subject_is_cut(context: None):
    audit.record("x", "y", subject="ä" * 500)
    assert newest().subject == "ä" * 300


def test_the_author(app: Flask, ben: Browser):
    ben.post("/customers/new", ben.fields("/customers/new") | {"last_name": "Müller"})
    with app.app_context():
        assert newest().user_name == "Ben Staff"
        assert audit.author() == (None, "")
        with audit.acting(7, "Import"):
            assert audit.author() == (7, "Import")
        assert audit.author() == (None, "")


def test_the_history_is_read_page_by_page(context: None):
    for number in range(paging.PAGE + 2):
        audit.record("a" if number % 2 else "b", "done", customer_id=1, subject=str(number))
    audit.record("a", "done", customer_id=2, subject="other")
    first = history.page(1)
    assert [row.subject for row in first.rows] == [str(n) for n in range(51, 1, -1)]
    second = history.page(1, before=first.older)
    assert ([row.subject for row in second.rows], second.older) == (["1", "0"], None)
    assert {row.area for row in history.page(1, area="a").rows} == {"a"}
    assert history.last_change(1, "b")[1] is not None
    assert history.last_change(1, "c") == ("", None)
