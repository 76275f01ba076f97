"""Every night: rows and stored files agree again."""

from __future__ import annotations

from typing import Any

from flask import current_app

from app.core import sweep
from app.core.jobs import Nightly

MOST_TOLD = 20
"""How many files are told that are missing."""


def _run() -> dict[str, Any]:
    found = sweep.sweep()
    if found.missing:
        current_app.logger.error("%d stored files are missing", len(found.missing))
    return {
        "needed": found.needed,
        "deleted": len(found.deleted) + found.unfinished,
        "freed": found.freed,
        "doubtful": len(found.doubtful),
        "missing": len(found.missing),
        "names": [str(by) for by in found.missing.values()][:MOST_TOLD],
    }


job = Nightly(name="sweep", run=_run, order=20)
