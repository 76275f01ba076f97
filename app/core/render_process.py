"""A render process: takes orders from standard input, answers PDFs and pictures.

Started by `app.core.rendering` as a program of its own. It imports the renderers and nothing of the
application, has no database, no secrets and little memory, and reads no file but the fonts. It
ends when nobody asks anything for a while, or when whoever started it is gone.

An order is ORDER and as many bytes as it says, an answer is ANSWER and as many bytes.
"""

from __future__ import annotations

import io
import logging
import os
import re
import resource
import select
import signal
import struct
import sys
import traceback
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image
from reportlab.lib.fonts import addMapping
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from xhtml2pdf import default, pisa
from xhtml2pdf.config.resources import RenderLimitError, ResourceAccessPolicy

ORDER = struct.Struct(">cHHHI")
"""What is wanted, within how many seconds, two numbers (see `_do`), bytes."""
ANSWER = struct.Struct(">cI")
MEMORY = 768 * 1024**2
"""Bytes of addresses, of which a letter needs an eighth."""
LENGTH = struct.Struct(">I")
"""Before each of several files that are one behind the other."""
COLOURS = 128
WHITE = 250
"""What is lighter is the paper, on which a printer puts nothing."""
IDLE = 600
"""Seconds after which a process that nobody needs ends."""
FACES: dict[str, tuple[Any, Any]] = {
    "LiberationSans-Regular": (0, 0),
    "LiberationSans-Bold": (1, 0),
    "LiberationSans-Italic": (0, 1),
    "LiberationSans-BoldItalic": (1, 1),
}
FAMILIES = ("liberation sans", "helvetica", "arial", "sans-serif")
SEVERAL = re.compile(r"<!--several (\d+) (.*?)-->", re.S)
SHRUNK = "fitted with -pdf-keep-in-frame-mode: shrink. Give the @frame more height."
UNSEEN = frozenset("\n\r\t\f\ufeff")


class _Complaints(logging.StreamHandler):
    """Counts what the library complains about: it tells the result of some of it only.

    Writes it down without the lines of the letter it quotes. That it made something small enough
    for its box is what we want.
    """

    count = 0

    def emit(self, record: logging.LogRecord) -> None:
        if not record.getMessage().endswith(SHRUNK):
            self.count += 1
            super().emit(record)

    def format(self, record: logging.LogRecord) -> str:
        return f"render process: {record.getMessage().partition(chr(10))[0][:300]}"


COMPLAINTS = _Complaints()


class Unrenderable(Exception):
    """Why there is no PDF: a code, and what more there is to say."""

    def __init__(self, code: str, detail: str = ""):
        super().__init__(code, detail)
        self.code, self.detail = code, detail


def main(fonts: Path) -> None:
    answers = _own_output()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it ends it
    policy = ResourceAccessPolicy.server(fonts, allow_remote=False)
    _register_fonts(fonts)
    _pdf("<p>A first one, as it takes longer than all others.</p>", policy)
    orders = sys.stdin.buffer
    while select.select([orders], [], [], IDLE)[0] and (head := orders.read(ORDER.size)):
        kind, seconds, page, dpi, length = ORDER.unpack(head)
        _limit_time(seconds)
        try:
            done = _do(kind, orders.read(length), page, dpi, policy)
            answers.write(ANSWER.pack(b"+", len(done)) + done)
        except Unrenderable as reason:
            told = f"{reason.code}\0{reason.detail}".encode()
            answers.write(ANSWER.pack(b"-", len(told)) + told)
        answers.flush()


def _own_output() -> io.BufferedWriter:
    """The answers alone go where they are read; what a library prints goes to the log."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def _limit_time(seconds: int) -> None:
    """Ends by itself should whoever asked be gone: it is asked to be killed long before."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(usage.ru_utime + usage.ru_stime) + seconds + 2
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _register_fonts(folder: Path) -> None:
    """Once for all documents: `@font-face` would have every one of them read the files anew."""
    for face, (bold, italic) in FACES.items():
        pdfmetrics.registerFont(TTFont(face, folder / f"{face}.ttf"))
        addMapping("liberationsans", bold, italic, face)
    for family in FAMILIES:
        default.DEFAULT_FONT[family] = "liberationsans"


