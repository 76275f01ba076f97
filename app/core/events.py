"""Domain events: news from an area to the areas on its right, and to the panels on screen.

An event is named `noun.past` and declared by the area that announces it (`announces` in its
`news.py`); handlers (`listens`) run in the caller's transaction, only change rows, never send and
never commit. `ask` is the same road for a question that every area may answer.
"""

from __future__ import annotations

from typing import Any

from blinker import Namespace
from flask import g, has_app_context

_signals = Namespace()
_declared: dict[str, str] = {}


def declare(name: str, meaning: str) -> None:
    """Make an event known; announcing an unknown one is a programming error."""
    _declared[name] = meaning


def listen(name: str, handler: Any) -> None:
    """Call `handler(**facts)` whenever `name` is announced or asked."""

    def receive(_sender: object, **facts: Any) -> Any:
        return handler(**facts)

    receive.__qualname__ = f"{handler.__module__}.{handler.__qualname__}"
    _signals.signal(_known(name)).connect(receive, weak=False)


def announce(name: str, **facts: Any) -> None:
    """Tell everybody that something happened in this unit of work."""
    if has_app_context():
        announced().add(name)
    for handler in _handlers(name):
        handler(None, **facts)


def ask(name: str, **facts: Any) -> list[Any]:
    """Every area's answer to a question."""
    return [handler(None, **facts) for handler in _handlers(name)]


def ask_first(name: str, **facts: Any) -> Any:
    """The first answer that says something, None without one; nobody is asked after it."""
    answers = (handler(None, **facts) for handler in _handlers(name))
    return next(filter(None, answers), None)


def announced() -> set[str]:
    """The events announced so far in this request or command."""
    if "announced" not in g:
        g.announced = set()
    return g.announced


def listing() -> list[tuple[str, str, list[str]]]:
    """Every event with its meaning and the names of its handlers, for `flask events`."""
    return [
        (name, meaning, [handler.__qualname__ for handler in _handlers(name)])
        for name, meaning in sorted(_declared.items())
    ]


def reset() -> None:
    """Forget everything declared; a fresh application declares anew."""
    _signals.clear()
    _declared.clear()


def _handlers(name: str) -> list[Any]:
    """Who listens, in the same order every time."""
    receivers = _signals.signal(_known(name)).receivers_for(None)
    return sorted(receivers, key=lambda receiver: receiver.__qualname__)


def _known(name: str) -> str:
    if name not in _declared:
        raise LookupError(f"no area declares the event {name!r}")
    return name
