from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model, Versioned


class ReminderLevel(Versioned, Model):
    """How the team reminds for the first, second and third time (`level` 1 to 3).

    `days` count from the day the invoice was due, or from the reminder before. `fee` is in minor
    units of the team's currency. `texts` are "subject", "intro" and "closing" by language.
    """

    __tablename__ = "reminder_level"

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    active: Mapped[bool] = mapped_column(default=True)
    days: Mapped[int]
    payment_days: Mapped[int] = mapped_column(default=7)
    fee: Mapped[int] = mapped_column(BigInteger, default=0)
    texts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
