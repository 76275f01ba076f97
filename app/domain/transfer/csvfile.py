"""Tables as text: CSV in the dialects that spreadsheets and other programs write."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import date
from io import StringIO

from app.core.i18n import _l
from app.domain.transfer.draft import Draft
from app.domain.transfer.headings import OTHER, Column, understand
from app.domain.transfer.record import Reading, Record, Unreadable, bad_record

SEPARATORS = (";", ",", "\t", "|")
MOST_ROWS = 200_000
MOST_COLUMNS = 1_000
LONGEST_LINE = 1_000_000
MOST_DAMAGES = 100
"""Damaged rows after which a file is given up: looking for the end of each may take long."""

NO_SEPARATOR = "\x1f"
SEP_LINE = re.compile(r'"?sep=(.)"?[ \t]*(?:\r\n?|\n)', re.IGNORECASE)
MONTH_FIRST = re.compile(
    r"(?:^|[;,\t|\"])[ ]*\d{1,2}[/-](?:1[3-9]|2\d|3[01])[/-](?:\d{4}|\d{2})\b", re.MULTILINE
)
WHO = {"last_name", "first_name", "full_name", "company"}


def separator(text: str) -> str:
    """What separates the columns: one of SEPARATORS, or '' when there is one column only.

    Excel's `sep=` line decides. Else the separator that makes most headers understood, then the
    one that parts the first rows into as many fields as the header.
    """
    if found := SEP_LINE.match(text):
        return found[1]
    lines = text[:200_000].lstrip("\r\n")
    ranked = sorted(((_fit(lines, sep), -i, sep) for i, sep in enumerate(SEPARATORS)), reverse=True)
    return ranked[0][2] if ranked[0][0] > (0, 0, 0) else ""


def read_csv(text: str, encoding: str, today: date, sep: str | None = None) -> Reading:
    """Read a table whose first row names the columns.

    Rows that end early are read (spreadsheets leave out empty cells at the end); a row with more
    fields than columns, or with quotation marks that do not match, is refused by a record that
    says so, and reading goes on with the next line that is whole.
    """
    sep = separator(text) if sep is None else sep
    if len(sep) > 1 or sep in ('"', "\r", "\n", " "):
        raise Unreadable(_l("The character %(sep)s cannot separate columns.", sep=sep[:10]))
    start = SEP_LINE.match(text)
    rows = _Rows(text, start.end() if start else 0, sep)
    header = rows.header()
    columns = understand(header)
    if not any(c.field in WHO and not c.scope for c in columns):
        message = _l(
            "There is no column for a name or a company. The first row must name the columns; "
            "it says: %(headers)s",
            headers=", ".join(header)[:200],
        )
        raise Unreadable(message)
    told = [(h, None if c == OTHER else c.field) for h, c in zip(header, columns, strict=True)]
    month_first = bool(MONTH_FIRST.search(text))
    records = _records(rows, header, columns, today, month_first)
    return Reading("csv", encoding, sep, told, rows.left(), records)


def _fit(text: str, sep: str) -> tuple[int, int, int]:
    """How well a separator fits: headers understood, rows as long as the header, its columns."""
    rows: list[list[str]] = []
    try:
        for row in csv.reader(StringIO(text, newline=""), delimiter=sep, skipinitialspace=True):
            if any(row):
                rows.append(row)
            if len(rows) > 20:
                break
    except csv.Error:
        pass
    if not rows or not 1 < len(rows[0]) <= MOST_COLUMNS:
        return 0, 0, 0
    known = sum(column != OTHER for column in understand(rows[0]))
    return known, sum(len(row) == len(rows[0]) for row in rows), len(rows[0])


def _records(
    rows: _Rows, header: list[str], columns: list[Column], today: date, month_first: bool
) -> Iterator[Record]:
    wanted = [(c, h or f"#{i}") for i, (c, h) in enumerate(zip(columns, header, strict=True), 1)]
    surplus = _l("The row has more fields than there are columns.")
    for line, row in rows:
        if isinstance(row, Record):
            yield row
        elif any(value.strip() for value in row[len(wanted) :]):
            yield bad_record(line, "too_many_fields", surplus)
        elif any(value.strip() for value in row):
            draft = Draft(line, today, month_first)
            for (column, name), value in zip(wanted, row, strict=False):
                if value:
                    draft.put(column, name, value)
            yield draft.finish()


class _Rows:
    """The rows of a table with the line each begins at; a damaged one is a Record that says so.

    The csv module is strict here: in its lenient mode a quotation mark that is never closed, or
    closed in the next row, would swallow rows without a word.
    """

    def __init__(self, text: str, start: int, sep: str):
        self.sep = sep or NO_SEPARATOR
        self.lines = list(StringIO(text[start:], newline=""))
        self.before = 1 if start else 0
        self.at = 0
        self.width = 0
        self.damages = 0
        if len(self.lines) > MOST_ROWS and self._how_many() > MOST_ROWS:
            raise Unreadable(_l("A file may have at most %(n)d rows.", n=MOST_ROWS))

    def header(self) -> list[str]:
        """The first row that is not empty."""
        for row in self._header_rows():
            if any(value.strip() for value in row):
                self.width = len(row)
                if self.width > MOST_COLUMNS:
                    message = _l("A table may have at most %(n)d columns.", n=MOST_COLUMNS)
                    raise Unreadable(message)
                return [" ".join(value[:200].split()) for value in row]
        raise Unreadable(_l("The file is empty."))

    def left(self) -> int:
        """How many lines are still to be read."""
        return len(self.lines) - self.at

    def __iter__(self) -> Iterator[tuple[int, list[str] | Record]]:
        reader = self._reader()
        damaged = False
        while self.at < len(self.lines):
            begin = self.at
            line = self.before + begin + 1
            try:
                row = next(reader)
            except csv.Error:
                self.at = begin + 1
                row = self._mended(self.lines[begin])
                reader = self._reader()
            if row is None or (damaged and 0 < len(row) < self.width):
                self._count_damage(row is None, line)
                damaged = True
                message = _l("A quotation mark is open or misplaced.")
                yield line, bad_record(line, "damaged", message)
            else:
                damaged = damaged and not row
                yield line, row

    def _header_rows(self) -> Iterator[list[str]]:
        try:
            yield from self._reader()
        except csv.Error:
            message = _l("The first row, which names the columns, is damaged or too long.")
            raise Unreadable(message) from None

    def _reader(self) -> Iterator[list[str]]:
        return csv.reader(self._feed(), delimiter=self.sep, strict=True, skipinitialspace=True)

    def _feed(self) -> Iterator[str]:
        while self.at < len(self.lines):
            line = self.lines[self.at]
            self.at += 1
            if len(line) > LONGEST_LINE:
                raise csv.Error("line too long")
            yield line

    def _how_many(self) -> int:
        """Rows of the table; lines, when they cannot be told."""
        try:
            return sum(1 for row in csv.reader(self.lines, delimiter=self.sep) if row)
        except csv.Error:
            return len(self.lines)

    def _count_damage(self, new: bool, line: int) -> None:
        self.damages += new
        if self.damages > MOST_DAMAGES:
            message = _l("Too many rows are damaged; reading stopped at line %(line)d.", line=line)
            raise Unreadable(message)

    def _mended(self, line: str) -> list[str] | None:
        """The fields of a line in which quotation marks inside a field were not doubled.

        Believed only when it yields exactly as many fields as there are columns.
        """
        if len(line) > LONGEST_LINE:
            return None
        row: list[str] = []
        quoted: list[str] = []
        for piece in line.rstrip("\r\n").split(self.sep):
            if not quoted and not piece.startswith('"'):
                row.append(piece)
                continue
            quoted.append(piece)
            if piece.endswith('"') and (len(quoted) > 1 or len(piece) > 1):
                row.append(self.sep.join(quoted)[1:-1].replace('""', '"'))
                quoted = []
        return row if not quoted and len(row) == self.width else None
