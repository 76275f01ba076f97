"""What is asked about the team's settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.core.audit import AuditEntry
from app.core.database import db
from app.core.forms import Editable
from app.core.i18n import _l
from app.domain.settings.models import DEFAULTS, TeamSettings

# Every request asks this: columns of the table take half the time of mapped attributes.
TABLE = TeamSettings.__table__.c
ROW = select(
    TABLE.name, TABLE.country, TABLE.language, TABLE.time_zone, TABLE.logo, TABLE.panels
).where(TABLE.id == 1)
LOGO = select(TeamSettings.logo, TeamSettings.logo_type).where(TeamSettings.id == 1)
NUMBER = select(TeamSettings.first_customer_number).where(TeamSettings.id == 1)
LAST_CHANGE = (
    select(AuditEntry.user_name, AuditEntry.at)
    .where(AuditEntry.customer_id.is_(None), AuditEntry.area == "settings")
    .order_by(AuditEntry.id.desc())
    .limit(1)
)


@dataclass(frozen=True)
class Team:
    """The team as every page shows it; the defaults hold before the first settings are saved."""

    name: str = "Kundenblick"
    country: str = DEFAULTS["country"]
    language: str = DEFAULTS["language"]
    time_zone: str = DEFAULTS["time_zone"]
    logo: str | None = None
    panels: tuple[tuple[str, bool], ...] = ()

    @property
    def logo_url(self) -> str | None:
        return f"/logo/{self.logo}" if self.logo else None


def team() -> Team:
    """The team's settings; asked by every request, so the statement is built once."""
    row = db.session.execute(ROW).first()
    if row is None:
        return Team()
    return Team(
        row.name or Team.name,
        row.country,
        row.language,
        row.time_zone,
        row.logo,
        tuple((key, bool(visible)) for key, visible in row.panels),
    )


def logo() -> Any:
    """The name of the logo's file as `logo` and its media type as `logo_type`, or None."""
    row = db.session.execute(LOGO).first()
    return row if row is not None and row.logo else None


def needed_files(prefix: str) -> dict[str, Any]:
    """The logo's file if its name begins so, as `files.named` asks."""
    row = logo()
    return {row.logo: _l("the team's logo")} if row and row.logo.startswith(prefix) else {}


def settings() -> TeamSettings:
    """The row to edit, made with its defaults when there is none yet."""
    row = db.session.get(TeamSettings, 1)
    return row if row is not None else TeamSettings(id=1, panels=[], **DEFAULTS)


def editable() -> Editable:
    """The team's settings as its form shows them."""
    row = settings()
    values = {field: getattr(row, field) for field in DEFAULTS}
    return Editable(values, version(row), *last_change())


def version(row: TeamSettings) -> str:
    """What a form holds on to; empty before the first settings are saved."""
    return str(row.version or "")


def last_change() -> tuple[str, Any]:
    """Who changed the team's settings last, and when."""
    row = db.session.execute(LAST_CHANGE).first()
    return (row.user_name, row.at) if row else ("", None)


def first_customer_number() -> int:
    """Where automatic customer numbers begin."""
    start = db.session.scalar(NUMBER)
    return DEFAULTS["first_customer_number"] if start is None else start
