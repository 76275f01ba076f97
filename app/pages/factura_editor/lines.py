"""The lines of a document while they are written: word for word as they were typed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import wtforms

from app.core import i18n, money, text
from app.core.forms import UNSTORABLE, read_number
from app.core.i18n import _, _l
from app.core.panels import LONGEST_NUMBER, positive
from app.domain.articles.tax import Code
from app.domain.factura.rules import MOST_LINES, LineValues

FIELDS = ("article", "known", "number", "text", "quantity", "unit", "price", "discount", "tax")
"""What the browser sends of a line: `known` is what `number` said when `article` was chosen."""
WORDS: dict[str, Callable[[str], str]] = {
    "number": text.clean,
    "text": text.clean_lines,
    "unit": text.clean,
}
NUMBERS = ("quantity", "price", "discount")
LABELS = {
    "number": _l("Article"),
    "text": _l("Description"),
    "quantity": _l("Quantity"),
    "unit": _l("Unit"),
    "price": _l("Price"),
    "tax": _l("Tax"),
    "discount": _l("Discount %"),
}
TEXT = "text"
"""The kind of a line that only has words."""
MOST_READ = MOST_LINES + 100
"""Lines; whoever sends more than can be kept finds these again beside the message."""


@dataclass(eq=False)
class Line:
    """A line in the form. Its fields are named by `index`, whatever its place is by now.

    `seen` tells what the browser shows of its amount, `is_fresh` that its fields must be shown
    anew.
    """

    index: int
    kind: str = ""
    typed: dict[str, str] = field(default_factory=dict)
    problems: dict[str, list[str]] = field(default_factory=dict)
    seen: str = ""
    is_fresh: bool = False

    @classmethod
    def empty(cls, index: int, kind: str = "") -> Line:
        """A line to be written; of most things there is one."""
        return cls(index, kind, {"quantity": "" if kind else "1", "tax": Code.STANDARD})

    @classmethod
    def kept(cls, index: int, values: LineValues) -> Line:
        """A line as it is stored."""
        numbers = values.quantity, values.price
        is_text = not any((*numbers, values.number, values.unit)) and numbers == (None, None)
        line = cls(index, TEXT if is_text else "")
        line.typed = {name: getattr(values, name) for name in ("number", "text", "unit", "tax")}
        line.typed |= {"article": str(values.article_id or ""), "known": values.number}
        line.write("quantity", values.quantity)
        line.write("price", values.price)
        line.write("discount", values.discount or None)
        return line

    def __getitem__(self, name: str) -> str:
        return self.typed.get(name, "")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Line) and self.values() == other.values()

    def __hash__(self) -> int:
        return hash(self.values())

    def __str__(self) -> str:
        """The line in a few words, to compare two versions."""
        first = self["text"].partition("\n")[0]
        if self.kind == TEXT:
            return first
        discount = f"−{self['discount']} %" if self["discount"] else ""
        words = (self["quantity"], self["unit"], self["number"], first, self["price"], discount)
        return " ".join(filter(None, words))

    @property
    def is_empty(self) -> bool:
        """Whether nobody has written anything into it."""
        return not any(self[name].strip() for name in ("number", "text", "price"))

    def id_of(self, name: str) -> str:
        """The id and the name of one of its fields."""
        return f"lines-{self.index}-{name}"

    def values(self) -> LineValues:
        """The line as the verbs take it; what cannot be read is left out and told at its field."""
        if self.kind == TEXT:
            return LineValues(text=_cleaned(self["text"], text.clean_lines))
        words = {name: _cleaned(self[name], clean) for name, clean in WORDS.items()}
        return LineValues(
            article_id=positive(self.typed, "article"),
            quantity=self.number("quantity"),
            price=self.number("price"),
            discount=self.number("discount") or Decimal(0),
            tax=self["tax"],
            **words,
        )

    def number(self, name: str) -> Decimal | None:
        """What stands in a field as a number; None for nothing, and for what is none."""
        typed = self[name].strip()
        try:
            return read_number(typed) if typed else None
        except ValueError as error:
            self.complain(name, error)
            return None

    def write(self, name: str, value: Decimal | None) -> None:
        """Let a field say this number."""
        digits = 2 if name == "price" else 0
        self.typed[name] = "" if value is None else money.typed(value, i18n.locale(), digits)

    def check(self) -> None:
        """Tell at each field what cannot be read."""
        for name in (TEXT,) if self.kind == TEXT else WORDS:
            if not _is_storable(self[name]):
                self.complain(name, UNSTORABLE)
                self.typed[name] = self[name].replace("\0", "").encode(errors="ignore").decode()
        for name in () if self.kind == TEXT else NUMBERS:
            self.number(name)

    def complain(self, name: str, message: Any) -> None:
        """Tell what is wrong with a field, once."""
        messages = self.problems.setdefault(name if name in LABELS else TEXT, [])
        if str(message) not in messages:
            messages.append(str(message))


class Lines(wtforms.Field):
    """All lines of a document; those in which nothing is written count for nothing."""

    rows: list[Line]

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        self.process_errors, self.errors = [], ()
        if formdata is None:
            self.data = data if isinstance(data, list) else ()
            return
        self.rows = list(_sent(formdata, f"{self.name}-"))
        for row in self.rows:
            row.check()

    @property
    def data(self) -> list[Line]:
        return [row for row in self.rows if not row.is_empty]

    @data.setter
    def data(self, values: Iterable[LineValues | Line]) -> None:
        self.rows = [
            value if isinstance(value, Line) else Line.kept(index, value)
            for index, value in enumerate(values)
        ]

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        return not any(row.problems for row in self.data)

    def tell(self, position: int, name: str, message: Any) -> None:
        """Put a problem at a field of the line that counts as this one."""
        self.data[position].complain(name, message)

    def complaints(self) -> Iterator[tuple[str, str, str]]:
        """What is wrong: the id of the field, "Line 3, Price" and the message."""
        for place, row in enumerate(self.rows, start=1):
            for name, messages in row.problems.items():
                said = _("Line %(number)d, %(field)s", number=place, field=LABELS[name])
                yield row.id_of(name), said, " ".join(messages)

    def add(self, kind: str = "") -> Line | None:
        """A new line at the end; None if one like it waits there, or no more are possible."""
        last = self.rows[-1] if self.rows else None
        if (last and last.is_empty and last.kind == kind) or len(self.data) >= MOST_LINES:
            return None
        self.rows.append(Line.empty(max((row.index for row in self.rows), default=-1) + 1, kind))
        return self.rows[-1]

    def drop(self, index: int) -> Line | None:
        """Take a line away and return it."""
        place = self._place_of(index)
        return None if place is None else self.rows.pop(place)

    def move(self, index: int, step: int) -> Line | None:
        """Let a line change places with the one beside it, and return that."""
        place = self._place_of(index)
        if place is None or not 0 <= place + step < len(self.rows):
            return None
        rows = self.rows
        rows[place], rows[place + step] = rows[place + step], rows[place]
        return rows[place]

    def _place_of(self, index: int) -> int | None:
        return next((n for n, row in enumerate(self.rows) if row.index == index), None)


def _sent(formdata: Any, prefix: str) -> Iterator[Line]:
    """The lines of a form in the order in which they stand there."""
    found: dict[str, Line] = {}
    for key in formdata:
        if not key.startswith(prefix):
            continue
        index, _dash, name = key.removeprefix(prefix).partition("-")
        if not (index.isascii() and index.isdecimal() and len(index) < LONGEST_NUMBER):
            continue
        line = found.get(index)
        if line is None:
            if len(found) >= MOST_READ:
                break
            line = found[index] = Line(int(index))
        _take(line, name, str(formdata.getlist(key)[0]))
    yield from found.values()


def _take(line: Line, name: str, value: str) -> None:
    if name in FIELDS:
        line.typed[name] = value.replace("\r\n", "\n")
    elif name == "kind":
        line.kind = TEXT if value == TEXT else ""
    elif name == "seen":
        line.seen = value


def _cleaned(typed: str, clean: Callable[[str], str]) -> str:
    try:
        return clean(typed)
    except ValueError:
        return ""


def _is_storable(typed: str) -> bool:
    try:
        text.clean(typed)
    except ValueError:
        return False
    return True
