"""Payments: the list of all of them, the dialog of one invoice, credit, the table to take along."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask

from app.core.database import db
from app.core.i18n import today
from app.domain.factura.models import FacturaDocument
from app.domain.factura.services import add_document
from app.domain.payments import listing, queries, services
from tests import hostile
from tests.browserless import Browser, FormReader
from tests.domain.test_payments import payment_values, remind
from tests.factories import invoice_values
from tests.fragments import parts

PAYMENT = "/factura/1/payment"
OVERDUE = {"issued_on": date(2026, 1, 5), "due_on": date(2026, 1, 19)}


@pytest.fixture
def bill(app: Flask, make_customer: Callable[..., int]) -> Callable[..., int]:
    """Keep an issued invoice of 340 euros of the first customer."""
    make_customer()

    def billing(number: str = "R-1", customer_id: int = 1, **over: Any) -> int:
        with app.app_context():
            document_id = add_document(customer_id, invoice_values(number=number, **over))
            db.session.commit()
            return document_id

    return billing


@pytest.fixture
def pay(app: Flask) -> Callable[..., int]:
    def paying(customer_id: int = 1, **over: Any) -> int:
        with app.app_context():
            payment_id = services.record_payment(customer_id, payment_values(**over))
            db.session.commit()
            return payment_id

    return paying


@pytest.fixture
def day(app: Flask) -> date:
    """Today, where the team works."""
    with app.app_context():
        return today()


@pytest.fixture
def paid(app: Flask) -> Callable[..., int]:
    def reading(document_id: int = 1) -> int:
        with app.app_context():
            return db.session.get_one(FacturaDocument, document_id).paid

    return reading


@pytest.fixture
def credit(app: Flask) -> Callable[[], dict[str, int]]:
    def reading() -> dict[str, int]:
        with app.app_context():
            return queries.credit_sums(1)

    return reading


@pytest.fixture
def fee(app: Flask) -> Callable[[int], None]:
    """Remind of the first invoice with a fee in cents."""

    def asking(cents: int) -> None:
        with app.app_context():
            remind(1, cents)
            db.session.commit()

    return asking


class TestDialog:
    def test_what_is_open_stands_in_it(self, ben: Browser, bill: Callable[..., int], day: date):
        bill(paid=10_000)
        fields = FormReader.read(ben.get(PAYMENT).text.partition("payment-so-far")[0])
        assert fields["amount"] == "240.00"
        assert fields["received_on"] == str(day)
        assert "of €340.00 are open" in unescape(ben.get(PAYMENT).text)

    def test_in_full_with_fresh_panels(
        self, ben: Browser, bill: Callable[..., int], paid: Callable[..., int]
    ):
        bill()
        form = ben.fields(PAYMENT)
        answer = ben.htmx_post(PAYMENT, form, panels="header,factura,statement@detail")
        found, rest = parts(answer.text)
        assert rest == ""
        assert found.keys() == {"#panel-header", "#panel-factura", "#detail-statement", "#toasts"}
        assert "Payment recorded on R-1" in found["#toasts"]
        assert paid() == 34_000
        assert "Nothing is open on this invoice." in ben.get(PAYMENT).text

    def test_without_script(self, ben: Browser, bill: Callable[..., int], paid: Callable[..., int]):
        bill()
        answer = ben.post(PAYMENT, ben.fields(PAYMENT) | {"amount": "100,50", "note": "Bar <b>"})
        assert (answer.status_code, answer.location) == (303, "/factura/1")
        assert paid() == 10_050
        assert "Bar &lt;b&gt;" in ben.get(PAYMENT).text

    def test_a_double_click_is_one_payment(
        self, ben: Browser, bill: Callable[..., int], credit: Callable[[], Any], app: Flask
    ):
        bill()
        form = ben.fields(PAYMENT) | {"amount": "100"}
        for _click in range(2):
            assert ben.htmx_post(PAYMENT, form, panels="header").status_code == 200
        with app.app_context():
            assert len(queries.of_document(1)) == 1

    def test_too_much_is_told_before_it_is_saved(
        self,
        ben: Browser,
        bill: Callable[..., int],
        credit: Callable[[], Any],
        changes_nothing: Callable[[], Any],
    ):
        bill()
        form = ben.fields(PAYMENT) | {"amount": "352.00"}
        with changes_nothing():
            answer = ben.htmx_post(PAYMENT, form)
        assert answer.status_code == 422
        assert "€12.00 are more than what this pays." in unescape(answer.text)
        assert "Record with a credit of €12.00" in unescape(answer.text)
        again = re.search(r'name="credit"[^>]* value="(\d+)"', answer.text)
        assert again
        with changes_nothing():
            other = form | {"credit": again[1], "amount": "353.00"}
            assert ben.htmx_post(PAYMENT, other).status_code == 422
        assert ben.htmx_post(PAYMENT, form | {"credit": again[1]}).status_code == 200
        assert credit() == {"EUR": 1_200}

    def test_fees_pay_no_invoice(
        self,
        ben: Browser,
        bill: Callable[..., int],
        paid: Callable[..., int],
        credit: Callable[[], Any],
    ):
        bill()
        form = ben.fields(PAYMENT) | {"amount": "345", "fees": "5"}
        assert ben.htmx_post(PAYMENT, form).status_code == 200
        assert (paid(), credit()) == (34_000, {})

    def test_a_reminder_fee_that_was_asked_for_is_named_and_offered(
        self, ben: Browser, bill: Callable[..., int], fee: Callable[[int], None]
    ):
        bill(**OVERDUE)
        assert "payment-with-fees" not in ben.get(PAYMENT).text
        fee(500)
        dialog = unescape(ben.get(PAYMENT).text)
        assert "Reminders asked for a fee of €5.00, too; it is not paid." in dialog
        assert "With the fee: €345.00" in dialog
        assert ben.fields(PAYMENT)["amount"] == "340.00"
        fields = ben.fields(f"{PAYMENT}?fees=1")
        assert (fields["amount"], fields["fees"]) == ("345.00", "5.00")

    def test_what_is_open_with_its_fee_is_no_surplus(
        self,
        ben: Browser,
        bill: Callable[..., int],
        fee: Callable[[int], None],
        paid: Callable[..., int],
        credit: Callable[[], Any],
        changes_nothing: Callable[[], Any],
    ):
        bill(**OVERDUE)
        fee(500)
        with changes_nothing():
            answer = ben.htmx_post(PAYMENT, ben.fields(PAYMENT) | {"amount": "345"})
        assert answer.status_code == 422
        assert "more than what this pays" not in answer.text
        assert "This is what is open with the reminder fee" in answer.text
        proposed = FormReader.read(answer.text)
        assert proposed["fees"] == "5.00"
        assert ben.htmx_post(PAYMENT, proposed).status_code == 200
        assert (paid(), credit()) == (34_000, {})

    def test_who_wants_no_fee_is_not_asked_twice(
        self, ben: Browser, bill: Callable[..., int], fee: Callable[[int], None]
    ):
        bill(**OVERDUE)
        fee(500)
        answer = ben.htmx_post(PAYMENT, ben.fields(PAYMENT) | {"amount": "345"})
        again = ben.htmx_post(PAYMENT, FormReader.read(answer.text) | {"fees": ""})
        assert "€5.00 are more than what this pays." in unescape(again.text)

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ({"amount": ""}, "Please say how much it was."),
            ({"amount": "0"}, "A payment is more than nothing."),
            ({"amount": "-5"}, "A payment is more than nothing."),
            ({"amount": "1.234"}, "Thousands or decimals?"),
            ({"amount": "0.001"}, "There is nothing so small in this currency."),
            ({"amount": "9" * 30}, "This is no amount that can be kept."),
            ({"amount": "viel"}, "Please write a number"),
            ({"fees": "400"}, "This is more than was paid."),
            ({"received_on": ""}, "Please say when it came in."),
            ({"received_on": "30.02.2026"}, "This is no date."),
            ({"received_on": "2999-01-01"}, "This day is still to come."),
            ({"received_on": "0001-01-01"}, "This day is too long ago."),
            ({"method": "credit_note"}, "Please choose one of the list."),
            ({"note": "x" * 301}, "This may have at most 300 characters."),
            ({"note": "a\0b"}, "This contains characters that cannot be stored."),
        ],
    )
    def test_bad_input_keeps_what_was_typed(
        self,
        ben: Browser,
        bill: Callable[..., int],
        changes_nothing: Callable[[], Any],
        typed: dict[str, str],
        said: str,
    ):
        bill()
        form = ben.fields(PAYMENT) | {"note": "bleibt stehen"} | typed
        with changes_nothing():
            answer = ben.htmx_post(PAYMENT, form)
        assert answer.status_code == 422
        assert said in unescape(answer.text)
        assert "bleibt stehen" in answer.text or "note" in typed

    @pytest.mark.parametrize("text", hostile.TEXTS)
    def test_hostile_input(self, ben: Browser, bill: Callable[..., int], text: str):
        bill()
        form = ben.fields(PAYMENT)
        for name in form:
            answer = ben.htmx_post(PAYMENT, form | {name: text})
            assert answer.status_code in (200, 409, 422)
            assert "<script>" not in answer.text

    def test_somebody_else_was_faster(
        self,
        ben: Browser,
        bill: Callable[..., int],
        pay: Callable[..., int],
        changes_nothing: Callable[[], Any],
    ):
        document_id = bill()
        form = ben.fields(PAYMENT)
        pay(parts={document_id: 34_000})
        with changes_nothing():
            answer = ben.htmx_post(PAYMENT, form)
        assert answer.status_code == 409
        assert "nothing is open on this invoice any more" in answer.text
        assert "payment-form" not in answer.text

    def test_somebody_else_paid_a_part(
        self,
        ben: Browser,
        bill: Callable[..., int],
        pay: Callable[..., int],
        paid: Callable[..., int],
    ):
        document_id = bill()
        form = ben.fields(PAYMENT) | {"amount": "100", "note": "meins"}
        pay(amount=5_000, parts={document_id: 5_000})
        answer = ben.htmx_post(PAYMENT, form)
        assert answer.status_code == 409
        assert "it is €290.00 now" in unescape(answer.text)
        again = re.search(r'name="version"[^>]* value="([^"]+)"', answer.text)
        assert again
        assert 'value="100"' in answer.text
        assert "meins" in answer.text
        assert ben.htmx_post(PAYMENT, form | {"version": again[1]}).status_code == 200
        assert paid() == 15_000

    @pytest.mark.parametrize(
        "over", [{"kind": "quote"}, {"kind": "credit_note"}, {"state": "draft"}]
    )
    def test_only_invoices(self, ben: Browser, bill: Callable[..., int], over: dict[str, Any]):
        draft = {"number": None, "issued_on": None} if "state" in over else {}
        bill(**{"number": "X"} | over | draft)
        assert ben.get(PAYMENT).status_code == 404
        assert ben.htmx_post(PAYMENT, {"amount": "1"}).status_code == 404

    def test_of_a_cancelled_one(self, ben: Browser, bill: Callable[..., int]):
        bill(state="cancelled")
        assert "This invoice was cancelled." in ben.get(PAYMENT).text
        assert ben.htmx_post(PAYMENT, {"amount": "1"}).status_code == 409

    def test_a_reader_records_nothing(
        self, cleo: Browser, bill: Callable[..., int], changes_nothing: Callable[[], Any]
    ):
        bill()
        with changes_nothing():
            assert cleo.get(PAYMENT).status_code == 403
            assert cleo.post(PAYMENT, {"amount": "340"}).status_code == 403

    def test_on_the_page_of_a_document(self, ben: Browser, bill: Callable[..., int]):
        bill()
        here = {"HX-Current-URL": "http://localhost/factura/1"}
        found, rest = parts(ben.htmx_post(PAYMENT, ben.fields(PAYMENT), headers=here).text)
        assert (rest, found.keys()) == ("", {"#toasts"})

    def test_elsewhere_the_page_is_fetched_anew(self, ben: Browser, bill: Callable[..., int]):
        bill()
        here = {"HX-Current-URL": "http://localhost//evil.example/x?a=1"}
        answer = ben.htmx_post(PAYMENT, ben.fields(PAYMENT), headers=here)
        assert answer.headers["HX-Redirect"] == "/evil.example/x?a=1"


class TestCredit:
    def test_set_off_and_undone(
        self,
        ben: Browser,
        bill: Callable[..., int],
        pay: Callable[..., int],
        paid: Callable[..., int],
    ):
        bill()
        pay(amount=2_000, credit=2_000)
        pay(amount=1_000, credit=1_000)
        assert "has a credit of €30.00" in unescape(ben.get(PAYMENT).text)
        found, _rest = parts(ben.htmx_post("/factura/1/credit", panels="header").text)
        assert paid() == 3_000
        undo = re.search(r'hx-post="([^"]+)"', found["#toasts"])
        assert undo
        assert ben.htmx_post(unescape(undo[1]), panels="header").status_code == 200
        assert paid() == 0
        assert ben.htmx_post(unescape(undo[1]), panels="header").status_code == 409

    @pytest.mark.parametrize(
        "query",
        ["", "taken=", "taken=1", "taken=1-0", "taken=1-9999999", "taken=x-y", "taken=1-1-1"],
    )
    def test_broken_undo(
        self,
        ben: Browser,
        bill: Callable[..., int],
        pay: Callable[..., int],
        changes_nothing: Callable[[], Any],
        query: str,
    ):
        pay(parts={bill(): 34_000})
        with changes_nothing():
            assert ben.post(f"/factura/1/credit/release?{query}").status_code == 409

    def test_there_is_none(self, ben: Browser, bill: Callable[..., int]):
        bill()
        assert ben.htmx_post("/factura/1/credit").status_code == 409


class TestTakingBack:
    def test_on_the_list_and_undone(
        self,
        ben: Browser,
        bill: Callable[..., int],
        pay: Callable[..., int],
        paid: Callable[..., int],
    ):
        pay(parts={bill(): 34_000})
        here = {"HX-Current-URL": "http://localhost/payments?q=müller"}
        found, rest = parts(ben.htmx_post("/payments/1/removal", headers=here).text)
        assert (rest, paid()) == ("", 0)
        assert "taken back" in found["#payments-rows"]
        assert 'hx-trigger="load"' in found["#sums"]
        undo = re.search(r'hx-post="([^"]+)"', found["#toasts"])
        assert undo
        ben.htmx_post(undo[1], headers=here)
        assert paid() == 34_000

    def test_without_script(self, ben: Browser, pay: Callable[..., int], bill: Callable[..., int]):
        pay(parts={bill(): 34_000})
        answer = ben.post("/payments/1/removal")
        assert (answer.status_code, answer.location) == (303, "/payments")
        assert ben.post("/payments/1/removal").status_code == 404
        assert "/payments/1/restoration" in ben.get("/payments").text

    def test_what_was_paid_meanwhile_is_credit(
        self, ben: Browser, pay: Callable[..., int], bill: Callable[..., int]
    ):
        document_id = bill()
        pay(parts={document_id: 34_000})
        ben.post("/payments/1/removal")
        pay(parts={document_id: 34_000})
        answer = ben.htmx_post("/payments/1/restoration", panels="header")
        assert "The payment is back; €340.00 of it are credit now" in unescape(answer.text)


class TestList:
    def test_nothing_yet(self, ben: Browser):
        assert "No payments yet." in ben.get("/payments").text

    def test_it_shows_what_came_in(
        self, ben: Browser, bill: Callable[..., int], pay: Callable[..., int]
    ):
        one, two = bill("R-1", total=1_000), bill("R-2", total=2_000)
        values = {"amount": 3_600, "fees": 500, "credit": 100, "note": "Bar <b>"}
        pay(parts={one: 1_000, two: 2_000}, **values)
        html = unescape(ben.get("/payments").text)
        for told in ("R-1", "€10.00", "R-2", "€20.00", "€5.00 reminder fees", "€1.00 credit"):
            assert told in html
        assert "Bar &lt;b&gt;" in ben.get("/payments").text

    def test_this_year_unless_asked_for_more(
        self, ben: Browser, bill: Callable[..., int], pay: Callable[..., int], day: date
    ):
        pay(parts={bill(): 34_000}, received_on=date(day.year - 1, 12, 31))
        assert "No payment is like that." in ben.get("/payments").text
        for query in ("period=", "period=last_year", "since=2000-01-01"):
            assert "R-1" in ben.get(f"/payments?{query}").text

    def test_narrowed(self, ben: Browser, bill: Callable[..., int], pay: Callable[..., int]):
        pay(parts={bill(): 34_000})
        for query in ("q=müller", "q=R-1", "method=transfer", "customer=1"):
            assert "R-1</a>" in ben.htmx_get(f"/payments?{query}").text
        for query in ("q=nobody", "method=cash", "customer=999"):
            assert "No payment is like that." in ben.htmx_get(f"/payments?{query}").text

    @pytest.mark.parametrize(
        "query",
        [
            *("q=%00", "q=%ED%A0%80", "before=x", "before=20261399-1", "before=20260101-"),
            *("before=20260101-" + "9" * 30, "customer=x", "customer=" + "9" * 30, "method=x"),
            *("period=x", "since=x&until=y", "period=range", "q=" + "x" * 3000),
        ],
    )
    def test_broken_addresses(self, ben: Browser, bill: Callable[..., int], query: str):
        bill(paid=1_000)
        for send in (ben.get, ben.htmx_get):
            assert send(f"/payments?{query}").status_code == 200
            assert send(f"/payments/sums?{query}").status_code == 200
        assert ben.get(f"/payments/export?{query}").status_code == 200

    def test_turning_pages(self, ben: Browser, bill: Callable[..., int], pay: Callable[..., int]):
        bill()
        for n in range(53):
            pay(amount=100 + n, credit=100 + n, note=f"Nr. {n:02}")
        page = ben.get("/payments").text
        assert page.count("payment-row-") == 50
        older = re.search(r'rel="next" href="([^"]+)"', page)
        assert older
        page = ben.get(unescape(older[1])).text
        assert page.count("payment-row-") == 3

    def test_what_they_add_up_to_has_an_address_of_its_own(
        self, ben: Browser, bill: Callable[..., int], pay: Callable[..., int]
    ):
        pay(parts={bill(): 34_000}, note="Miete")
        pay(amount=500, credit=500, method="cash")
        link = re.search(
            r'class="sums-link" href="([^"]+)"', ben.htmx_get("/payments?q=miete").text
        )
        assert link
        told = unescape(ben.htmx_get(unescape(link[1])).text)
        assert "1 payment: <strong>€340.00</strong>" in told
        assert "<html" not in told
        page = unescape(ben.get("/payments/sums").text)
        assert "2 payments: <strong>€345.00</strong>" in page
        assert 'href="/payments"' in page
        assert "€345.00" not in unescape(ben.get("/payments").text)
        assert ben.htmx_get("/payments/sums?q=nobody").text.strip() == ""

    def test_what_was_not_looked_through_is_told(
        self,
        ben: Browser,
        bill: Callable[..., int],
        pay: Callable[..., int],
        monkeypatch: pytest.MonkeyPatch,
    ):
        bill()
        for note in ("Miete", "Kaution"):
            pay(credit=34_000, note=note)
        told = "There is too much to look through all of it"
        assert told not in ben.htmx_get("/payments?q=miete").text
        monkeypatch.setattr(listing, "MOST_NOTES", 1)
        for words in ("miete", "kaution"):  # nothing found, something found
            assert told in ben.htmx_get(f"/payments?q={words}").text

    def test_a_reader_reads(self, cleo: Browser, bill: Callable[..., int], pay: Callable[..., int]):
        pay(parts={bill(): 34_000})
        html = cleo.get("/payments").text
        assert "R-1" in html
        assert "/removal" not in html

    def test_it_asks_a_bounded_number_of_questions(
        self,
        ben: Browser,
        bill: Callable[..., int],
        pay: Callable[..., int],
        count_queries: Callable[[], Any],
    ):
        pay(parts={bill(): 34_000})
        ben.get("/payments")
        with count_queries() as few:
            ben.get("/payments")
        for n in range(20):
            pay(parts={bill(f"R-{n + 2}"): 34_000})
        with count_queries() as many:
            ben.get("/payments")
        assert len(many) == len(few) <= 10


class TestExport:
    def test_as_spreadsheets_want_it(
        self, ben: Browser, bill: Callable[..., int], pay: Callable[..., int], day: date
    ):
        one, two = bill("R-1", total=1_000), bill("R-2", total=2_000)
        pay(amount=3_600, fees=500, credit=100, note="=1+1", parts={one: 1_000, two: 2_000})
        answer = ben.get("/payments/export")
        assert answer.content_type == "text/csv; charset=utf-8"
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        lines = answer.text.removeprefix("\ufeff").splitlines()
        begin = f"{day:%d.%m.%Y};10001;Tanja Müller;Bank transfer"
        assert lines[0].startswith("Received on;Customer number;Name;Paid by;Amount;Currency;")
        assert lines[1:] == [
            f"{begin};36,00;EUR;R-1;10,00;5,00;1,00;'=1+1;;",
            f"{begin};;EUR;R-2;20,00;;;;;",
        ]

    def test_plain_and_narrowed_like_the_list(
        self, ben: Browser, bill: Callable[..., int], pay: Callable[..., int], day: date
    ):
        bill()
        pay(amount=100, credit=100, method="cash")
        pay(amount=200, credit=200)
        lines = ben.get("/payments/export?style=plain&method=cash").text.splitlines()
        assert lines[1:] == [f"{day},10001,Tanja Müller,Cash,1.00,EUR,,,,1.00,,,"]
        later = day + timedelta(days=1)
        assert len(ben.get(f"/payments/export?since={later}").text.splitlines()) == 1
