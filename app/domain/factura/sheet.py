"""The sheet of a factura document: values become a letter with tables, page by page.

Nothing is asked and nothing is read here. What an invoice must show is here: § 14 (4), § 14a UStG
with § 31 UStDV, § 11 UStG 1994 of Austria, art. 26 (2) MWSTG of Switzerland.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from markupsafe import Markup, escape

from app.core import i18n
from app.domain.articles.tax import Code, Treatment
from app.domain.customers.rules import SWISS_VAT
from app.domain.factura.breaking import Cell, Page, Room, Row, spread
from app.domain.factura.rules import PRICELESS, Kind
from app.domain.factura.words import SHORT, TAX, TITLES, VAT_NUMBER, WORDS
from app.domain.letters import layout
from app.domain.letters.layout import MOST_COLUMNS, POINT, TEXT_WIDTH, Column, Payment, Sheet, Style
from app.domain.letters.measure import width, wrapped

SIZES = (9, 8, 7, 6)
"""Points of the letters of a table; smaller ones for numbers that would leave no room for words."""
NARROWEST = 45
"""Millimetres that the words of a line have at least."""
SIDES = 2 * layout.SIDE
GAP = 9
"""Points above a table and above a note."""
SPARE = 14
"""Points that a page is taken to be smaller than it is."""
TOTALS_LABEL, TOTALS_AMOUNT, TOTAL_SIZE = 70, 35, 11
PAYMENT = 110
"""Points of a code to pay by, with the gap above it."""
LOOKS = {False: "sum", True: "due"}
NEXT_PAGE = Markup("<pdf:nextpage/>")
INVOICES = (Kind.INVOICE, Kind.CREDIT_NOTE)
NUMBERS = frozenset({"position", "quantity", "price", "discount", "tax", "amount"})


@dataclass(frozen=True, slots=True)
class Line:
    """A line; without a quantity it is only a text. `amount` is in minor units."""

    number: str
    text: str
    unit: str
    quantity: Decimal | None
    price: Decimal | None
    discount: Decimal
    tax: str
    tax_rate: Decimal
    amount: int


@dataclass(frozen=True, slots=True)
class Tax:
    """What there is of a rate (per cent), in minor units."""

    code: str
    rate: Decimal
    net: int
    tax: int


@dataclass(frozen=True, slots=True)
class Origin:
    """The document that another one was made from."""

    kind: str
    number: str
    day: date


@dataclass(frozen=True, slots=True)
class Team:
    """Who writes: `lines` are name and address, `country` is where; its numbers for the tax."""

    country: str
    lines: tuple[str, ...]
    tax_number: str = ""
    vat_number: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """What a document says. One without a `number` is a draft.

    `treatment` and `is_gross` are those of the document; `contact` is who answers questions.
    """

    kind: str
    language: str
    number: str
    subject: str
    day: date
    due_on: date | None
    service_on: date | None
    service_until: date | None
    currency: str
    is_gross: bool
    treatment: str
    net: int
    total: int
    intro: str
    closing: str
    address: tuple[str, ...]
    customer_number: str
    customer_vat: str
    contact: str
    sentence: str
    team: Team
    lines: tuple[Line, ...] = ()
    taxes: tuple[Tax, ...] = ()
    origin: Origin | None = None
    payment: Payment | None = None


def sheet(paper: Paper, style: Style) -> tuple[Sheet, Style]:
    """The letter that the document is, and the team's style with all that it has to tell."""
    style = replace(style, footer=_foot(paper.team, style))
    end, ending = _ending(paper)
    table = _table(paper)
    room = _room(paper, table, style, ending)
    pages = spread(list(_rows(paper, table)), room) if paper.lines else []
    return Sheet(
        address=paper.address,
        date=_long(paper, paper.day),
        subject=_subject(paper),
        text=paper.intro,
        language=paper.language,
        payment=paper.payment,
        blocks=(*_parts(paper, table, pages), *end),
        closing=paper.closing,
        info=tuple(_info(paper)),
        mark="" if paper.number else WORDS[paper.language]["draft"],
        size=table.size,
        pages=_count(paper, pages, room),
    ), style


def _subject(paper: Paper) -> str:
    """What it is; a reminder says so itself, the first one being friendlier than its kind."""
    if paper.kind == Kind.REMINDER and paper.subject:
        return paper.subject
    title = f"{TITLES[paper.language][Kind(paper.kind)]} {paper.number}".strip()
    return f"{title} – {paper.subject}" if paper.subject else title


