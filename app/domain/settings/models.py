from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model, Versioned


class TeamSettings(Versioned, Model):
    """What the team decides, in one row (id 1).

    `panels` is the overview's panels as [key, visible] in their order; empty means every panel as
    it declares itself. `logo` names a stored file.
    """

    __tablename__ = "team_settings"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    street: Mapped[str] = mapped_column(String(100), default="")
    house_number: Mapped[str] = mapped_column(String(20), default="")
    postcode: Mapped[str] = mapped_column(String(20), default="")
    town: Mapped[str] = mapped_column(String(100), default="")
    country: Mapped[str] = mapped_column(String(2), default="DE")
    language: Mapped[str] = mapped_column(String(2), default="de")
    time_zone: Mapped[str] = mapped_column(String(64), default="Europe/Berlin")
    first_customer_number: Mapped[int] = mapped_column(default=10001)
    logo: Mapped[str | None] = mapped_column(String(64))
    logo_type: Mapped[str | None] = mapped_column(String(40))
    panels: Mapped[list[Any]] = mapped_column(JSON, default=list)
