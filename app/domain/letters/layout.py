"""The sheet of a letter: values become a document for the renderer, everything in it escaped.

Measures in millimetres from the upper left corner of an A4 sheet: DIN 5008:2020 form B for a window
at the left, SN 010130 for one at the right. What stands in a static box is made small enough for
it: an address never leaves its window. Nothing is asked and nothing is read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from math import ceil

from markupsafe import Markup, escape

from app.domain.letters.measure import wrapped

SIZE = 10.5
"""Points of the text."""
LINE = 13.5
POINT = 25.4 / 72
MOST_ADDRESS_LINES = 9
LINE_LENGTH = 44
"""Characters that find room beside each other in a window, at least."""
MOST_COLUMNS = 4
TEXT_LEFT, TEXT_WIDTH = 25, 165
TEXT_POINTS = TEXT_WIDTH / POINT
SUBJECT_GAP = 18
"""Points between the subject and the text."""
FOLDS, PUNCH = (105, 210), 148.5
EDGE = 8
"""What printers leave white at the edges, with some to spare."""

ITEM = re.compile(r"( *)([-–—•*]|\d{1,3}[.)]|[a-z]\)) +(?=\S)")
SHORTEST_RULE = 4
"""Underscores at the end of a line that stand for a place to write on."""
LABEL_WIDTH = 52
"""Millimetres of the words before such a place; it goes on to the right margin."""
WIDTHS = {"-": 0.333, "–": 0.556, "—": 1.0, "•": 0.35, "*": 0.389, ".": 0.278, ")": 0.333}
"""Ems of the signs that begin an item in our font; digits and small letters have 0.556."""
BLANK = 0.278
MOST_KEPT = 12
"""Lines that may be kept on one page, so that what ends a letter does not stand there alone."""
LEADING, PADDING, SIDE = 2.5, (4, 2), 3
"""Points between the lines of a table, above and below them, and at each of their sides."""


class Window(StrEnum):
    """Where the address shows: left after DIN 5008 form B, or right after SN 010130."""

    DIN = "din5008b"
    SWISS = "swiss"


@dataclass(frozen=True, slots=True)
class Box:
    """A place on the sheet, in millimetres."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Places:
    """Where everything is on the first page."""

    back: Box
    """The line above the address that says where it comes back to."""
    address: Box
    """The lines of the address begin at its upper edge; `spare` more fit in above it."""
    spare: int
    info: Box