def _info(paper: Paper) -> Iterator[tuple[str, str]]:
    """What stands beside the address: labels and values."""
    words = WORDS[paper.language]
    yield words["number"], paper.number or words["draft"]
    yield words["date"], _short(paper, paper.day)
    if paper.customer_number:
        yield words["customer"], paper.customer_number
    yield from _service(paper)
    if paper.due_on and paper.kind != Kind.REMINDER:
        yield words["valid" if paper.kind == Kind.QUOTE else "due"], _short(paper, paper.due_on)
    if paper.origin:
        title = SHORT[paper.language][Kind(paper.origin.kind)]
        day = _short(paper, paper.origin.day)
        told = words["refers"].format(title=title, number=paper.origin.number, day=day)
        yield words["to"], told
    if paper.customer_vat and paper.kind not in PRICELESS:
        name = _vat_name(paper.customer_vat, paper.language, paper.team.country)
        yield words["your_vat"].format(name=name), _vat_number(paper.customer_vat)
    if paper.contact:
        yield words["contact"], paper.contact


def _service(paper: Paper) -> Iterator[tuple[str, str]]:
    """The day or time of the service, which an invoice has to tell (§ 14 (4) no. 6 UStG)."""
    words = WORDS[paper.language]
    if paper.service_on and paper.service_until:
        since, until = _short(paper, paper.service_on), _short(paper, paper.service_until)
        yield words["period"], f"{since} – {until}"
    elif paper.service_on:
        name = "delivery" if paper.kind == Kind.DELIVERY_NOTE else "service"
        yield words[name], _short(paper, paper.service_on)
    elif paper.kind in INVOICES:
        yield words["service"], words["as_dated"]


def _foot(team: Team, style: Style) -> tuple[tuple[str, ...], ...]:
    """The team's foot, with what must be on the paper and is nowhere else: who it is, its numbers.

    § 14 (4) no. 1 and 2 UStG; the number with which it is registered: art. 26 (2) a MWSTG.
    """
    told = " ".join([*style.contact_lines, *(line for column in style.footer for line in column)])
    known = _letters(f"{style.return_line} {told}")
    columns = list(style.footer)
    for lines in (team.lines, _tax_numbers(team)):
        lacking = tuple(line for line in lines if _letters(line.split(": ")[-1]) not in known)
        if lacking and len(columns) < MOST_COLUMNS:
            columns.append(lacking)
        elif lacking:
            columns[-1] = (*columns[-1], *lacking)
    return tuple(columns)


def _tax_numbers(team: Team) -> tuple[str, ...]:
    """In German, as the foot of a letter is the same in every language."""
    vat_name = _vat_name(team.vat_number, "de", team.country)
    named = (
        (WORDS["de"]["tax_number"], team.tax_number),
        (vat_name, _vat_number(team.vat_number)),
    )
    return tuple(f"{name}: {number}" for name, number in named if number)


def _letters(text: str) -> str:
    """Letters and digits, by which two spellings are the same."""
    return re.sub(r"[\W_]", "", text)


def _vat_name(number: str, language: str, country: str) -> str:
    """What a VAT number is called where it is from, or else where the team is."""
    names = VAT_NUMBER[language]
    return names.get(number[:2]) or names.get(country, "VAT number")


def _vat_number(number: str) -> str:
    """A Swiss one as it is written there, others as they are kept."""
    if swiss := SWISS_VAT.fullmatch(number):
        digits = swiss[1].removeprefix("CHE")
        return f"CHE-{digits[:3]}.{digits[3:6]}.{digits[6:]} {swiss[2] or 'MWST'}"
    return number


@dataclass(frozen=True, slots=True)
class _Table:
    """The columns of the lines, by what they tell, and the size of the letters."""

    size: int
    columns: Mapping[str, Column]

    @property
    def room(self) -> float:
        """Points that the words of a line have beside each other."""
        return self.columns["text"].width / POINT - SIDES


def _table(paper: Paper) -> _Table:
    """The letters as large as the numbers leave room for the words."""
    names = list(_columns(paper))
    told = {name: _told(paper, name) for name in names if name != "text"}
    for size in SIZES:
        table = _Table(size, _sized(paper, names, told, size))
        if table.columns["text"].width >= NARROWEST:
            break
    return table


def _columns(paper: Paper) -> Iterator[str]:
    """Which columns it needs."""
    if paper.kind == Kind.REMINDER:
        yield from ("text", "amount")
        return
    yield from ("position", "text", "quantity")
    if any(line.unit for line in paper.lines):
        yield "unit"
    if paper.kind in PRICELESS:
        return
    yield "price"
    if any(line.discount for line in paper.lines):
        yield "discount"
    if paper.treatment == Treatment.TAXED:
        yield "tax"
    yield "amount"


