"""The queue wakes the worker; what is to be done stands in tables.

A wake-up that is lost costs a minute: the worker looks by itself once a minute.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

from flask import current_app
from huey import SqliteHuey
from huey.api import TaskWrapper

from app.core import background

WORKER = "worker"
"""The job that the worker holds while it lives (see background.py)."""
PATIENCE = 2
"""Seconds to wait for the queue's file: an answer must not wait for a wake-up."""


def wake(delay: timedelta = timedelta(0)) -> None:
    """Let the worker look into the outbox, in `delay`. Call it after the commit.

    `WAKE` in the configuration may be a function that does it otherwise.
    """
    current_app.config.get("WAKE", _wake)(delay)


def is_working() -> bool:
    """Whether a worker lives, so that what waits will leave the house."""
    return background.is_held(WORKER)


def open_queue(file: Path, look: Callable[[], None]) -> TaskWrapper:
    """The only task of the queue in this file: `look` is what a worker does with it."""
    huey = SqliteHuey(
        "kundenblick", filename=str(file), fsync=True, timeout=PATIENCE, results=False
    )

    def task() -> None:  # named by its module: the same for those who wake and for the worker
        look()

    return huey.task(name="look")(task)


def file() -> Path:
    """Where the queue lies; what it holds may be lost."""
    return Path(current_app.config["DATA"]) / "queue.sqlite3"


def _wake(delay: timedelta) -> None:
    try:
        look = _waker(file())
        if delay:
            look.schedule(delay=delay.total_seconds())
        else:
            look()
    except (sqlite3.Error, OSError):
        current_app.logger.exception("The worker was not woken; it looks within a minute")


@lru_cache(maxsize=4)
def _waker(file: Path) -> TaskWrapper:
    return open_queue(file, _look)


def _look() -> None:
    """What only a worker can do."""
