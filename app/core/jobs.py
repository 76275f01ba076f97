"""What the worker does; every module of `app.jobs` brings one, by the name `job`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import g

Deliver = Callable[[Any], None]
"""Delivers one entry of the outbox; raises `outbox.NotNow`, `Never` or `Partly` if it cannot, and
`Later` if it goes on another time."""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """Delivers the entries of the outbox that are of this `kind`.

    `session()` is entered when the first of them is due and gives what delivers each (a connection
    to the mail server is opened once). It lasts for the round, through what cannot be delivered
    too; only after a fault that nobody expected it is closed and opened anew. Every entry is
    delivered in an application context of its own. A delivery that takes minutes calls
    `outbox.renew` and asks `is_ending`. With `kept` an entry is deleted so long after it was done.
    """

    kind: str
    session: Callable[[], AbstractContextManager[Deliver]]
    kept: timedelta | None = None


@dataclass(frozen=True, kw_only=True)
class Nightly:
    """Something done once a night; it does no harm when it is done twice.

    `run` answers what it has to tell, in facts that JSON knows, or raises `nightly.Unfinished`.
    """

    name: str
    run: Callable[[], Mapping[str, Any] | None]
    order: int = 50


Job = Delivery | Nightly


def is_ending() -> bool:
    """Whether the worker was told to end: a long delivery then raises `outbox.Later`."""
    return "is_ending" in g and g.is_ending()
