"""Backup and restore: everything comes back, nothing broken or hostile goes in."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import sqlite3
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from flask_migrate import downgrade, upgrade

from app import create_app
from app.config import configuration
from app.core import archive, database, files, outbox
from app.core.archive import Unusable
from app.core.database import db
from app.demo import crowd
from app.domain.documents import queries
from app.domain.documents import services as documents
from tests.conftest import FAST

TABLES = ("customer", "customer_email", "comment", "address", "mandate", "audit_entry", "user")


def open_house(data: Path) -> Flask:
    settings = configuration(data=data)
    return create_app(settings | {"TESTING": True, "SQLITE_PRAGMAS": FAST})


def close_house(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with customers, files and what no backup takes."""
    data = tmp_path_factory.mktemp("lived") / "data"
    app = open_house(data)
    with app.app_context():
        upgrade()
        crowd.gather(40)
        db.session.commit()
        for n in range(3):
            files.keep(f"document {n}".encode() * 1000)
        upload = documents.keep_upload("Größe.pdf", io.BytesIO(b"signed"), 100)
        documents.add_documents(1, [upload])
        db.session.commit()
    close_house(app)
    (data / "demo-login").write_text("somebody / something")
    (data / "files" / "tmpabcd1234").write_text("half written")
    (data / "first.lock").touch()
    (data / "backups").mkdir()
    (data / "backups" / "old.tar.gz").write_text("old")
    return data


@pytest.fixture
def house(lived_in: Path, tmp_path: Path) -> Iterator[Flask]:
    """An application over a copy of it."""
    shutil.copytree(lived_in, tmp_path / "house")
    app = open_house(tmp_path / "house")
    yield app
    close_house(app)


@pytest.fixture
def backup(house: Flask, tmp_path: Path) -> Path:
    """A backup of the house."""
    file = tmp_path / "backup.tar.gz"
    assert run(house, "backup", str(file)).exit_code == 0
    return file


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Flask]:
    """An application over a data folder that holds nothing but a fresh secret key."""
    app = open_house(tmp_path / "empty")
    yield app
    close_house(app)


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=arguments)


def counts(data: Path) -> dict[str, int]:
    with closing(sqlite3.connect(data / "kundenblick.sqlite3")) as connection:
        return {
            table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
            for table in TABLES
        }


