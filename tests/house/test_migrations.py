"""The migrations make exactly the tables the code asks for, and can take them back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade

from app import create_app
from app.config import configuration
from app.core.database import db


@pytest.fixture
def empty(tmp_path: Path) -> Flask:
    return create_app(configuration(data=tmp_path, secret_key="k" * 48))


def test_tables_equal_models(empty: Flask):
    with empty.app_context():
        upgrade()
        with db.engine.connect() as connection:
            options = {"include_object": lambda _o, name, *_m: not str(name).startswith("search_")}
            context = MigrationContext.configure(connection, opts=options)
            assert compare_metadata(context, db.metadata) == []


def test_down_and_up_again(empty: Flask, tmp_path: Path):
    with empty.app_context():
        upgrade()
        downgrade(revision="base")
        with closing(sqlite3.connect(tmp_path / "kundenblick.sqlite3")) as connection:
            left = connection.execute(
                "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
            ).fetchall()
        assert left == [("alembic_version",)]
        upgrade()


def test_foreign_keys_are_on(app: Flask):
    with app.app_context():
        assert db.session.connection().exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
