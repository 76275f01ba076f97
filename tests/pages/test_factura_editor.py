"""The page on which documents are written, with and without script."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from app.core.database import db
from app.domain.addresses.services import add_address
from app.domain.articles.services import create_article
from app.domain.customers.services import add_contact_person, delete_customer
from app.domain.factura import queries
from app.domain.factura.rules import LineValues
from app.domain.factura.services import add_draft, issue
from app.domain.factura.texts import create_text
from tests import hostile
from tests.browserless import Browser, FormReader
from tests.factories import address_values, contact_person_values
from tests.fragments import parts

NEW = "/factura/new?kind=invoice&customer=1"
PREVIEW = "/factura/preview"
SAVE = {"save": "draft"}


@pytest.fixture
def customer_id(make_customer: Callable[..., int]) -> int:
    return make_customer()


@pytest.fixture
def article(app: Flask) -> Callable[..., int]:
    """Add an article and get its id."""

    def make(**over: Any) -> int:
        values = {
            "number": "SLA-1",
            "name": "SLA Gold",
            "text": "Antwort in vier Stunden",
            "unit": "Monat",
            "price": Decimal("119"),
            "currency": "EUR",
            "is_gross": True,
            "tax": "standard",
        }
        with app.app_context():
            article_id = create_article(values | over)
            db.session.commit()
            return article_id

    return make


@pytest.fixture
def draft(app: Flask, customer_id: int) -> Callable[..., int]:
    """Keep a draft with a line and get its id."""

    def make(kind: str = "invoice", **over: Any) -> int:
        with app.app_context():
            values = queries.fresh(kind, customer_id) | {"lines": [line_values()]} | over
            document_id = add_draft(values)
            db.session.commit()
            return document_id

    return make


@pytest.fixture
def kept(app: Flask) -> Callable[[], list[dict[str, Any]]]:
    """All documents as they are kept, the first one first."""

    def read() -> list[dict[str, Any]]:
        with app.app_context():
            ids = db.session.scalars(db.text("SELECT id FROM factura_document ORDER BY id"))
            return [queries.values_of(queries.row(document_id)) for document_id in ids]

    return read


def line_values(**over: Any) -> LineValues:
    """An hour of advice."""
    return LineValues(**{"text": "Beratung", "quantity": Decimal(1), "price": Decimal(100)} | over)


def typed(*lines: dict[str, str], first: int = 0) -> dict[str, str]:
    """The fields of lines as a browser names them."""
    return {
        f"lines-{first + index}-{name}": value
        for index, line in enumerate(lines)
        for name, value in ({"quantity": "1", "tax": "standard"} | line).items()
    }


def total(html: str) -> str:
    found = re.search(r'id="factura-total">([^<]*)<', html)
    assert found
    return found[1]


def amounts(html: str) -> list[str]:
    return [
        text.strip()
        for text in re.findall(r'class="line-label">Amount</span>([^<]*)</output>', html)
    ]


def indexes(html: str) -> list[int]:
    return [int(found) for found in re.findall(r'<li class="line[^"]*" id="line-(\d+)"', html)]


class TestWhom:
    def test_without_a_customer_one_is_chosen_first(self, ben: Browser, customer_id: int):
        page = ben.get("/factura/new?kind=quote").text
        assert "New quote" in page
        assert 'hx-get="/factura/customers"' in page
        found = ben.get("/factura/customers?kind=quote&q=mull").text
        assert 'href="/factura/new?kind=quote&amp;customer=1"' in found
        hits = ben.htmx_get("/factura/customers?kind=quote&q=10001").text
        assert hits.count("factura-hit-1") == 1
        assert "Nobody is found" in ben.htmx_get("/factura/customers?q=xyz").text

    def test_somebody_in_the_trash_gets_no_document(
        self, ben: Browser, app: Flask, customer_id: int, draft: Callable[..., int]
    ):
        fields = ben.fields(NEW)
        edit = f"/factura/{draft()}/edit"
        with app.app_context():
            delete_customer(customer_id)
            db.session.commit()
        for answer in (ben.get(NEW), ben.post(NEW, fields | SAVE), ben.get(edit)):
            assert answer.status_code == 409
            assert "is in the trash" in answer.text
        assert ben.get("/factura/new?customer=99").status_code == 404
        assert ben.htmx_post(PREVIEW, fields).status_code == 404

    @pytest.mark.parametrize("kind", ["reminder", "", "xyz", "\0", "invoice' --"])
    def test_any_other_kind_is_an_invoice(self, ben: Browser, customer_id: int, kind: str):
        page = ben.client.get("/factura/new", query_string={"kind": kind, "customer": 1}).text
        assert "New invoice" in page

    def test_another_customer_keeps_what_was_typed(
        self, ben: Browser, make_customer: Callable[..., int], customer_id: int
    ):
        other = make_customer(last_name="Weiß", language="en")
        fields = ben.fields(NEW) | typed({"text": "Beratung", "price": "10"})
        page = ben.post(NEW, fields | {"chosen": str(other)}).text
        assert "Tanja Weiß" in page
        after = FormReader.read(page)
        assert (after["customer_id"], after["lines-0-text"]) == (str(other), "Beratung")
        assert after["language"] == "en"
        found, _rest = parts(ben.htmx_post(NEW, fields | {"chosen": str(other)}).text)
        assert sorted(found) == ["#factura-customer", "#factura-form", "#factura-title"]
        assert ben.htmx_post(NEW, fields | {"chosen": "99"}).status_code == 404


class TestWhere:
    def test_addresses_are_for_choice_and_never_taken_silently(
        self, ben: Browser, app: Flask, customer_id: int
    ):
        with app.app_context():
            add_address(customer_id, address_values())
            add_address(
                customer_id, address_values(town="Trier", is_billing=False, is_delivery=True)
            )
            db.session.commit()
        for kind, first in (("invoice", "Bonn"), ("delivery_note", "Trier"), ("quote", "Bonn")):
            page = ben.get(f"/factura/new?kind={kind}&customer=1").text
            places = re.findall(r'name="address_key"[^>]*?( checked)?>\s*<span>([^<]*)', page)
            assert first in places[0][1]
            assert [("Köln" in text) for chosen, text in places if chosen] == [True]
            assert "<br>50667 Köln" in page

    def test_the_window_shows_what_is_chosen(
        self, ben: Browser, app: Flask, make_customer: Callable[..., int]
    ):
        customer_id = make_customer(kind="company", company="Berger GmbH")
        with app.app_context():
            address_id = add_address(customer_id, address_values())
            add_contact_person(customer_id, contact_person_values(is_main=True))
            person_id = add_contact_person(customer_id, contact_person_values(last_name="Ott"))
            db.session.commit()
        url = f"/factura/new?kind=invoice&customer={customer_id}"
        fields = ben.fields(url)
        found, _rest = parts(ben.htmx_post(PREVIEW, fields).text)
        assert "#factura-address" not in found
        found, _rest = parts(ben.htmx_post(PREVIEW, fields | {"person_id": str(person_id)}).text)
        assert "<br>Herrn Dr. Jörg Ott<br>" in found["#factura-address"]
        chosen = fields | {"address_key": str(address_id)}
        found, _rest = parts(ben.htmx_post(PREVIEW, chosen).text)
        assert "<br>53111 Bonn" in found["#factura-address"]

    @pytest.mark.parametrize(
        ("field", "value"),
        [("person_id", "99"), ("address_key", "99"), ("person_id", "x"), ("address_key", "")],
    )
    def test_foreign_ones_are_refused(
        self,
        ben: Browser,
        customer_id: int,
        changes_nothing: Callable[[], Any],
        field: str,
        value: str,
    ):
        fields = ben.fields(NEW) | typed({"text": "Beratung", "price": "10"}) | {field: value}
        with changes_nothing():
            answer = ben.htmx_post(NEW, fields | SAVE)
        assert answer.status_code == 422
        assert "Please choose one of the list." in answer.text
        assert FormReader.read(answer.text)["lines-0-text"] == "Beratung"


class TestCounting:
    def test_only_what_is_different_is_sent(
        self, ben: Browser, customer_id: int, changes_nothing: Callable[[], Any]
    ):
        fields = ben.fields(NEW) | typed(
            {"text": "Beratung", "price": "1.234,56", "quantity": "2", "discount": "10"},
            {"text": "Buch", "price": "10.70", "tax": "reduced"},
        )
        with changes_nothing():
            found, rest = parts(ben.htmx_post(PREVIEW, fields).text)
        assert rest == ""
        assert sorted(found) == ["#factura-notes", "#factura-totals", "#line-0-out", "#line-1-out"]
        assert amounts("".join(found.values())) == ["€2,222.21", "€10.70"]
        sums = found["#factura-totals"]
        assert "Tax 19 %</dt><dd>€422.22" in sums
        assert "Tax 7 %</dt><dd>€0.75" in sums
        assert total(sums) == "€2,655.88"
        for index in (0, 1):
            fields |= FormReader.read(f"<form>{found[f'#line-{index}-out']}</form>")
        again, _rest = parts(ben.htmx_post(PREVIEW, fields | {"lines-1-price": "11"}).text)
        assert sorted(again) == ["#factura-notes", "#factura-totals", "#line-1-out"]

    def test_without_script(self, ben: Browser, customer_id: int):
        fields = ben.fields(NEW) | typed({"text": "Beratung", "price": "100"})
        for url in (NEW, PREVIEW):
            page = ben.post(url, fields | {"count": "1"}).text
            assert total(page) == "€119.00"
            assert FormReader.read(page)["lines-0-text"] == "Beratung"

    def test_switching_converts_the_prices_and_back(self, ben: Browser, customer_id: int):
        fields = ben.fields(NEW) | typed(
            {"text": "Beratung", "price": "100"},
            {"text": "Buch", "price": "9,99", "tax": "reduced"},
        )
        page = ben.post(NEW, fields | {"is_gross": "gross", "count": "1"}).text
        after = FormReader.read(page)
        assert (after["lines-0-price"], after["lines-1-price"]) == ("119.00", "10.6893")
        assert "have been converted" in page
        assert total(page) == "€129.69"
        again = FormReader.read(ben.post(NEW, after | {"is_gross": "net", "count": "1"}).text)
        assert (again["lines-0-price"], again["lines-1-price"]) == ("100.00", "9.99")
        same = FormReader.read(ben.post(NEW, after | {"count": "1"}).text)
        assert same["lines-0-price"] == "119.00"

    def test_other_rates_are_shown_on_another_day(self, ben: Browser, customer_id: int):
        fields = ben.fields(NEW) | typed({"text": "Beratung", "price": "100"})
        found, _rest = parts(ben.htmx_post(PREVIEW, fields | {"service_on": "2020-08-01"}).text)
        assert '<option value="standard" selected>16 %' in found["#line-0"]
        assert total(found["#factura-totals"]) == "€116.00"

    def test_without_tax_the_law_is_named(self, ben: Browser, customer_id: int):
        fields = ben.fields(NEW) | typed({"text": "Beratung", "price": "100", "tax": "reduced"})
        found, _rest = parts(ben.htmx_post(PREVIEW, fields | {"treatment": "small_business"}).text)
        assert "§ 19 Abs. 1 UStG" in found["#factura-totals"]
        assert total(found["#factura-totals"]) == "€100.00"
        assert 'type="hidden" name="lines-0-tax" value="reduced"' in found["#line-0"]

    @pytest.mark.parametrize(
        ("field", "value", "message"),
        [
            ("price", "1.234", "Thousands or decimals?"),
            ("price", "12 Stück", "Please write a number"),
            ("price", "9" * 40, "too large or too small"),
            ("price", "9" * 41, "Please write a number"),
            ("quantity", "1e9", "Please write a number"),
            ("quantity", "NaN", "Please write a number"),
            ("quantity", "0.00001", "at most 4 decimals"),
            ("discount", "-1", "Please give a number from 0 to 100."),
            ("discount", "100.01", "Please give a number from 0 to 100."),
            ("discount", "0,001", "at most 2 decimals"),
            ("tax", "luxury", "Please choose one of the list."),
            ("unit", "x" * 21, "at most 20 characters"),
            ("number", "x" * 41, "at most 40 characters"),
            ("text", "x" * 5001, "at most 5000 characters"),
            ("text", "Nul\0", "cannot be stored"),
        ],
    )
    def test_what_cannot_be_is_told_at_its_line_and_kept(
        self,
        ben: Browser,
        customer_id: int,
        changes_nothing: Callable[[], Any],
        field: str,
        value: str,
        message: str,
    ):
        lines = typed({"text": "Gut", "price": "10"}, {"text": "Schlecht", "price": "20"})
        fields = ben.fields(NEW) | lines | {f"lines-1-{field}": value}
        with changes_nothing():
            counted, answer = ben.htmx_post(PREVIEW, fields), ben.htmx_post(NEW, fields | SAVE)
        assert message in parts(counted.text)[0]["#line-1-out"]
        assert total(counted.text) == "€11.90"
        assert answer.status_code == 422
        assert f'<a href="#lines-1-{field}">Line 2, ' in answer.text
        assert message in answer.text
        kept = FormReader.read(answer.text)
        assert kept["lines-0-price"] == "10"
        if "\0" not in value and field != "tax":
            assert kept[f"lines-1-{field}"] == value

    def test_fifty_lines_need_few_questions(
        self, ben: Browser, customer_id: int, count_queries: Callable[[], Any]
    ):
        fields = ben.fields(NEW) | typed(*[{"text": f"Zeile {n}", "price": "1"} for n in range(50)])
        with count_queries() as few:
            ben.htmx_post(PREVIEW, ben.fields(NEW) | typed({"text": "Eine", "price": "1"}))
        with count_queries() as asked:
            answer = ben.htmx_post(PREVIEW, fields)
        assert total(answer.text) == "€59.50"
        assert len(asked) <= len(few)


class TestArticles:
    def test_type_ahead_offers_numbers_and_names(self, ben: Browser, article: Callable[..., int]):
        article()
        article(number="", name="Fahrt", price=Decimal("0.42"))
        offered = ben.htmx_get("/factura/articles?lines-3-number=gold").text
        assert '<option value="SLA-1">SLA Gold' in offered
        assert '<option value="Fahrt">' in ben.htmx_get("/factura/articles?q=fa").text
        assert "<option" not in ben.htmx_get("/factura/articles").text

    @pytest.mark.parametrize("words", ["SLA-1", "sla-1", "SLA Gold"])
    def test_a_chosen_one_fills_the_line(
        self, ben: Browser, customer_id: int, article: Callable[..., int], words: str
    ):
        article_id = article()
        fields = ben.fields(NEW) | typed({"number": words, "quantity": "3", "text": "alt"})
        found, _rest = parts(ben.htmx_post(PREVIEW, fields).text)
        line = FormReader.read(f"<form>{found['#line-0']}</form>")
        assert line["lines-0-text"] == "SLA Gold\nAntwort in vier Stunden"
        assert (line["lines-0-unit"], line["lines-0-price"]) == ("Monat", "100.00")
        assert (line["lines-0-article"], line["lines-0-quantity"]) == (str(article_id), "3")
        changed = fields | line | {"lines-0-text": "Eigene Worte"}
        again, _rest = parts(ben.htmx_post(PREVIEW, changed).text)
        assert "#line-0" not in again

    def test_it_is_kept_with_its_line(
        self,
        ben: Browser,
        customer_id: int,
        article: Callable[..., int],
        kept: Callable[[], list[dict[str, Any]]],
    ):
        article_id = article()
        ben.post(NEW, ben.fields(NEW) | typed({"number": "SLA-1"}) | SAVE)
        (line,) = kept()[0]["lines"]
        assert (line.article_id, line.number, line.price) == (article_id, "SLA-1", Decimal(100))

    def test_another_number_is_no_article_any_more(
        self,
        ben: Browser,
        customer_id: int,
        article: Callable[..., int],
        kept: Callable[[], list[dict[str, Any]]],
    ):
        article_id = article()
        line = {"article": str(article_id), "known": "SLA-1", "number": "Eigene"}
        ben.post(NEW, ben.fields(NEW) | typed(line | {"text": "Text", "price": "5"}) | SAVE)
        (line,) = kept()[0]["lines"]
        assert (line.article_id, line.number, line.text) == (None, "Eigene", "Text")

    def test_one_in_another_currency_gives_no_price(
        self, ben: Browser, customer_id: int, article: Callable[..., int]
    ):
        article(currency="CHF")
        found, _rest = parts(
            ben.htmx_post(PREVIEW, ben.fields(NEW) | typed({"number": "SLA-1"})).text
        )
        assert "Its price is in CHF." in found["#line-0"]

    @pytest.mark.parametrize("foreign", ["99", "9" * 18, "-1", "x", "1 OR 1=1"])
    def test_a_foreign_id_is_refused(
        self,
        ben: Browser,
        customer_id: int,
        changes_nothing: Callable[[], Any],
        foreign: str,
    ):
        line = {"article": foreign, "text": "Beratung", "price": "10"}
        with changes_nothing():
            answer = ben.htmx_post(NEW, ben.fields(NEW) | typed(line) | SAVE)
        assert answer.status_code == 422
        assert "There is no such article any more." in answer.text


class TestRearranging:
    LINES = typed(*[{"text": text, "price": "1"} for text in "ABC"])

    def rearranged(self, ben: Browser, **pressed: str) -> list[str]:
        page = ben.post(NEW, ben.fields(NEW) | self.LINES | pressed).text
        fields = FormReader.read(page)
        return [fields[f"lines-{index}-text"] for index in indexes(page)]

    def test_without_script(self, ben: Browser, customer_id: int):
        assert self.rearranged(ben, add="line") == ["A", "B", "C", ""]
        assert self.rearranged(ben, add="text") == ["A", "B", "C", ""]
        assert self.rearranged(ben, drop="1") == ["A", "C"]
        assert self.rearranged(ben, move="2-up") == ["A", "C", "B"]
        assert self.rearranged(ben, move="0-down") == ["B", "A", "C"]

    @pytest.mark.parametrize(
        "pressed",
        [
            {"move": "0-up"},
            {"move": "2-down"},
            {"move": "9-up"},
            {"move": "-"},
            {"move": "1-sideways"},
            {"drop": "9"},
            {"drop": "x"},
            {"insert": "nowhere"},
            {"insert": "intro", "block-intro": "99"},
        ],
    )
    def test_what_does_not_go_changes_nothing(
        self, ben: Browser, customer_id: int, pressed: dict[str, str]
    ):
        assert self.rearranged(ben, **pressed) == ["A", "B", "C"]

    def test_with_script_only_that_line_is_touched(self, ben: Browser, customer_id: int):
        fields = ben.fields(NEW) | self.LINES
        added = ben.htmx_post(NEW, fields | {"add": "line"}).text
        assert '<hx-partial hx-target="#factura-lines" hx-swap="beforeend"' in added
        assert indexes(added) == [3]
        again = ben.htmx_post(NEW, fields | {"lines-3-text": "", "add": "line"}).text
        assert indexes(again) == []
        moved = ben.htmx_post(NEW, fields | {"move": "2-up"}).text
        assert '<hx-partial hx-target="#line-1" hx-swap="delete">' in moved
        assert '<hx-partial hx-target="#line-2" hx-swap="afterend">' in moved
        dropped = ben.htmx_post(NEW, fields | {"drop": "1"}).text
        assert '<hx-partial hx-target="#line-1" hx-swap="delete">' in dropped
        assert total(dropped) == "€2.38"

    def test_the_last_line_leaves_one_to_write_in(self, ben: Browser, customer_id: int):
        page = ben.post(NEW, ben.fields(NEW) | typed({"text": "A"}) | {"drop": "0"}).text
        assert len(indexes(page)) == 1

    def test_a_text_block_is_put_below_what_stands_there(
        self, ben: Browser, app: Flask, customer_id: int
    ):
        with app.app_context():
            block_id = create_text(
                {
                    "kind": "invoice",
                    "place": "closing",
                    "language": "de",
                    "name": "Skonto",
                    "text": "2 % Skonto",
                    "is_default": False,
                }
            )
            db.session.commit()
        fields = ben.fields(NEW) | {"closing": "Danke."}
        pressed = {"insert": "closing", "block-closing": str(block_id)}
        page = ben.post(NEW, fields | pressed).text
        assert FormReader.read(page)["closing"] == "Danke.\n\n2 % Skonto"
        found, _rest = parts(ben.htmx_post(NEW, fields | pressed).text)
        assert "Danke.\n\n2 % Skonto" in found["#factura-closing"]

    def test_another_kind_brings_its_words_and_keeps_own_ones(self, ben: Browser, customer_id: int):
        fields = ben.fields(NEW) | {"closing": "Von Hand"}
        page = ben.post(NEW, fields | {"kind": "quote", "count": "1"}).text
        after, quote = FormReader.read(page), ben.fields("/factura/new?kind=quote&customer=1")
        assert "New quote" in page
        assert after["intro"] == quote["intro"] != fields["intro"]
        assert (after["closing"], after["payment_days"]) == ("Von Hand", quote["payment_days"])
        assert "Valid for days" in page
        english = FormReader.read(ben.post(NEW, fields | {"language": "en", "count": "1"}).text)
        assert english["intro"] not in (fields["intro"], "")


class TestSaving:
    def test_a_new_one(
        self, ben: Browser, customer_id: int, kept: Callable[[], list[dict[str, Any]]]
    ):
        fields = ben.fields(NEW) | typed(
            {"text": "Beratung", "price": "1234.56", "quantity": "1,5", "unit": "h"},
            {"kind": "text", "text": "Danke"},
            {"text": "Buch", "price": "10", "tax": "reduced", "discount": "5"},
            {"text": "", "price": ""},
        )
        fields |= {"subject": "  Kurs   Herbst ", "service_on": "2026-11-01"}
        answer = ben.post(NEW, fields | SAVE)
        assert answer.status_code == 303
        assert answer.location == "/factura/1/edit"
        (document,) = kept()
        assert document["subject"] == "Kurs Herbst"
        assert [(line.text, line.quantity, line.price, line.tax) for line in document["lines"]] == [
            ("Beratung", Decimal("1.5"), Decimal("1234.56"), "standard"),
            ("Danke", None, None, "standard"),
            ("Buch", Decimal(1), Decimal(10), "reduced"),
        ]
        assert "Draft saved" in ben.get(answer.location).text

    def test_save_and_show(self, ben: Browser, customer_id: int):
        fields = ben.fields(NEW) | typed({"text": "Beratung", "price": "10"})
        assert ben.post(NEW, fields | {"save": "show"}).location == "/factura/1"
        answer = ben.htmx_post(NEW, fields | {"subject": "Zweite", "save": "show"})
        assert answer.headers["HX-Redirect"] == "/factura/2"

    def test_one_goes_on_where_one_was(self, ben: Browser, customer_id: int):
        rows = {"text": "Beratung", "price": "10"}, {"text": "", "price": ""}
        assert re.search('<input[^>]* autofocus[^>]* id="subject"', ben.get(NEW).text)
        answer = ben.htmx_post(NEW, ben.fields(NEW) | typed(*rows) | SAVE)
        assert answer.headers["HX-Replace-Url"] == "/factura/1/edit"
        assert 'hx-post="/factura/1/edit"' in answer.text
        assert 'id="lines-1-number"' in answer.text
        assert "Draft saved" in answer.text
        assert "autofocus" not in answer.text

    def test_twice_is_one(
        self, ben: Browser, customer_id: int, kept: Callable[[], list[dict[str, Any]]]
    ):
        fields = ben.fields(NEW) | typed({"text": "Beratung", "price": "10"}) | SAVE
        first, second = ben.post(NEW, fields), ben.post(NEW, fields)
        assert first.location == second.location
        assert len(kept()) == 1
        ben.post(NEW, fields | {"subject": "Anders"})
        assert [document["subject"] for document in kept()] == ["", "Anders"]

    def test_a_draft_is_changed(
        self, ben: Browser, draft: Callable[..., int], kept: Callable[[], list[dict[str, Any]]]
    ):
        url = f"/factura/{draft()}/edit"
        fields = ben.fields(url)
        assert fields["lines-0-price"] == "100.00"
        changed = fields | {"lines-0-price": "120", "kind": "quote", "customer_id": "99"}
        assert ben.post(url, changed | SAVE).location == url
        (document,) = kept()
        assert document["lines"][0].price == Decimal(120)
        assert document["kind"] == "invoice"

    def test_opening_and_saving_changes_nothing(
        self, ben: Browser, draft: Callable[..., int], changes_nothing: Callable[[], Any]
    ):
        lines = [
            line_values(text="Zwei\nZeilen", price=Decimal("1.2340"), discount=Decimal("12.5")),
            line_values(quantity=None, price=None, text="Nur Text"),
            line_values(quantity=Decimal("-1.005"), unit="h", number="A 1", tax="reduced"),
        ]
        url = f"/factura/{draft(lines=lines, person_id=None)}/edit"
        with changes_nothing():
            assert ben.post(url, ben.fields(url) | SAVE).status_code == 303

    def test_what_is_missing_is_named_at_its_line(
        self, ben: Browser, customer_id: int, changes_nothing: Callable[[], Any]
    ):
        fields = ben.fields(NEW) | typed(
            {"text": "", "price": ""}, {"text": "Beratung"}, {"price": "5"}
        )
        with changes_nothing():
            answer = ben.post(NEW, fields | SAVE)
        assert answer.status_code == 422
        assert '<a href="#lines-1-price">Line 2, Price</a>: Please give the price.' in answer.text
        assert '<a href="#lines-2-text">Line 3, Description</a>' in answer.text
        assert "Please give the price." not in ben.htmx_post(PREVIEW, fields).text

    def test_five_hundred_lines_and_no_more(
        self, ben: Browser, customer_id: int, kept: Callable[[], list[dict[str, Any]]]
    ):
        fields = ben.fields(NEW) | typed(*[{"text": f"{n}", "price": "1"} for n in range(501)])
        answer = ben.post(NEW, fields | SAVE)
        assert answer.status_code == 422
        assert "At most 500 lines fit here." in answer.text
        assert FormReader.read(answer.text)["lines-500-text"] == "500"
        page = ben.post(NEW, fields | {"drop": "500"}).text
        assert total(page) == "€595.00"
        assert ben.post(NEW, FormReader.read(page) | {"add": "line"}).status_code == 200
        assert ben.post(NEW, FormReader.read(page) | SAVE).status_code == 303
        assert len(kept()[0]["lines"]) == 500

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("payment_days", "vier"),
            ("payment_days", "-1"),
            ("payment_days", "9" * 30),
            ("due_on", "30.02.2026"),
            ("currency", "XXX"),
            ("language", "fr"),
            ("treatment", "none"),
            ("is_gross", "both"),
            ("kind", "reminder"),
            ("subject", "x" * 301),
            ("intro", "x" * 20_001),
            ("service_until", "2026-01-01"),
        ],
    )
    def test_bad_values_stand_at_their_fields(
        self,
        ben: Browser,
        customer_id: int,
        changes_nothing: Callable[[], Any],
        field: str,
        value: str,
    ):
        fields = ben.fields(NEW) | typed({"text": "Beratung", "price": "10"}) | {field: value}
        with changes_nothing():
            for send in (ben.post, ben.htmx_post):
                answer = send(NEW, fields | SAVE)
                assert answer.status_code == 422
                assert "Please check:" in answer.text
                assert FormReader.read(answer.text)["lines-0-text"] == "Beratung"
            assert ben.htmx_post(PREVIEW, fields).status_code == 200

    @pytest.mark.parametrize("text", hostile.TEXTS, ids=hostile.called)
    def test_hostile_text(
        self, ben: Browser, draft: Callable[..., int], text: str, article: Callable[..., int]
    ):
        edit = f"/factura/{draft()}/edit"
        names = ("number", "text", "unit", "price", "article", "known", "kind", "tax", "seen")
        for field in (*(f"lines-0-{name}" for name in names), "was", "version", "key", "intro"):
            for url in (NEW, edit, PREVIEW):
                fields = ben.fields(edit) | {field: text} | SAVE
                for send in (ben.post, ben.htmx_post):
                    answer = send(url, fields)
                    assert answer.status_code in (200, 303, 409, 422)
                    assert not hostile.is_markup_in(answer.text)


class TestConflict:
    @pytest.mark.parametrize("send", ["post", "htmx_post"])
    def test_both_versions_are_shown_and_nothing_is_lost(
        self,
        ben: Browser,
        anna: Browser,
        draft: Callable[..., int],
        kept: Callable[[], list[dict[str, Any]]],
        send: str,
    ):
        url = f"/factura/{draft()}/edit"
        mine = ben.fields(url) | {"lines-0-text": "Meins", "subject": "Mein Betreff"}
        theirs = anna.fields(url) | {"lines-0-text": "Ihrs"}
        assert anna.post(url, theirs | SAVE).status_code == 303
        answer = getattr(ben, send)(url, mine | SAVE)
        assert answer.status_code == 409
        assert "<span>1 Meins 100.00</span>" in answer.text
        assert "<span>1 Ihrs 100.00</span>" in answer.text
        fields = FormReader.read(answer.text)
        assert fields["lines-0-text"] == "Meins"
        chosen = fields | {"choose-lines": "theirs"}
        assert ben.post(url, chosen | SAVE).status_code == 303
        (document,) = kept()
        assert (document["lines"][0].text, document["subject"]) == ("Ihrs", "Mein Betreff")

    def test_own_lines_can_be_taken(
        self,
        ben: Browser,
        anna: Browser,
        draft: Callable[..., int],
        kept: Callable[[], list[dict[str, Any]]],
    ):
        url = f"/factura/{draft()}/edit"
        mine = ben.fields(url) | {"lines-0-text": "Meins"}
        anna.post(url, anna.fields(url) | {"lines-0-text": "Ihrs"} | SAVE)
        fields = FormReader.read(ben.post(url, mine | SAVE).text)
        assert ben.post(url, fields | SAVE).status_code == 303
        assert kept()[0]["lines"][0].text == "Meins"


class TestOthers:
    def test_what_was_issued_is_not_written_any_more(
        self,
        ben: Browser,
        app: Flask,
        draft: Callable[..., int],
        changes_nothing: Callable[[], Any],
    ):
        document_id = draft()
        url = f"/factura/{document_id}/edit"
        fields = ben.fields(url)
        with app.app_context():
            issue(document_id)
            db.session.commit()
        with changes_nothing():
            for answer in (ben.get(url), ben.post(url, fields | SAVE), ben.htmx_post(url, fields)):
                assert answer.status_code == 409
                assert "not changed any more" in answer.text

    def test_unknown_ones(self, ben: Browser, customer_id: int):
        assert ben.get("/factura/99/edit").status_code == 404
        assert ben.htmx_post(f"{PREVIEW}?document=99", {}).status_code == 404

    def test_a_reader_writes_nothing(self, cleo: Browser, draft: Callable[..., int]):
        assert cleo.get(NEW).status_code == 403
        assert cleo.get(f"/factura/{draft()}/edit").status_code == 403
