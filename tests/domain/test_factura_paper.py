"""The paper of documents: lines over pages, what the law wants on it, and what is kept of it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup
from pypdf import PdfReader

from app.core import files, rendering, sweep
from app.core.database import db
from app.core.problems import Refused
from app.core.rendering import RenderFailed
from app.domain.articles.tax import Treatment, sentence
from app.domain.banking.services import save_team_account
from app.domain.factura import paper, queries, services
from app.domain.factura.breaking import MOST_WHOLE, Page, Room, Row, spread
from app.domain.factura.models import FacturaSettings
from app.domain.factura.paper import Condition
from app.domain.factura.rules import Kind, State
from app.domain.factura.sheet import Line, Origin, Paper, Tax, Team, sheet
from app.domain.factura.totals import line_amount, totals
from app.domain.factura.words import TITLES
from app.domain.letters import layout
from app.domain.letters.layout import Payment, Style, Window
from app.domain.settings.models import DEFAULTS as TEAM
from app.domain.settings.models import TeamSettings
from tests.factories import draft_values, invoice_values, line_values
from tests.paper import pages_of

STYLE = Style(
    window=Window.DIN,
    sender="Tanzschule Rheintakt",
    country="DE",
    return_line="Tanzschule Rheintakt · Vogelsanger Straße 193 · 50825 Köln",
    contact_lines=("Telefon 0221 123456",),
    footer=(("Tanzschule Rheintakt", "Vogelsanger Straße 193", "50825 Köln"),),
)
TEAM_OF_PAPER = Team(
    "DE",
    ("Tanzschule Rheintakt", "Vogelsanger Straße 193", "50825 Köln"),
    "217/5718/1234",
    "DE123456788",
)
ACCOUNT = {
    "account_holder": "Tanzschule Rheintakt",
    "iban": "DE89370400440532013000",
    "bic": "COBADEFFXXX",
    "bank_name": "Commerzbank",
    "creditor_id": "",
}


def line(text: str, quantity: str | None = "1", price: str | None = "100", **over: Any) -> Line:
    facts: dict[str, Any] = {"number": "", "unit": "Std.", "discount": "0", "tax": "standard"}
    facts |= {"rate": "19"} | over
    count, cost = (None if value is None else Decimal(value) for value in (quantity, price))
    discount = Decimal(facts["discount"])
    amount = line_amount(count, cost, discount, "EUR")
    tax = facts["tax"], Decimal(facts["rate"])
    return Line(facts["number"], text, facts["unit"], count, cost, discount, *tax, amount)


def paper_of(lines: Sequence[Line], kind: str = "invoice", **over: Any) -> Paper:
    shape = {"is_gross": False, "treatment": "taxed", "currency": "EUR"}
    shape |= {name: over[name] for name in shape if name in over}
    found = totals(lines, **shape)
    facts: dict[str, Any] = {
        "kind": kind,
        "language": "de",
        "number": "RE-2026-0007",
        "subject": "Tanzkurs Herbst",
        "day": date(2026, 11, 25),
        "due_on": date(2026, 12, 9),
        "service_on": date(2026, 11, 2),
        "service_until": date(2026, 11, 20),
        "net": found.net,
        "total": found.total,
        "intro": "Guten Tag,\n\nwir berechnen Ihnen:",
        "closing": "Mit freundlichen Grüßen",
        "address": ("Müller & Söhne GmbH", "Hinterhof 7", "80331 München"),
        "customer_number": "10234",
        "customer_vat": "DE811234567",
        "contact": "Anna Berger",
        "sentence": "",
        "team": TEAM_OF_PAPER,
        "lines": tuple(lines),
        "taxes": tuple(Tax(g.code, g.rate, g.net, g.tax) for g in found.groups),
    }
    return Paper(**(facts | shape | over))


def html_of(told: Paper, style: Style = STYLE) -> str:
    return layout.document(*sheet(told, style))


@pytest.fixture
def print_out(tmp_path: Path) -> Callable[..., Path]:
    """The PDF of a paper, as a file."""

    def printing(told: Paper, style: Style = STYLE) -> Path:
        file = tmp_path / "paper.pdf"
        file.write_bytes(rendering.render_pdf(html_of(told, style), timeout=60))
        return file

    return printing


def words_of(file: Path) -> list[list[Any]]:
    """The words of every page with their boxes: left, top, right, bottom in points."""
    command = ["pdftotext", "-bbox", str(file), "-"]
    told = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    word = r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>'
    return [
        [(*(float(part) for part in found[:4]), found[4]) for found in re.findall(word, page)]
        for page in told.split("<page ")[1:]
    ]


def overlapping(words: Sequence[tuple[float, float, float, float, str]]) -> list[tuple[str, str]]:
    """Words that lie on each other: the boxes are a little larger than the letters."""
    found = []
    for at, (left, top, right, bottom, one) in enumerate(words):
        for other in words[at + 1 :]:
            across = min(right, other[2]) - max(left, other[0])
            along = min(bottom, other[3]) - max(top, other[1])
            if across > 0.5 and along > 3.5:
                found.append((one, other[4]))
    return found


ROWS = st.lists(
    st.builds(
        lambda lines, amount: Row(((Markup("x"),), (Markup("line"),) * lines), amount),
        st.integers(1, 90),
        st.integers(-500, 9_999),
    ),
    max_size=40,
)


class TestSpread:
    ROOM = Room(first=250, other=600, ending=90, size=9)

    def heights(self, pages: list[Page], room: Room) -> Iterator[tuple[float, float]]:
        """What each page holds, and what it can hold."""
        for number, page in enumerate(pages):
            sums = (page.before is not None) + (page.after is not None)
            rows = sum(room.row(row.lines) for row in page.rows)
            ending = room.ending if page is pages[-1] else 0
            head = room.row(1) if page.rows or sums else 0
            yield head + rows + sums * room.row(1) + ending, room.other if number else room.first

    @given(rows=ROWS, first=st.floats(-200, 600), ending=st.floats(0, 300))
    def test_nothing_is_lost_and_everything_has_room(
        self, rows: list[Row], first: float, ending: float
    ):
        room = replace(self.ROOM, first=first, ending=ending)
        pages = spread(rows, room)
        lines = [row.cells[1] for page in pages for row in page.rows]
        assert sum(map(len, lines)) == sum(row.lines for row in rows)
        assert sum(row.amount for page in pages for row in page.rows) == sum(r.amount for r in rows)
        for used, most in self.heights(pages, room):
            assert used <= max(most, 0) + 0.001 or used == 0

    @given(rows=ROWS)
    def test_sums_are_carried_from_page_to_page(self, rows: list[Row]):
        pages, total = spread(rows, self.ROOM), 0
        for number, page in enumerate(pages):
            assert page.before == (
                total if any(earlier.rows for earlier in pages[:number]) else None
            )
            total += sum(row.amount for row in page.rows)
            if page is not pages[-1] and page.rows:
                assert page.after == total
        assert pages[-1].after is None

    def test_a_row_stays_together_unless_it_is_high(self):
        rows = [Row(((Markup("x"),) * 10,)), Row(((Markup("y"),) * MOST_WHOLE,))]
        first, second = spread(rows, self.ROOM)
        assert [row.lines for row in first.rows] == [10]
        assert [row.lines for row in second.rows] == [MOST_WHOLE]

    def test_the_last_row_goes_along_with_the_totals(self):
        rows = [Row(((Markup("x"),),), 1)] * 11
        first, second = spread(rows, replace(self.ROOM, ending=120))
        assert (len(first.rows), len(second.rows)) == (10, 1)
        assert (first.after, second.before) == (10, 10)

    def test_a_table_without_room_begins_on_the_next_page(self):
        first, second = spread([Row(((Markup("x"),),), 5)], replace(self.ROOM, first=40))
        assert (first.rows, first.after, second.before) == ([], None, None)


PARTICULARS = {
    "the name and address of the team": "Vogelsanger Straße 193",
    "the name of the recipient": "Müller & Söhne GmbH",
    "the address of the recipient": "80331 München",
    "the tax number": "217/5718/1234",
    "the VAT number": "DE123456788",
    "the day of issue": "25.11.2026",
    "the number": "RE-2026-0007",
    "what was supplied": "Tanzstunde",
    "how much of it": "2 Std.",
    "the time of the supply": "02.11.2026 – 20.11.2026",
    "the net amount of a rate": "USt 19 % auf 200,00 €",
    "the tax of it": "38,00 €",
    "the net amount of the other rate": "USt 7 % auf 9,00 €",
    "the agreed reduction": "10 %",
    "what is to be paid": "247,63 €",
    "until when": "9. Dezember 2026",
    "the VAT number of the recipient": "DE811234567",
}
"""§ 14 (4) UStG with § 31 UStDV, § 11 (1) UStG 1994, art. 26 (2) MWSTG."""


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The text of an invoice with two rates."""
    book = line("Notenbuch", "1", "10", tax="reduced", rate="7", discount="10")
    file = tmp_path_factory.mktemp("paper") / "paper.pdf"
    file.write_bytes(rendering.render_pdf(html_of(paper_of([line("Tanzstunde", "2"), book]))))
    return re.sub(r" +", " ", pages_of(file)[0].replace("\N{NO-BREAK SPACE}", " "))


