"""Databases to measure on: made once by `flask seed`, kept, and copied for every run."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
MADE_BY = (
    *("app/demo", "migrations/versions", "app/core/text.py"),
    *("app/domain/customers/index.py", "app/domain/customers/models.py"),
    "app/domain/factura/index.py",
)
EMAIL, PASSWORD = "bench@example.com", "measure twice, cut once"


@dataclass(frozen=True)
class Kind:
    """What a house holds."""

    customers: int
    lean: bool = False
    rows_of_one: int = 0
    documents: int = 0

    def options(self) -> list[str]:
        lean = ["--lean"] if self.lean else []
        more = (f"--rows-of-one={self.rows_of_one}", f"--documents={self.documents}")
        return [f"--customers={self.customers}", *more, *lean]


@dataclass(frozen=True)
class House:
    """A data folder with its database; `seconds` is how long seeding took."""

    kind: Kind
    data: Path
    seconds: float

    @property
    def database(self) -> Path:
        return self.data / "kundenblick.sqlite3"

    def copy(self, folder: Path) -> House:
        shutil.copytree(self.data, folder)
        return House(self.kind, folder, self.seconds)


def kept(kind: Kind) -> House:
    """The house of this kind, from the last run unless the code that fills it has changed."""
    folder = Path(os.environ.get("BENCH_FOLDER", Path(tempfile.gettempdir()) / "kundenblick-bench"))
    size = f"{kind.customers}-{'lean' if kind.lean else 'rich'}-{kind.rows_of_one}"
    name = f"{size}-{kind.documents}-{_state()}"
    data, note = folder / name, folder / f"{name}.seconds"
    if not note.exists():
        shutil.rmtree(data, ignore_errors=True)
        note.write_text(str(_build(kind, data)))
    return House(kind, data, float(note.read_text()))


def flask(data: Path, *arguments: str, typed: str = "") -> str:
    """Run a command of the application over a data folder."""
    ran = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *arguments],
        **{"cwd": ROOT, "env": environment(data), "input": typed, "text": True},
        stdout=subprocess.PIPE,
        check=True,
        timeout=3600,
    )
    return ran.stdout


def environment(data: Path, **more: str) -> dict[str, str]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("KUNDENBLICK_")}
    return inherited | {"KUNDENBLICK_DATA": str(data), "PYTHONPATH": str(ROOT)} | more


def _build(kind: Kind, data: Path) -> float:
    data.mkdir(parents=True)
    flask(data, "db", "upgrade")
    begun = time.perf_counter()
    flask(data, "seed", *kind.options())
    seconds = time.perf_counter() - begun
    create = ("user", "create", EMAIL, "--role", "staff", "--language", "de", "--password-stdin")
    flask(data, *create, typed=PASSWORD)
    return seconds


def _state() -> str:
    """What the sources that fill a house look like."""
    digest = hashlib.sha256()
    for place in MADE_BY:
        path = ROOT / place
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            digest.update(file.read_bytes())
    return digest.hexdigest()[:10]
