"""Every night: serials that nobody started are forgotten, and merged letters kept long enough."""

from __future__ import annotations

from typing import Any

from app.core.database import db, now
from app.core.jobs import Nightly
from app.domain.serials import rules, services


def _run() -> dict[str, Any]:
    moment = now()
    drafts = services.forget_drafts(moment - rules.UNSTARTED_KEPT)
    files = services.forget_files(moment - rules.KEPT)
    db.session.commit()
    return {"drafts": drafts, "files": files}


job = Nightly(name="serial_leftovers", run=_run, order=15)