class TestSheet:
    @pytest.mark.parametrize(("what", "text"), PARTICULARS.items())
    def test_what_the_law_wants_is_on_it(self, usual: str, what: str, text: str):
        assert text in usual, what

    @pytest.mark.parametrize("country", ["DE", "AT", "CH"])
    @pytest.mark.parametrize("treatment", [t for t in Treatment if t != Treatment.TAXED])
    def test_why_there_is_no_tax(self, country: str, treatment: Treatment):
        if not (told := sentence(country, treatment, "de")):
            assert (country, treatment) == ("CH", Treatment.INTRA_COMMUNITY)
            return
        team = replace(TEAM_OF_PAPER, country=country)
        html = html_of(paper_of([line("a")], treatment=treatment, sentence=told, team=team))
        assert str(Markup.escape(told)) in html
        assert "USt " not in html.replace("USt-IdNr", "")

    @pytest.mark.parametrize(
        ("country", "ours", "theirs", "language", "told"),
        [
            ("DE", "DE123456788", "", "de", ["USt-IdNr.: DE123456788"]),
            ("AT", "ATU13585627", "", "de", ["UID-Nr.: ATU13585627"]),
            ("CH", "CHE123456788", "", "de", ["MWST-Nr.: CHE-123.456.788 MWST"]),
            ("CH", "CHE123456788TVA", "", "en", ["MWST-Nr.: CHE-123.456.788 TVA"]),
            ("DE", "", "ATU13585627", "de", ["Ihre UID-Nr.", "ATU13585627"]),
            ("AT", "", "FR40303265045", "de", ["Ihre UID-Nr.", "FR40303265045"]),
            ("DE", "", "CHE123456788MWST", "de", ["Ihre MWST-Nr.", "CHE-123.456.788 MWST"]),
            ("CH", "", "CHE123456788", "en", ["Your VAT number", "CHE-123.456.788 MWST"]),
        ],
    )
    def test_a_vat_number_is_called_and_written_as_at_home(
        self, country: str, ours: str, theirs: str, language: str, told: list[str]
    ):
        team = replace(TEAM_OF_PAPER, country=country, vat_number=ours)
        shown = paper_of([line("a")], team=team, customer_vat=theirs, language=language)
        html = html_of(shown)
        for text in told:
            assert text in html

    def test_a_team_that_stands_nowhere_else_stands_at_the_foot(self):
        style = replace(STYLE, return_line="", contact_lines=(), footer=(("Wir tanzen",),) * 4)
        html = html_of(paper_of([line("a")]), style)
        for text in ("Vogelsanger Straße 193", "50825 Köln", "217/5718/1234", "DE123456788"):
            assert text in html

    def test_numbers_that_stand_there_already_are_not_repeated(self):
        footer = (("Steuernummer 217/5718/1234", "USt-IdNr. DE 123 456 788"),)
        html = html_of(paper_of([line("a")]), replace(STYLE, footer=footer))
        assert html.count("217/5718/1234") == 1
        assert "DE123456788" not in html
        team = replace(TEAM_OF_PAPER, country="CH", vat_number="CHE123456788")
        swiss = replace(STYLE, footer=(("CHE-123.456.788 MWST",),))
        assert "MWST-Nr." not in html_of(paper_of([line("a")], team=team), swiss)

    def test_without_a_day_of_service_it_is_that_of_the_invoice(self):
        told = paper_of([line("a")], service_on=None, service_until=None)
        assert "wie Rechnungsdatum" in html_of(told)
        assert "wie Rechnungsdatum" not in html_of(replace(told, kind="quote"))

    def test_gross_prices_tell_the_tax_in_them(self):
        html = html_of(paper_of([line("a", "1", "119")], is_gross=True))
        assert "darin USt 19\N{NO-BREAK SPACE}% (netto 100,00\N{NO-BREAK SPACE}€)" in html

    def test_what_is_exempt_says_so_and_why(self):
        told = paper_of([line("a"), line("b", "1", "10", tax="exempt", rate="0")])
        html = html_of(replace(told, sentence="Steuerfrei nach § 4 Nr. 21 UStG."))
        assert "steuerfrei (netto 10,00\N{NO-BREAK SPACE}€)" in html
        assert "Steuerfrei nach § 4 Nr. 21 UStG." in html

    @pytest.mark.parametrize(
        ("currency", "prices"),
        [("JPY", ("1.000", "33,5")), ("EUR", ("1.000,00", "33,50")), ("KWD", ("1.000,000",))],
    )
    def test_prices_have_the_decimals_of_the_currency(self, currency: str, prices: tuple[str, ...]):
        lines = [line("a", "1", "1000"), line("b", "3", "33.5")]
        html = html_of(paper_of(lines, currency=currency))
        for price in prices:
            assert f">{price}<" in html

    def test_a_draft_says_so_on_every_page(self, print_out: Callable[..., Path]):
        told = paper_of([line(f"Stunde {i}") for i in range(60)], number="")
        assert all("ENTWURF" in page for page in pages_of(print_out(told)))
        assert "ENTWURF" not in html_of(replace(told, number="RE-1"))

    def test_a_delivery_note_has_no_prices(self):
        html = html_of(paper_of([line("Schuhe", "2", None)], "delivery_note", due_on=None))
        assert "Schuhe" in html
        assert "Betrag" not in html
        assert "€" not in html

    def test_a_credit_note_names_its_invoice_and_asks_for_nothing(self):
        origin = Origin("invoice", "RE-2026-0003", date(2026, 10, 1))
        html = html_of(paper_of([line("a")], "credit_note", due_on=None, origin=origin))
        assert "Rechnungskorrektur (Gutschrift)" in html
        assert "Rechnung RE-2026-0003<br>vom 01.10.2026" in html
        assert "Zahlbar" not in html

    def test_a_quote_holds_and_a_pro_forma_is_no_invoice(self):
        told = paper_of([line("a")], "quote")
        assert "Dieses Angebot gilt bis zum 9. Dezember 2026." in html_of(told)
        assert "Dies ist keine Rechnung und" in html_of(replace(told, kind="pro_forma"))

    def test_a_reminder_has_only_amounts(self):
        lines = [line("Rechnung RE-1", tax="exempt", rate="0"), line("Gebühr", "1", "5")]
        html = html_of(paper_of(lines, "reminder", is_gross=True))
        assert "Einzelpreis" not in html
        assert "frei" not in html

    def test_in_english(self, print_out: Callable[..., Path]):
        told = paper_of([line("Łódź, Ωμέγα, Größe")], language="en", treatment="export")
        (page,) = pages_of(print_out(told))
        for text in ("Invoice RE-2026-0007", "Payable without deduction", "Łódź, Ωμέγα, Größe"):
            assert text in page
        assert "Rechnung" not in page

    def test_what_was_typed_is_text(self):
        told = paper_of([line("<b>x</b>", number="<i>", unit="<u>")], subject="<script>")
        html = html_of(replace(told, contact="<a>", intro="<img>", closing="<p>"))
        for text in ("<b>x", "<i>", "<u>", "<script>", "<a>", "<img>"):
            assert text not in html

    @pytest.mark.parametrize("window", Window)
    @pytest.mark.parametrize(
        "lines",
        [
            [line(f"Stunde {i} " + "mit vielen Worten dazu " * (i % 4)) for i in range(60)],
            [line("Ein langer Satz. " * 300), line("Zeile\n" * 90), line("Ende")],
            [line("W" * 300, "999999.9999", "999999.9999", unit="laufende Meter x 12")] * 9,
            [line("a", "1000000000", "999999", discount="12.25", unit="W" * 20, number="N" * 40)],
        ],
        ids=["sixty", "long", "wide", "huge"],
    )
    def test_nothing_lies_on_anything_or_leaves_the_page(
        self, print_out: Callable[..., Path], window: Window, lines: list[Line]
    ):
        pages = words_of(print_out(paper_of(lines), replace(STYLE, window=window)))
        end = layout.TEXT_END / layout.POINT
        for number, words in enumerate(pages):
            assert overlapping(words) == []
            table = [word for word in words if word[1] > (0 if number else 100) / layout.POINT]
            assert max(word[2] for word in table) <= 192 / layout.POINT
            flow = [word for word in table if word[1] < end]
            assert max(word[3] for word in flow if word[4] != "Seite") <= end + 12

    def test_carried_sums_are_those_of_the_lines_before(self, print_out: Callable[..., Path]):
        lines = [line(f"Posten{i}", "1", f"{i}.{i % 100:02}") for i in range(1, 61)]
        pages = pages_of(print_out(paper_of(lines)))
        assert len(pages) > 2
        total, carried = 0, None
        for number, page in enumerate(pages):
            sums = [
                int(found.replace(".", "").replace(",", ""))
                for found in re.findall(r"Übertrag +([\d.,]+)", page)
            ]
            shown = [int(found) for found in re.findall(r"Posten(\d+)", page)]
            if number:
                assert sums[0] == carried
                assert "Pos." in page
            total += sum(one.amount for one in lines if int(one.text[6:]) in shown)
            if number < len(pages) - 1:
                carried = sums[-1]
                assert carried == total
        assert total == sum(one.amount for one in lines)
        assert f"Seite 1 von {len(pages)}" in pages[0]

    @pytest.mark.parametrize(
        ("first", "asks", "kept"), [(0, True, "IBAN"), (9, False, "Gesamtbetrag")]
    )
    def test_a_short_closing_is_never_alone_on_a_page(
        self, print_out: Callable[..., Path], first: int, asks: bool, kept: str
    ):
        lines = [line("Kurs"), line("Buch", tax="reduced", rate="7"), *[line("Stunde")] * 3]
        counts = set()
        for more in range(first, first + 10, 2):
            told = paper_of(lines, intro="Guten Tag," + "\nwir berechnen" * more)
            payment = paper._payment(told, ACCOUNT) if asks else None
            *_others, last = pages = pages_of(print_out(replace(told, payment=payment)))
            counts.add(len(pages))
            assert "Mit freundlichen" in last
            assert kept in last
        assert counts == {1, 2}

    def test_a_code_to_pay_by_can_be_read(self, print_out: Callable[..., Path]):
        code = paper._payment(paper_of([line("a")]), ACCOUNT)
        file = print_out(paper_of([line("a")], payment=code))
        scale: Any = 2
        picture = pypdfium2.PdfDocument(file)[0].render(scale=scale).to_pil()
        (found,) = zxingcpp.read_barcodes(picture)
        told = found.text.split("\n")
        assert told[5:8] == ["Tanzschule Rheintakt", "DE89370400440532013000", "EUR119"]
        assert told[-1] == "RE-2026-0007"

    @pytest.mark.parametrize(
        ("over", "has_code"),
        [
            ({}, True),
            ({"currency": "CHF"}, False),
            ({"number": ""}, False),
            ({"total": 100_000_000_000}, False),
        ],
    )
    def test_where_to_pay_is_told_also_without_a_code(self, over: dict[str, Any], has_code: bool):
        told = paper._payment(replace(paper_of([line("a")]), **over), ACCOUNT)
        assert isinstance(told, Payment)
        assert bool(told.code) == has_code
        assert ("IBAN", "DE89 3704 0044 0532 0130 00") in told.rows

    @pytest.mark.parametrize("kind", [k for k in Kind if k not in paper.ASKS])
    def test_what_asks_for_no_money_tells_no_account(self, kind: Kind):
        assert paper._payment(replace(paper_of([line("a")]), kind=kind), ACCOUNT) is None
        assert paper._payment(replace(paper_of([line("a")]), total=0), ACCOUNT) is None

    def test_five_hundred_lines_are_drawn_in_time(self, print_out: Callable[..., Path]):
        told = paper_of([line(f"Posten{i} mit einigen Worten") for i in range(500)])
        pages = pages_of(print_out(told))
        assert len(pages) <= rendering.MOST_PAGES
        assert sorted(map(int, re.findall(r"Posten(\d+)", "".join(pages)))) == list(range(500))

    def test_every_kind_has_a_title_in_every_language(self):
        assert all(set(titles) == set(Kind) for titles in TITLES.values())


