"""The statement of account of a customer: on screen, as a letter, and paid from."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from html import unescape
from typing import Any

import pytest
from flask import Flask

from app.core.database import db
from app.core.i18n import today
from app.domain.customers.services import change_customer
from app.domain.factura.models import FacturaDocument
from app.domain.factura.services import add_document
from app.domain.payments import paper, queries, services
from app.domain.payments.statement import statement
from tests.browserless import Browser, FormReader
from tests.domain.test_payments import payment_values
from tests.factories import customer_values, invoice_values
from tests.fragments import parts

URL = "/customers/1/statement"
PAYMENT = f"{URL}/payment"


@pytest.fixture
def bill(app: Flask, make_customer: Callable[..., int]) -> Callable[..., int]:
    """Keep an issued invoice of 340 euros of the first customer."""
    assert make_customer() == 1

    def billing(number: str = "R-1", customer_id: int = 1, **over: Any) -> int:
        with app.app_context():
            document_id = add_document(customer_id, invoice_values(number=number, **over))
            db.session.commit()
            return document_id

    return billing


@pytest.fixture
def pay(app: Flask) -> Callable[..., int]:
    def paying(**over: Any) -> int:
        with app.app_context():
            payment_id = services.record_payment(1, payment_values(**over))
            db.session.commit()
            return payment_id

    return paying


@pytest.fixture
def three(bill: Callable[..., int]) -> tuple[int, ...]:
    """Invoices of 10, 20 and 40 euros, in the order in which they are due."""
    totals = (1_000, 2_000, 4_000)
    return tuple(
        bill(f"R-{n + 1}", total=total, due_on=date(2026, 11, 21 + n))
        for n, total in enumerate(totals)
    )


@pytest.fixture
def paid(app: Flask) -> Callable[..., list[int]]:
    def reading(*document_ids: int) -> list[int]:
        with app.app_context():
            return [db.session.get_one(FacturaDocument, one).paid for one in document_ids]

    return reading


class TestPage:
    def test_running_balance_and_what_is_open(
        self, ben: Browser, bill: Callable[..., int], pay: Callable[..., int]
    ):
        document_id = bill(subject="Tanzkurs <b>")
        pay(amount=10_500, fees=500, parts={document_id: 10_000}, note="Bar <b>")
        html = ben.get(URL).text
        assert "Tanzkurs &lt;b&gt;" in html
        assert "Bar &lt;b&gt;" in html
        rows = re.findall(r'<tr id="statement-([a-z]+-\d+)".*?</tr>', html, re.S)
        assert rows == ["invoice-1", "fee-1", "payment-1"]
        told = unescape(html)
        for amount in ("€340.00", "€105.00", "€5.00", "€240.00"):
            assert amount in told
        assert 'id="open-item-1"' in html

    def test_a_year_of_its_own(self, app: Flask, ben: Browser, bill: Callable[..., int]):
        with app.app_context():
            day = date(today().year - 1, 5, 4)
        bill(issued_on=day, due_on=day)
        assert 'id="statement-invoice-1"' not in ben.get(URL).text
        assert "Opening balance" in ben.get(URL).text
        html = ben.get(f"{URL}?period=last_year").text
        assert 'id="statement-invoice-1"' in html

    @pytest.mark.parametrize(
        "query",
        [
            *("period=x", "since=x", "since=2999-01-01", "until=0001-01-01", "until=%00"),
            *("since=2026-03-01&until=2026-01-01", "period=", "period=range&since=&until="),
        ],
    )
    def test_broken_addresses(self, ben: Browser, bill: Callable[..., int], query: str):
        bill()
        for send in (ben.get, ben.htmx_get):
            assert send(f"{URL}?{query}").status_code == 200

    def test_nothing_yet_and_nothing_in_a_period(
        self, ben: Browser, make_customer: Callable[..., int]
    ):
        make_customer()
        assert "Nothing has been charged or paid this year." in ben.get(URL).text
        assert "Nothing happened in this period." in ben.get(f"{URL}?period=last_year").text

    def test_a_reader_reads(self, cleo: Browser, bill: Callable[..., int]):
        bill()
        html = cleo.get(URL).text
        assert 'id="statement-invoice-1"' in html
        assert PAYMENT not in html
        assert "/factura/1/payment" not in html

    def test_fresh_after_a_payment(self, ben: Browser, bill: Callable[..., int]):
        bill()
        form = ben.fields("/factura/1/payment")
        here = {"HX-Current-URL": f"http://localhost{URL}?period=this_year"}
        answer = ben.htmx_post(
            "/factura/1/payment", form, panels="header,statement@detail", headers=here
        )
        found = parts(answer.text)[0]
        assert 'id="statement-payment-1"' in found["#detail-statement"]
        assert "open" not in found["#panel-header"].split('class="badges"')[1].split("</div>")[0]


class TestPayment:
    def test_all_of_it_stands_there(self, ben: Browser, three: tuple[int, ...]):
        fields = ben.fields(PAYMENT)
        assert fields["amount"] == "70.00"
        assert [fields[f"part-{one}"] for one in three] == ["10.00", "20.00", "40.00"]

    def test_several_at_once(
        self, ben: Browser, three: tuple[int, ...], paid: Callable[..., list[int]]
    ):
        form = ben.fields(PAYMENT) | {"amount": "25", "part-1": "", "part-2": "5", "part-3": "20"}
        answer = ben.htmx_post(PAYMENT, form, panels="header,statement@detail")
        assert answer.status_code == 200
        assert paid(*three) == [0, 500, 2_000]

    def test_another_amount_is_divided_anew(self, ben: Browser, three: tuple[int, ...]):
        form = ben.fields(PAYMENT) | {"amount": "25"}
        answer = ben.htmx_post(f"{PAYMENT}/division", form)
        fields = FormReader.read(answer.text)
        assert [fields[f"part-{one}"] for one in three] == ["10.00", "15.00", ""]
        assert "<form" not in answer.text
        page = ben.post(f"{PAYMENT}/division", form).text
        assert FormReader.read(page)["amount"] == "25"

    def test_more_than_everything_is_divided_with_a_rest(
        self, ben: Browser, three: tuple[int, ...]
    ):
        form = ben.fields(PAYMENT) | {"amount": "100", "fees": "5"}
        answer = ben.htmx_post(f"{PAYMENT}/division", form)
        assert "€25.00 are left as the customer's credit." in unescape(answer.text)

    def test_enter_in_the_amount_shows_the_division_first(
        self,
        ben: Browser,
        three: tuple[int, ...],
        paid: Callable[..., list[int]],
        changes_nothing: Callable[[], Any],
    ):
        form = ben.fields(PAYMENT) | {"amount": "25"}
        with changes_nothing():
            answer = ben.htmx_post(PAYMENT, form)
        assert answer.status_code == 422
        assert "The new amount is divided among the invoices" in answer.text
        assert ben.htmx_post(PAYMENT, FormReader.read(answer.text)).status_code == 200
        assert paid(*three) == [1_000, 1_500, 0]

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ({"part-1": "11"}, "Only €10.00 are open here."),
            ({"part-1": "-1"}, "This is less than nothing."),
            ({"part-1": "x"}, "Please write a number"),
            ({"part-1": "0.001"}, "There is nothing so small"),
            ({"amount": "60", "divided": ""}, "This is €10.00 less than what it is divided into."),
            ({"amount": "80", "divided": ""}, "€10.00 are more than what this pays."),
        ],
    )
    def test_bad_input(
        self,
        ben: Browser,
        three: tuple[int, ...],
        changes_nothing: Callable[[], Any],
        typed: dict[str, str],
        said: str,
    ):
        with changes_nothing():
            answer = ben.htmx_post(PAYMENT, ben.fields(PAYMENT) | {"note": "bleibt"} | typed)
        assert answer.status_code == 422
        assert said in unescape(answer.text)
        assert 'value="bleibt"' in answer.text

    def test_somebody_else_was_faster(
        self,
        ben: Browser,
        three: tuple[int, ...],
        pay: Callable[..., int],
        changes_nothing: Callable[[], Any],
    ):
        form = ben.fields(PAYMENT) | {"note": "meins"}
        pay(amount=1_000, parts={three[0]: 1_000})
        with changes_nothing():
            answer = ben.htmx_post(PAYMENT, form)
        assert answer.status_code == 409
        assert "Somebody else has changed what is open." in answer.text
        assert "meins" in answer.text
        assert "part-1" not in answer.text

    def test_nobody_elses_invoice(
        self,
        ben: Browser,
        three: tuple[int, ...],
        bill: Callable[..., int],
        make_customer: Callable[..., int],
        paid: Callable[..., list[int]],
    ):
        foreign = bill("F-1", make_customer(last_name="Berger"))
        form = ben.fields(PAYMENT) | {f"part-{foreign}": "1"}
        ben.htmx_post(PAYMENT, form)
        assert paid(foreign) == [0]

    def test_a_double_click_is_one_payment(self, ben: Browser, three: tuple[int, ...], app: Flask):
        form = ben.fields(PAYMENT)
        for _click in range(2):
            assert ben.htmx_post(PAYMENT, form, panels="header").status_code == 200
        with app.app_context():
            assert len(queries.of_document(three[0])) == 1

    def test_without_an_invoice_all_of_it_is_credit(
        self, ben: Browser, make_customer: Callable[..., int], app: Flask
    ):
        make_customer()
        form = ben.fields(f"{PAYMENT}?currency=CHF") | {"amount": "50"}
        answer = ben.htmx_post(f"{PAYMENT}?currency=CHF", form)
        assert answer.status_code == 422
        assert "CHF50.00" in unescape(answer.text).replace("\N{NO-BREAK SPACE}", "")
        form |= {"credit": "5000"}
        assert ben.post(f"{PAYMENT}?currency=CHF", form).location == URL
        with app.app_context():
            assert queries.credit_sums(1) == {"CHF": 5_000}

    def test_each_currency_alone(self, ben: Browser, bill: Callable[..., int]):
        bill("R-1", due_on=date(2026, 12, 2))
        bill("R-2", currency="CHF", due_on=date(2026, 12, 1))
        html = ben.get(PAYMENT).text
        assert ("R-2" in html, "R-1" in html) == (True, False)
        html = ben.get(f"{PAYMENT}?currency=EUR").text
        assert ("R-2" in html, "R-1" in html) == (False, True)
        assert ben.get(f"{PAYMENT}?currency=XXX").status_code == 200


class TestPaper:
    def test_it_is_a_pdf_to_keep(self, ben: Browser, bill: Callable[..., int]):
        bill()
        answer = ben.get(f"{URL}/pdf")
        assert answer.data.startswith(b"%PDF-")
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert "sandbox" in answer.headers["Content-Security-Policy"]

    def test_too_long_for_a_letter(
        self, ben: Browser, bill: Callable[..., int], monkeypatch: pytest.MonkeyPatch
    ):
        from app.domain.payments import statement as module

        bill()
        monkeypatch.setattr(module, "MOST", 0)
        assert ben.get(f"{URL}/pdf").status_code == 409
        assert "These are the first entries only." in ben.get(URL).text

    @pytest.mark.parametrize("language", ["de", "en"])
    def test_in_the_language_of_the_customer(
        self,
        app: Flask,
        bill: Callable[..., int],
        pay: Callable[..., int],
        language: str,
    ):
        document_id = bill(subject="Tanz <b>")
        pay(amount=10_500, fees=500, parts={document_id: 10_000})
        with app.app_context():
            change_customer(1, customer_values(language=language, number="10001"))
            found = statement(1, date(2026, 1, 1), today())
            sheet = paper.letter(1, found, today())
        told = sheet.subject + sheet.text + "".join(sheet.blocks) + sheet.closing
        expected = {
            "de": ("Kontoauszug 01.01.2026", "Sehr geehrte Frau Müller,", "Mahngebühr", "240,00"),
            "en": ("Statement of account", "Dear Ms Müller,", "Reminder fee", "240.00"),
        }
        for words in (*expected[language], "Tanz &lt;b&gt;", "R-1"):
            assert words in told
