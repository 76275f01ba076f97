"""What may stop a verb: a value that is wrong, or a rule that refuses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one field.

    `code` names the problem for scripts and tests, `message` is the (lazily translated) sentence
    for people. A warning is shown and never keeps anybody from saving.
    """

    field: str
    code: str
    message: Any
    level: Literal["error", "warning"] = "error"


class Invalid(Exception):
    """Values that must be mended before a verb can run; nothing was changed."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = tuple(problems)
        super().__init__(", ".join(f"{p.field}: {p.code}" for p in self.problems))


class Refused(Exception):
    """A verb that a rule forbids; the message says why, in the user's language."""

    def __init__(self, message: Any):
        self.message = message
        super().__init__(message)


def errors(problems: Iterable[Problem]) -> list[Problem]:
    """The problems that keep from saving."""
    return [problem for problem in problems if problem.level == "error"]


def warnings(problems: Iterable[Problem]) -> list[Problem]:
    """The problems worth showing that do not keep from saving."""
    return [problem for problem in problems if problem.level == "warning"]