@pytest.mark.usefixtures("context")
class TestKept:
    @pytest.fixture
    def customer_id(self, make_customer: Callable[..., int]) -> int:
        save_team_account(ACCOUNT)
        db.session.add(TeamSettings(**(TEAM | {"id": 1, "name": "Tanzschule", "country": "DE"})))
        db.session.add(FacturaSettings(id=1, tax_number="217/5718/1234", vat_number=""))
        db.session.commit()
        return make_customer()

    @pytest.fixture
    def invoice_id(self, customer_id: int) -> int:
        document_id = services.add_draft(draft_values(customer_id, "invoice"))
        services.issue(document_id)
        db.session.commit()
        return document_id

    def test_it_is_drawn_once(self, invoice_id: int):
        stored = paper.pdf_of(invoice_id)
        assert files.digest_of(files.path_of(stored.name)) == stored.name
        row = queries.row(invoice_id)
        assert (row.pdf_digest, row.pdf_size) == (stored.name, stored.size)
        services.set_pdf(invoice_id, "0" * 64, 1)
        db.session.commit()
        assert paper.pdf_of(invoice_id) == stored
        text = PdfReader(files.path_of(stored.name)).pages[0].extract_text()
        assert queries.row(invoice_id).number in text

    def test_it_says_what_was_frozen(self, invoice_id: int, customer_id: int):
        queries.document(invoice_id).frozen = queries.row(invoice_id).frozen | {
            "address": ["Nora Neu", "Weg 1"]
        }
        db.session.commit()
        told = paper.paper_of(queries.row(invoice_id))
        assert told.address == ("Nora Neu", "Weg 1")

    def test_a_lost_file_is_told_and_not_drawn_anew(
        self, invoice_id: int, monkeypatch: pytest.MonkeyPatch
    ):
        stored = paper.pdf_of(invoice_id)
        row = queries.row(invoice_id)
        file = files.path_of(stored.name)
        assert paper.condition(row) == paper.compared(stored.name) == Condition.GOOD
        file.write_bytes(b"x" * stored.size)
        assert paper.condition(row) == Condition.GOOD
        assert paper.compared(stored.name) == Condition.CHANGED
        file.write_bytes(b"another")
        assert paper.condition(row) == paper.compared(stored.name) == Condition.CHANGED
        file.unlink()
        assert paper.condition(row) == paper.compared(stored.name) == Condition.MISSING
        monkeypatch.setattr(rendering, "render_pdf", lambda *_a, **_k: pytest.fail("drawn anew"))
        assert paper.pdf_of(invoice_id) == stored
        flaws = [flaw for flaw in paper.flaws() if flaw]
        assert [(f.number, f.condition) for f in flaws] == [(row.number, Condition.MISSING)]

    def test_a_draft_has_none(self, customer_id: int):
        document_id = services.add_draft(draft_values(customer_id, "invoice"))
        db.session.commit()
        assert paper.condition(queries.row(document_id)) == Condition.DRAFT
        with pytest.raises(Refused):
            paper.pdf_of(document_id)
        assert paper.draft_of(document_id).startswith(b"%PDF")

    def test_what_was_issued_elsewhere_has_none(self, customer_id: int):
        document_id = services.add_document(customer_id, invoice_values())
        db.session.commit()
        assert paper.condition(queries.row(document_id)) == Condition.ELSEWHERE
        with pytest.raises(Refused):
            paper.pdf_of(document_id)
        with pytest.raises(Refused):
            paper.html_of(document_id)
        assert paper.paper_of(queries.row(document_id)).lines == ()

    def test_a_pro_forma_says_once_that_it_is_no_invoice(self, customer_id: int):
        for language, told in (("de", "keine Rechnung"), ("en", "not an invoice")):
            values = queries.fresh("pro_forma", customer_id) | {"language": language}
            values |= queries.usual_words("pro_forma", language) | {"lines": [line_values()]}
            assert paper.html_of(services.add_draft(values)).count(told) == 1

    def test_a_document_is_issued_though_it_cannot_be_drawn(
        self, customer_id: int, monkeypatch: pytest.MonkeyPatch
    ):
        def failing(*_args: Any, **_more: Any) -> bytes:
            raise RenderFailed("broken")

        document_id = services.add_draft(draft_values(customer_id, "invoice"))
        services.issue(document_id)
        monkeypatch.setattr(rendering, "render_pdf", failing)
        reason = paper.keep_pdf(document_id)
        assert reason
        assert reason.code == "broken"
        db.session.rollback()
        row = queries.row(document_id)
        assert (row.state, row.pdf_digest) == (State.ISSUED, None)
        assert paper.condition(row) == Condition.DUE

    def test_the_sweep_leaves_it(self, invoice_id: int):
        stored = paper.pdf_of(invoice_id)
        db.session.rollback()  # it is to be run with nothing begun
        assert stored.name in sweep.needed()
        assert set(paper.needed_files(stored.name[:2])) == {stored.name}
        other = "00" if stored.name[:2] != "00" else "01"
        assert stored.name not in paper.needed_files(other)

    def test_a_draft_to_an_address_that_is_gone_can_still_be_looked_at(self, customer_id: int):
        document_id = services.add_draft(draft_values(customer_id, "invoice"))
        document = queries.document(document_id)
        document.address_key, document.person_id = "999", 999
        db.session.commit()
        assert paper.paper_of(queries.row(document_id)).address[-1] == "50667 Köln"

    @pytest.mark.parametrize("kind", [k for k in Kind if k not in ("credit_note", "reminder")])
    def test_every_kind_can_be_drawn(self, customer_id: int, kind: Kind, tmp_path: Path):
        lines = [line_values(text=f"Posten {kind}")]
        document_id = services.add_draft(draft_values(customer_id, kind, lines=lines))
        services.issue(document_id)
        db.session.commit()
        stored = paper.pdf_of(document_id)
        (page,) = pages_of(files.path_of(stored.name))
        assert f"Posten {kind}" in page
        assert TITLES["de"][kind] in page
        assert paper.file_name(queries.row(document_id)).endswith(
            f"{document_number(document_id)}.pdf"
        )

    def test_cancelling_draws_a_credit_note(self, invoice_id: int):
        credit_note_id = services.cancel(invoice_id)
        db.session.commit()
        assert credit_note_id
        (page,) = pages_of(files.path_of(paper.pdf_of(credit_note_id).name))
        assert queries.row(invoice_id).number in page


def document_number(document_id: int) -> str:
    return queries.row(document_id).number
