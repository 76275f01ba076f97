"""What the team decides: its name, its formats, its overview."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model, Versioned

DEFAULTS: dict[str, Any] = {
    "name": "",
    "street": "",
    "house_number": "",
    "postcode": "",
    "town": "",
    "country": "DE",
    "language": "de",
    "time_zone": "Europe/Berlin",
    "first_customer_number": 10001,
}
"""What holds before anybody saved the settings."""


class TeamSettings(Versioned, Model):
    """What the team decides, in one row (id 1).

    `panels` is the overview's panels as [key, visible] in their order; empty means every panel as
    it declares itself. `logo` names a stored file.
    """

    __tablename__ = "team_settings"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    street: Mapped[str] = mapped_column(String(100))
    house_number: Mapped[str] = mapped_column(String(20))
    postcode: Mapped[str] = mapped_column(String(20))
    town: Mapped[str] = mapped_column(String(100))
    country: Mapped[str] = mapped_column(String(2))
    language: Mapped[str] = mapped_column(String(2))
    time_zone: Mapped[str] = mapped_column(String(64))
    first_customer_number: Mapped[int]
    logo: Mapped[str | None] = mapped_column(String(64))
    logo_type: Mapped[str | None] = mapped_column(String(40))
    panels: Mapped[list[Any]] = mapped_column(JSON, default=list)
