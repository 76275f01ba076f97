"""Every night: a backup, after everything that had to go has gone."""

from __future__ import annotations

import errno
import sqlite3
from typing import Any

from app.core import backups, i18n, nightly
from app.core.archive import Unusable
from app.core.database import now
from app.core.jobs import Nightly
from app.core.nightly import Unfinished

FULL = (errno.ENOSPC, errno.EDQUOT)


def _run() -> dict[str, Any]:
    try:
        backup = backups.make(nightly.night_of(i18n.here(now())))
    except backups.NoRoom as why:
        raise Unfinished("no_room", needed=why.needed, free=why.free) from why
    except (OSError, Unusable, sqlite3.Error) as why:
        code = "disk_full" if _is_full(why) else "failed"
        raise Unfinished(code, reason=str(why)[:300]) from why
    return {"file": backup.path.name, "size": backup.size}


def _is_full(why: Exception) -> bool:
    return getattr(why, "errno", None) in FULL or "disk is full" in str(why)


job = Nightly(name="backup", run=_run, order=30)
