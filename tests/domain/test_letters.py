"""Letters: what must hold, where they go, how the sheet is laid out, and what is kept."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from pypdf import PdfReader
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from app.core import files, rendering
from app.core.audit import AuditEntry
from app.core.database import db
from app.core.problems import Invalid, Refused
from app.domain.addresses import services as addresses
from app.domain.banking import services as banking
from app.domain.banking.models import TeamAccount
from app.domain.banking.queries import team_account
from app.domain.customers import services as customers
from app.domain.customers.addressees import Addressee
from app.domain.letters import layout, queries, rules, services
from app.domain.letters.layout import Box, Picture, Sheet, Style, Window
from app.domain.letters.models import LetterSettings
from app.domain.messages import queries as messages
from app.domain.messages.models import Message
from app.domain.messages.rules import recipients
from app.domain.settings import services as team_settings
from app.domain.settings.models import DEFAULTS
from app.domain.templates import archive
from app.domain.templates.rules import filled
from tests.factories import address_values, contact_person_values
from tests.pictures import png

TEXT = """Sehr geehrte Frau Müller,

vielen Dank für Ihre Anmeldung. Bitte bringen Sie mit:
- Schuhe
- gute Laune

1. Termin am 3. Dezember
2. Termin am 10. Dezember

Freundliche Grüße



