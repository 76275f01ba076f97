"""Backups by schedule: one a night, and few enough that the disk does not fill.

They lie in the folder `backups` of the data folder, each as `flask backup` writes it. Only what has
their name is ever deleted, and only after a new one is whole.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from flask import current_app

from app.core import archive, database

DAYS, WEEKS, MONTHS = 7, 4, 6
"""Of so many days, weeks and months that have a backup the last one is kept."""
NAME = re.compile(r"nightly-(\d{4}-\d{2}-\d{2})\.tar\.gz")
UNFINISHED = ".nightly-*"


class NoRoom(Exception):
    """The disk has less `free` than a backup may need, in bytes."""

    def __init__(self, needed: int, free: int):
        super().__init__(f"{needed} bytes needed, {free} free")
        self.needed, self.free = needed, free


@dataclass(frozen=True)
class Backup:
    """A backup that lies there: of which night, and how large it is in bytes."""

    night: date
    path: Path
    size: int


def make(night: date) -> Backup:
    """Back up for a night, and delete what need not be kept any longer.

    Raises NoRoom, archive.Unusable or OSError; then the earlier ones are untouched.
    """
    folder().mkdir(mode=0o700, exist_ok=True)
    _drop_unfinished()
    _check_room()
    target = folder() / f"nightly-{night}.tar.gz"
    archive.write(target, current_app.config["DATA"], database.file(), replace=True)
    there = made()
    keep = kept([backup.night for backup in there])
    for backup in there:
        if backup.night not in keep:
            backup.path.unlink()
    return Backup(night, target, target.stat().st_size)


def made() -> list[Backup]:
    """The backups that the nights made, the latest first."""
    found = folder().iterdir() if folder().is_dir() else ()
    return sorted((b for b in map(_backup, found) if b), key=lambda b: b.night, reverse=True)


def folder() -> Path:
    return Path(current_app.config["DATA"]) / "backups"


def kept(nights: Collection[date]) -> set[date]:
    """Which of these to keep: the last of each of the latest DAYS, WEEKS and MONTHS there are."""
    latest = sorted(nights, reverse=True)
    periods: list[tuple[int, Callable[[date], Any]]] = [
        (DAYS, lambda night: night),
        (WEEKS, lambda night: night.isocalendar()[:2]),
        (MONTHS, lambda night: (night.year, night.month)),
    ]
    return {night for count, period in periods for night in _last_of_each(latest, period)[:count]}


def _last_of_each(latest: list[date], period: Callable[[date], Any]) -> list[date]:
    ends: dict[Any, date] = {}
    for night in latest:
        ends.setdefault(period(night), night)
    return list(ends.values())


def _backup(path: Path) -> Backup | None:
    name = NAME.fullmatch(path.name)
    try:
        night = date.fromisoformat(name[1]) if name else None
        return Backup(night, path, path.stat().st_size) if night and path.is_file() else None
    except (ValueError, FileNotFoundError):
        return None


def _drop_unfinished() -> None:
    """What a worker left that was killed meanwhile; the lock of the worker keeps others away."""
    for path in folder().glob(UNFINISHED):
        shutil.rmtree(path, ignore_errors=True)


def _check_room() -> None:
    """A backup must not take the room in which people work."""
    own = database.file().stat().st_size
    needed = own * 2 + sum(_sizes(Path(current_app.config["DATA"]) / "files"))
    free = shutil.disk_usage(folder()).free
    if free < needed:
        raise NoRoom(needed, free)


def _sizes(files: Path) -> Iterator[int]:
    for path in files.rglob("*"):
        if path.is_file():
            yield path.stat().st_size
