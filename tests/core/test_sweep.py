"""The sweep: what nothing needs goes, what is missing is told, and nothing else is touched."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from app.core import files
from app.core.database import db, now
from app.core.sweep import HOUR, drop, sweep


@pytest.fixture
def needed(
    app: Flask, context: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """What areas need, in a folder of its own: files by their names, with who needs them."""
    monkeypatch.setitem(app.config, "DATA", tmp_path)
    needed: dict[str, str] = {}

    def answers(_question: str, prefix: str) -> list[dict[str, str]]:
        return [{name: by for name, by in needed.items() if name.startswith(prefix)}]

    monkeypatch.setattr("app.core.sweep.ask", answers)
    return needed


@pytest.fixture
def keep(needed: dict[str, str]) -> Callable[..., Path]:
    """Store a file, so old already, needed by somebody or by nobody."""

    def keeping(content: str, by: str = "", age: float = HOUR + 60) -> Path:
        name = files.keep(content.encode())
        if by:
            needed[name] = by
        return aged(files.path_of(name), age)

    return keeping


def aged(path: Path, age: float = HOUR + 60) -> Path:
    born = time.time() - age
    os.utime(path, (born, born))
    return path


def test_only_what_nothing_needs_goes(keep: Callable[..., Path]):
    kept, orphan = keep("kept", by="somebody"), keep("orphan!")
    found = sweep()
    assert (kept.exists(), orphan.exists()) == (True, False)
    assert (found.needed, found.deleted, found.freed) == (1, [orphan.name], 7)
    assert (found.missing, found.damaged, found.doubtful) == ({}, {}, [])
    assert sweep().deleted == []


def test_what_came_within_the_hour_stays(keep: Callable[..., Path]):
    fresh = keep("fresh", age=HOUR - 60)
    assert sweep().deleted == []
    assert fresh.exists()


def test_what_is_stored_again_has_an_hour_again(keep: Callable[..., Path]):
    old = keep("again")
    files.keep(b"again")
    assert sweep().deleted == []
    assert old.exists()


def test_what_somebody_stored_a_moment_ago_is_not_dropped(
    needed: dict[str, str], keep: Callable[..., Path]
):
    """Whoever stored the same has not written the row yet; the sweep comes back to it."""
    fresh, old, wanted = keep("fresh", age=60), keep("old", age=600), keep("wanted", "it", age=600)
    newer = keep("newer", age=600)
    for path in (fresh, old, wanted):
        drop(path.name, now())
    drop(newer.name, now() - timedelta(hours=1))
    assert [path.exists() for path in (fresh, old, wanted, newer)] == [True, False, True, True]


def test_what_is_missing_is_told(keep: Callable[..., Path]):
    missing = keep("missing", by="document 3")
    missing.unlink()
    found = sweep()
    assert found.missing == {missing.name: "document 3"}
    assert found.needed == 1


def test_what_is_damaged_is_told_when_asked(keep: Callable[..., Path]):
    damaged, whole = keep("damaged", by="document 4"), keep("whole", by="document 5")
    damaged.write_text("damage!")
    assert sweep().damaged == {}
    found = sweep(verify=True)
    assert found.damaged == {damaged.name: "document 4"}
    assert whole.exists()
    assert damaged.exists()


def test_uploads_that_were_cut_off_go(keep: Callable[..., Path]):
    folder = keep("kept", by="somebody").parent
    cut = [files.root() / "tmpabcd1234", folder / "tmpefgh5678"]
    going, other = files.root() / "tmprunning", files.root() / "notes.txt"
    for path in (*cut, going, other):
        path.write_text("half")
    for path in (*cut, other):
        aged(path)
    assert sweep().unfinished == 2
    assert [path.exists() for path in (*cut, going, other)] == [False, False, True, True]


def test_in_the_wrong_database_nearly_nothing_is_needed(keep: Callable[..., Path]):
    keep("kept", by="somebody")
    orphans = [keep(f"orphan {number}") for number in range(21)]
    found = sweep()
    assert found.deleted == []
    assert set(found.doubtful) == {path.name for path in orphans}
    assert len(sweep(force=True).deleted) == 21


def test_others_may_write_meanwhile(needed: dict[str, str], monkeypatch: pytest.MonkeyPatch):
    """It never keeps the lock of the database: else this could not take it."""
    ends = 0

    def answers(_question: str, prefix: str) -> list[dict[str, str]]:
        nonlocal ends
        db.session.execute(text("SELECT count(*) FROM customer"))
        with db.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE customer SET town = 'Bonn'")
        ends += 1
        return []

    monkeypatch.setattr("app.core.sweep.ask", answers)
    sweep()
    assert ends == 256


def test_storing_and_sweeping_at_once_loses_nothing(app: Flask, keep: Callable[..., Path]):
    """However they meet: what was stored just now is there after the sweep."""
    contents = [f"orphan {number}".encode() for number in range(15)]
    paths = [files.path_of(hashlib.sha256(content).hexdigest()) for content in contents]
    for _ in range(3):
        for content in contents:
            keep(content.decode())
        start = threading.Barrier(2)

        def store(start: threading.Barrier = start) -> None:
            with app.app_context():
                start.wait()
                for content in contents:
                    files.keep(content)

        thread = threading.Thread(target=store)
        thread.start()
        start.wait()
        sweep()
        thread.join()
        assert all(path.exists() for path in paths)
