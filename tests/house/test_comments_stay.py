"""A comment never leaves the house: nothing that sends, prints or fills in knows of comments."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.core.database import db
from app.core.registry import registry
from app.domain.comments.models import Comment
from app.domain.comments.services import write_comment
from app.domain.customers.addressees import Addressee
from app.domain.customers.services import add_contact_person
from tests.factories import contact_person_values
from tests.house.test_imports import ROOT, imports
from tests.samples import give_everything

LEAVING = (
    *("domain/templates", "domain/mailing", "domain/letters", "domain/serials", "jobs"),
    *("partials/mail", "partials/letters", "pages/serials", "pages/templates", "pages/outbox"),
)
FILES = sorted(file for name in LEAVING for file in (ROOT / "app" / name).rglob("*.py"))
SHARED = sorted((ROOT / "app" / "shared").glob("*.py"))
TABLE = Comment.__tablename__
SQL = re.compile(rf"\b(?:from|join|into|update)\s+[\"`\[]?{TABLE}\b", re.I)
SECRET = "Zahlt schlecht, riecht nach Rauch."


def named(file: Path) -> str:
    return str(file.relative_to(ROOT / "app"))


def reads_comments(source: str) -> bool:
    """Whether a module names the table, as text or in a statement."""
    texts = [
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return any(text == TABLE or SQL.search(text) for text in texts)


def test_all_that_leaves_is_looked_at():
    for name in LEAVING:
        assert list((ROOT / "app" / name).glob("*.py")), f"{name} has moved"


@pytest.mark.parametrize("file", [*FILES, *SHARED], ids=named)
def test_it_imports_no_comments_and_reads_none(file: Path):
    assert not [one for one in imports(file) if one.startswith("app.domain.comments")]
    assert not [one for one in imports(file) if one.startswith("app.partials.comments")]
    assert not reads_comments(file.read_text())


@pytest.mark.parametrize(
    ("source", "reads"),
    [
        ("x = 'comment'", True),
        ("x = 'SELECT body FROM comment WHERE id = 1'", True),
        ("x = 'select 1 from customer join \"comment\" c'", True),
        ("x = f'{y} from comment'", True),
        ("x = 'a comment of the team'", False),
        ("comment = 1", False),
    ],
)
def test_reading_is_noticed(source: str, reads: bool):
    assert reads_comments(source) == reads


@pytest.mark.usefixtures("context")
def test_no_placeholder_holds_a_comment(
    make_customer: Callable[..., int], count_queries: Callable[[], Any]
):
    customer_id = make_customer(kind="company", company="Autohaus Berger GmbH")
    give_everything(customer_id)
    person_id = add_contact_person(customer_id, contact_person_values())
    write_comment(customer_id, {"body": SECRET, "pinned": True})
    db.session.commit()
    groups = registry().placeholders
    addressees = [Addressee(customer_id), Addressee(customer_id, person_id, "en")]
    with count_queries() as asked:
        values = [group.load(addressees) for group in groups]
    assert groups
    assert SECRET not in str(values)
    assert not [statement for statement in asked if SQL.search(statement)]
    assert not [name for group in groups for name in group.names if "comment" in name]


def test_the_search_for_statements_finds_one_of_comments(
    app: Flask, count_queries: Callable[[], Any]
):
    with app.app_context(), count_queries() as asked:
        db.session.get(Comment, 1)
    assert [statement for statement in asked if SQL.search(statement)]
