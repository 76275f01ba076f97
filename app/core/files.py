"""Files that people bring: under own names, outside the web root, each content once.

A file is written to the disk before the row that names it, so a crash in between leaves a file
that nobody needs and never a row without its file; `core.sweep` takes such files away.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from flask import current_app

BLOCK = 1024 * 1024

announces = {
    "files.named": "Question: which stored files are needed? Handlers are given the first letters "
    "of their names as `prefix` and answer a dict from name to what needs it",
}


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored file: its name, the SHA-256 of its content, and its size in bytes."""

    name: str
    size: int


def keep(data: bytes) -> str:
    """Store bytes and return their name, the SHA-256 of the content; the same content once."""
    return keep_all(io.BytesIO(data)).name


def keep_all(source: IO[bytes]) -> Stored:
    """Store what can be read from here, however much it is, a block at a time.

    Slow: never inside a writing transaction. The row that names the file has an hour to come.
    """
    root().mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=root())
    arriving = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            stored = _copy(source, file)
        _put_in_place(arriving, path_of(stored.name))
    finally:
        arriving.unlink(missing_ok=True)
    return stored


def root() -> Path:
    """The folder of all stored files."""
    return Path(current_app.config["DATA"]) / "files"


def path_of(name: str) -> Path:
    """Where the content of a name lies."""
    if len(name) != 64 or not name.isalnum():
        raise ValueError("not the name of a stored file")
    return root() / name[:2] / name


def digest_of(path: Path) -> str:
    """The SHA-256 of what a file holds now."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def held(*, alone: bool = False) -> Iterator[None]:
    """Keep a sweep from taking files away that are just being stored, and the other way round."""
    with (root() / ".lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield


def _copy(source: IO[bytes], file: IO[bytes]) -> Stored:
    digest, size = hashlib.sha256(), 0
    while block := source.read(BLOCK):
        digest.update(block)
        size += file.write(block)
    file.flush()
    os.fsync(file.fileno())
    return Stored(digest.hexdigest(), size)


def _put_in_place(arriving: Path, path: Path) -> None:
    """What lies there already is replaced by the same: from now on its row has an hour again."""
    with held():
        path.parent.mkdir(exist_ok=True)
        arriving.replace(path)
    for folder in (path.parent, root()):
        _make_last(folder)


def _make_last(folder: Path) -> None:
    """The new name is on the disk, too, when the power fails."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
