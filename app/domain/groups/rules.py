"""What must hold for groups, and how a place in their tree is written."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from app.core.i18n import _l
from app.core.problems import Problem
from app.core.text import fold, natural_key, sort_form

LONGEST = 100
BETWEEN = " › "
MOST_SHOWN = 6
"""Names in a path; of a longer one the two first and the three last are told."""


def check_name(name: str, siblings: Iterable[str]) -> list[Problem]:
    """A group has a name, which no other one below the same group has."""
    if not name:
        return [Problem("name", "required", _l("Please give the group a name."))]
    if len(name) > LONGEST:
        message = _l("A name may have at most %(n)d characters.", n=LONGEST)
        return [Problem("name", "too_long", message)]
    if name.casefold() in {sibling.casefold() for sibling in siblings}:
        return [Problem("name", "taken", _l("There is a group of this name at this place."))]
    return []


def check_place(parent_id: int | None, subtree: Collection[int]) -> list[Problem]:
    """A group lies neither below itself nor below one of its own subgroups."""
    if parent_id in subtree:
        message = _l("A group cannot lie below itself or one of its subgroups.")
        return [Problem("parent_id", "circle", message)]
    return []


def hindrance_to_delete(has_subgroups: bool, silences: bool) -> Any:
    """Why a group cannot be deleted, or None; `silences` if by it somebody gets no information."""
    if has_subgroups:
        return _l("This group has subgroups. Move or delete them first.")
    if silences:
        return _l(
            "Its customers get no information, and nobody would remember. Take them out of the "
            "group or take the mark off first."
        )
    return None


def path(names: Iterable[str]) -> str:
    """The names from the top down to a group: "Kurse › Tango"."""
    return BETWEEN.join(names)


def in_short(path: str) -> str:
    """A path for people to read; no other group is told by it for sure."""
    names = path.split(BETWEEN)
    return path if len(names) <= MOST_SHOWN else BETWEEN.join([*names[:2], "…", *names[-3:]])


def sort_key(name: str) -> str:
    """What a group sorts by among its siblings: "Kurs 2" stands before "Kurs 10"."""
    return natural_key(sort_form(name))[:LONGEST]


def free_name(wanted: str, taken: Iterable[str]) -> str:
    """The name, or with a number behind it if somebody has it."""
    known = {name.casefold() for name in taken}
    name, number = wanted, 1
    while name.casefold() in known:
        number += 1
        name = f"{wanted} {number}"
    return name


def difference(chosen: Iterable[int], shown: Iterable[int]) -> tuple[set[int], set[int]]:
    """What somebody ticked and what they cleared, of the ticks that were shown to them."""
    now, before = set(chosen), set(shown)
    return now - before, before - now


def matches(path: str, typed: str) -> bool:
    """Whether every word somebody typed is in a path."""
    words = fold(path)
    return all(word in words for word in fold(typed).split())
