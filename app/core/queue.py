"""The queue wakes the worker; what is to be done stands in tables.

A wake-up that is lost costs a minute: the worker looks by itself once a minute.
"""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from pathlib import Path

from flask import current_app
from huey import SqliteHuey


def wake(delay: timedelta = timedelta(0)) -> None:
    """Let the worker look into the outbox, in `delay`. Call it after the commit.

    `WAKE` in the configuration may be a function that does it otherwise.
    """
    current_app.config.get("WAKE", _wake)(delay)


def queue() -> SqliteHuey:
    """The queue of this data folder."""
    return _queue(Path(current_app.config["DATA"]) / "queue.sqlite3")


@lru_cache(maxsize=4)
def _queue(file: Path) -> SqliteHuey:
    return SqliteHuey("kundenblick", filename=str(file), fsync=True)


def _wake(delay: timedelta) -> None:
    raise NotImplementedError
