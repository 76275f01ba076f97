"""Files that people bring: under own names, outside the web root, each content once."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from flask import current_app


def keep(data: bytes) -> str:
    """Store bytes and return their name, the SHA-256 of the content; the same content once."""
    digest = hashlib.sha256(data).hexdigest()
    path = path_of(digest)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(path)
    return digest


def path_of(digest: str) -> Path:
    """Where the content of a name lies."""
    if len(digest) != 64 or not digest.isalnum():
        raise ValueError("not the name of a stored file")
    return Path(current_app.config["DATA"]) / "files" / digest[:2] / digest
