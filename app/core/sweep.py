"""The sweep: rows and stored files agree again, and what it found is told.

Files that no row needs (any more) are deleted, an hour after they came: their row may be on its
way. A row whose file is missing is only told; nobody but a backup can bring the file back.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from app.core import files
from app.core.database import db, now
from app.core.events import ask

HOUR = 3600
SOON = 120
"""Seconds within which the row of a file has come, were it not for a process that died."""
FEW = 20
PREFIXES = [f"{number:02x}" for number in range(256)]
STORED = re.compile(r"[0-9a-f]{64}")
ARRIVING = re.compile(r"tmp\w{8}")


@dataclass
class Found:
    """What a sweep found: how many files are `needed`, which were `deleted`, and how much it was.

    `missing` and `damaged` tell by the file's name what needs it. `doubtful` are files that nobody
    needs but too many to be deleted without being asked.
    """

    needed: int = 0
    deleted: list[str] = field(default_factory=list)
    freed: int = 0
    unfinished: int = 0
    doubtful: list[str] = field(default_factory=list)
    missing: dict[str, Any] = field(default_factory=dict)
    damaged: dict[str, Any] = field(default_factory=dict)


def sweep(*, verify: bool = False, force: bool = False) -> Found:
    """Delete what nobody needs; `verify` also reads every file and compares it with its name.

    If more files would go than stay, this may be the wrong database: unless `force`, they stay.
    Run it with nothing unsaved: it reads the database piece by piece and lets go of it each time.
    """
    found = Found()
    unneeded: list[Path] = []
    files.root().mkdir(parents=True, exist_ok=True)
    for prefix in PREFIXES:
        stored = _stored(prefix)  # before the rows are read: what comes later is not looked at
        needed = _needed(prefix)
        unneeded += [path for name, path in stored.items() if name not in needed and _is_old(path)]
        found.needed += len(needed)
        found.missing |= {n: by for n, by in needed.items() if not files.path_of(n).exists()}
        if verify:
            found.damaged |= _damaged(needed)
    if len(unneeded) > max(FEW, found.needed) and not force:
        found.doubtful = [path.name for path in unneeded]
    else:
        _delete(unneeded, found)
    _delete_unfinished(found)
    return found


def needed() -> set[str]:
    """The names of all files that a row needs; run it with nothing unsaved."""
    return {name for prefix in PREFIXES for name in _needed(prefix)}


def drop_needless(before: set[str]) -> tuple[int, int]:
    """Of the files that were `needed` before, delete at once what is not any more.

    However many these are: that they were needed tells that this is the right database. Answers
    how many went, and how many stay because they came just now.
    """
    moment = now()
    ceased = {name for name in before - needed() if files.path_of(name).exists()}
    for name in ceased:
        drop(name, moment)
    stayed = {name for name in ceased if files.path_of(name).exists()}
    return len(ceased - stayed), len(stayed - needed())


def drop(name: str, since: datetime) -> None:
    """Delete a file at once that a row has just ceased to need.

    It stays if another row needs it, or if somebody has stored the same since that instant or in
    the last minutes: their row may be on its way. A sweep looks at it later. Run it with nothing
    unsaved.
    """
    path = files.path_of(name)
    with files.held(alone=True):
        latest = min(since.timestamp(), time.time() - SOON)
        is_old = path.exists() and path.stat().st_mtime <= latest
        if is_old and name not in _needed(name):
            path.unlink()


def _stored(prefix: str) -> dict[str, Path]:
    folder = files.root() / prefix
    if not folder.is_dir():
        return {}
    return {path.name: path for path in folder.iterdir() if STORED.fullmatch(path.name)}


def _needed(prefix: str) -> dict[str, Any]:
    """What every area needs, read without holding up those who write."""
    db.session.connection(execution_options={"read_only": True})
    try:
        answers = ask("files.named", prefix=prefix)
    finally:
        db.session.rollback()
    return {name: by for answer in answers for name, by in answer.items()}


def _is_old(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > HOUR
    except FileNotFoundError:
        return False


def _damaged(needed: dict[str, Any]) -> dict[str, Any]:
    paths = {name: files.path_of(name) for name in needed}
    return {
        name: needed[name]
        for name, path in paths.items()
        if path.exists() and files.digest_of(path) != name
    }


def _delete(unneeded: list[Path], found: Found) -> None:
    """One at a time and asked again: somebody may just be storing the same content."""
    for path in unneeded:
        with files.held(alone=True):
            if _is_old(path):
                found.freed += path.stat().st_size
                path.unlink()
                found.deleted.append(path.name)


def _delete_unfinished(found: Found) -> None:
    for path in _arriving():
        if _is_old(path):
            path.unlink(missing_ok=True)
            found.unfinished += 1


def _arriving() -> Iterator[Path]:
    """Files whose writing was cut off."""
    for path in files.root().iterdir():
        if path.is_dir():
            yield from (inner for inner in path.iterdir() if ARRIVING.fullmatch(inner.name))
        elif ARRIVING.fullmatch(path.name):
            yield path
