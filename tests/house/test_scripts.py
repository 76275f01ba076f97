"""What every page loads stays small."""

from __future__ import annotations

import gzip
from pathlib import Path

STATIC = Path(__file__).parents[2] / "static"
MOST = 20_000
"""Bytes of all scripts, compressed as a web server does it."""


def test_all_scripts_weigh_little():
    scripts = [*STATIC.glob("*.js"), *(STATIC / "vendor").glob("htmx-*/*.js")]
    assert sum(len(gzip.compress(script.read_bytes(), 6)) for script in scripts) <= MOST
