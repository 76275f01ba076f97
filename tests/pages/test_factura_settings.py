"""The Factura settings: defaults, number ranges with their next number, text blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.core import numbers
from app.core.database import db
from app.core.i18n import today
from app.domain.factura import archive, settings, texts
from app.domain.settings.services import save_team
from tests import hostile
from tests.browserless import Browser, FormReader
from tests.factories import team_values, text_values
from tests.fragments import parts

URL = "/settings/factura"
INVOICES = f"{URL}/numbers/invoice"
TEXTS = f"{URL}/texts"
NEW = f"{TEXTS}/new"

DEFAULTS = {
    "version": "",
    "currency": "EUR",
    "is_gross": "net",
    "treatment": "taxed",
    "payment_days": "14",
    "quote_days": "30",
    "tax_number": "",
    "vat_number": "",
    "exempt_reason": "",
}
RANGE = {"version": "", "prefix": "RE-", "with_year": "y", "digits": "4", "start": "1"}


@pytest.fixture
def create(app: Flask) -> Callable[..., int]:
    """Write a text block and get its id."""

    def creating(**over: Any) -> int:
        with app.app_context():
            text_id = texts.create_text(text_values(**over))
            db.session.commit()
            return text_id

    return creating


def typed(**over: Any) -> dict[str, Any]:
    return {
        "key": "",
        "name": "Dank",
        "kind": "invoice",
        "place": "closing",
        "language": "de",
        "text": "Vielen Dank!",
        "is_default": "y",
    } | over


def own(app: Flask) -> list[Any]:
    with app.app_context():
        return texts.listed()


def test_it_is_for_admins(ben: Browser, cleo: Browser):
    for browser in (ben, cleo):
        for url in (URL, INVOICES, TEXTS, NEW):
            assert browser.get(url).status_code == 403


class TestDefaults:
    def test_are_saved(self, app: Flask, anna: Browser):
        values = DEFAULTS | {"is_gross": "gross", "payment_days": "7", "vat_number": "136695976"}
        assert anna.post(URL, values).location == URL
        fields = FormReader.read(anna.get(URL).text)
        assert fields["version"] == "1"
        assert (fields["is_gross"], fields["payment_days"]) == ("gross", "7")
        assert fields["vat_number"] == "DE136695976"

    def test_tells_what_an_invoice_lacks(self, app: Flask, anna: Browser):
        assert "the team&#39;s tax number or VAT number" in anna.get(URL).text
        with app.app_context():
            save_team(team_values())
            db.session.commit()
        anna.post(URL, DEFAULTS | {"tax_number": "214/5678/1234"})
        assert "No invoice can be issued yet." not in anna.get(URL).text

    def test_shows_the_sentence_of_the_law(self, anna: Browser):
        told = anna.htmx_post(f"{URL}/sentence", {"treatment": "small_business"}).text
        assert "§ 19 Abs. 1 UStG" in told
        assert anna.htmx_post(f"{URL}/sentence", {"treatment": "taxed"}).text.strip() == ""
        assert anna.htmx_post(f"{URL}/sentence", {"treatment": "x"}).text.strip() == ""
        anna.post(URL, DEFAULTS | {"treatment": "small_business"})
        assert "§ 19 Abs. 1 UStG" in anna.get(URL).text

    @pytest.mark.parametrize(
        ("over", "message"),
        [
            ({"vat_number": "DE136695977"}, "The check digit of this VAT number does not fit."),
            ({"payment_days": "bald"}, "Please give days from 0 to 365."),
            ({"quote_days": "0"}, "Please give days from 1 to 365."),
            ({"treatment": "x"}, "Please choose one of the list."),
            ({"is_gross": ""}, "Please choose one of the list."),
            ({"tax_number": "a\0"}, "This contains characters that cannot be stored."),
            ({"tax_number": "9" * 1000}, "Please take at most 40 characters."),
        ],
    )
    def test_refuses_at_the_field(
        self,
        anna: Browser,
        changes_nothing: Callable[[], Any],
        over: dict[str, str],
        message: str,
    ):
        with changes_nothing():
            answer = anna.post(URL, DEFAULTS | {"quote_days": "77"} | over)
        assert answer.status_code == 422
        assert message in answer.text
        assert over.get("payment_days", 'value="') in answer.text
        assert "quote_days" in over or 'value="77"' in answer.text

    def test_shows_both_versions_after_a_colleague_saved(self, anna: Browser):
        anna.post(URL, DEFAULTS)
        anna.post(URL, DEFAULTS | {"payment_days": "21"})
        answer = anna.post(URL, DEFAULTS | {"payment_days": "7"})
        assert answer.status_code == 409
        assert 'name="choose-payment_days"' in answer.text


class TestRanges:
    def test_show_the_number_that_comes_next(self, app: Flask, anna: Browser):
        year = today_of(app)
        page = anna.get(URL).text
        for prefix in ("AN", "AB", "LS", "RE", "GS", "PF", "MA"):
            assert f"{prefix}-{year}-0001" in page

    def test_are_saved_and_the_list_is_fresh(self, app: Flask, anna: Browser):
        fragments, rest = parts(anna.htmx_post(INVOICES, RANGE | {"start": "37"}).text)
        assert rest == ""
        assert f"RE-{today_of(app)}-0037" in fragments["#ranges"]
        assert anna.fields(INVOICES)["start"] == "37"

    @pytest.mark.parametrize(
        ("over", "shown"),
        [
            ({"prefix": "R/", "digits": "6"}, "R/%d-000001"),
            ({"start": "120"}, "RE-%d-0120"),
            ({"start": "x"}, "–"),
            ({"start": "9" * 30}, "–"),
            ({"digits": ""}, "–"),
            ({"prefix": "AN-"}, "–"),
            ({"prefix": "a\0b"}, "–"),
        ],
    )
    def test_the_example_follows_what_is_typed(
        self,
        app: Flask,
        anna: Browser,
        changes_nothing: Callable[[], Any],
        over: dict[str, str],
        shown: str,
    ):
        with changes_nothing():
            told = anna.htmx_post(f"{INVOICES}/example", RANGE | over).text.strip()
        assert told == (shown % today_of(app) if "%" in shown else shown)

    def test_a_start_that_was_given_is_refused_with_the_reason(self, app: Flask, anna: Browser):
        with app.app_context():
            numbers.take(f"factura:invoice:{today_of(app)}", 12)
            db.session.commit()
        assert f"RE-{today_of(app)}-0013" in anna.get(URL).text
        answer = anna.post(INVOICES, RANGE | {"start": "5"})
        assert answer.status_code == 422
        assert "Number 12 is given already, so counting goes on with 13." in answer.text
        assert 'value="5"' in answer.text

    def test_there_are_no_others(self, anna: Browser):
        assert anna.get(f"{URL}/numbers/receipt").status_code == 404
        assert anna.post(f"{URL}/numbers/receipt/example").status_code == 404


class TestTexts:
    def test_the_archive_is_offered_and_taken_over(self, app: Flask, anna: Browser):
        page = anna.get(f"{TEXTS}?kind=invoice&language=de").text
        draft = archive.draft("de", "invoice-closing")
        assert draft.text in page
        assert "Angebot, Schluss" not in page
        fields = anna.fields(f"{NEW}?archive=invoice-closing&language=de")
        assert fields["text"] == draft.text
        assert anna.post(NEW, fields).location == TEXTS
        (row,) = own(app)
        assert (row.kind, row.place, row.is_default) == ("invoice", "closing", True)
        assert anna.get(f"{NEW}?archive=none&language=de").status_code == 404
        assert anna.get(f"{NEW}?archive=invoice-closing").status_code == 404

    def test_only_one_is_called_the_default(self, anna: Browser, create: Callable[..., int]):
        asked = f"{TEXTS}?kind=quote&language=en"
        assert anna.get(asked).text.count("</svg>default</span>") == 2
        create(kind="quote", language="en", text=archive.text("quote", "closing", "en"))
        assert anna.get(asked).text.count("</svg>default</span>") == 2

    def test_are_written_changed_and_copied(
        self, app: Flask, anna: Browser, create: Callable[..., int]
    ):
        text_id = create(name="Dank")
        url = f"{TEXTS}/{text_id}/edit"
        anna.post(url, anna.fields(url) | {"text": "Danke <b>sehr</b>!"})
        assert "Danke &lt;b&gt;sehr&lt;/b&gt;!" in anna.get(TEXTS).text
        copied = anna.fields(f"{NEW}?copy={text_id}")
        assert (copied["name"], "is_default" in copied) == ("Dank 2", False)
        anna.post(NEW, copied)
        assert [row.is_default for row in own(app)] == [True, False]

    def test_removing_is_taken_back(self, app: Flask, anna: Browser, create: Callable[..., int]):
        text_id = create()
        answer = anna.htmx_post(f"{TEXTS}/{text_id}/removal")
        fragments, _rest = parts(answer.text)
        assert own(app) == []
        assert "No text blocks of the team" in fragments["#texts"]
        undo = f"{TEXTS}/{text_id}/restoration"
        assert f'action="{undo}"' in fragments["#toasts"]
        assert anna.post(undo).location == TEXTS
        assert len(own(app)) == 1

    def test_two_clicks_make_one(self, app: Flask, anna: Browser):
        fields = anna.fields(NEW)
        for _click in range(2):
            assert anna.post(NEW, typed(key=fields["key"])).status_code == 303
        assert len(own(app)) == 1

    @pytest.mark.parametrize(
        ("over", "message"),
        [
            ({"name": ""}, "Please give a name."),
            ({"text": "  "}, "Please write something."),
            ({"kind": "reminder"}, "Please choose one of the list."),
            ({"place": ""}, "Please choose one of the list."),
            ({"language": "fr"}, "Please choose one of the list."),
            ({"text": "x" * 100_000}, "Please take at most 5000 characters."),
        ],
    )
    def test_refuses_at_the_field(
        self,
        anna: Browser,
        changes_nothing: Callable[[], Any],
        over: dict[str, str],
        message: str,
    ):
        with changes_nothing():
            answer = anna.post(NEW, typed(**over))
        assert answer.status_code == 422
        assert message in answer.text

    @pytest.mark.parametrize("text", hostile.TEXTS, ids=hostile.called)
    def test_bears_any_text(self, anna: Browser, text: str):
        answer = anna.post(NEW, typed(name=text[:90], text=text[:4_000]))
        assert answer.status_code in (303, 422)
        assert not hostile.is_markup_in(anna.get(TEXTS).text)

    def test_shows_both_versions_after_a_colleague_saved(
        self, app: Flask, anna: Browser, create: Callable[..., int]
    ):
        text_id = create()
        url = f"{TEXTS}/{text_id}/edit"
        fields = anna.fields(url)
        anna.post(url, fields | {"text": "Ihres"})
        answer = anna.post(url, fields | {"text": "Meines"})
        assert answer.status_code == 409
        assert "Ihres" in answer.text
        assert "Meines" in answer.text

    def test_new_documents_get_them(self, app: Flask, anna: Browser):
        anna.post(NEW, typed(text="Bis bald!"))
        with app.app_context():
            assert settings.default_text("invoice", "closing", "de") == "Bis bald!"


def today_of(app: Flask) -> int:
    with app.app_context():
        return today().year
