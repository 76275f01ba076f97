"""What the customer list is narrowed by, and which customers somebody chose in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Self
from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict

from app.core.i18n import _l, number
from app.core.panels import numbers, positive
from app.core.problems import Invalid, Problem, Refused
from app.domain.customers import queries
from app.domain.groups.narrowing import narrowing

LONGEST_QUERY = 200
MOST = 200_000


@dataclass(frozen=True)
class Filter:
    """Words, and a group with or without its subgroups."""

    words: str = ""
    group_id: int | None = None
    below: bool = False

    @classmethod
    def of(cls, arguments: Mapping[str, str]) -> Self:
        """The filter of an address; a group that is none holds nobody."""
        group_id = positive(arguments, "group") or 0 if arguments.get("group") else None
        return cls(arguments.get("q", "")[:LONGEST_QUERY], group_id, "below" in arguments)

    def arguments(self) -> dict[str, Any]:
        """The same as an address keeps it, without what it does not need."""
        asked = {"q": self.words or None, "group": self.group_id}
        asked |= {"below": 1 if self.below and self.group_id is not None else None}
        return {name: value for name, value in asked.items() if value is not None}

    def narrowing(self) -> queries.Narrowing | None:
        """The group as the list takes it; None for everybody."""
        return None if self.group_id is None else narrowing(self.group_id, below=self.below)


@dataclass(frozen=True)
class Chosen:
    """Customers somebody chose: their ids, by name, and the fields that tell them once more."""

    ids: list[int]
    fields: list[tuple[str, str]]

    @property
    def digest(self) -> str:
        """Tells these customers from any others."""
        told = ",".join(map(str, sorted(self.ids)))
        return sha256(told.encode()).hexdigest()[:16]

    def are_there(self) -> bool:
        """Whether still none of them is gone."""
        return len(queries.known_ids(self.ids)) == len(self.ids)


def chosen(form: MultiDict[str, str]) -> Chosen:
    """Whom a form of the list names: those who were ticked, or with `all` everybody it found.

    Customers who are gone are left out. Raises Invalid for nobody and Refused for more than MOST.
    """
    found = form.get("found", "")
    if form.get("all"):
        asked = Filter.of(dict(parse_qsl(found)))
        ids = queries.found_ids(asked.words, asked.narrowing(), MOST + 1)
        fields = [("all", "1"), ("found", found)]
    else:
        ticked = form.getlist("customer")
        ids = queries.known_ids(numbers(ticked))
        fields = [("found", found), *(("customer", str(customer_id)) for customer_id in ids)]
    if not ids:
        message = _l("Please select at least one customer first.")
        raise Invalid([Problem("customer", "required", message)])
    if len(ids) > MOST:
        raise Refused(_l("At most %(most)s customers can be taken at once.", most=number(MOST)))
    return Chosen(ids, fields)
