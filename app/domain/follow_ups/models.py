from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import UTCDateTime


class FollowUp:
    """Columns of a row that may be followed up: by whom, on which day, and when it was done.

    A row with `due_on` has an `assignee_id` too; with `done_at` nobody needs to look any more.
    """

    due_on: Mapped[date | None]
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


def open_follow_ups(table: str) -> Index:
    """The index by which a colleague's open follow-ups in a table are found."""
    is_open = text("due_on IS NOT NULL AND done_at IS NULL AND removed_at IS NULL")
    return Index(f"ix_{table}_follow_up", "assignee_id", "due_on", sqlite_where=is_open)
