"""What an import would make of the first records of a file, by the very code that imports them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from app.domain.settings.queries import team
from app.domain.transfer import rows
from app.domain.transfer.chunk import Fate, judge
from app.domain.transfer.reading import read

SHOWN = 10
"""Records that a preview shows; a file is read no further for it."""


@dataclass(frozen=True, slots=True)
class Preview:
    """How a file is understood, and what becomes of its first records.

    `encoding`, `separator` and `columns` are those of a Reading. `about` is how many records there
    are, exactly if `is_whole`; then all of them are shown.
    """

    kind: str
    encoding: str
    separator: str
    columns: list[tuple[str, str | None]]
    fates: Sequence[Fate]
    about: int
    is_whole: bool


def look_into(data: bytes, today: date, encoding: str, separator: str) -> Preview:
    """The preview of a file; '' lets encoding or separator be recognised.

    Raises Unreadable for a file that cannot be read that way.
    """
    reading = read(data, today, encoding=encoding or None, sep=separator or None)
    home = team()
    records = list(islice(reading.to_the_end(), SHOWN + 1))
    names: set[str] = set()
    newcomers = [rows.newcomer(record, home, today, names) for record in records[:SHOWN]]
    is_whole = len(records) <= SHOWN
    about = len(records) if is_whole else max(reading.about, len(records))
    return Preview(
        kind=reading.kind,
        encoding=reading.encoding,
        separator=reading.separator,
        columns=reading.columns,
        fates=list(judge(newcomers)),
        about=about,
        is_whole=is_whole,
    )