def sums(data: Path) -> dict[str, str]:
    """The SHA-256 of every file that a backup takes, the database apart."""
    kept = [*(data / "files").rglob("*"), data / "secret-key", data / "demo-login"]
    return {
        str(path.relative_to(data)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in kept
        if path.is_file() and not path.name.startswith(("tmp", "."))
    }


def rows(data: Path) -> list[str]:
    with closing(sqlite3.connect(data / "kundenblick.sqlite3")) as connection:
        return sorted(connection.iterdump())


def listing(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


class TestRoundTrip:
    def test_everything_comes_back(self, house: Flask, backup: Path, empty: Flask, tmp_path: Path):
        result = run(empty, "restore", str(backup))
        assert result.exit_code == 0, result.output
        assert counts(tmp_path / "empty") == counts(tmp_path / "house")
        assert counts(tmp_path / "empty")["comment"] == 200
        assert sums(tmp_path / "empty") == sums(tmp_path / "house")
        assert len(sums(tmp_path / "house")) == 7
        assert rows(tmp_path / "empty") == rows(tmp_path / "house")

    def test_an_uploaded_document_comes_back(self, backup: Path, empty: Flask, tmp_path: Path):
        run(empty, "restore", str(backup))
        with open_house(tmp_path / "empty").app_context():
            (row,) = queries.search(1, "groesse", None).rows
            document = queries.document(1, row.id)
            assert document.name == "Größe.pdf"
            assert files.path_of(document.digest).read_bytes() == b"signed"
            db.session.remove()
            db.engine.dispose()

    def test_what_waited_to_be_sent_waits_for_somebody(
        self, house: Flask, empty: Flask, tmp_path: Path
    ):
        """It may have been sent since the backup was made."""
        with house.app_context():
            sent, waits = outbox.put("mail"), outbox.put("mail", delay=timedelta(hours=1))
            db.session.commit()
            outbox.confirm(sent)
        run(house, "backup", str(tmp_path / "backup.tar.gz"))
        result = run(empty, "restore", str(tmp_path / "backup.tar.gz"))
        assert "1 waited to be sent" in result.output
        with closing(sqlite3.connect(tmp_path / "empty" / "kundenblick.sqlite3")) as connection:
            found = connection.execute(
                "SELECT id, state, error FROM outbox_entry WHERE id >= ? ORDER BY id", (sent,)
            )
            assert found.fetchall() == [(sent, "sent", ""), (waits, "failed", outbox.RESTORED)]

    def test_nothing_is_in_place_that_could_still_leave(
        self, house: Flask, empty: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        """However the restore ends, no worker finds what waited when the backup was made."""
        with house.app_context():
            entry_id = outbox.put("mail")
            db.session.commit()
        run(house, "backup", str(tmp_path / "backup.tar.gz"))

        def pulled(*_told: Path) -> None:
            raise OSError("the plug was pulled")

        monkeypatch.setattr(archive, "_set_aside", pulled)
        assert run(empty, "restore", str(tmp_path / "backup.tar.gz")).exit_code == 1
        arriving = tmp_path / "empty" / ".kundenblick.sqlite3.tmp"
        with closing(sqlite3.connect(arriving)) as connection:
            found = connection.execute(
                "SELECT state, error FROM outbox_entry WHERE id = ?", (entry_id,)
            )
            assert found.fetchall() == [("failed", outbox.RESTORED)]

    def test_an_older_version_had_no_outbox(self, house: Flask, empty: Flask, tmp_path: Path):
        with house.app_context():
            downgrade(revision="0002")
        run(house, "backup", str(tmp_path / "backup.tar.gz"))
        result = run(empty, "restore", str(tmp_path / "backup.tar.gz"))
        assert (result.exit_code, "waited" in result.output) == (0, False)

    def test_the_restored_house_works(self, backup: Path, empty: Flask, tmp_path: Path):
        run(empty, "restore", str(backup))
        again = open_house(tmp_path / "empty")
        assert again.secret_key == (tmp_path / "house" / "secret-key").read_text()
        with again.app_context():
            assert (
                database.db.session.connection()
                .exec_driver_sql(
                    "SELECT count(*) FROM search_trigram WHERE search_trigram MATCH 'exa AND xam'"
                )
                .scalar_one()
                == 40
            )
        close_house(again)

    def test_only_what_belongs_there_is_taken(self, backup: Path):
        with tarfile.open(backup) as tar:
            names = set(tar.getnames())
        assert {"database.sqlite3", "manifest.json", "data/secret-key", "data/demo-login"} <= names
        assert len(names) == 9

    def test_only_its_owner_may_read_it(self, backup: Path):
        assert backup.stat().st_mode & 0o777 == 0o600

    def test_nothing_else_is_left(self, backup: Path, empty: Flask, tmp_path: Path):
        run(empty, "restore", str(backup))
        assert listing(tmp_path) == {"backup.tar.gz", "house", "empty"}
        expected = {"kundenblick.sqlite3", "files", "secret-key", "demo-login"}
        assert listing(tmp_path / "empty") == expected

    def test_secrets_stay_private(self, backup: Path, empty: Flask, tmp_path: Path):
        run(empty, "restore", str(backup))
        assert (tmp_path / "empty" / "secret-key").stat().st_mode & 0o777 == 0o600

    def test_a_backup_taken_while_people_write_is_whole(
        self, house: Flask, empty: Flask, tmp_path: Path
    ):
        """Every transaction writes the same number into two tables; a copy must agree."""
        data, done = tmp_path / "house", threading.Event()
        path = data / "kundenblick.sqlite3"
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE one (n)")
            connection.execute("CREATE TABLE other (n, filler)")

        def write() -> None:
            with closing(sqlite3.connect(path, isolation_level=None, timeout=20)) as connection:
                connection.execute("PRAGMA synchronous = off")
                for n in range(100_000):
                    connection.execute("BEGIN IMMEDIATE")
                    connection.execute("INSERT INTO one VALUES (?)", (n,))
                    connection.execute("INSERT INTO other VALUES (?, ?)", (n, "x" * 2000))
                    connection.execute("COMMIT")
                    if done.is_set():
                        return

        writer = threading.Thread(target=write)
        writer.start()
        try:
            taken = []
            for n in range(4):
                taken.append(tmp_path / f"{n}.tar.gz")
                archive.write(taken[-1], data, path)
        finally:
            done.set()
            writer.join()
        found = []
        for file in taken:
            archive.restore(file, tmp_path / "empty", tmp_path / "empty" / path.name, replace=True)
            with closing(sqlite3.connect(tmp_path / "empty" / path.name)) as connection:
                one, other = (
                    connection.execute(f"SELECT count(*), max(n) FROM {table}").fetchone()
                    for table in ("one", "other")
                )
                found.append(one)
                assert one == other
        assert len(set(found)) == 4, "nobody wrote meanwhile"


class TestWriting:
    def test_a_file_that_exists_stays(self, house: Flask, tmp_path: Path):
        file = tmp_path / "mine.txt"
        file.write_text("mine")
        result = run(house, "backup", str(file))
        assert (result.exit_code, file.read_text()) == (1, "mine")
        assert "exists already" in result.output

    def test_force_replaces_it(self, house: Flask, tmp_path: Path):
        file = tmp_path / "mine.txt"
        file.write_text("mine")
        assert run(house, "backup", str(file), "--force").exit_code == 0
        assert tarfile.is_tarfile(file)

    def test_a_folder_that_is_missing(self, house: Flask, tmp_path: Path):
        result = run(house, "backup", str(tmp_path / "nowhere" / "b.tar.gz"))
        assert result.exit_code == 1
        assert "nowhere" in result.output

    def test_a_house_without_database(self, empty: Flask, tmp_path: Path):
        result = run(empty, "backup", str(tmp_path / "b.tar.gz"))
        assert result.exit_code == 1
        assert "no database" in result.output
        assert listing(tmp_path) == {"empty"}

    def test_a_backup_among_the_data_does_not_hold_itself(self, house: Flask, tmp_path: Path):
        file = tmp_path / "house" / "own.tar.gz"
        run(house, "backup", str(file))
        run(house, "backup", str(file), "--force")
        with tarfile.open(file) as tar:
            assert "data/own.tar.gz" not in tar.getnames()

    def test_a_database_elsewhere(self, house: Flask, tmp_path: Path):
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        for path in (tmp_path / "house").glob("kundenblick.sqlite3*"):
            path.rename(elsewhere / path.name)
        file = tmp_path / "b.tar.gz"
        archive.write(file, tmp_path / "house", elsewhere / "kundenblick.sqlite3")
        (tmp_path / "new").mkdir()
        archive.restore(file, tmp_path / "new", tmp_path / "disk.sqlite3")
        assert "kundenblick.sqlite3" not in listing(tmp_path / "new")
        shutil.copy(tmp_path / "disk.sqlite3", tmp_path / "new" / "kundenblick.sqlite3")
        assert counts(tmp_path / "new") == counts(elsewhere)


class TestRefused:
    def test_a_folder_that_holds_something(self, house: Flask, backup: Path, tmp_path: Path):
        before = rows(tmp_path / "house")
        result = run(house, "restore", str(backup))
        assert result.exit_code == 1
        assert "not empty" in result.output
        assert rows(tmp_path / "house") == before

    def test_force_keeps_aside_what_was_there(self, house: Flask, backup: Path, tmp_path: Path):
        data = tmp_path / "house"
        with closing(sqlite3.connect(data / "kundenblick.sqlite3")) as connection:
            connection.execute("DELETE FROM comment")
            connection.commit()
        (data / "kundenblick.sqlite3-journal").write_text("stale")
        result = run(house, "restore", str(backup), "--force")
        assert result.exit_code == 0, result.output
        (aside,) = data.glob("replaced-*")
        assert aside.name in result.output
        assert (counts(data)["comment"], counts(aside)["comment"]) == (200, 0)
        assert {"files", "secret-key", "demo-login"} <= listing(aside)
        assert (data / "backups" / "old.tar.gz").exists()
        assert not list(data.glob("kundenblick.sqlite3-*"))

    def test_a_database_in_use(self, house: Flask, backup: Path, tmp_path: Path):
        data = tmp_path / "house"
        with closing(sqlite3.connect(data / "kundenblick.sqlite3")) as server:
            server.execute("PRAGMA journal_mode = wal")
            server.execute("SELECT count(*) FROM customer").fetchone()
            result = run(house, "restore", str(backup), "--force")
        assert result.exit_code == 1
        assert "stop the server" in result.output
        assert not list(data.glob("replaced-*"))

    @pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
    def test_an_archive_that_was_cut_off(
        self, backup: Path, empty: Flask, tmp_path: Path, share: float
    ):
        whole = backup.read_bytes()
        self.refused(whole[: int(len(whole) * share)], empty, tmp_path)

    @pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9])
    def test_an_archive_with_a_flipped_bit(
        self, backup: Path, empty: Flask, tmp_path: Path, share: float
    ):
        broken = bytearray(backup.read_bytes())
        broken[int(len(broken) * share)] ^= 1
        self.refused(bytes(broken), empty, tmp_path)

    def test_no_archive_at_all(self, empty: Flask, tmp_path: Path):
        self.refused(b"Dear diary", empty, tmp_path)

    def test_an_archive_of_something_else(self, empty: Flask, tmp_path: Path):
        self.refused(packed([("readme.txt", b"hello")]), empty, tmp_path)

    def test_a_database_that_is_damaged(self, backup: Path, empty: Flask, tmp_path: Path):
        def damage(name: str, data: bytes) -> bytes:
            return data[:8192] + bytes(len(data) - 8192) if name == "database.sqlite3" else data

        self.refused(repacked(backup, damage), empty, tmp_path)

    def test_a_database_with_orphans(self, backup: Path, empty: Flask, tmp_path: Path):
        def orphan(name: str, data: bytes) -> bytes:
            if name != "database.sqlite3":
                return data
            path = tmp_path / "orphans.sqlite3"
            path.write_bytes(data)
            with closing(sqlite3.connect(path)) as connection:
                connection.execute("DELETE FROM customer WHERE id = 1")
                connection.execute("PRAGMA journal_mode = delete")
                connection.commit()
            return path.read_bytes()

        self.refused(repacked(backup, orphan), empty, tmp_path)

    @pytest.mark.parametrize(
        "name",
        [
            *("../evil", "/etc/evil", "data/../../evil", "data/..", "data/", "data", "data//evil"),
            *("data/./evil", "data/a/../../evil", "./data/evil", "data\\evil", "data/..\\evil"),
            *("data/kundenblick.sqlite3", "data/kundenblick.sqlite3-wal", "data/.restore-x/evil"),
            *("data/backups/evil", "data/replaced-1/evil", "evil", "database.sqlite3"),
        ],
    )
    def test_names_that_no_backup_has(self, backup: Path, empty: Flask, tmp_path: Path, name: str):
        hostile = packed([*members(backup), (name, b"evil")])
        self.refused(hostile, empty, tmp_path)
        assert not list(tmp_path.rglob("evil"))

    @pytest.mark.parametrize(
        "kind",
        [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE],
    )
    def test_anything_but_files(self, backup: Path, empty: Flask, tmp_path: Path, kind: bytes):
        entry = tarfile.TarInfo("data/files")
        entry.type, entry.linkname = kind, str(tmp_path / "house" / "secret-key")
        self.refused(packed(members(backup), entry), empty, tmp_path)

    def refused(self, content: bytes, empty: Flask, tmp_path: Path) -> None:
        """The archive is refused with a sentence, and the empty data folder is as it was."""
        file, data = tmp_path / "bad.tar.gz", tmp_path / "empty"
        file.write_bytes(content)
        key = (data / "secret-key").read_bytes()
        result = run(empty, "restore", str(file))
        assert result.exit_code == 1
        assert result.output.startswith("Error: ")
        assert len(result.output.splitlines()) == 1
        assert (listing(data), (data / "secret-key").read_bytes()) == ({"secret-key"}, key)


def test_a_missing_file_is_told(empty: Flask, tmp_path: Path):
    with pytest.raises(Unusable, match="no file"):
        archive.restore(tmp_path / "none", tmp_path / "empty", tmp_path / "empty" / "x.sqlite3")


def members(backup: Path) -> list[tuple[str, bytes]]:
    """What a backup holds before its manifest."""
    with tarfile.open(backup) as tar:
        return [
            (member.name, (tar.extractfile(member) or io.BytesIO()).read())
            for member in tar
            if member.name != "manifest.json"
        ]


def repacked(backup: Path, change: Callable[[str, bytes], bytes]) -> bytes:
    """A backup with other content and a manifest that fits it."""
    return packed([(name, change(name, data)) for name, data in members(backup)])


def packed(contents: list[tuple[str, bytes]], *entries: tarfile.TarInfo) -> bytes:
    """An archive of these files, further entries and the manifest that fits."""
    listed = {name: hashlib.sha256(data).hexdigest() for name, data in contents}
    contents = [*contents, ("manifest.json", json.dumps({"sha256": listed}).encode())]
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for entry in entries:
            tar.addfile(entry)
        for name, data in contents:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()
