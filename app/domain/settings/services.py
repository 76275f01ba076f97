"""What happens to the team's settings: saved, given a logo, its overview arranged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.core import audit, files
from app.core.database import db
from app.core.events import announce
from app.core.problems import Invalid
from app.domain.settings import pictures, queries, rules
from app.domain.settings.models import DEFAULTS, TeamSettings
from app.domain.settings.pictures import Picture


def keep_logo(data: bytes) -> Picture:
    """Store a picture that may become the logo, before the write lock is taken.

    One that may not is not stored, and `save_team` refuses it beside whatever else is wrong.
    """
    picture = pictures.read(data)
    return picture if rules.check_logo(picture) else replace(picture, name=files.keep(data))


def save_team(values: Mapping[str, Any]) -> None:
    """Save what the team decides; `logo` is a new picture, `remove_logo` takes the old one away."""
    if problems := rules.check_team(values):
        raise Invalid(problems)
    row = queries.settings()
    before = _values(row)
    for field in DEFAULTS:
        setattr(row, field, values[field])
    if values.get("logo"):
        row.logo, row.logo_type = values["logo"].name, values["logo"].media_type
    elif values.get("remove_logo"):
        row.logo = row.logo_type = None
    _keep("changed", row, audit.difference(before, _values(row)))


def arrange_panels(panels: rules.Arrangement) -> None:
    """What the team's overview shows and in which order."""
    row = queries.settings()
    before, row.panels = row.panels, [list(panel) for panel in panels]
    _keep("panels_arranged", row, audit.difference({"panels": before}, {"panels": row.panels}))


def _values(row: TeamSettings) -> dict[str, Any]:
    return {field: getattr(row, field) for field in (*DEFAULTS, "logo")}


def _keep(action: str, row: TeamSettings, changes: list[audit.Change]) -> None:
    if changes:
        db.session.add(row)
        db.session.flush()
        audit.record("settings", action, changes=changes)
        announce("settings.changed")
