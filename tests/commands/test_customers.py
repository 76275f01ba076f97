"""`flask customers …`: what operators and scripts rely on."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, select, update

from app import create_app
from app.config import ROOT, configuration
from app.core.database import db
from app.core.i18n import _
from app.domain.customers.models import Customer
from app.domain.customers.services import create_customer, delete_customer, touch
from app.domain.groups.models import Group, GroupMember
from app.domain.settings.models import TeamSettings
from app.domain.settings.queries import settings
from app.domain.transfer.models import ImportBatch, ImportedCustomer
from tests.factories import customer_values

TABLE = "Kundennummer;Nachname;E-Mail\n7;Adam;\n8;Eva;x\n9;Kain;kain@example.com\n7;Set;\n"
CARDS = "BEGIN:VCARD\nVERSION:3.0\nN:Müller;Tanja;;;\nEND:VCARD\n"


@pytest.fixture(autouse=True)
def english(app: Flask) -> None:
    """The commands speak the team's language."""
    with app.app_context():
        db.session.add(settings())
        db.session.flush()
        db.session.execute(update(TeamSettings).values(language="en"))
        db.session.commit()


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """A table with a bad row and a double number, and an address book."""
    contents = {"a.csv": TABLE, "b.vcf": CARDS}
    for name, content in contents.items():
        (tmp_path / name).write_text(content)
    return {name: str(tmp_path / name) for name in contents}


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["customers", *arguments])


def test_import_tells_number_counts_and_refusals(app: Flask, files: dict[str, str]):
    result = run(app, "import", files["a.csv"], files["b.vcf"])
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        "Import 1",
        "3 added, 1 skipped, 1 refused",
        f"{files['a.csv']}, line 3: E-mail addresses: This is not an e-mail address.",
    ]
    assert result.stderr == ""
    with app.app_context():
        names = db.session.scalars(select(Customer.name).order_by(Customer.id)).all()
        assert names == ["Adam", "Kain", "Tanja Müller"]
        assert db.session.scalars(select(ImportBatch.files)).one() == list(files.values())


def test_numbers_of_the_trash_are_told(app: Flask, files: dict[str, str]):
    with app.app_context():
        delete_customer(create_customer(customer_values(number="9")))
        db.session.commit()
    assert run(app, "import", files["a.csv"]).stdout.splitlines()[1:3] == [
        "1 added, 2 skipped, 1 refused",
        "1 skipped row has the number of a customer in the trash.",
    ]


def test_json_is_one_document_and_nothing_else(app: Flask, files: dict[str, str]):
    result = run(app, "import", "--json", *files.values())
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "new": 3,
        "skipped": 1,
        "refused": [
            {
                "file": files["a.csv"],
                "line": 3,
                "reason": "E-mail addresses: This is not an e-mail address.",
            }
        ],
    }
    assert result.stdout.count("\n") == 1
    assert result.stderr == "Import 1\n"