Anna Berger
Tanzschule"""
SHEET = Sheet(
    ("Frau Tanja Müller", "Hauptstraße 5a", "50667 Köln"), "25. November 2026", "Kurs", TEXT
)
STYLE = Style(
    Window.DIN,
    "Tanzschule Rheintakt",
    "DE",
    "Tanzschule · Weg 1 · 50825 Köln",
    ("Tanzschule Rheintakt", "", "Telefon 0221 123"),
    (("Tanzschule", "Weg 1"), ("Telefon 0221 123",), ("IBAN DE89 3704 0044 0532 0130 00",)),
)
ACCOUNT = {
    "account_holder": "Tanzschule Rheintakt",
    "iban": "DE89 3704 0044 0532 0130 00",
    "bic": "COBADEFFXXX",
    "bank_name": "Commerzbank",
    "creditor_id": "DE98ZZZ09999999999",
}
LOOK = {"window": "din5008b", "return_line": "", "contact_lines": "", "footer": ""}
MANDATE = {
    "salutation": "Sehr geehrte Frau Müller,",
    "team_name": "Tanzschule Rheintakt",
    "team_street": "Aachener Straße 100",
    "team_postcode": "50825",
    "team_town": "Köln",
    "creditor_id": "DE98ZZZ09999999999",
    "mandate_reference": "K-10234-1",
}
A4 = (210, 297)


def values(**over: Any) -> dict[str, Any]:
    day = date(2026, 11, 25)
    told = {"date": day, "subject": "Kurs", "text": "Guten Tag", "amount": "", "reference": ""}
    return told | over


def codes(problems: list[Any]) -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in problems]


class TestRules:
    @pytest.mark.parametrize(
        ("over", "problem"),
        [
            ({"date": None}, ("date", "required")),
            ({"text": " \n"}, ("text", "required")),
            ({"text": "x" * 20_001}, ("text", "too_long")),
            ({"subject": "x" * 301}, ("subject", "too_long")),
            ({"reference": "RE 1"}, ("amount", "required")),
            ({"amount": "zwölf"}, ("amount", "malformed")),
            ({"amount": "1.234"}, ("amount", "malformed")),
            ({"amount": "0,00"}, ("amount", "out_of_range")),
            ({"amount": "1000000000"}, ("amount", "out_of_range")),
            ({"amount": "1", "reference": "x" * 141}, ("reference", "too_long")),
        ],
    )
    def test_what_is_wrong_is_said_at_its_field(self, over: dict, problem: tuple[str, str]):
        assert codes(rules.check_letter(values(**over))) == [problem]

    def test_a_letter_needs_no_subject(self):
        assert rules.check_letter(values(subject="", amount="12,50", reference="RE 1")) == []

    @pytest.mark.parametrize(
        ("typed", "amount"),
        [
            ("12", "12"),
            ("12,5", "12.5"),
            ("12.50 €", "12.50"),
            ("EUR 1.234,56", "1234.56"),
            ("1,234.56", "1234.56"),
            ("1'234.50", "1234.50"),
            ("1 234 567,00", "1234567.00"),
            ("1.234.567", "1234567"),
            ("1.234", None),
            ("1,234", None),
            ("-5", None),
            ("12,345", None),
            ("", None),
            ("1e9", None),
            ("٣", None),
        ],
    )
    def test_amounts_are_read_as_people_type_them(self, typed: str, amount: str | None):
        assert rules.amount(typed) == (None if amount is None else Decimal(amount))

    @pytest.mark.parametrize(
        ("name", "file"),
        [
            ("Tanja Müller", "Brief 2026-11-25 Tanja Müller.pdf"),
            ('a/b\\c:d\n"e"', "Brief 2026-11-25 a b c d e.pdf"),
            ("x" * 300, f"Brief 2026-11-25 {'x' * 80}.pdf"),
            ("", "Brief 2026-11-25.pdf"),
        ],
    )
    def test_the_file_is_called_by_day_and_customer(self, name: str, file: str):
        assert rules.file_name("Brief", date(2026, 11, 25), name) == file

    @pytest.mark.parametrize(
        ("over", "problem"),
        [
            ({"window": "top"}, ("window", "unknown")),
            ({"return_line": "x" * 201}, ("return_line", "too_long")),
            ({"contact_lines": "x\n" * 10}, ("contact_lines", "too_long")),
            ({"footer": "a\n\nb\n\nc\n\nd\n\ne"}, ("footer", "too_long")),
            ({"footer": "a\nb\nc\nd\ne\nf"}, ("footer", "too_long")),
        ],
    )
    def test_the_look_has_its_limits(self, over: dict, problem: tuple[str, str]):
        assert codes(rules.check_settings(LOOK | over)) == [problem]

    def test_empty_lines_part_the_columns_of_the_foot(self):
        assert rules.columns("a\nb\n\n \n\nc\n") == (("a", "b"), ("c",))
        assert rules.columns(" \n") == ()


class TestPlaces:
    """Where everything is, in millimetres."""

    @pytest.mark.parametrize(
        ("window", "left"), [(Window.DIN, 25), (Window.SWISS, 118)], ids=["DIN", "Swiss"]
    )
    @pytest.mark.parametrize("count", range(1, 13))
    def test_the_address_stays_in_its_window(self, window: Window, left: float, count: int):
        places = layout.PLACES[window]
        box, size = layout._address_box(["x" * 40] * count, places)
        assert (box.left, box.width) == (left, 80)
        assert box.top >= 45 + 4
        assert box.top + count * size * 1.15 * layout.POINT <= 90.1
        assert size >= 7

    def test_six_lines_are_as_large_as_the_text(self):
        din = layout.PLACES[Window.DIN]
        assert layout._address_box(["x"] * 6, din) == (din.address, layout.SIZE)

    def test_a_line_that_is_too_long_counts_twice(self):
        din = layout.PLACES[Window.DIN]
        long = layout._address_box(["x" * 60] * 4, din)
        assert long == layout._address_box(["x"] * 8, din)

    @pytest.mark.parametrize("window", Window)
    def test_printers_can_print_everything(self, window: Window):
        places = layout.PLACES[window]
        boxes = [places.back, places.address, places.info, layout.HEAD, layout.FOOT]
        for box in [*boxes, Box(layout.EDGE, 105, 4, 2)]:
            assert box.left >= 8
            assert box.top >= 8
            assert box.left + box.width <= A4[0] - 8
            assert box.top + box.height <= A4[1] - 8

    def test_nothing_lies_over_the_window(self):
        """Form B: 45 mm high from 45 mm down; the envelope shows nothing else."""
        assert layout.HEAD.top + layout.HEAD.height < 45
        assert layout.SUBJECT_TOP > 90
        assert (layout.FOLDS, layout.PUNCH) == ((105, 210), 148.5)

    @pytest.mark.parametrize(
        ("pixels", "millimetres"),
        [((900, 260), (80, 23.1)), ((100, 1000), (2.7, 27)), ((1, 1), (27, 27))],
    )
    def test_a_logo_keeps_its_proportions(self, pixels: tuple, millimetres: tuple):
        found = layout._inside(Picture("", *pixels), 80, layout.HEAD.height - 2)
        assert tuple(round(side, 1) for side in found) == millimetres


class TestDocument:
    HOSTILE = (
        '<img src="/etc/passwd"><pdf:font src="/etc/passwd"> & {{7*7}} {pages} <!--several x-->'
    )

    @pytest.mark.parametrize("place", ["address", "subject", "text", "date"])
    def test_everything_is_escaped(self, place: str):
        hostile = (self.HOSTILE,) if place == "address" else self.HOSTILE
        html = layout.document(replace(SHEET, **{place: hostile}), STYLE)
        assert "<img" not in html
        assert "<pdf:font" not in html
        assert html.count("<!--") == 1

    @pytest.mark.parametrize("place", ["sender", "return_line", "contact_lines", "footer"])
    def test_so_is_what_all_letters_have(self, place: str):
        hostile: Any = self.HOSTILE
        hostile = {"contact_lines": (hostile,), "footer": ((hostile,),)}.get(place, hostile)
        html = layout.document(SHEET, replace(STYLE, **{place: hostile}))
        assert "<img" not in html
        assert "<pdf:font" not in html
        assert html.count("<!--") == 1

    def test_lists_hang_and_blank_lines_stay(self):
        html = layout.document(SHEET, STYLE)
        assert "text-indent" in html
        assert ">-&nbsp;&nbsp;Schuhe</p>" in html
        assert ">1.&nbsp;&nbsp;Termin am 3. Dezember</p>" in html
        assert html.count('class="kept">&nbsp;</p>') == 3

    @pytest.mark.parametrize(
        ("line", "words"),
        [
            ("IBAN: ____", "IBAN:"),
            ("Vorname und <Name>: ______________  ", "Vorname und &lt;Name&gt;:"),
            ("____", None),
            ("  ________", None),
            ("IBAN: ___", None),
            ("Ort ____ Datum ____", None),
            ("____ Ort", None),
            ("_" * 20_000 + "x", None),
        ],
    )
    def test_a_place_to_write_on_goes_on_to_the_margin(self, line: str, words: str | None):
        html = layout.document(replace(SHEET, text=line), STYLE)
        assert html.count('<p class="rule">') == (words is not None)
        assert ("____" in html) == (words is None and line.count("_") > 3)
        assert words is None or f"<p>{words}</p>" in html

    @pytest.mark.parametrize(
        ("text", "closing"),
        [
            ("a\n\nGruß\n\n\n\nAnna", 2),
            ("a\n\nGruß\n\nAnna", 5),
            ("Gruß\n\n\n" + "b\n" * 20, 24),
            ("", 1),
            ("a", 1),
        ],
    )
    def test_the_closing_begins_above_the_gap_for_the_signature(self, text: str, closing: int):
        assert layout._begin_of_closing(text.split("\n")) == closing

    def test_blanks_are_kept(self):
        assert layout._spaced("Betrag:   5 €") == "Betrag:\xa0\xa0\xa05 €"
        assert layout._spaced("  eingerückt \tund") == "\xa0\xa0eingerückt \xa0\xa0\xa0\xa0und"


@pytest.fixture(scope="class")
def _process() -> Iterator[None]:
    rendering.start()
    yield
    rendering.stop()


@pytest.mark.apart
@pytest.mark.usefixtures("_process")
class TestPaper:
    """Real PDFs, read again."""

    @staticmethod
    def pages(sheet: Sheet, style: Style = STYLE) -> list[str]:
        pdf = rendering.render_pdf(layout.document(sheet, style))
        return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]

    @pytest.mark.parametrize("window", Window)
    def test_a_short_letter_is_one_page_without_a_number(self, window: Window):
        (page,) = self.pages(SHEET, replace(STYLE, window=window))
        for line in (*SHEET.address, "Kurs", "Schuhe", "2.", "Anna Berger", "Telefon 0221 123"):
            assert line in page
        assert "Seite" not in page

    @pytest.mark.parametrize(
        ("language", "first", "last"),
        [("de", "Seite 1 von 3", "Seite 3 von 3"), ("en", "Page 1 of 3", "Page 3 of 3")],
    )
    def test_a_long_one_has_numbers_and_says_whose_it_is(
        self, language: str, first: str, last: str
    ):
        paragraph = "Wir schreiben Ihnen ausführlich. " * 12
        text = TEXT.replace("vielen", f"{(paragraph + chr(10) * 2) * 20}vielen")
        pages = self.pages(replace(SHEET, text=text, language=language))
        assert len(pages) == 3
        assert first in pages[0]
        assert last in pages[2]
        assert "Frau Tanja Müller · Kurs · 25. November 2026" in pages[1]
        assert "Hauptstraße 5a" not in pages[1]

    @pytest.mark.parametrize("blank", range(20, 34))
    def test_no_signature_stands_alone(self, blank: int):
        pages = self.pages(replace(SHEET, text="x\n" * blank + "\nGruß\n\n\n\nAnna Berger"))
        assert "Gruß" in pages[-1]
        assert "Anna Berger" in pages[-1]

    @pytest.mark.parametrize("blank", range(20, 34))
    def test_no_line_for_a_signature_stands_alone(self, blank: int):
        text = "x\n" * blank + "\nBank: ____\n\n\nOrt: ____\nUnterschrift: ____"
        page = self.pages(replace(SHEET, text=text))[-1]
        assert all(word in page for word in ("Bank:", "Ort:", "Unterschrift:"))

    def test_all_places_to_write_on_are_as_long(self):
        text = "IBAN: ____\nStraße und Hausnummer: ______________\nUnterschrift:____"
        pdf = rendering.render_pdf(layout.document(replace(SHEET, text=text), STYLE))
        scale: Any = 4
        page = pypdfium2.PdfDocument(pdf)[0].render(scale=scale).to_pil().convert("L")
        dots = scale / layout.POINT
        inside = round(layout.SUBJECT_TOP * dots), round(layout.TEXT_END * dots)
        lines = (page.crop((0, y, page.width, y + 1)) for y in range(*inside))
        found = [box for line in lines if (box := line.point(lambda v: v < 160 and 255).getbbox())]
        ends = [(box[0] / dots, box[2] / dots) for box in found if box[2] - box[0] > 100 * dots]
        assert len(ends) >= 3
        assert all(left == pytest.approx(ends[0][0], abs=0.2) for left, _right in ends)
        edge = layout.TEXT_LEFT + layout.TEXT_WIDTH
        assert all(right == pytest.approx(edge, abs=0.5) for _left, right in ends)

    @pytest.mark.parametrize("language", ["de", "en"])
    def test_a_mandate_to_sign_is_one_page(self, language: str):
        draft = archive.draft("letter", language, "mandate_form")
        sheet = replace(SHEET, subject=draft.subject, text=filled(draft.body, MANDATE))
        (page,) = self.pages(sheet)
        assert draft.body.rpartition("\n")[2].partition(":")[0] in page

    @pytest.mark.parametrize(
        "name",
        [
            "Łucja Żółć-Świętokrzyska",
            "Ğülşen İnci Işık",
            "Чайковский Пётр Ильич",
            "Γιώργος Παπαδόπουλος",
            "Größe ẞ 5 €",
        ],
    )
    def test_names_are_drawn_right(self, name: str):
        (page,) = self.pages(replace(SHEET, address=(name, "Köln"), subject=name, text=name))
        assert page.count(name) == 3

    def test_a_long_address_is_all_there(self):
        lines = tuple(
            f"Zeile {n} einer Anschrift, die recht lang ist und umbricht" for n in range(9)
        )
        (page,) = self.pages(replace(SHEET, address=lines))
        assert all(f"Zeile {n} einer" in page for n in range(9))

    def test_hostile_texts_are_printed_as_they_are(self):
        (page,) = self.pages(replace(SHEET, text=TestDocument.HOSTILE))
        assert TestDocument.HOSTILE.replace("\n", " ") in page.replace("\n", " ")

    def test_a_word_without_end_is_broken(self):
        (page,) = self.pages(replace(SHEET, text="x" * 400))
        assert page.count("x") == 400
        assert max(len(line) for line in page.split("\n")) < 120

    @pytest.mark.parametrize("size", [(900, 260), (100, 2000), (27, 27)])
    def test_a_logo_fits(self, size: tuple[int, int]):
        logo = Picture(_data(png(*size)), *size)
        (page,) = self.pages(SHEET, replace(STYLE, logo=logo, footer=()))
        assert "Tanzschule Rheintakt" in page

    def test_banking_apps_read_the_code(self):
        account = TeamAccount(**ACCOUNT | {"iban": "DE89370400440532013000"})
        payment = services.payment_for(account, "1.234,50", "RE-2026 Größe", "de", "DE")
        pdf = rendering.render_pdf(layout.document(replace(SHEET, payment=payment), STYLE))
        assert "1.234,50 €" in PdfReader(io.BytesIO(pdf)).pages[0].extract_text().replace(
            "\xa0", " "
        )
        scale: Any = 2
        picture = pypdfium2.PdfDocument(pdf)[0].render(scale=scale).to_pil()
        (code,) = zxingcpp.read_barcodes(picture)
        assert code.text.split("\n") == [
            "BCD",
            "002",
            "1",
            "SCT",
            "COBADEFFXXX",
            "Tanzschule Rheintakt",
            "DE89370400440532013000",
            "EUR1234.5",
            "",
            "",
            "RE-2026 Größe",
        ]


def _data(picture: bytes) -> str:
    import base64

    return f"data:image/png;base64,{base64.b64encode(picture).decode()}"


@pytest.mark.usefixtures("context")
class TestDestinations:
    @pytest.fixture
    def customer_id(self, make_customer: Callable[..., int]) -> int:
        return make_customer()

    def test_the_main_address(self, customer_id: int):
        (place,) = queries.destinations(Addressee(customer_id))
        assert place.key == "main"
        assert place.lines == ("Frau Tanja Müller", "Hauptstraße 5a", "50667 Köln")
        assert place.lacking == ()

    def test_additional_ones_with_their_own_names(self, customer_id: int):
        addresses.add_address(customer_id, address_values(is_delivery=True, is_billing=False))
        addresses.add_address(
            customer_id, address_values(is_billing=True, first_name="", last_name="")
        )
        _main, billing, delivery = queries.destinations(Addressee(customer_id))
        assert billing.lines[0] == "Frau Tanja Müller"
        assert billing.uses == ("Rechnungsadresse",)
        assert "Kowalska" in delivery.lines[0]
        assert delivery.uses == ("Lieferadresse",)

    def test_a_company_stands_above_its_contact_person(self, make_customer: Callable[..., int]):
        company_id = make_customer(
            kind="company", company="Krämer OHG", first_name="", last_name="", salutation=""
        )
        assert queries.people(company_id) == [("", "niemand Bestimmtes")]
        person_id = customers.add_contact_person(company_id, contact_person_values(is_main=True))
        (place,) = queries.destinations(Addressee(company_id, person_id))
        assert place.lines[:2] == ("Krämer OHG", "Herrn Dr. Jörg Weiß")
        assert queries.people(company_id) == [(str(person_id), "Dr. Jörg Weiß, Einkauf")]

    def test_a_country_abroad_in_capitals_and_our_language(self, make_customer: Callable[..., int]):
        there = make_customer(country="CH", postcode="8001", town="Zürich")
        (place,) = queries.destinations(Addressee(there, language="en"))
        assert place.lines[-2:] == ("8001 Zürich", "SCHWEIZ")

    @pytest.mark.parametrize(
        ("over", "lacking"),
        [
            ({"street": "", "house_number": ""}, ("street",)),
            ({"street": "", "house_number": "", "address_extra": "Postfach 12"}, ()),
            ({"postcode": ""}, ("postcode",)),
            ({"town": "", "postcode": ""}, ("postcode", "town")),
            ({"postcode": "", "country": "IE"}, ()),
        ],
    )
    def test_what_an_address_lacks(
        self, make_customer: Callable[..., int], over: dict, lacking: tuple[str, ...]
    ):
        (place,) = queries.destinations(Addressee(make_customer(**over)))
        assert place.lacking == lacking

    def test_nobody(self):
        with pytest.raises(NotFound):
            queries.destinations(Addressee(999))

    def test_a_thousand_are_asked_at_once(
        self, make_customer: Callable[..., int], count_queries: Callable[[], Any]
    ):
        addressees = [Addressee(make_customer(last_name=f"Nr{n}")) for n in range(5)]
        db.session.commit()
        with count_queries() as few:
            queries.main_destinations(addressees[:1])
        with count_queries() as many:
            found = queries.main_destinations([*addressees, Addressee(999)])
        assert len(many) <= max(len(few), 6)
        assert [found[a].lines[0] for a in addressees] == [f"Frau Tanja Nr{n}" for n in range(5)]


@pytest.mark.usefixtures("context")
class TestServices:
    def test_a_finished_letter_is_a_message_with_its_pdf(self, make_customer: Callable[..., int]):
        customer_id = make_customer()
        pdf = files.keep_all(io.BytesIO(b"%PDF-1.4 exactly this"))
        message_id = services.finish(customer_id, SHEET, pdf, on=date(2026, 11, 25))
        message = db.session.get_one(Message, message_id)
        assert (message.channel, message.direction) == ("letter", "out")
        assert (message.subject, message.body, message.outbox_id) == ("Kurs", TEXT, None)
        assert recipients(message.envelope) == ["Frau Tanja Müller\nHauptstraße 5a\n50667 Köln"]
        (kept,) = messages.attachments_of(customer_id, message_id)
        assert (kept.digest, kept.name) == (pdf.name, "Brief 2026-11-25 Tanja Müller.pdf")
        assert queries.finished(customer_id, message_id).id == kept.id

    def test_nobody_changes_what_went_out(self, make_customer: Callable[..., int]):
        customer_id = make_customer()
        pdf = files.keep_all(io.BytesIO(b"%PDF-1.4"))
        message_id = services.finish(customer_id, SHEET, pdf, on=date(2026, 11, 25))
        with pytest.raises(Refused):
            messages.by_hand(customer_id, message_id)

    def test_what_is_no_letter_is_not_found_as_one(self, make_customer: Callable[..., int]):
        customer_id, other_id = make_customer(), make_customer(last_name="Berger")
        pdf = files.keep_all(io.BytesIO(b"%PDF-1.4"))
        message_id = services.finish(customer_id, SHEET, pdf, on=date(2026, 11, 25))
        with pytest.raises(NotFound):
            queries.finished(other_id, message_id)
        db.session.get_one(Message, message_id).channel = "mail"
        with pytest.raises(NotFound):
            queries.finished(customer_id, message_id)

    def test_the_look_is_saved_with_its_difference(self):
        services.save_settings(LOOK | {"window": "swiss", "footer": "a\n\nb"})
        row = db.session.get_one(LetterSettings, 1)
        assert (row.window, row.footer) == ("swiss", "a\n\nb")
        assert queries.style().footer == (("a",), ("b",))
        entries = db.session.scalars(select(AuditEntry).where(AuditEntry.area == "letters")).all()
        assert [entry.action for entry in entries] == ["changed"]
        services.save_settings(LOOK | {"window": "swiss", "footer": "a\n\nb"})
        assert row.version == 1

    def test_a_look_that_does_not_hold_is_refused(self):
        with pytest.raises(Invalid):
            services.save_settings(LOOK | {"window": "top"})
        assert db.session.get(LetterSettings, 1) is None

    @pytest.mark.parametrize(("country", "window"), [("DE", "din5008b"), ("CH", "swiss")])
    def test_before_anybody_saved_it_is_as_usual_there(self, country: str, window: str):
        team = DEFAULTS | {"name": "Wir", "street": "Weg", "house_number": "1", "town": "Ort"}
        team_settings.save_team(team | {"postcode": "123", "country": country})
        style = queries.style()
        assert (style.window, style.return_line) == (window, "Wir · Weg 1 · 123 Ort")
        assert style.contact_lines == ("Wir", "Weg 1", "123 Ort")
        assert queries.style(LOOK | {"return_line": "X"}).return_line == "X"

    def test_a_logo_that_is_gone_is_left_out(self):
        logo = team_settings.keep_logo(png(40, 20))
        team_settings.save_team(DEFAULTS | {"name": "Wir", "logo": logo})
        shown = queries.style().logo
        assert shown is not None
        assert (shown.width, shown.height) == (40, 20)
        assert shown.address.startswith("data:image/png;base64,")
        queries._picture.cache_clear()
        files.path_of(logo.name or "").unlink()
        assert queries.style().logo is None

    @pytest.mark.apart
    def test_a_large_logo_is_made_smaller(self):
        logo = team_settings.keep_logo(png(3000, 300))
        team_settings.save_team(DEFAULTS | {"name": "Wir", "logo": logo})
        shown = queries.style().logo
        rendering.stop()
        assert shown is not None
        assert (shown.width, shown.height) == (960, 96)


@pytest.mark.usefixtures("context")
class TestTeamAccount:
    def test_it_is_saved_compact_and_told_masked(self):
        assert banking.save_team_account(ACCOUNT) == []
        account = team_account()
        assert account is not None
        assert (account.iban, account.creditor_id) == (
            "DE89370400440532013000",
            "DE98ZZZ09999999999",
        )
        entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
        assert entry.action == "team_account_changed"
        assert ["iban", "", "DE89 •••• 3000"] in entry.changes

    def test_the_iban_tells_bic_and_bank(self):
        banking.save_team_account(ACCOUNT | {"bic": "", "bank_name": ""})
        account = team_account()
        assert account is not None
        assert account.bic.startswith("COBADEFF")
        assert account.bank_name

    @pytest.mark.parametrize(
        ("over", "problem"),
        [
            ({"iban": "DE89370400440532013001"}, ("iban", "checksum")),
            ({"iban": ""}, ("iban", "required")),
            ({"account_holder": ""}, ("account_holder", "required")),
            ({"account_holder": "x" * 71}, ("account_holder", "too_long")),
            ({"bic": "XX"}, ("bic", "malformed")),
            ({"creditor_id": "DE98ZZZ09999999998"}, ("creditor_id", "checksum")),
            ({"creditor_id": "ZZZ"}, ("creditor_id", "malformed")),
            ({"creditor_id": "DE98ZZZ0" + "9" * 40}, ("creditor_id", "malformed")),
        ],
    )
    def test_what_does_not_hold_is_refused(self, over: dict, problem: tuple[str, str]):
        with pytest.raises(Invalid) as refusal:
            banking.save_team_account(ACCOUNT | over)
        assert problem in codes(list(refusal.value.problems))
        assert team_account() is None

    def test_the_identifier_may_come_first(self):
        empty = dict.fromkeys(ACCOUNT, "")
        banking.save_team_account(empty | {"creditor_id": "de98 zzz 0999 9999 999"})
        assert team_account() is None
        assert db.session.get_one(TeamAccount, 1).creditor_id == "DE98ZZZ09999999999"
