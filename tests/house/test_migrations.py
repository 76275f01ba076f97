"""The migrations make exactly the tables the code asks for, and can take them back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from app import create_app
from app.config import configuration
from app.core.database import db
from app.core.problems import Refused
from app.domain.customers.services import create_customer
from app.domain.factura import index, listing
from app.domain.transfer import queries
from app.domain.transfer import services as transfer
from app.domain.transfer.rules import State
from tests.factories import customer_values

MOMENT = "2026-11-24 12:00:00.000000"


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


def test_no_id_is_given_twice(empty: Flask):
    with empty.app_context():
        upgrade()
        found = "SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'"
        with db.engine.connect() as connection:
            once = set(connection.exec_driver_sql(found).scalars())
    numbered = {
        name
        for name, table in db.metadata.tables.items()
        if [*table.primary_key.c.keys()] == ["id"]
    }
    assert numbered - once == {"mandate"}  # whose id stands in no address


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


class TestWholePage:
    """Migration 0002, over rows of the version before and back again."""

    @pytest.fixture
    def earlier(self, empty: Flask, tmp_path: Path) -> Iterator[sqlite3.Connection]:
        """A database of the first version: import 1 was taken back but for customer 2."""
        with empty.app_context():
            upgrade(revision="0001")
            with closing(sqlite3.connect(tmp_path / "kundenblick.sqlite3")) as connection:
                insert(connection, "import_batch", id=1, files="[]", reverted_at=MOMENT)
                insert(connection, "import_batch", id=2, files="[]")
                for customer_id, batch_id in ((2, 1), (3, 2), (4, 2)):
                    insert(connection, "customer", id=customer_id, number=str(customer_id))
                    values = {"customer_id": customer_id, "batch_id": batch_id, "groups": "[]"}
                    insert(connection, "imported_customer", **values)
                yield connection

    def test_earlier_imports_keep_their_state_and_count(self, earlier: sqlite3.Connection):
        upgrade()
        found = earlier.execute("SELECT id, state, new, reverted_at FROM import_batch").fetchall()
        assert found == [(1, "reverted", 1, MOMENT), (2, "finished", 2, None)]
        assert queries.shown(1).state == State.REVERTED
        with pytest.raises(Refused):
            transfer.begin_revert(1)

    def test_the_number_of_an_import_is_not_given_again(self, earlier: sqlite3.Connection):
        upgrade()
        with earlier:
            earlier.execute("DELETE FROM imported_customer WHERE batch_id = 2")
            earlier.execute("DELETE FROM import_batch WHERE id = 2")
        assert transfer.begin_batch(["a.csv"]) == 3

    def test_not_back_while_somebody_is_in_the_trash(self, earlier: sqlite3.Connection):
        upgrade()
        with earlier:
            earlier.execute("UPDATE customer SET removed_at = ? WHERE id = 3", (MOMENT,))
        with pytest.raises(SystemExit) as ended:
            downgrade(revision="0001")
        assert "there are customers in the trash" in str(ended.value.__context__)
        assert earlier.execute("SELECT count(removed_at) FROM customer").fetchone() == (1,)
        with earlier:
            earlier.execute("UPDATE customer SET removed_at = NULL")
        downgrade(revision="0001")
        assert earlier.execute("SELECT count(*) FROM customer").fetchone() == (3,)


def insert(connection: sqlite3.Connection, table: str, **values: Any) -> None:
    """A row with these values; what else must have one is empty, or a moment."""
    for _cid, name, kind, is_needed, default, _key in connection.execute(
        f"PRAGMA table_info({table})"
    ):
        if is_needed and default is None and name not in values:
            values[name] = MOMENT if kind == "DATETIME" else ""
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    with connection:
        connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", [*values.values()])


class TestFactura:
    """Migration 0004, over documents of the version before."""

    @pytest.fixture
    def earlier(self, empty: Flask, tmp_path: Path) -> Iterator[sqlite3.Connection]:
        with empty.app_context():
            upgrade(revision="0003")
            with closing(sqlite3.connect(tmp_path / "kundenblick.sqlite3")) as connection:
                insert(connection, "customer", id=2, number="K-7", name="Jörg Weiß", company="Bär")
                for document_id, number in ((5, "RE-0042"), (6, None)):
                    facts = {"issued_on": "2025-03-04"} if number else {}
                    facts |= {"kind": "invoice", "state": "issued" if number else "draft"}
                    facts |= {"currency": "EUR", "total": 1, "paid": 0, "reminder_level": 0}
                    facts |= {"subject": "Wartung", "number": number, "customer_id": 2}
                    insert(connection, "factura_document", id=document_id, **facts)
                yield connection

    @pytest.mark.parametrize(
        ("typed", "found"),
        [
            ("wartung", [6, 5]),
            ("jorg baer", [6, 5]),
            ("42", [5]),
            ("RE-0042", [5]),
            ("weissbach", []),
        ],
    )
    def test_earlier_documents_are_found_by_words(
        self, earlier: sqlite3.Connection, typed: str, found: list[int]
    ):
        upgrade()
        page = listing.search(listing.Wanted(words=typed))
        assert [row.id for row in page.rows] == found

    def test_by_the_words_that_they_would_have_today(self, earlier: sqlite3.Connection):
        upgrade()
        asked = "SELECT * FROM factura_entry ORDER BY label"
        written = earlier.execute(asked).fetchall()
        index.rebuild()
        db.session.commit()
        assert len(written) == 2
        assert earlier.execute(asked).fetchall() == written


class TestLaterMigration:
    """Whoever rebuilds a table that others refer to keeps their rows, and their references."""

    @pytest.fixture
    def write(self, tmp_path: Path) -> Callable[[str], None]:
        """Write a migration that follows the last one, doing this."""
        folder = tmp_path / "migrations"
        copytree(Path(__file__).parents[2] / "migrations", folder)
        head = ScriptDirectory(str(folder)).get_current_head()

        def writing(doing: str) -> None:
            (folder / "versions" / "9999_later.py").write_text(
                "import sqlalchemy as sa\nfrom alembic import op\n\n"
                f"revision, down_revision = '9999', {head!r}\n\n\n"
                f"def upgrade():\n    {doing}\n"
            )

        return writing

    @pytest.fixture
    def used(self, tmp_path: Path, write: Callable[[str], None]) -> Iterator[Flask]:
        """An application in use: a customer with an e-mail address is in its database."""
        settings = configuration(data=tmp_path / "data", secret_key="k" * 48)
        app = create_app(settings | {"MIGRATIONS": str(tmp_path / "migrations")})
        with app.app_context():
            upgrade()
            create_customer(customer_values())
            db.session.commit()
            yield app

    def test_rebuilds_a_table_that_others_refer_to(self, used: Flask, write: Callable[[str], None]):
        write(
            "with op.batch_alter_table('customer', recreate='always') as batch:"
            " batch.alter_column('company', type_=sa.String(300))"
        )
        upgrade()
        found = "SELECT address FROM customer_email JOIN customer c ON c.id = customer_id"
        with db.engine.connect() as connection:
            assert connection.exec_driver_sql(found).scalars().all() == ["tanja@example.com"]
            columns = {c["name"]: c["type"] for c in inspect(connection).get_columns("customer")}
        assert str(columns["company"]) == "VARCHAR(300)"
        self.assert_enforced()

    def test_cannot_leave_references_to_nothing(self, used: Flask, write: Callable[[str], None]):
        write("op.execute('DELETE FROM customer')")
        with pytest.raises(SystemExit) as ended:
            upgrade()
        told = str(ended.value.__context__)
        assert "references to rows that are gone: customer_email to customer" in told
        assert db.session.scalar(text("SELECT count(*) FROM customer")) == 1
        db.session.rollback()
        self.assert_enforced()

    def assert_enforced(self) -> None:
        with pytest.raises(IntegrityError), db.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM customer")


def test_foreign_keys_are_on(app: Flask):
    with app.app_context():
        assert db.session.connection().exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
