"""What the worker does; every module of `app.jobs` brings one, by the name `job`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

Deliver = Callable[[Any], None]
"""Delivers one entry of the outbox; raises `outbox.NotNow` or `outbox.Never` if it cannot."""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """Delivers the entries of the outbox that are of this `kind`.

    `session()` is entered once for all that are due and gives what delivers each (a connection to
    the mail server is opened once). A delivery that takes minutes calls `outbox.renew`.
    """

    kind: str
    session: Callable[[], AbstractContextManager[Deliver]]


@dataclass(frozen=True, kw_only=True)
class Nightly:
    """Something done once a night; it does no harm when it is done twice."""

    name: str
    run: Callable[[], None]


Job = Delivery | Nightly
