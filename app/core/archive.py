"""Backups: one archive of the database and everything else in the data folder.

A `.tar.gz` with `database.sqlite3` (copied by SQLite itself, so it is whole even while people
write), the files of the data folder below `data/`, and at the end `manifest.json` with the SHA-256
of every member: what has no manifest was cut off, what differs from it is damaged.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any

from app.core.database import now

DATABASE = "database.sqlite3"
MANIFEST = "manifest.json"
DATA = "data"
LARGEST_MANIFEST = 256 * 1024 * 1024
LEVEL = 6
SIDE_FILES = ("-wal", "-shm", "-journal")
SECRET = "secret-key"

PASSING = re.compile(r"\..*|tmp\w{8}|.*\.(tmp|lock)")
"""Temporary files and locks, by their names."""
APART = re.compile(r"backups|replaced-.*|queue\.sqlite3.*")
"""What the data folder holds and no backup takes: earlier backups, what a restore replaced, the
queue of the worker, which holds nothing that would be missed."""


class Unusable(Exception):
    """A backup that cannot be made or restored; the sentence says why."""


def write(target: Path, data: Path, database: Path, *, replace: bool = False) -> int:
    """Back up into a new file, readable by its owner only; answers how many files it holds.

    Raises Unusable when there is no database or, unless `replace`, the target exists.
    """
    if not database.exists():
        raise Unusable(f"There is no database at {database}.")
    if target.exists() and not replace:
        raise Unusable(f"{target} exists already.")
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as folder:
        copy, archive = Path(folder) / DATABASE, Path(folder) / "archive"
        _copy_database(database, copy)
        sums = _pack(archive, [(DATABASE, copy), *_files(data, database, target)])
        archive.replace(target)
    _keep_entry(target.parent)
    return len(sums)


def restore(
    source: Path,
    data: Path,
    database: Path,
    *,
    replace: bool = False,
    prepare: Callable[[Path], None] = lambda _database: None,
) -> Path | None:
    """Put a backup in place, whole or not at all.

    The data folder must hold nothing but a secret key, unless `replace`: then what was there is
    moved into a folder of its own, whose path is answered. `prepare` is given the database while
    nobody else can find it yet. Raises Unusable for an archive that is damaged or holds what no
    backup does, and while a server uses the database.
    """
    if not replace and not _is_empty(data, database):
        raise Unusable(f"{data} is not empty.")
    with tempfile.TemporaryDirectory(dir=data, prefix=".restore-") as name:
        folder = Path(name)
        (folder / DATA).mkdir()
        _unpack(source, folder, reserved=_own_files(database))
        _check_database(folder / DATABASE)
        prepare(folder / DATABASE)
        _check_unused(database)
        arriving = database.with_name(f".{database.name}.tmp")
        shutil.move(folder / DATABASE, arriving)  # perhaps to another disk
        aside = _set_aside(data, database)
        arriving.replace(database)
        for path in (folder / DATA).iterdir():
            path.replace(data / path.name)
    return aside


def _copy_database(source: Path, target: Path) -> None:
    """All pages in one go: SQLite reads them from one moment, and writers do not have to wait."""
    address = f"{source.absolute().as_uri()}?mode=ro"
    with (
        closing(sqlite3.connect(address, uri=True)) as original,
        closing(sqlite3.connect(target)) as copy,
    ):
        original.backup(copy)


def _files(data: Path, database: Path, target: Path) -> Iterator[tuple[str, Path]]:
    """The files to keep beside the database, by their names in the archive."""
    passed = {target.absolute(), *(database.absolute().with_name(n) for n in _own_files(database))}
    for path in _kept(data):
        for file in _walk(path):
            if file.absolute() not in passed:
                yield f"{DATA}/{file.relative_to(data).as_posix()}", file


def _own_files(database: Path) -> set[str]:
    return {database.name, *(database.name + end for end in SIDE_FILES)}


def _kept(data: Path) -> list[Path]:
    """What lies in the data folder to stay."""
    return sorted(path for path in data.iterdir() if not _is_left_out(path.name))


def _is_left_out(name: str) -> bool:
    return bool(PASSING.fullmatch(name) or APART.fullmatch(name))


def _walk(path: Path) -> Iterator[Path]:
    if path.is_dir():
        for inner in sorted(path.iterdir()):
            if not PASSING.fullmatch(inner.name):
                yield from _walk(inner)
    elif path.is_file():
        yield path


def _pack(archive: Path, files: list[tuple[str, Path]]) -> dict[str, str]:
    """Write the archive to the disk and answer the SHA-256 of every member."""
    sums: dict[str, str] = {}
    descriptor = os.open(archive, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as raw:
        with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=LEVEL) as tar:
            for name, path in files:
                _add(tar, name, path, sums)
            manifest = json.dumps({"made_at": now().isoformat(), "sha256": sums}).encode()
            entry = tarfile.TarInfo(MANIFEST)
            entry.size = len(manifest)
            tar.addfile(entry, io.BytesIO(manifest))
        raw.flush()
        os.fsync(raw.fileno())
    return sums


def _add(tar: tarfile.TarFile, name: str, path: Path, sums: dict[str, str]) -> None:
    """Add one file; one that vanished meanwhile was about to be replaced or removed."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        status = os.fstat(file.fileno())
        entry = tarfile.TarInfo(name)
        entry.size, entry.mtime, entry.mode = status.st_size, status.st_mtime, status.st_mode
        summing = _Summing(file)
        tar.addfile(entry, summing)  # type: ignore[arg-type]
        sums[name] = summing.sum.hexdigest()


