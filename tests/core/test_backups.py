"""Backups by schedule: which are kept, and that nobody else's file is touched."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from app.core import archive, backups
from app.core.backups import DAYS, MONTHS, WEEKS, NoRoom, kept

NIGHT = date(2026, 11, 25)


def days(*texts: str) -> set[date]:
    return {date.fromisoformat(text) for text in texts}


@pytest.mark.parametrize(
    ("made", "left"),
    [
        ([], []),
        (["2026-11-25"], ["2026-11-25"]),
        (  # the last of each week, for there are not seven weeks
            ["2026-11-02", "2026-11-08", "2026-11-15", "2026-11-22", "2026-11-25"],
            ["2026-11-02", "2026-11-08", "2026-11-15", "2026-11-22", "2026-11-25"],
        ),
        (  # eight days of one week and the next: the Monday goes
            [f"2026-11-{day}" for day in range(16, 24)],
            [f"2026-11-{day}" for day in range(17, 24)],
        ),
        (  # years without a worker: what there is counts, not what there should be
            ["2019-05-01", "2021-02-03", "2026-11-25"],
            ["2019-05-01", "2021-02-03", "2026-11-25"],
        ),
        (  # the turn of the year: the 31st and the 1st are of one week but of two months
            ["2025-12-31", "2026-01-01", *(f"2026-01-{day:02}" for day in range(12, 19))],
            ["2025-12-31", "2026-01-01", *(f"2026-01-{day:02}" for day in range(12, 19))],
        ),
    ],
    ids=["none", "one", "weeks", "days", "gaps", "year"],
)
def test_which_are_kept(made: list[str], left: list[str]):
    assert kept(days(*made)) == days(*left)


def test_after_two_years_of_nights_half_a_year_can_be_reached():
    there: set[date] = set()
    for n in range(730):
        night = NIGHT + timedelta(days=n)
        there = kept({*there, night})
        assert len(there) <= DAYS + WEEKS + MONTHS
        if n < 200:
            continue
        assert there >= {night - timedelta(days=back) for back in range(DAYS)}
        months = {(day.year, day.month) for day in there}
        assert len(months) >= MONTHS
        oldest_week = night - timedelta(weeks=WEEKS - 1)
        assert any(day.isocalendar()[:2] == oldest_week.isocalendar()[:2] for day in there)


@pytest.fixture
def folder(app: Flask, context: None) -> Iterator[Path]:
    """The folder of backups, empty."""
    yield backups.folder()
    shutil.rmtree(backups.folder(), ignore_errors=True)


def touch(folder: Path, *names: str) -> None:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_text("x")


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_backup_is_made_of_everything(folder: Path, tmp_path: Path):
    backup = backups.make(NIGHT)
    assert backup.path.name == "nightly-2026-11-25.tar.gz"
    assert backup.size == backup.path.stat().st_size > 1000
    assert backups.made() == [backup]
    assert backup.path.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    (tmp_path / "new").mkdir()
    archive.restore(backup.path, tmp_path / "new", tmp_path / "new" / "kundenblick.sqlite3")
    assert (tmp_path / "new" / "kundenblick.sqlite3").exists()


def test_the_same_night_has_one(folder: Path):
    backups.make(NIGHT)
    backups.make(NIGHT)
    assert names(folder) == {"nightly-2026-11-25.tar.gz"}


def test_only_its_own_are_deleted(folder: Path):
    own = [f"nightly-{NIGHT - timedelta(days=n)}.tar.gz" for n in range(1, 300)]
    others = ["nightly-2020-01-01.tar.gz.old", "kundenblick-2020-01-01.tar.gz", "notes.txt"]
    others += ["nightly-2020-13-01.tar.gz", "nightly-2020-01-01.zip"]
    touch(folder, *own, *others)
    (folder / "nightly-2020-01-01.tar.gz").mkdir()  # a folder is nobody's backup
    backups.make(NIGHT)
    assert names(folder) >= {*others, "nightly-2020-01-01.tar.gz"}
    assert len(backups.made()) <= DAYS + WEEKS + MONTHS


def test_what_a_killed_worker_left_goes(folder: Path):
    folder.mkdir()
    (folder / ".nightly-2026-11-24.tar.gz-abc").mkdir()
    touch(folder / ".nightly-2026-11-24.tar.gz-abc", "database.sqlite3")
    backups.make(NIGHT)
    assert names(folder) == {"nightly-2026-11-25.tar.gz"}


def test_without_room_it_is_not_begun_and_nothing_goes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    own = [f"nightly-{NIGHT - timedelta(days=n)}.tar.gz" for n in range(1, 30)]
    touch(folder, *own)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=1000))
    with pytest.raises(NoRoom) as told:
        backups.make(NIGHT)
    assert told.value.free == 1000 < told.value.needed
    assert names(folder) == {*own}


def test_when_the_disk_fills_the_earlier_ones_stay(folder: Path, monkeypatch: pytest.MonkeyPatch):
    own = [f"nightly-{NIGHT - timedelta(days=n)}.tar.gz" for n in range(30)]
    touch(folder, *own)

    def full(*_told: Any, **_options: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive, "_pack", full)
    with pytest.raises(OSError, match="No space"):
        backups.make(NIGHT)
    assert names(folder) == {*own}
    assert (folder / own[0]).read_text() == "x"
