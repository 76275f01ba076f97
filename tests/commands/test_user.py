"""`flask user …`: what operators and scripts rely on."""

from __future__ import annotations

import re
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import delete

from app.core.database import db
from app.domain.team import passwords, queries
from app.domain.team.models import User
from tests.browserless import Browser

RIGHT = "Drei Ziegen im Regen"
LINK = re.compile(r"^http://127\.0\.0\.1:8000(/\S+)$", re.M)


def run(app: Flask, *arguments: str, given: str | bytes = "") -> Result:
    return app.test_cli_runner().invoke(args=["user", *arguments], input=given)


def stored(app: Flask, email: str) -> User | None:
    with app.app_context():
        return queries.user_by_email(email)


def path_in(result: Result) -> str:
    found = LINK.search(result.output)
    assert found is not None, result.output
    return found[1]


@pytest.mark.parametrize("role", ["admin", "staff", "readonly"])
@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_create_with_a_password(app: Flask, role: str, end: str):
    result = run(
        app, "create", "Dora@Example.com", "--role", role, "--password-stdin", given=RIGHT + end
    )
    assert result.exit_code == 0, result.output
    dora = stored(app, "dora@example.com")
    assert dora is not None
    assert (dora.role, dora.name, dora.active) == (role, "Dora", True)
    with app.app_context():
        assert passwords.opens(dora, RIGHT)


def test_create_with_everything(app: Flask):
    options = ("--name", "Dora Dorf", "--language", "en", "--role", "staff")
    assert run(app, "create", "dora@firma.local", *options).exit_code == 0
    dora = stored(app, "dora@firma.local")
    assert dora is not None
    assert (dora.name, dora.language) == ("Dora Dorf", "en")


def test_create_without_a_password_prints_a_link(app: Flask, eve: Browser):
    result = run(app, "create", "dora@example.com", "--role", "staff")
    page = eve.get(path_in(result))
    assert page.status_code == 200
    assert "dora@example.com" in page.text


@pytest.mark.parametrize(
    ("arguments", "given", "sentence"),
    [
        (("anna@example.com", "--role", "staff"), "", "already has this e-mail"),
        (("ANNA@example.com", "--role", "staff"), "", "already has this e-mail"),
        (("dora", "--role", "staff"), "", "not an e-mail address"),
        (("dora@example.com", "--role", "boss"), "", "not one of"),
        (("dora@example.com",), "", "Missing option"),
        (("dora@example.com", "--role", "staff", "--language", "fr"), "", "not one of"),
        (("dora@example.com", "--role", "staff", "--password-stdin"), "", "at least 10"),
        (("dora@example.com", "--role", "staff", "--password-stdin"), "short\n", "at least 10"),
        (("dora@example.com", "--role", "staff", "--password-stdin"), "x" * 10_000, "at most 128"),
        (("dora@example.com", "--role", "staff", "--password-stdin"), b"\xff" * 20, "UTF-8"),
        (("dora@example.com", "--role", "staff", "--name", "a\0b"), "", "cannot be stored"),
    ],
)
def test_create_refuses(
    app: Flask, arguments: tuple[str, ...], given: Any, sentence: str, changes_nothing
):
    with changes_nothing():
        result = run(app, "create", *arguments, given=given)
    assert result.exit_code != 0
    assert sentence in result.output
    assert "Traceback" not in result.output


def test_reset_link(app: Flask, eve: Browser, ben: Browser):
    path = path_in(run(app, "reset-link", "BEN@example.com"))
    assert ben.get("/customers").status_code == 302
    assert eve.post(path, {"password": RIGHT, "repeated": RIGHT}).status_code == 303
    assert "Ben Staff" in eve.get("/account").text


def test_reset_link_of_nobody(app: Flask, changes_nothing):
    with changes_nothing():
        result = run(app, "reset-link", "nobody@example.com")
    assert result.exit_code != 0
    assert "Nobody signs in as nobody@example.com." in result.output


def test_first_run_link(app: Flask, eve: Browser):
    assert run(app, "first-run-link").exit_code != 0
    with app.app_context():
        db.session.execute(delete(User))
        db.session.commit()
    result = run(app, "first-run-link")
    assert result.exit_code == 0
    assert eve.fields(path_in(result))["token"]


def test_help_names_them(app: Flask):
    output = run(app, "--help").output
    for name in ("create", "reset-link", "first-run-link"):
        assert name in output