class _Summing:
    """A file that is summed while it is read."""

    def __init__(self, file: IO[bytes]):
        self.file, self.sum = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(size)
        self.sum.update(data)
        return data


def _unpack(source: Path, folder: Path, reserved: set[str]) -> None:
    """Every member is written under a name that was checked, by nothing but its bytes."""
    sums: dict[str, str] = {}
    manifest: Any = None
    with _told_damage(source), tarfile.open(source, "r:gz") as tar:
        for member in tar:
            name = _checked_name(member, sums, reserved)
            file = tar.extractfile(member)
            assert file is not None
            if name == MANIFEST:
                manifest = json.loads(file.read(LARGEST_MANIFEST))["sha256"]
                break
            if member.size > shutil.disk_usage(folder).free:
                raise Unusable(f"The disk has no room for {name}.")
            sums[name] = _extract(file, folder / name, member.mode)
    if manifest is None:
        raise Unusable(f"{source} is cut off.")
    if manifest != sums or DATABASE not in sums:
        raise Unusable(f"{source} is damaged.")


@contextmanager
def _told_damage(source: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as fault:
        raise Unusable(f"There is no file {source}.") from fault
    except (tarfile.TarError, EOFError, zlib.error, OSError, ValueError, LookupError) as fault:
        if isinstance(fault, OSError) and fault.errno is not None:
            raise
        raise Unusable(f"{source} is no backup, or it is damaged.") from fault


def _checked_name(member: tarfile.TarInfo, known: dict[str, str], reserved: set[str]) -> str:
    """The name of a plain file that belongs into a backup and came only once."""
    name = member.name
    if not member.isreg() or name in known or not _is_backed_up(name, reserved):
        raise Unusable(f"The archive holds {name!r}, which no backup does.")
    return name


def _is_backed_up(name: str, reserved: set[str]) -> bool:
    """Whether a backup has such a member; nothing else could leave the folder or hide a file."""
    top, *parts = name.split("/")
    if not parts:
        return name in (DATABASE, MANIFEST)
    clean = not any(part in ("", ".", "..") or "\\" in part or "\0" in part for part in parts)
    return top == DATA and clean and parts[0] not in reserved and not _is_left_out(parts[0])


def _extract(file: IO[bytes], target: Path, mode: int) -> str:
    target.parent.mkdir(parents=True, exist_ok=True)
    summing = _Summing(file)
    with target.open("xb") as written:
        shutil.copyfileobj(summing, written)
        written.flush()
        os.fsync(written.fileno())
    target.chmod(mode & 0o700 | 0o600)
    return summing.sum.hexdigest()


def _check_database(path: Path) -> None:
    try:
        with closing(sqlite3.connect(path)) as connection:
            found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            orphan = connection.execute("PRAGMA foreign_key_check").fetchone()
            connection.execute("PRAGMA journal_mode = delete")
    except sqlite3.DatabaseError as fault:
        raise Unusable(f"The database in the archive is damaged: {fault}.") from fault
    if found != "ok" or orphan:
        raise Unusable(f"The database in the archive is damaged: {orphan or found}.")


def _check_unused(database: Path) -> None:
    """Leaving the WAL mode needs the database for itself, so it fails while a server runs."""
    if not database.exists():
        return
    try:
        with closing(sqlite3.connect(database, timeout=1)) as connection:
            connection.execute("PRAGMA journal_mode = delete")
    except sqlite3.OperationalError as fault:
        raise Unusable("The database is in use; stop the server first.") from fault
    except sqlite3.DatabaseError:
        return  # what is damaged may be replaced


def _is_empty(data: Path, database: Path) -> bool:
    own = [database.with_name(name) for name in _own_files(database)]
    return {p.name for p in _kept(data)} <= {SECRET} and not any(p.exists() for p in own)


def _set_aside(data: Path, database: Path) -> Path | None:
    """Move what is there out of the way; a secret key alone is not worth keeping."""
    if _is_empty(data, database):
        return None
    aside = data / f"replaced-{now():%Y%m%d-%H%M%S-%f}"
    aside.mkdir()
    own = [database.with_name(name) for name in _own_files(database)]
    for path in {*own, *_kept(data)}:
        if path.exists():
            shutil.move(path, aside / path.name)
    return aside


def _keep_entry(folder: Path) -> None:
    """Make the new name last, too, when the power fails."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
