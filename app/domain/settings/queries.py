"""What is asked about the team's settings."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.core.database import db
from app.domain.settings.models import TeamSettings

ROW = select(
    TeamSettings.name,
    TeamSettings.country,
    TeamSettings.language,
    TeamSettings.time_zone,
    TeamSettings.logo,
    TeamSettings.panels,
).where(TeamSettings.id == 1)


@dataclass(frozen=True)
class Team:
    """The team as every page shows it; the defaults hold before the first settings are saved."""

    name: str = ""
    country: str = "DE"
    language: str = "de"
    time_zone: str = "Europe/Berlin"
    logo: str | None = None
    panels: tuple[tuple[str, bool], ...] = ()

    @property
    def logo_url(self) -> str | None:
        return f"/logo/{self.logo}" if self.logo else None


def team() -> Team:
    """The team's settings."""
    row = db.session.execute(ROW).first()
    if row is None:
        return Team()
    return Team(
        row.name,
        row.country,
        row.language,
        row.time_zone,
        row.logo,
        tuple((key, bool(visible)) for key, visible in row.panels),
    )


def settings() -> TeamSettings:
    """The row to edit, made with its defaults when there is none yet."""
    row = db.session.get(TeamSettings, 1)
    return row if row is not None else TeamSettings(id=1)


def first_customer_number() -> int:
    """Where automatic customer numbers begin."""
    start = db.session.scalar(select(TeamSettings.first_customer_number))
    return start if start is not None else 10001