def _told(paper: Paper, name: str) -> set[str]:
    """All that a column has to hold."""
    told = {_value(paper, line, name, at) for at, line in enumerate(paper.lines, 1)}
    if name == "amount":
        told.add(_plain(paper, sum(abs(line.amount) for line in paper.lines)))
    return {_heading(paper, name), *told}


def _sized(
    paper: Paper, names: Sequence[str], told: Mapping[str, set[str]], size: int
) -> dict[str, Column]:
    """The columns as wide as what they hold; the words have what is left."""
    widths = {
        name: (max(width(text, size, bold=True) for text in texts) + SIDES + 2) * POINT
        for name, texts in told.items()
    }
    widths["text"] = TEXT_WIDTH - sum(widths.values())
    return {name: Column(_heading(paper, name), widths[name], name in NUMBERS) for name in names}


def _heading(paper: Paper, name: str) -> str:
    words = WORDS[paper.language]
    if name == "tax":
        return _tax_name(paper)
    return f"{words[name]} {paper.currency}" if name in ("price", "amount") else words[name]


def _room(paper: Paper, table: _Table, style: Style, ending: float) -> Room:
    first, other = (height - SPARE - GAP for height in layout.room(style))
    return Room(
        first=first - layout.height(_subject(paper), paper.intro),
        other=other,
        ending=ending,
        size=table.size,
        carries=paper.kind not in PRICELESS,
    )


def _count(paper: Paper, pages: Sequence[Page], room: Room) -> int:
    """How many pages it will have, if what follows the table takes what it usually does."""
    last = pages[-1] if pages else Page()
    rows = sum(room.row(row.lines) for row in last.rows) + room.row(1) + room.ending
    left = room.other if len(pages) > 1 else room.first
    return max(len(pages), 1) + (rows + _after(paper) > left)


def _after(paper: Paper) -> float:
    """How high all is that may stand on another page than the last line."""
    if paper.payment:
        return PAYMENT + _closing(paper)
    return 0 if layout.is_short(paper.closing) else _closing(paper)


def _closing(paper: Paper) -> float:
    return layout.text_height(paper.closing) + layout.LINE if paper.closing else 0


def _parts(paper: Paper, table: _Table, pages: Sequence[Page]) -> Iterator[Markup]:
    """The table, a part of it on each page."""
    for number, page in enumerate(pages):
        if number:
            yield NEXT_PAGE
        if page.rows or page.before is not None:
            yield _part(paper, list(table.columns.values()), page)


def _part(paper: Paper, columns: Sequence[Column], page: Page) -> Markup:
    rows = [layout.row(columns, [(column.heading,) for column in columns], "head")]
    if page.before is not None:
        rows.append(_carried(paper, columns, page.before))
    rows += [layout.row(columns, row.cells) for row in page.rows]
    if page.after is not None:
        rows.append(_carried(paper, columns, page.after))
    return Markup('<table class="lines" repeat="0">{}</table>').format(Markup("").join(rows))


def _carried(paper: Paper, columns: Sequence[Column], amount: int) -> Markup:
    row = Markup(
        '<tr><td colspan="{}" class="cell carried">{}</td>'
        '<td class="cell carried number">{}</td></tr>'
    )
    label = WORDS[paper.language]["carried"]
    return row.format(len(columns) - 1, label, _plain(paper, amount))


def _rows(paper: Paper, table: _Table) -> Iterator[Row]:
    position = 0
    for line in paper.lines:
        position += line.quantity is not None
        cells = {name: _one(_value(paper, line, name, position)) for name in table.columns}
        cells["text"] = _text(line, table.room, table.size)
        yield Row(tuple(cells.values()), line.amount)


def _one(text: str) -> Cell:
    return (escape(text),) if text else ()


def _text(line: Line, room: float, size: int) -> Cell:
    """The number of the article above the words."""
    text = "\n".join(layout.with_blanks(typed) for typed in line.text.strip("\n").split("\n"))
    lines = tuple(escape(some) or Markup("&nbsp;") for some in wrapped(text, room, size))
    number = Markup('<span class="label">{}</span>')
    return (*(number.format(n) for n in wrapped(line.number, room, size) if n), *lines)


def _value(paper: Paper, line: Line, name: str, position: int) -> str:
    """What a column says of a line."""
    if line.quantity is None or name == "text":
        return ""
    if name == "position":
        return str(position)
    if name == "quantity":
        return _decimal(paper, line.quantity)
    if name == "unit":
        return line.unit
    if name == "price":
        return "" if line.price is None else _decimal(paper, line.price, _digits(paper))
    if name == "discount":
        return _per_cent(paper, line.discount) if line.discount else ""
    if name == "tax":
        return WORDS[paper.language]["exempt"] if line.tax == Code.EXEMPT else _rate(paper, line)
    return _plain(paper, line.amount)