PLACES = {
    Window.DIN: Places(Box(25, 45.8, 80, 4.2), Box(25, 62.7, 80, 27.3), 3, Box(125, 50, 75, 44)),
    Window.SWISS: Places(Box(118, 46, 80, 4.2), Box(118, 52, 80, 38), 0, Box(25, 50, 75, 44)),
}
HEAD = Box(25, 12, 165, 29)
HEAD_BESIDE, CONTACT = Box(25, 12, 95, 29), Box(125, 12, 75, 33)
"""The head and what stands beside it, where an info block takes the place beside the address."""
MARK = Box(25, 135, 165, 30)
SUBJECT_TOP = 98.5
NEXT_TOP = 32
FOOT = Box(25, 268, 165, 20)
TEXT_END, TEXT_END_WITHOUT_FOOT = 258, 274
MARK_SIZE = 60


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture inside the document: its `data:` address and its size in pixels."""

    address: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Style:
    """What all letters of the team have in common.

    `footer` holds columns of lines, `country` is where the team is.
    """

    window: Window
    sender: str
    country: str
    return_line: str
    contact_lines: tuple[str, ...] = ()
    footer: tuple[tuple[str, ...], ...] = ()
    logo: Picture | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """What is to be paid, to read for people and for their banking apps.

    Without a `code` there is nothing that an app could read.
    """

    code: str
    heading: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one letter says; `date` and all texts are in its `language` (de, en).

    `blocks` stand between `text` and `payment`, one below the other, and `closing` ends the letter:
    ready-made markup in which everything is escaped already, `lines_table` makes one. With `info`
    (label and value) there is an info block beside the address instead of the date alone, and the
    lines of contact move up into the head. `mark` stands across every page: "Entwurf". `size` is
    that of the letters of tables, in points; `pages` how many there will be, as far as known.
    """

    address: tuple[str, ...]
    date: str
    subject: str
    text: str
    language: str = "de"
    payment: Payment | None = None
    blocks: tuple[Markup, ...] = ()
    closing: str = ""
    info: tuple[tuple[str, str], ...] = ()
    mark: str = ""
    size: float = 9
    pages: int = 1


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading and its width in millimetres; all together have 165."""

    heading: str
    width: float
    is_number: bool = False
    """Numbers stand at the right, below each other."""


def room(style: Style) -> tuple[float, float]:
    """How many points high the text of the first page and of the others can be."""
    end = _text_end(style)
    return (end - SUBJECT_TOP) / POINT, (end - NEXT_TOP) / POINT


def height(subject: str, text: str) -> float:
    """How many points of the first page a subject and the text below it take, or nearly so."""
    lines = len(wrapped(subject, TEXT_POINTS, SIZE, bold=True)) * LINE + SUBJECT_GAP
    return lines + text_height(text)


def text_height(text: str) -> float:
    """How many points a text takes, or nearly so."""
    return sum(_line_height(line) for line in text.rstrip().split("\n"))


def is_short(closing: str) -> bool:
    """Whether a closing is kept on one page with what is before it."""
    return bool(closing.strip()) and text_height(closing) <= MOST_KEPT * LINE


def with_blanks(line: str) -> str:
    """A line with its blanks: several beside each other, and those before the first word, stay."""
    blanks = re.sub(r"^ +| {2,}", lambda found: "\N{NO-BREAK SPACE}" * len(found[0]), line)
    return blanks.replace("\t", "\N{NO-BREAK SPACE}" * 4)


def document(sheet: Sheet, style: Style) -> str:
    """The HTML of a letter for `core.rendering`; the number of a page only if there are several."""
    places = PLACES[style.window]
    return str(
        PAGE.format(
            language=sheet.language,
            title=sheet.subject or sheet.address[0],
            css=Markup(_css(sheet, style, places)),
            head=_head(style),
            back=style.return_line,
            address=_lines(sheet.address),
            contact=_lines(style.contact_lines) if sheet.info else "",
            info=_info(sheet, style),
            mark=_mark(sheet.mark) if sheet.mark else "",
            foot=_foot(style.footer),
            next=_continued(sheet),
            pages=sheet.pages,
            number=PAGE_NUMBER[sheet.language],
            subject=Markup('<p class="subject">{}</p>').format(sheet.subject or Markup("&nbsp;")),
            text=_text(sheet.text),
            blocks=Markup("").join(sheet.blocks),
            payment=_payment(sheet.payment, sheet.closing) if sheet.payment else "",
            closing=_closing(sheet.closing),
        )
    )


def lines_table(
    columns: Sequence[Column], rows: Iterable[Sequence[str]], last: Sequence[str] = ()
) -> Markup:
    """A table whose head is repeated on every page it goes on to, for the `blocks` of a sheet.

    A row has a text for each column; they are escaped here, and their line breaks kept. A row stays
    on one page, so none may be as high as a page. `last` is the bold row of a sum.

        Sheet(…, blocks=(lines_table([Column(_("Day"), 30), Column(_("Amount"), 30, True)], rows),))
    """
    head = row(columns, [(column.heading,) for column in columns], "head")
    body = [row(columns, [text.split("\n") for text in texts]) for texts in rows]
    if last:
        body.append(row(columns, [(text,) for text in last], "last"))
    table = Markup('<table class="lines" repeat="1">{}{}</table>')
    return table.format(head, Markup("").join(body))


def row(columns: Sequence[Column], cells: Iterable[Sequence[str]], look: str = "") -> Markup:
    """A row of such a table, from the lines of its texts; `look` is head, last, or nothing."""
    told = [
        CELL.format(
            f"{c.width:.2f}",
            f"cell {look}{' number' if c.is_number else ''}",
            Markup("<br>").join(lines) or Markup("&nbsp;"),
        )
        for c, lines in zip(columns, cells, strict=True)
    ]
    return Markup("<tr>{}</tr>").format(Markup("").join(told))


CELL = Markup('<td width="{}mm" class="{}">{}</td>')
PAGE_NUMBER = {
    "de": Markup("Seite <pdf:pagenumber/> von {pages}"),
    "en": Markup("Page <pdf:pagenumber/> of {pages}"),
}
PAGE = Markup(
    '<html lang="{language}"><head><title>{title}</title><style>{css}</style></head><body>'
    '<div id="head">{head}</div>'
    '<div id="back">{back}</div>'
    '<div id="address">{address}</div>'
    '<div id="contact">{contact}</div>'
    '<div id="info">{info}</div>'
    '<div id="mark">{mark}</div>'
    '<div id="fold1"><p class="mark"></p></div>'
    '<div id="punch"><p class="mark"></p></div>'
    '<div id="fold2"><p class="mark"></p></div>'
    '<div id="foot">{foot}</div>'
    '<div id="next">{next}</div>'
    '<div id="number"><!--several {pages} {number} --></div>'
    '<pdf:nexttemplate name="next"/>'
    "{subject}{text}{blocks}{payment}{closing}</body></html>"
)


def _css(sheet: Sheet, style: Style, places: Places) -> str:
    end = _text_end(style)
    address, size = _address_box(sheet.address, places)
    boxes = {
        "mark": MARK,
        "head": HEAD_BESIDE if sheet.info else HEAD,
        "contact": CONTACT,
        "back": places.back,
        "address": address,
        "info": places.info,
        "fold1": Box(EDGE, FOLDS[0], 4, 2),
        "punch": Box(EDGE, PUNCH, 6, 2),
        "fold2": Box(EDGE, FOLDS[1], 4, 2),
        "foot": FOOT,
    }
    shown = {"foot": style.footer, "contact": sheet.info, "mark": sheet.mark}
    number = _frame("number", Box(TEXT_LEFT, end + 3, TEXT_WIDTH, 5))
    first = [_frame(name, box) for name, box in boxes.items() if shown.get(name, True)]
    first += [number, _flow(SUBJECT_TOP, end)]
    other = [_frame("mark", MARK)] if sheet.mark else []
    other += [_frame("next", Box(25, 15, 165, 12)), number, _flow(NEXT_TOP, end)]
    return (
        f"@page {{ size: a4; margin: 0; {''.join(first)} }}"
        f"@page next {{ size: a4; margin: 0; {''.join(other)} }}"
        f"body {{ font-family: 'Liberation Sans'; font-size: {SIZE}pt; line-height: {LINE}pt; "
        "overflow-wrap: break-word }"
        f"p {{ margin: 0; line-height: {LINE}pt }}"
        f"#address p {{ font-size: {size}pt; line-height: {size * 1.15:.2f}pt }}"
        f"#back {{ font-size: {_fitting(style.return_line, 60, 7.5)}pt; line-height: 10pt }}"
        f"{_css_of_cells(sheet.size)}{CSS}"
    )


CSS = (
    f".subject {{ font-weight: bold; margin-bottom: {SUBJECT_GAP}pt }}"
    "#head { line-height: 20pt } .sender { font-size: 15pt; font-weight: bold; line-height: 20pt }"
    "#info p, #contact p { font-size: 9pt; line-height: 12pt } #info .date { margin-top: 8pt }"
    "#info td { vertical-align: top } "
    f"#mark p {{ font-size: {MARK_SIZE}pt; line-height: {MARK_SIZE}pt; font-weight: bold; "
    "color: #e4e4e4; text-align: center }"
    "#foot table { border-top: 0.4pt solid #888 } "
    "#foot td { font-size: 7.5pt; line-height: 9.5pt; vertical-align: top; padding-top: 4pt }"
    "#next { font-size: 9pt; line-height: 12pt; color: #444 }"
    "#number { font-size: 9pt; line-height: 12pt; text-align: right }"
    ".mark { border-top: 0.4pt solid #444; font-size: 1pt; line-height: 1pt }"
    ".payment { margin-top: 18pt } .payment td { vertical-align: top }"
    ".payment p { font-size: 9pt; line-height: 12pt } .label { color: #444 }"
    ".form td { vertical-align: bottom; padding: 6.5pt 0 0 0 } "
    ".form td.place { padding-bottom: 2pt } "
    ".form p.rule { border-bottom: 0.5pt solid #444; line-height: 11pt }"
    ".lines { margin-top: 9pt } .totals { margin-top: 6pt } .note { margin-top: 9pt }"
    ".head { font-weight: bold; border-bottom: 0.6pt solid #444 }"
    ".last { font-weight: bold; border-bottom: 0 } "
    ".carried { font-style: italic; border-bottom: 0 }"
    ".sum { padding: 1.5pt 3pt; font-size: 9.5pt; line-height: 12.5pt; text-align: left }"
    ".due { padding: 4pt 3pt 2pt; font-size: 11pt; line-height: 14pt; font-weight: bold; "
    "border-top: 0.6pt solid #444; text-align: left } .number { text-align: right }"
    ".kept { -pdf-keep-with-next: true }"
)


def _css_of_cells(size: float) -> str:
    """Rules of one class each: a table has thousands of cells, and every rule is tried on each."""
    return (
        f".cell {{ font-size: {size}pt; line-height: {size + LEADING}pt; text-align: left; "
        f"vertical-align: top; padding: {PADDING[0]}pt {SIDE}pt {PADDING[1]}pt; "
        "border-bottom: 0.3pt solid #bbb }"
    )


def _text_end(style: Style) -> float:
    return TEXT_END if style.footer else TEXT_END_WITHOUT_FOOT


def _frame(name: str, box: Box) -> str:
    return f"@frame {name} {{ -pdf-frame-content: {name}; {_place(box)} }}"


def _flow(top: float, end: float) -> str:
    return f"@frame text {{ {_place(Box(TEXT_LEFT, top, TEXT_WIDTH, end - top))} }}"


def _place(box: Box) -> str:
    return (
        f"left: {box.left}mm; top: {box.top:.2f}mm; "
        f"width: {box.width}mm; height: {box.height:.2f}mm"
    )


def _address_box(lines: Sequence[str], places: Places) -> tuple[Box, float]:
    """Where the address begins, and the points its letters have: more lines begin further up."""
    needed = sum(max(1, ceil(len(line) / LINE_LENGTH)) for line in lines)
    usual = int(places.address.height / (SIZE * 1.15 * POINT))
    above = min(max(needed - usual, 0), places.spare)
    shift = above * SIZE * 1.15 * POINT
    box = places.address
    size = SIZE if needed <= usual + above else SIZE * (usual + above) / needed
    return Box(box.left, box.top - shift, box.width, box.height + shift), round(size, 2)


def _fitting(text: str, room: int, size: float) -> float:
    """Points in which a text fits into a line that has room for so many letters of `size`."""
    return round(size if len(text) <= room else max(size * room / len(text), 4.5), 2)


def _head(style: Style) -> Markup:
    if style.logo is None:
        return Markup('<p class="sender">{}</p>').format(style.sender)
    width, height = _inside(style.logo, 80, HEAD.height - 2)
    return Markup('<img src="{}" style="width: {}mm; height: {}mm">').format(
        style.logo.address, f"{width:.1f}", f"{height:.1f}"
    )


def _inside(picture: Picture, width: float, height: float) -> tuple[float, float]:
    """The size of a picture as large as these allow, in its own proportions."""
    scale = min(width / picture.width, height / picture.height)
    return picture.width * scale, picture.height * scale


def _info(sheet: Sheet, style: Style) -> Markup:
    if sheet.info:
        return _pairs(sheet.info)
    date = Markup('<p class="date">{}</p>').format(sheet.date)
    return _lines(style.contact_lines) + date


def _pairs(pairs: Sequence[tuple[str, str]]) -> Markup:
    """What is called how, in two columns."""
    pair = Markup(
        '<tr><td width="32mm"><p class="label">{}</p></td><td width="43mm"><p>{}</p></td></tr>'
    )
    rows = Markup("").join(pair.format(label, _broken(value)) for label, value in pairs)
    return Markup('<table repeat="0">{}</table>').format(rows)


def _broken(text: str) -> Markup:
    return Markup("<br>").join(text.split("\n"))


def _mark(mark: str) -> Markup:
    return Markup("<p>{}</p>").format(mark.upper())


def _foot(columns: Sequence[Sequence[str]]) -> Markup:
    """Columns beside each other, as wide as each other."""
    shown = columns[:MOST_COLUMNS]
    if not shown:
        return Markup("")
    cell = Markup('<td width="{}%">{}</td>')
    cells = [cell.format(100 // len(shown), Markup("<br>").join(column)) for column in shown]
    return Markup('<table repeat="0"><tr>{}</tr></table>').format(Markup("").join(cells))


def _continued(sheet: Sheet) -> Markup:
    """What the pages after the first one begin with: whose letter it is, and of which day."""
    told = [sheet.address[0], sheet.subject, sheet.date]
    return Markup(" · ").join(_cut(text) for text in told if text)


def _cut(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"


def _lines(lines: Iterable[str]) -> Markup:
    """One below the other; an empty one leaves its space."""
    shown = (_spaced(line) or Markup("&nbsp;") for line in lines)
    return Markup("").join(Markup("<p>{}</p>").format(line) for line in shown)


def _text(text: str) -> Markup:
    """Lines, blank lines and lists as they were typed; what ends the letter stays together."""
    lines = text.rstrip().split("\n")
    last = _begin_of_closing(lines)
    closing = lines[last:]
    blocks = [*_blocks(lines[:last]), *_blocks(closing[:-1], kept=True), *_blocks(closing[-1:])]
    return Markup("").join(blocks)


def _closing(closing: str) -> Markup:
    """What is said after the tables, a little below them; a short one stays together."""
    if not closing.strip():
        return Markup("")
    if not is_short(closing):
        return Markup('<p class="gap">&nbsp;</p>{}').format(_text(closing))
    lines = closing.rstrip().split("\n")
    blocks = [*_blocks(lines[:-1], kept=True), *_blocks(lines[-1:])]
    return Markup('<p class="gap kept">&nbsp;</p>{}').format(Markup("").join(blocks))


def _begin_of_closing(lines: Sequence[str]) -> int:
    """Where the words above the signature begin, so that no signature stands on a page alone.

    The signature is the last gap of two blank lines or more, with a few lines below it.
    """
    for at in range(len(lines) - 1, 1, -1):
        if lines[at].strip() == lines[at - 1].strip() == "":
            while at and not lines[at - 1].strip():
                at -= 1
            while at and lines[at - 1].strip():
                at -= 1
            return at if len(lines) - at <= MOST_KEPT else len(lines)
    return len(lines)


def _blocks(lines: Sequence[str], *, kept: bool = False) -> Iterator[Markup]:
    """Paragraphs; one that is `kept` stands on the same page as the next."""
    look = Markup(' class="kept"') if kept else ""
    for kind, group in groupby(lines, _kind):
        some = list(group)
        if kind == "item":
            yield from (_item(line, look) for line in some)
        elif kind == "form":
            yield from (_form_line(line, kept) for line in some)
        elif kind == "blank":
            yield Markup("<p{}>&nbsp;</p>").format(look) * len(some)
        else:
            body = Markup("<br>").join(_spaced(line) for line in some)
            yield Markup("<p{}>{}</p>").format(look, body)


def _kind(line: str) -> str:
    if not line.strip():
        return "blank"
    if _is_form_line(line):
        return "form"
    return "item" if ITEM.match(line) else "text"


def _is_form_line(line: str) -> bool:
    """Whether it is words and then one place to write on: "IBAN: ____"."""
    line = line.rstrip()
    words = line.rstrip("_")
    return len(line) - len(words) >= SHORTEST_RULE and bool(words.strip()) and "__" not in words


def _line_height(line: str) -> float:
    """How many points a line of the text takes, however its paragraph goes on."""
    kind, hang = _kind(line), 0.0
    if kind == "form":
        return LINE + 8
    if found := ITEM.match(line):
        hang = _hang(found[2]) + len(found[1]) * BLANK
        line = line[found.end() :]
    return len(wrapped(with_blanks(line), TEXT_POINTS - hang * SIZE, SIZE)) * LINE


def _hang(sign: str) -> float:
    """How many ems the sign of an item and the blanks after it take."""
    return sum(WIDTHS.get(letter, 0.556) for letter in sign) + 2 * BLANK


def _form_line(line: str, kept: bool) -> Markup:
    """Words and a rule, as long as that of all other such lines, however many underscores."""
    words = _spaced(line.rstrip().rstrip("_").rstrip())
    return Markup(
        '<table class="form{}"><tr><td width="{}mm"><p>{}</p></td>'
        '<td class="place"><p class="rule">&nbsp;</p></td></tr></table>'
    ).format(" kept" if kept else "", LABEL_WIDTH, words)


def _item(line: str, look: str) -> Markup:
    """An item whose further lines begin where its text does."""
    found = ITEM.match(line)
    assert found
    indent, sign = len(found[1]) * BLANK, found[2]
    hang = _hang(sign)
    text = _spaced(line[found.end() :])
    return Markup(
        '<p{} style="margin-left: {:.2f}pt; text-indent: -{:.2f}pt">{}&nbsp;&nbsp;{}</p>'
    ).format(look, (indent + hang) * SIZE, hang * SIZE, sign, text)


def _spaced(line: str) -> Markup:
    return escape(with_blanks(line))


def _payment(payment: Payment, closing: str) -> Markup:
    """Where to pay; it goes along with a short closing that has no room below it."""
    rows = Markup("").join(
        Markup('<p><span class="label">{}:</span> {}</p>').format(label, value)
        for label, value in payment.rows
    )
    code = Markup('<td width="36mm"><img src="{}" style="width: 32mm; height: 32mm"></td>')
    table = '<table class="payment{}"><tr>{}<td><p><b>{}</b></p>{}</td></tr></table>'
    return Markup(table).format(
        " kept" if is_short(closing) else "",
        code.format(payment.code) if payment.code else "",
        payment.heading,
        rows,
    )
