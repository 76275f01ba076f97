"""Every night: rows and stored files agree again."""

from __future__ import annotations

from typing import Any

from app.core import sweep
from app.core.jobs import Nightly
from app.core.nightly import Unfinished

MOST_TOLD = 20
"""How many files are told that are missing."""


def _run() -> dict[str, Any]:
    found = sweep.sweep()
    told = {
        "needed": found.needed,
        "deleted": len(found.deleted) + found.unfinished,
        "freed": found.freed,
        "doubtful": len(found.doubtful),
        "missing": len(found.missing),
        "names": [str(by) for by in found.missing.values()][:MOST_TOLD],
    }
    if found.missing:
        raise Unfinished("missing", **told)
    if found.doubtful:
        raise Unfinished("doubtful", **told)
    return told


job = Nightly(name="sweep", run=_run, order=20)
