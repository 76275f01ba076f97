"""Render processes: what they make, what they refuse to read, and when they are put to an end.

The refused addresses are tried once without the policy, too: what cannot reach the canary then
proves nothing.
"""

from __future__ import annotations

import base64
import io
import os
import re
import select
import struct
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from time import monotonic
from typing import Any

import pypdfium2
import pytest
from PIL import Image
from pypdf import PdfReader
from pypdfium2.raw import FPDF_PAGEOBJ_PATH
from xhtml2pdf import pisa
from xhtml2pdf.config.resources import PERMISSIVE_POLICY

from app.core import rendering
from app.core.rendering import RenderFailed

pytestmark = pytest.mark.apart

ROOT = Path(__file__).parents[2]
BOMB = '<table><tr><td colspan="100000000">x</td></tr></table>'
ADDRESSES = {
    "picture": '<img src="http://{host}/picture.png">',
    "decimal address": '<img src="http://2130706433:{port}/picture.png">',
    "octal address": '<img src="http://0177.0.0.1:{port}/picture.png">',
    "style sheet": '<link rel="stylesheet" href="http://{host}/style.css">',
    "imported style": '<style>@import url("http://{host}/style.css");</style>',
    "font": '<style>@font-face {{font-family: x; src: url("http://{host}/font.ttf")}}</style>',
    "font of its own tag": '<pdf:font name="x" src="http://{host}/font.ttf"/>',
    "background of the page": "<style>@page {{background-image: url(http://{host}/b.png)}}</style>",
    "background of a box": '<p style="background-image: url(http://{host}/b.png)">x</p>',
}


@pytest.fixture(scope="module", autouse=True)
def _processes() -> Iterator[None]:
    rendering.start(2)
    yield
    rendering.stop()


@pytest.fixture
def canary() -> Iterator[tuple[int, list[str]]]:
    """A server on this machine: its port, and what it was asked for."""
    asked: list[str] = []

    class Canary(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Canary) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port, asked
        server.shutdown()
        thread.join()


