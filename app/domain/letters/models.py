from __future__ import annotations

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model, Versioned


class LetterSettings(Versioned, Model):
    """How the team's letters look, in one row (id 1).

    `window` is where the address shows: "din5008b" (left, DIN 5008 form B) or "swiss" (right).
    `return_line` stands small above the address, `footer` at the end of the first page.
    """

    __tablename__ = "letter_settings"

    id: Mapped[int] = mapped_column(primary_key=True)
    window: Mapped[str] = mapped_column(String(10), default="din5008b")
    return_line: Mapped[str] = mapped_column(String(200), default="")
    contact_lines: Mapped[str] = mapped_column(Text, default="")
    footer: Mapped[str] = mapped_column(Text, default="")
