from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_security import RoleMixin, UserMixin
from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Model, UTCDateTime, Versioned


class User(Versioned, Model, UserMixin):
    """A colleague who signs in. Never deleted: the name stays on what was written.

    `fs_uniquifier` is what a session holds; a new one ends every session of the user. `panels` is
    the user's own choice for the overview, None while the team's choice holds; `columns` are the
    keys of the columns chosen for the customer list, None for those that stand there by themselves;
    `signature` ends the mails the user writes.
    """

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    role: Mapped[str] = mapped_column(String(10))
    language: Mapped[str] = mapped_column(String(2), default="de")
    letter_keys: Mapped[bool] = mapped_column(default=False)
    panels: Mapped[list[Any] | None] = mapped_column(JSON)
    columns: Mapped[list[Any] | None] = mapped_column(JSON)
    signature: Mapped[str] = mapped_column(Text, default="")
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)

    @property
    def roles(self) -> list[Role]:
        return [Role(self.role)]


class Role(RoleMixin):
    """A user's one role, as Flask-Security asks for it; no table."""

    def __init__(self, name: str):
        self.name = name


class LoginAttempt(Model):
    """A failed check of a password, whichever door it came through."""

    __tablename__ = "login_attempt"
    __table_args__ = (
        Index("ix_login_attempt_account", "account", "network", "at"),
        Index("ix_login_attempt_network", "network", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    account: Mapped[str] = mapped_column(String(254))
    network: Mapped[str] = mapped_column(String(64))


class EndedSession(Model):
    """A session somebody signed out of: a copy of its cookie opens nothing any more."""

    __tablename__ = "ended_session"

    key: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