def _rate(paper: Paper, taxed: Line | Tax) -> str:
    return _per_cent(paper, taxed.tax_rate if isinstance(taxed, Line) else taxed.rate)


def _ending(paper: Paper) -> tuple[list[Markup], float]:
    """What follows the lines, and how high what stands on one page with the last of them is.

    A short closing does, unless it stands below what tells where to pay.
    """
    blocks, height = [], 0.0
    if paper.kind not in PRICELESS and paper.lines:
        rows = list(_totals(paper))
        blocks.append(_totals_table(rows))
        height += 6 + 15.5 * len(rows) + 8
    for note in _notes(paper):
        blocks.append(Markup('<p class="note">{}</p>').format(note))
        height += GAP + layout.LINE * len(wrapped(note, TEXT_WIDTH / POINT, layout.SIZE))
    if not paper.payment and layout.is_short(paper.closing):
        height += _closing(paper)
    return blocks, height


def _totals(paper: Paper) -> Iterator[tuple[str, str, bool]]:
    """Label, amount, and whether it is what there is to pay."""
    words = WORDS[paper.language]
    total = words["total"], _money(paper, paper.total), True
    if paper.treatment != Treatment.TAXED or paper.kind == Kind.REMINDER:
        yield total
        return
    if paper.is_gross:
        yield total
        for tax in paper.taxes:
            yield _tax_row(paper, tax, "tax_in")
        return
    yield words["net"], _money(paper, paper.net), False
    for tax in paper.taxes:
        yield _tax_row(paper, tax, "tax_on")
    yield total


def _tax_row(paper: Paper, tax: Tax, sentence: str) -> tuple[str, str, bool]:
    words, net = WORDS[paper.language], _money(paper, tax.net)
    if tax.code == Code.EXEMPT:
        return words["exempt_of"].format(net=net), _money(paper, 0), False
    label = words[sentence].format(tax=_tax_name(paper), rate=_rate(paper, tax), net=net)
    return label, _money(paper, tax.tax), False


def _totals_table(rows: Sequence[tuple[str, str, bool]]) -> Markup:
    cells = Markup(
        '<tr><td width="{:.2f}mm"></td><td width="{}mm" class="{look}">{}</td>'
        '<td width="{:.2f}mm" class="{look} number">{}</td></tr>'
    )
    amounts = max(width(amount, TOTAL_SIZE, bold=True) for _label, amount, _is_last in rows)
    needed = max((amounts + SIDES + 2) * POINT, TOTALS_AMOUNT)
    left = TEXT_WIDTH - TOTALS_LABEL - needed
    told = [
        cells.format(left, TOTALS_LABEL, label, needed, amount, look=LOOKS[is_last])
        for label, amount, is_last in rows
    ]
    return Markup('<table class="totals" repeat="0">{}</table>').format(Markup("").join(told))


def _notes(paper: Paper) -> Iterator[str]:
    """By which law there is no tax, and until when what is to be done."""
    words = WORDS[paper.language]
    if paper.sentence and paper.kind not in (*PRICELESS, Kind.REMINDER):
        yield paper.sentence
    if paper.kind == Kind.PRO_FORMA:
        yield words["pro_forma"]
    if paper.due_on and paper.kind in (Kind.INVOICE, Kind.PRO_FORMA) and paper.total > 0:
        yield words["pay"].format(day=_long(paper, paper.due_on))
    if paper.due_on and paper.kind == Kind.QUOTE:
        yield words["holds"].format(day=_long(paper, paper.due_on))


def _tax_name(paper: Paper) -> str:
    return TAX[paper.language].get(paper.team.country, "VAT")


def _long(paper: Paper, day: date) -> str:
    return i18n.long_day(day, paper.language, paper.team.country)


def _short(paper: Paper, day: date) -> str:
    return i18n.day_in(day, paper.language, paper.team.country)


def _money(paper: Paper, minor: int) -> str:
    return i18n.money_in(minor, paper.currency, paper.language, paper.team.country)


def _plain(paper: Paper, minor: int) -> str:
    """An amount without its currency, which stands above it."""
    return i18n.amount_in(minor, paper.currency, paper.language, paper.team.country)


def _decimal(paper: Paper, value: Decimal, least: int = 0) -> str:
    return i18n.decimal_in(value, paper.language, paper.team.country, least)


def _digits(paper: Paper) -> int:
    """How many decimals an amount has."""
    return i18n.MINOR_DIGITS.get(paper.currency, 2)


def _per_cent(paper: Paper, value: Decimal) -> str:
    return f"{_decimal(paper, value)}\N{NO-BREAK SPACE}%"
