"""docs/adding-a-panel.md: what it lists is built as a plug-in, and works wherever a panel does."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from shutil import copytree
from typing import Any
from xml.etree import ElementTree

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade

from app import create_app
from app.config import configuration
from app.core import events
from app.core.database import db
from tests.browserless import Browser, FormReader
from tests.fragments import parts
from tests.house.test_catalogues import bare
from tests.house.test_imports import forbidden, imports
from tests.house.test_templates import FORBIDDEN
from tests.house.test_vendor import SPRITE

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "adding-a-panel.md").read_text()
LISTING = re.compile(r"^`(\S+)`\n\n```\w+\n(.*?)^```$", re.M | re.S)
LISTINGS: dict[str, str] = dict(LISTING.findall(GUIDE))
PACKAGES = ("garage.domain.vehicles", "garage.partials.vehicles")
ELSEWHERE = {
    "tests/samples/vehicles.py": "app/domain/vehicles/sample.py",
    "tests/domain/test_vehicles.py": "test_vehicles.py",
}
URL = "/customers/1/vehicles"
GOLF = {"plate": "K-AB 123", "model": "VW Golf", "inspection_due": "2026-09-30"}


def build(folder: Path, *changes: tuple[str, str, str]) -> None:
    """Write the package `garage` as the guide lists it; changes are (path, old text, new text)."""
    listings = dict(LISTINGS)
    for path, old, new in changes:
        assert old in listings[path]
        listings[path] = listings[path].replace(old, new)
    for path, text in listings.items():
        if not path.startswith("migrations/"):
            file = folder / re.sub(r"^app/", "garage/", ELSEWHERE.get(path, path))
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(re.sub(r"\bapp(?=\.\w+\.vehicles\b)", "garage", text))


def build_migrations(folder: Path) -> None:
    """The migrations of the house, and that of the guide after the last of them."""
    copytree(ROOT / "migrations", folder)
    head = ScriptDirectory(str(folder)).get_current_head()
    [text] = [text for path, text in LISTINGS.items() if path.startswith("migrations/")]
    text = re.sub(r"^revision = .*$", "revision = '9999'", text, flags=re.M)
    text = re.sub(r"^down_revision = .*$", f"down_revision = {head!r}", text, flags=re.M)
    (folder / "versions" / "9999_vehicles.py").write_text(text)


@pytest.fixture(scope="module")
def garage(
    tmp_path_factory: pytest.TempPathFactory, _image: sqlite3.Connection
) -> Iterator[tuple[Flask, sqlite3.Connection]]:
    """The application with the plug-in, and its migrated database with the cast of all tests.

    Afterwards nobody remembers the package, its table and its events.
    """
    folder = tmp_path_factory.mktemp("garage")
    build(folder)
    build_migrations(folder / "migrations")
    declared, signals = dict(events._declared), dict(events._signals)
    sys.path.insert(0, str(folder))
    try:
        settings = configuration(data=folder / "data", secret_key="k" * 48)
        settings |= {"TESTING": True, "MIGRATIONS": str(folder / "migrations")}
        app = create_app(settings, panels=PACKAGES)
        yield app, _migrated(app, _image)
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.partition(".")[0] == "garage"]:
            del sys.modules[name]
        db.metadata.remove(db.metadata.tables["vehicle"])
        events.reset()
        events._declared.update(declared)
        events._signals.update(signals)


def _migrated(app: Flask, image: sqlite3.Connection) -> sqlite3.Connection:
    _restore(app, image)
    with app.app_context():
        upgrade()
    migrated = sqlite3.connect(":memory:", check_same_thread=False)
    with closing(sqlite3.connect(_database(app))) as source:
        source.backup(migrated)
    return migrated


def _restore(app: Flask, image: sqlite3.Connection) -> None:
    with closing(sqlite3.connect(_database(app))) as target:
        image.backup(target)


def _database(app: Flask) -> str:
    return app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")


@pytest.fixture
def app(garage: tuple[Flask, sqlite3.Connection]) -> Flask:
    """The application with the plug-in over a fresh database."""
    app, image = garage
    _restore(app, image)
    return app


@pytest.fixture
def customer_id(make_customer: Callable[..., int]) -> int:
    customer_id = make_customer()
    assert customer_id == 1
    return customer_id


@pytest.fixture
def vehicle(ben: Browser, customer_id: int) -> str:
    """The address of a vehicle."""
    assert ben.post(f"{URL}/new", GOLF).status_code == 303
    return f"{URL}/1"


def test_the_guide_lists_every_file_once():
    assert len(LISTING.findall(GUIDE)) == len(LISTINGS) >= 18
    folders = {Path(path).parent.as_posix() for path in LISTINGS}
    assert {"app/domain/vehicles", "app/partials/vehicles", "tests/samples"} < folders


def test_whatever_else_it_names_is_there():
    named = set(re.findall(r"`((?:app|tests|scripts|docs)/[\w./-]+)`|\]\((\.\.[\w./-]+)\)", GUIDE))
    for path in {path for pair in named for path in pair if path} - set(LISTINGS):
        assert (ROOT / path.removeprefix("../")).exists(), path


class TestItIsFound:
    def test_on_the_overview(self, ben: Browser, customer_id: int):
        overview = ben.get("/customers/1").text
        assert '<section id="panel-vehicles" data-panel="vehicles"' in overview
        assert overview.index('id="panel-bank"') < overview.index('id="panel-vehicles"')
        assert overview.index('id="panel-vehicles"') < overview.index('id="panel-comments"')
        assert "No vehicles yet." in overview

    def test_in_the_action_bar_and_the_tabs(self, ben: Browser, customer_id: int):
        overview = ben.get("/customers/1").text
        bar = re.search(r'<div class="toolbar".*?</div>', overview, re.S)
        assert bar is not None
        assert f'href="{URL}/new" hx-get="{URL}/new"' in bar[0]
        tabs = re.search(r'<nav class="tabs".*?</nav>', overview, re.S)
        assert tabs is not None
        assert f'<a href="{URL}">Vehicles</a>' in tabs[0]

    def test_on_its_detail_page(self, ben: Browser, vehicle: str):
        page = ben.get(URL).text
        assert 'id="panel-header"' in page
        assert f'<a href="{URL}" aria-current="page">Vehicles</a>' in page
        assert 'id="detail-vehicles"' in page
        assert "K-AB 123" in page

    @pytest.mark.parametrize("url", ["/settings/overview", "/account/overview"])
    def test_in_the_settings(self, anna: Browser, customer_id: int, url: str):
        page = anna.get(url).text
        assert 'id="show-vehicles" checked' in page
        version = re.search(r'name="version" value="(\w*)"', page)
        assert version is not None
        order = re.findall(r'name="order" value="(\w+)"', page)
        shown = [key for key in order if key != "vehicles"]
        anna.post(url, {"version": version[1], "order": order, "shown": shown})
        overview = anna.get("/customers/1").text
        assert 'id="panel-vehicles"' not in overview
        assert f'<a href="{URL}">Vehicles</a>' in overview

    def test_on_the_map(self, app: Flask):
        printed = app.test_cli_runner().invoke(args=["panels"]).output
        assert "vehicles  (rail, permission vehicles)" in printed
        assert "stale on: vehicle.changed" in printed
        told = app.test_cli_runner().invoke(args=["events"]).output
        assert "A vehicle was added, changed, removed or restored" in told
        assert "garage.domain.vehicles.services.forget_customers" in told


class TestItWorks:
    def test_its_dialog_opens_in_both_shells(self, ben: Browser, customer_id: int):
        page, dialog = ben.get(f"{URL}/new").text, ben.htmx_get(f"{URL}/new").text
        assert "<html" in page
        assert dialog.startswith('<div class="dialog-head">')
        assert {*FormReader.read(dialog)} == {"version", *GOLF}

    def test_saving_refreshes_what_is_on_screen(self, ben: Browser, customer_id: int):
        answer = ben.htmx_post(f"{URL}/new", GOLF, panels="header,comments,vehicles")
        found, rest = parts(answer.text)
        assert rest == ""
        assert {"#panel-vehicles", "#toasts"} <= {*found}
        assert "#panel-comments" not in found
        assert "<strong>K-AB 123</strong>" in found["#panel-vehicles"]
        found, _rest = parts(ben.htmx_post(f"{URL}/new", GOLF, panels="vehicles@detail").text)
        assert found["#detail-vehicles"].count("K-AB 123</strong>") == 2

    @pytest.mark.parametrize(
        ("field", "typed", "message"),
        [
            ("plate", "", "Please give the number plate."),
            ("plate", "X" * 21, "Please take at most 20 characters."),
            ("model", "X" * 101, "Please take at most 100 characters."),
            ("inspection_due", "soon", "This is no date."),
        ],
    )
    def test_what_is_wrong_is_told_and_kept(
        self,
        ben: Browser,
        customer_id: int,
        changes_nothing: Callable[[], Any],
        field: str,
        typed: str,
        message: str,
    ):
        sent = GOLF | {field: typed}
        for send in (ben.post, ben.htmx_post):
            with changes_nothing():
                answer = send(f"{URL}/new", sent)
            assert answer.status_code == 422
            assert message in answer.text
            assert FormReader.read(answer.text) == sent | {"version": ""}

    def test_a_colleague_was_faster(self, ben: Browser, anna: Browser, vehicle: str):
        mine = ben.fields(f"{vehicle}/edit") | {"model": "Mine"}
        anna.post(f"{vehicle}/edit", anna.fields(f"{vehicle}/edit") | {"model": "Theirs"})
        answer = ben.htmx_post(f"{vehicle}/edit", mine)
        assert answer.status_code == 409
        assert "<span>Mine</span>" in answer.text
        assert "<span>Theirs</span>" in answer.text
        again = FormReader.read(answer.text) | {"choose-model": "mine"}
        assert ben.post(f"{vehicle}/edit", again).status_code == 303
        assert "Mine" in ben.get(URL).text

    def test_removing_and_undoing(self, ben: Browser, vehicle: str):
        found, _rest = parts(ben.htmx_post(f"{vehicle}/removal", panels="vehicles").text)
        assert "K-AB 123" not in found["#panel-vehicles"]
        undo = re.search(r'hx-post="([^"]+)"', found["#toasts"])
        assert undo is not None
        found, _rest = parts(ben.htmx_post(undo[1], panels="vehicles").text)
        assert "K-AB 123" in found["#panel-vehicles"]

    def test_the_last_five_and_turning_pages(self, ben: Browser, customer_id: int):
        for number in range(53):
            ben.post(f"{URL}/new", GOLF | {"plate": f"K-{number:02}"})
        panel = ben.htmx_get(f"{URL}/panel").text
        assert re.findall(r"K-\d\d(?=</strong>)", panel) == [f"K-{n}" for n in range(52, 47, -1)]
        assert "5 of 53" in panel
        assert "all 53" in panel
        older = re.search(r'rel="next" href="([^"]+)"', ben.get(URL).text)
        assert older is not None
        last = re.findall(r"K-\d\d(?=</strong>)", ben.get(older[1]).text)
        assert last == ["K-02", "K-01", "K-00"]

    def test_the_history_tells_it(self, ben: Browser, vehicle: str):
        ben.post(f"{vehicle}/edit", ben.fields(f"{vehicle}/edit") | {"inspection_due": ""})
        history = ben.get("/customers/1/history").text
        assert "Vehicle K-AB 123 added" in history
        assert "Vehicle K-AB 123 changed" in history
        assert "Inspection due" in history

    def test_it_is_named_before_its_customer_is_deleted(self, ben: Browser, vehicle: str):
        assert "<li>1 vehicle</li>" in ben.get("/customers/1/deletion").text


class TestPermissions:
    def test_a_reader_only_reads(
        self, cleo: Browser, vehicle: str, changes_nothing: Callable[[], Any]
    ):
        overview = cleo.get("/customers/1").text
        assert "K-AB 123" in overview
        assert "/vehicles/new" not in overview
        assert 'id="vehicles-new-why">Your role does not allow this.' in overview
        for url in (f"{URL}/new", f"{vehicle}/edit", f"{vehicle}/removal"):
            with changes_nothing():
                assert cleo.htmx_post(url, GOLF).status_code == 403

    def test_a_stranger_sees_and_changes_nothing(
        self, eve: Browser, vehicle: str, changes_nothing: Callable[[], Any]
    ):
        assert eve.get(URL).status_code == 302
        with changes_nothing():
            assert eve.post(f"{vehicle}/removal").status_code == 302

    def test_another_customers_vehicle_is_not_found(
        self, ben: Browser, vehicle: str, make_customer: Callable[..., int]
    ):
        other = f"/customers/{make_customer()}/vehicles/1"
        assert ben.get(f"{other}/edit").status_code == 404
        assert ben.post(f"{other}/removal").status_code == 404


class TestHouse:
    """The listings keep the rules that hold for the code base; they will be copied."""

    def test_the_migration_makes_exactly_the_table(self, app: Flask):
        with app.app_context():
            with db.engine.connect() as connection:
                options = {"include_object": lambda _o, name, *_m: "search_" not in str(name)}
                context = MigrationContext.configure(connection, opts=options)
                assert compare_metadata(context, db.metadata) == []
            downgrade()
            with closing(sqlite3.connect(_database(app))) as connection:
                tables = connection.execute("SELECT name FROM sqlite_master").fetchall()
            assert ("vehicle",) not in tables
            assert ("customer",) in tables

    @pytest.mark.parametrize("command", ["check", "format --check"])
    def test_ruff_is_content(self, tmp_path: Path, command: str):
        for path, text in LISTINGS.items():
            if path.endswith(".py") and not path.startswith("migrations/"):
                (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
                (tmp_path / path).write_text(text)
        ruff = [sys.executable, "-m", "ruff", *command.split(), "--no-cache"]
        rules = ["--config", str(ROOT / "pyproject.toml")]
        rules += ["--config", "lint.isort.known-first-party = ['app']"]
        done = subprocess.run([*ruff, *rules, tmp_path], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout

    def test_imports_point_inwards(self, tmp_path: Path):
        for path, text in LISTINGS.items():
            (tmp_path / "listing.py").write_text(text if path.endswith(".py") else "")
            module = path.removesuffix(".py").replace("/", ".")
            for imported in imports(tmp_path / "listing.py"):
                if "vehicles" not in imported and imported.startswith("app.domain."):
                    assert imported.split(".")[2] == "customers"
                elif module.startswith("app.") and imported.startswith("app."):
                    assert not forbidden(module, imported)

    def test_templates_keep_the_rules(self):
        for path, text in LISTINGS.items():
            if path.endswith(".html"):
                assert bare(text) == []
                assert not [what for what, rule in FORBIDDEN.items() if re.search(rule, text)]

    def test_its_icon_can_be_drawn(self):
        icons = re.findall(r'icon="([a-z0-9-]+)"', "".join(LISTINGS.values()))
        assert icons
        assert all(f'id="i-{icon}"' in SPRITE.read_text() for icon in icons)


@pytest.mark.apart
class TestContract:
    """The contract tests run over the plug-in, by the words of the guide."""

    def test_they_know_and_pass_it(self, tmp_path: Path):
        build(tmp_path)
        passed, failed = self.run(tmp_path, "vehicle or bounded or ids_are_unique")
        assert not failed
        for expected in (
            "test_nothing_of_an_erased_customer_is_left[vehicle]",
            "test_its_fragment_has_its_root_and_keeps_its_budget[full_customer-vehicles]",
            "test_its_detail_page_has_header_and_list[empty_customer-vehicles]",
            "test_it_is_on_the_overview[full_customer-vehicles]",
            "test_its_actions_lead_somewhere[vehicles]",
            "test_it_answers_as_page_and_as_fragment[vehicles.edit]",
            "test_a_reader_changes_nothing[vehicles.remove]",
            "test_an_empty_post_is_answered[fragment-vehicles.restore]",
            "test_ids_are_unique_and_labels_have_their_fields[full_customer]",
        ):
            assert expected in passed

    @pytest.mark.parametrize(
        ("path", "old", "new", "noticed"),
        [
            (
                "app/domain/vehicles/news.py",
                '    "customer.erased": services.forget_customers,\n',
                "",
                "test_nothing_of_an_erased_customer_is_left[vehicle]",
            ),
            (
                "app/partials/vehicles/panel.html",
                '{% extends "layouts/panel.html" %}',
                "",
                "test_its_fragment_has_its_root_and_keeps_its_budget[full_customer-vehicles]",
            ),
            (
                "app/partials/vehicles/routes.py",
                '@blueprint.post("/<int:vehicle_id>/removal")',
                '@blueprint.get("/<int:vehicle_id>/removal")',
                "test_it_answers_as_page_and_as_fragment[vehicles.remove]",
            ),
        ],
        ids=["left behind", "no root", "written by a GET"],
    )
    def test_they_notice_a_mistake(
        self, tmp_path: Path, path: str, old: str, new: str, noticed: str
    ):
        build(tmp_path, (path, old, new))
        _passed, failed = self.run(tmp_path, f"{noticed.partition('[')[0]} and vehicle")
        assert noticed in failed

    def run(self, folder: Path, chosen: str) -> tuple[set[str], set[str]]:
        """The names of the tests that passed, and of those that failed."""
        report = folder / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        command += ["tests/contract", str(folder / "test_vehicles.py")]
        command += ["-k", chosen, f"--junitxml={report}"]
        environment = os.environ | {"PANELS": " ".join(PACKAGES), "PYTHONPATH": str(folder)}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        assert report.exists(), done.stdout + done.stderr
        cases = [*ElementTree.parse(report).iter("testcase")]
        failed = {case.attrib["name"] for case in cases if len(case)}
        return {case.attrib["name"] for case in cases} - failed, failed