def text(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def reason(html: str, timeout: int = 15) -> tuple[str, str]:
    with pytest.raises(RenderFailed) as failure:
        rendering.render_pdf(html, timeout=timeout)
    return failure.value.code, failure.value.detail


def png(width: int, height: int, data: bytes = b"") -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def test_letters_of_all_our_neighbours_are_drawn():
    names = "Müßig ẞ € Łódź Żaneta Ğülşen İnci Αθήνα Чайковский Dvořák Đorđe"
    pdf = rendering.render_pdf(f"<p>{names}</p>")
    assert text(pdf).strip() == names
    fonts = {str(font["/BaseFont"]) for font in _fonts(pdf)}
    assert {font.partition("+")[2] for font in fonts if "+" in font} == {"LiberationSans"}


def _fonts(pdf: bytes) -> list[Any]:
    page: Any = PdfReader(io.BytesIO(pdf)).pages[0]
    return [font.get_object() for font in page["/Resources"]["/Font"].values()]


def test_letters_the_font_lacks_are_named():
    assert reason("<p>Herr 契約 und 😀</p>") == ("glyphs", "契約😀")


def test_picture_shows_the_page_asked_for():
    html = '<p>eins</p><pdf:nextpage/><p>zwei <span style="color: red">rot</span></p>'
    preview = rendering.render_preview(html, 1, 36)
    assert preview.pages == 2
    assert preview.picture.startswith(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\x2a\0\0\x01\xa5")
    pdf = rendering.render_pdf(html)
    assert rendering.render_picture(pdf, 1, 36) == preview.picture
    assert rendering.render_picture(pdf, 7, 36) == preview.picture
    assert rendering.render_picture(pdf, 0, 36) != preview.picture


def test_more_pages_than_a_letter_has_are_none():
    most = rendering.MOST_PAGES
    pdf = rendering.render_pdf("<p>x</p>" + "<pdf:nextpage/><p>x</p>" * (most - 1))
    pictures, count = rendering.render_pictures(pdf, 36, 2)
    assert (len(pictures), count) == (2, most)
    assert pictures[1] == rendering.render_picture(pdf, 1, 36)
    assert reason("<p>x</p>" + "<pdf:nextpage/><p>x</p>" * most) == ("pages", "")


def test_paper_is_white_in_a_picture():
    picture = Image.open(io.BytesIO(rendering.render_preview("<p>x</p>").picture)).convert("RGB")
    assert picture.getpixel((2, 2)) == (255, 255, 255)
    darkest: Any = picture.convert("L").getextrema()[0]
    assert darkest < 60


def test_what_is_no_pdf_has_no_picture():
    with pytest.raises(RenderFailed, match="broken"):
        rendering.render_picture(b"%PDF-1.4 and nothing else")


def test_many_come_in_their_order_with_the_reasons_among_them():
    htmls = [f"<p>Nr. {n}</p>" for n in range(12)]
    htmls[5] = '<img src="/etc/hostname">'
    done = list(rendering.render_many(htmls))
    assert [index for index, _pdf in done] == list(range(12))
    told = [pdf.code if isinstance(pdf, RenderFailed) else text(pdf).strip() for _n, pdf in done]
    assert told == [f"Nr. {n}" if n != 5 else "warnings" for n in range(12)]


@pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")
@pytest.mark.parametrize("html", ADDRESSES.values(), ids=ADDRESSES.keys())
def test_no_address_is_asked(html: str, canary: tuple[int, list[str]]):
    port, asked = canary
    html = html.format(host=f"127.0.0.1:{port}", port=port) + "<p>x</p>"
    assert reason(html)[0] in ("warnings", "broken")
    assert asked == []
    pisa.CreatePDF(
        html, dest=io.BytesIO(), raise_exception=False, resource_policy=PERMISSIVE_POLICY
    )
    assert asked != []


@pytest.mark.parametrize("how", ['<img src="{0}">', '<img src="file://{0}">'])
@pytest.mark.parametrize("where", ["here", "data", "system"])
def test_no_file_is_read(
    how: str,
    where: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    canary = tmp_path / "canary.png"
    canary.write_bytes(png(2, 2, (b"\0" + b"\xff\0\0" * 2) * 2))
    monkeypatch.chdir(tmp_path)
    path = {"here": "canary.png", "data": str(canary), "system": "/etc/passwd"}[where]
    if how.startswith('<img src="file') and where == "here":
        path = str(Path("..", tmp_path.name, "canary.png"))
    assert reason(how.format(path)) == ("warnings", "")


def test_what_is_refused_is_told_to_the_log_without_the_letter(capfd: pytest.CaptureFixture[str]):
    rendering.start(1)
    assert reason('<img src="/etc/passwd"> <p>Geheim</p>') == ("warnings", "")
    rendering.start(2)
    said = capfd.readouterr().err
    assert "Blocked by the resource policy: '/etc/passwd'" in said
    assert "Geheim" not in said


def test_the_canary_file_would_be_seen(tmp_path: Path):
    canary = tmp_path / "canary.png"
    canary.write_bytes(png(2, 2, (b"\0" + b"\xff\0\0" * 2) * 2))
    pdf = io.BytesIO()
    done: Any = pisa.CreatePDF(
        f'<img src="{canary}">', dest=pdf, resource_policy=PERMISSIVE_POLICY, raise_exception=False
    )
    assert (done.err, done.warn) == (0, 0)
    assert b"/Subtype /Image" in pdf.getvalue()


def test_a_picture_inside_the_document_is_drawn():
    data = base64.b64encode(png(2, 2, (b"\0" + b"\xff\0\0" * 2) * 2)).decode()
    html = f'<img src="data:image/png;base64,{data}" style="width: 100mm; height: 100mm">'
    drawn = pypdfium2.PdfDocument(rendering.render_pdf(html))[0].render().to_pil().convert("RGB")
    assert (255, 0, 0) in {color for _n, color in drawn.getcolors() or []}


def test_what_the_library_only_warns_of_is_no_letter():
    """It counts no error for a font it cannot read, and would print something else."""
    assert reason('<pdf:font name="x" src="/etc/passwd"/><p>x</p>')[0] == "warnings"


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 1500 + "x",
        "<table><tr><td>" * 2000 + "x",
        "<p>" + "Wort " * (11 * 1024 * 1024 // 5),
        f'<img src="data:image/png;base64,{base64.b64encode(png(50000, 50000)).decode()}">',
    ],
    ids=["nested boxes", "nested tables", "eleven megabytes", "a huge picture"],
)
def test_what_is_too_much_ends_in_time(html: str):
    began = monotonic()
    assert reason(html)[0] in ("limit", "warnings", "timeout")
    assert monotonic() - began < 20
    assert text(rendering.render_pdf("<p>der nächste</p>")).strip() == "der nächste"


def test_a_document_that_takes_too_long_is_put_to_an_end_while_others_go_on():
    with ThreadPoolExecutor() as threads:
        endless = threads.submit(reason, BOMB, 3)
        others = [rendering.render_pdf(f"<p>{n}</p>") for n in range(20)]
        assert not endless.done()
        assert endless.result()[0] in ("timeout", "limit")  # whichever it meets first
    assert [text(pdf).strip() for pdf in others] == [str(n) for n in range(20)]
    assert [pdf for _n, pdf in rendering.render_many([BOMB, "<p>x</p>"], timeout=2)][1]


def test_nobody_waits_for_ever():
    with ThreadPoolExecutor() as threads:
        both = [threads.submit(reason, BOMB, 4) for _n in range(2)]
        while rendering._pool().places.qsize():
            pass
        assert reason("<p>x</p>", 1) == ("busy", "")
        assert {one.result()[0] for one in both} <= {"timeout", "limit"}


def test_a_process_that_died_is_replaced():
    with rendering._pool().process(5) as process:
        process.process.kill()
        process.process.wait()
    assert rendering.render_pdf("<p>x</p>")


def test_a_process_that_dies_meanwhile_is_told():
    with rendering._pool().process(5) as process:
        process.process.kill()
        with pytest.raises(RenderFailed, match="broken"):
            process.ask(rendering.ORDER.pack(b"p", 5, 0, 0, 1) + b"x", 5)
    assert rendering.render_pdf("<p>x</p>")


def test_a_process_is_replaced_after_many_documents(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rendering, "MOST_DOCUMENTS", 3)
    pids = []
    for _n in range(8):
        rendering.render_pdf("<p>x</p>")
        with rendering._pool().process(5) as process:
            pids.append(process.process.pid)
    assert len(set(pids)) > 1


def test_a_forked_server_starts_its_own():
    with rendering._pool().process(5) as process:
        theirs = process.process.pid
    reading, writing = os.pipe()
    if os.fork() == 0:
        with rendering._pool().process(5) as process:
            mine = process.process.pid
        done = rendering.render_pdf("<p>x</p>").startswith(b"%PDF")
        os.write(writing, f"{mine} {done}".encode())
        rendering.stop()
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        mine, done = told.read().split()
    os.wait()
    assert (int(mine) != theirs, done) == (True, "True")
    assert rendering.render_pdf("<p>x</p>")


def test_it_ends_with_whoever_started_it():
    act = (
        "from app.core import rendering\n"
        "rendering.start()\n"
        "print(rendering._pool().places.get().process.pid, flush=True)\n"
        "input()"
    )
    command = [sys.executable, "-c", act]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout
        ended = os.pidfd_open(int(parent.stdout.readline()))
        parent.kill()
        assert select.select([ended], [], [], 20)[0]
        os.close(ended)


def test_it_knows_nothing_of_the_application():
    with rendering._pool().process(5) as process:
        own = Path(f"/proc/{process.process.pid}/environ").read_bytes()
        maps = Path(f"/proc/{process.process.pid}/maps").read_text()
    assert not re.search(rb"KUNDENBLICK|SECRET|DATABASE", own)
    assert "sqlite" not in maps


def test_no_pdf_claims_to_be_an_archive():
    """The library has no PDF/A; a claim would be false."""
    assert b"pdfaid" not in rendering.render_pdf("<p>x</p>")


def test_the_library_has_its_policy():
    """Before, any file and any address was read."""
    assert tuple(map(int, version("xhtml2pdf").split("."))) >= (0, 2, 28)


TABLE = (
    "<style>@page {size: a4; margin: 2cm} td, th {border-top: 0.5pt solid #000; padding-top: 2pt}"
    ' body {font-family: "Liberation Sans"; font-size: 10pt}</style>'
    '<table repeat="1"><tr><th>Heading</th><th>Amount</th></tr>'
)


def test_a_long_table_goes_on_with_its_heading_and_rows_as_high_as_before():
    """With `-pdf-keep-in-frame-mode: shrink` all of it would be made to fit on one page."""
    rows = "".join(f"<tr><td>Zebra {n}</td><td>{n}.00</td></tr>" for n in range(100))
    pages = [*pypdfium2.PdfDocument(rendering.render_pdf(f"{TABLE}{rows}</table>"))]
    assert len(pages) > 1
    said = [page.get_textpage().get_text_range() for page in pages]
    assert all(one.startswith("Heading") for one in said)
    assert re.findall(r"Zebra (\d+)", "".join(said)) == [str(n) for n in range(100)]
    steps, sizes = set(), set()
    for page in pages:
        boxes = _boxes(page, "Z")
        sizes |= {round(top - bottom, 1) for _left, bottom, _right, top in boxes}
        steps |= {round(one[3] - two[3], 1) for one, two in pairwise(boxes)}
    assert sizes == {6.9}  # capitals of 10 points
    assert len(steps) == 1


def test_what_stands_in_a_cell_keeps_away_from_the_rule_above_it():
    """Without a padding its capitals touch the rule, whatever the height of the line."""
    row = "<tr><td>Zebra</td><td>1.00</td></tr>"
    (page,) = pypdfium2.PdfDocument(rendering.render_pdf(f"{TABLE}{row}</table>"))
    (letter,) = _boxes(page, "Z")
    drawn = page.get_objects(filter=[FPDF_PAGEOBJ_PATH])
    rules = [one.get_bounds()[1] for one in drawn]
    assert min(rule for rule in rules if rule > letter[1]) - letter[3] > 1


def _boxes(page: Any, letter: str) -> list[tuple[float, ...]]:
    """Where a letter stands on a page: left, bottom, right, top of each, in points."""
    drawn = page.get_textpage()
    said = drawn.get_text_range()
    return [drawn.get_charbox(n) for n, one in enumerate(said) if one == letter]


def test_several_are_one_behind_the_other():
    parts = [rendering.render_pdf(f"<p>{word}</p>") for word in ("eins", "zwei", "drei")]
    whole = PdfReader(io.BytesIO(rendering.join(parts))).pages
    assert [page.extract_text().strip() for page in whole] == [
        "eins",
        "zwei",
        "drei",
    ]


def test_what_is_no_pdf_is_joined_to_nothing():
    with pytest.raises(RenderFailed):
        rendering.join([rendering.render_pdf("<p>eins</p>"), b"no PDF"])
