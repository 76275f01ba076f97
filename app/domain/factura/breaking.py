"""How the lines of a document are spread over pages, and which sums are carried over.

The renderer breaks tables where it likes and knows no sums, so each page has a table of its own,
made small enough here. Heights are in points.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from app.domain.letters import layout
from app.domain.letters.layout import LEADING

PADDING = sum(layout.PADDING)
MOST_WHOLE = 12
"""A row of more lines may go on on the next page."""
LEAST_PART = 3
"""Lines of such a row, at least, that stand on a page."""

Cell = tuple[Markup, ...]
"""The lines of a text, each of which has room."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the document; `amount` (minor units) counts in what is carried over."""

    cells: tuple[Cell, ...]
    amount: int = 0

    @property
    def lines(self) -> int:
        return max(len(cell) for cell in self.cells)

    def parted(self, lines: int) -> tuple[Row, Row]:
        """What of it stands in so many lines, and what goes on: nobody counts that twice."""
        first = Row(tuple(cell[:lines] for cell in self.cells), self.amount)
        return first, Row(tuple(cell[lines:] for cell in self.cells))


@dataclass(slots=True)
class Page:
    """The rows of a page; what was carried over to it, and what is to the next (minor units)."""

    rows: list[Row] = field(default_factory=list)
    before: int | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """How high the table may be on the first page and on the others; its letters' `size`.

    `ending` is the height of what follows the last row and stands on one page with it. With
    `carries` sums are carried over.
    """

    first: float
    other: float
    ending: float
    size: float
    carries: bool = True

    def row(self, lines: int) -> float:
        """The height of a row of so many lines."""
        return lines * (self.size + LEADING) + PADDING

    def lines(self, height: float) -> int:
        """How many lines a row can have in this height."""
        return int((height - PADDING) / (self.size + LEADING))

    @property
    def carried(self) -> float:
        """The height of the row of a sum that is carried over."""
        return self.row(1) if self.carries else 0.0


def spread(rows: Sequence[Row], room: Room) -> list[Page]:
    """The pages of a table. The first has no rows if the table begins on the next one."""
    pages, left = [Page()], room.first - room.row(1) - room.carried
    waiting = deque(rows)
    while waiting:
        row = waiting.popleft()
        fitting = room.lines(left)
        if row.lines > fitting and row.lines > MOST_WHOLE and fitting >= LEAST_PART:
            row, rest = row.parted(fitting)
            waiting.appendleft(rest)
        elif row.lines > fitting:
            waiting.appendleft(row)
            pages.append(Page())
            left = _fresh(room)
            continue
        pages[-1].rows.append(row)
        left -= room.row(row.lines)
    if room.ending > left + room.carried:
        pages.append(Page(_taken_along(pages[-1], room)))
    if room.carries:
        _carry(pages)
    return pages


def _fresh(room: Room) -> float:
    """What a page after the first one has for rows, between two sums that are carried over."""
    return room.other - room.row(1) - 2 * room.carried


def _taken_along(page: Page, room: Room) -> list[Row]:
    """The last row goes with what ends the table, unless it is all there is or too high."""
    fits = page.rows and room.row(page.rows[-1].lines) + room.ending <= _fresh(room)
    return [page.rows.pop()] if fits and len(page.rows) > 1 else []


def _carry(pages: Sequence[Page]) -> None:
    total, has_begun = 0, False
    for page in pages:
        page.before = total if has_begun else None
        total += sum(row.amount for row in page.rows)
        has_begun = has_begun or bool(page.rows)
        page.after = total if has_begun and page is not pages[-1] else None
