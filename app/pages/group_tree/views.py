"""What the page shows: the tree in lines, each with who is in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from app.core.i18n import count
from app.domain.groups import queries
from app.domain.groups.queries import Node

WIDE, NARROW = 6, 15
"""Levels up to which a line is indented widely, and then still a little."""


@dataclass(frozen=True, slots=True)
class Line:
    """A group in its line.

    `direct` customers are in it, `total` with its subgroups (None if it has none). `closes` is how
    many lists end with it, its own included, `step` how far the list below it is indented.
    """

    group: Node
    direct: str
    total: str | None
    closes: int
    step: str


def lines() -> list[Line]:
    return list(_lines())


def _lines() -> Iterator[Line]:
    direct, total = queries.counts()
    nodes = queries.tree()
    depths = [*(node.depth for node in nodes), 0]
    for node, (depth, following) in zip(nodes, pairwise(depths), strict=True):
        yield Line(
            node,
            count(direct[node.id]),
            count(total[node.id]) if node.id in total else None,
            max(depth - following + 1, 0),
            "wide" if depth < WIDE else "narrow" if depth < NARROW else "none",
        )