def test_what_cannot_be_read_is_refused_and_the_rest_imported(
    app: Flask, files: dict[str, str], tmp_path: Path
):
    binary = tmp_path / "c.csv"
    binary.write_bytes(bytes(range(256)) * 100)
    missing, folder = str(tmp_path / "nowhere.csv"), str(tmp_path)
    result = run(app, "import", missing, folder, str(binary), files["b.vcf"], "--json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert told["new"] == 1
    assert [(r["file"], r["line"]) for r in told["refused"]] == [
        (missing, 0),
        (folder, 0),
        (str(binary), 0),
    ]
    assert told["refused"][0]["reason"] == "There is no such file."
    assert (
        run(app, "import", missing).stdout.splitlines()[-1] == f"{missing}: There is no such file."
    )


@pytest.mark.parametrize("size", [25 * 1024 * 1024, 26 * 1024 * 1024])
def test_one_endless_line(app: Flask, tmp_path: Path, size: int):
    file = tmp_path / "a.csv"
    file.write_bytes(b"a" * size)
    result = run(app, "import", str(file), "--json")
    assert result.exit_code == 0
    assert len(json.loads(result.stdout)["refused"]) == 1


def test_a_name_that_is_no_text(app: Flask, tmp_path: Path):
    name = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.csv")
    Path(name).write_text("Nachname\nAdam\n" + "x" * 101 + "\n")
    result = run(app, "import", name, "--json")
    assert json.loads(result.stdout)["refused"][0]["file"] == name
    assert run(app, "import", name).exit_code == 0


def test_everybody_joins_the_groups_that_are_named(app: Flask, files: dict[str, str]):
    result = run(app, "import", files["a.csv"], "--group", "Messe  2026", "--group", "Tanz")
    assert result.exit_code == 0, result.output
    with app.app_context():
        member = select(Group.name, func.count()).join(GroupMember).group_by(Group.name)
        joined = {row[0]: row[1] for row in db.session.execute(member)}
    assert joined == {"Messe 2026": 2, "Tanz": 2}


def test_encoding_and_separator_can_be_told(app: Flask, tmp_path: Path):
    file = tmp_path / "a.csv"
    file.write_bytes("Vorname\tNachname\nŁukasz\tŻak\n".encode("cp1250"))
    result = run(app, "import", str(file), "--encoding", "cp1250", "--separator", "tab")
    assert result.exit_code == 0
    with app.app_context():
        assert db.session.scalars(select(Customer.name)).all() == ["Łukasz Żak"]


@pytest.mark.parametrize(
    "option",
    [("--encoding", "rot13"), ("--separator", "x"), ("--group", " "), ("--group", "x" * 101)],
)
def test_options_that_cannot_be(
    app: Flask, files: dict[str, str], option: tuple[str, str], changes_nothing: Any
):
    with changes_nothing():
        result = run(app, "import", files["a.csv"], *option)
    assert result.exit_code == 2
    assert option[0] in result.stderr


def test_it_ends_as_finished_with_its_counts(app: Flask, files: dict[str, str], tmp_path: Path):
    run(app, "import", *files.values(), str(tmp_path / "nowhere.csv"))
    with app.app_context():
        batch = db.session.scalars(select(ImportBatch)).one()
        assert (batch.state, batch.new, batch.skipped, batch.refused) == ("finished", 3, 1, 2)
        assert [line for _file, line, _reason in batch.refusals] == [3, 0]


def test_reasons_are_in_the_language_of_the_team(app: Flask, files: dict[str, str]):
    with app.app_context():
        db.session.execute(update(TeamSettings).values(language="de"))
        db.session.commit()
        german = _("This is not an e-mail address.")
    assert german != "This is not an e-mail address."
    result = run(app, "import", files["a.csv"], "--json")
    assert german in json.loads(result.stdout)["refused"][0]["reason"]


def test_without_a_file(app: Flask):
    result = run(app, "import")
    assert result.exit_code == 2
    assert "FILE" in result.stderr


def test_revert(app: Flask, files: dict[str, str]):
    run(app, "import", *files.values())
    with app.app_context():
        touch(db.session.scalars(select(Customer.id).where(Customer.number == "9")).one())
        db.session.commit()
    result = run(app, "revert", "1")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "2 customers removed",
        "Kept, because somebody has touched them: 9",
    ]
    again = run(app, "revert", "1")
    assert again.exit_code == 1
    assert "Import 1 has been reverted already." in again.stderr


@pytest.mark.parametrize(("batch", "status"), [("99", 1), ("0", 2), ("x", 2), ("9" * 30, 2)])
def test_revert_of_nothing(app: Flask, changes_nothing: Any, batch: str, status: int):
    with changes_nothing():
        assert run(app, "revert", batch).exit_code == status


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Flask]:
    """An application of its own, for a command that is a process of its own."""
    app = create_app(configuration(data=tmp_path / "data", secret_key="k" * 48))
    with app.app_context():
        upgrade()
        yield app


@pytest.mark.apart
def test_a_killed_import_leaves_whole_customers(house: Flask, tmp_path: Path):
    file = tmp_path / "a.csv"
    rows = (
        f"M{i};m{i}@example.com;0176 {i:07};Köln;Notiz;DE89370400440532013000;SEPA\n"
        for i in range(6000)
    )
    head = "Nachname;E-Mail;Telefon;Ort;Notiz;IBAN;Zahlungsart\n"
    file.write_text(head + "".join(rows))
    database = house.config["DATA"] / "kundenblick.sqlite3"
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "customers", "import", str(file)]
    environment = os.environ | {"KUNDENBLICK_DATA": str(house.config["DATA"])}
    with (
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as process,
        closing(sqlite3.connect(database)) as connection,
    ):
        deadline = time.monotonic() + 60
        while not count(connection, "customer"):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.kill()

    with closing(sqlite3.connect(database)) as connection:
        left = count(connection, "customer")
        assert 0 < left < 6000
        for table in WHOLE:
            assert count(connection, table) == left, table
        for name in ("search_trigram", "search_prefix"):
            connection.execute(f"INSERT INTO {name}({name}, rank) VALUES('integrity-check', 1)")
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    result = run(house, "revert", "1")
    assert result.exit_code == 0
    assert str(left) in result.stdout
    assert db.session.scalar(select(func.count()).select_from(ImportedCustomer)) == 0


WHOLE = (
    *("customer_email", "customer_phone", "comment", "bank_account", "mandate"),
    *("search_entry", "audit_entry", "imported_customer"),
)


def count(connection: sqlite3.Connection, table: str) -> int:
    return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