def _do(kind: bytes, told: bytes, page: int, dpi: int, policy: ResourceAccessPolicy) -> bytes:
    """A PDF of at most `page` pages, a page as a picture, a picture no larger than both say, or
    several PDFs as one.
    """
    try:
        if kind == b"p":
            return _bounded(_pdf(told.decode(), policy), page)
        if kind == b"v":
            return _picture(_pdf(told.decode(), policy), page, dpi)
        if kind == b"s":
            return _small(told, page, dpi)
        if kind == b"j":
            return _joined(told)
        return _picture(told, page, dpi)
    except Unrenderable:
        raise
    except (RenderLimitError, MemoryError, RecursionError, SystemError) as error:
        # without memory the interpreter itself may fail, which is a SystemError
        logging.warning("A document went past a limit: %s", type(error).__name__)
        raise Unrenderable("limit") from error
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        named = type(error).__name__, Path(place.filename).name, place.lineno
        logging.warning("A document could not be rendered: %s in %s, line %s", *named)
        raise Unrenderable("broken") from error


def _pdf(html: str, policy: ResourceAccessPolicy) -> bytes:
    """The PDF of a document; everything in it was drawn, or there is none.

    What `<!--several 1 … -->` holds is shown if it has more than one page, `{pages}` in it being
    their number. (The library would draw every document twice to count its pages.) Whoever made it
    may guess how many these are: if that is right, it is drawn once.
    """
    if missing := _missing(html):
        raise Unrenderable("glyphs", missing)
    several = SEVERAL.search(html)
    guessed = int(several[1]) if several else 1
    pdf = _drawn(_numbered(html, guessed), policy)
    pages = len(pypdfium2.PdfDocument(pdf)) if several else guessed
    return pdf if pages == guessed else _drawn(_numbered(html, pages), policy)


def _numbered(html: str, pages: int) -> str:
    """The document with the numbers of its pages, if there are several."""

    def number(found: re.Match[str]) -> str:
        return found[2].replace("{pages}", str(pages)) if pages > 1 else ""

    return SEVERAL.sub(number, html)


def _bounded(pdf: bytes, most: int) -> bytes:
    """The same PDF, if it has no more pages than that."""
    if len(pypdfium2.PdfDocument(pdf)) > most:
        raise Unrenderable("pages")
    return pdf


def _drawn(html: str, policy: ResourceAccessPolicy) -> bytes:
    pdf = io.BytesIO()
    COMPLAINTS.count = 0
    result: Any = pisa.CreatePDF(html, dest=pdf, encoding="utf-8", resource_policy=policy)
    if result.err:
        raise Unrenderable("broken")
    if result.warn or COMPLAINTS.count:
        raise Unrenderable("warnings")
    return pdf.getvalue()


def _missing(html: str) -> str:
    """The letters that the font has no picture of: nobody's name is printed with boxes in it."""
    font: Any = pdfmetrics.getFont("LiberationSans-Regular")
    known = font.face.charToGlyph
    return "".join(sorted({letter for letter in set(html) - UNSEEN if ord(letter) not in known}))


def _picture(pdf: bytes, page: int, dpi: int) -> bytes:
    """How many pages there are, in four bytes, and one of them (the last one if beyond) as PNG.

    A sheet of paper has few colours; with a palette its picture is a quarter as large.
    """
    document = pypdfium2.PdfDocument(pdf)
    count = len(document)
    scale: Any = dpi / 72
    picture = document[min(page, count - 1)].render(scale=scale).to_pil()
    document.close()
    plain = picture.quantize(COLOURS, Image.Quantize.FASTOCTREE)
    palette = plain.getpalette() or []
    plain.putpalette([255 if part > WHITE else part for part in palette])
    png = io.BytesIO()
    plain.save(png, "PNG")
    return struct.pack(">I", count) + png.getvalue()


def _small(data: bytes, width: int, height: int) -> bytes:
    """A picture with no more pixels than these, as PNG."""
    with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as picture:
        small = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    small.thumbnail((width, height), Image.Resampling.LANCZOS)
    png = io.BytesIO()
    small.save(png, "PNG", optimize=True)
    return png.getvalue()


def _joined(told: bytes) -> bytes:
    """One PDF with the pages of all of these."""
    whole, place = pypdfium2.PdfDocument.new(), 0
    while place < len(told):
        (length,) = LENGTH.unpack_from(told, place)
        place += LENGTH.size
        part = pypdfium2.PdfDocument(told[place : place + length])
        whole.import_pages(part)
        part.close()
        place += length
    pdf = io.BytesIO()
    whole.save(pdf)
    return pdf.getvalue()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, handlers=[COMPLAINTS])
    main(Path(sys.argv[1]))
