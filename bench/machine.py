"""What was measured on, and what weighs how much."""

from __future__ import annotations

import gzip
import platform
import re
import sqlite3
from importlib.metadata import version
from os import cpu_count
from pathlib import Path

from bench.houses import ROOT

PACKAGES = ("Flask", "SQLAlchemy", "gunicorn", "Jinja2")


def description() -> str:
    """Processor, cores, memory and versions; no names."""
    model = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    processor = model[1] if model else platform.machine()
    size = f"{int(memory[1]) / 1024**2:.0f} GB" if memory else "unknown memory"
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{processor}, {cpu_count()} cores, {size}; Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, {packages}"
    )


def compressed(*parts: bytes) -> float:
    """How many kB gzip -6 makes of each of these, together."""
    return sum(len(gzip.compress(part, 6)) for part in parts) / 1000


def scripts() -> float:
    """kB of all scripts a page loads, compressed."""
    files = [*(ROOT / "static").glob("*.js"), *(ROOT / "static/vendor").glob("htmx-*/*.js")]
    return compressed(*(file.read_bytes() for file in files))


def styles() -> float:
    return compressed(*(file.read_bytes() for file in (ROOT / "static/css").glob("*.css")))
