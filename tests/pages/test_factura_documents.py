"""The list of all documents, its sums, and the table for the tax adviser."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import date
from html import unescape
from io import StringIO
from typing import Any

import pytest
from flask import Flask

from app.core.database import db
from app.core.i18n import today
from app.domain.factura import services
from app.domain.factura.services import add_document
from app.domain.transfer.export import BYTE_ORDER_MARK
from app.shared import periods
from app.shared.periods import Period
from tests import hostile
from tests.browserless import Browser
from tests.factories import draft_values, invoice_values

URL = "/factura"
CSV = f"{URL}/export.csv"


@pytest.fixture
def add(app: Flask, make_customer: Callable[..., int]) -> Callable[..., int]:
    """Add an issued invoice of the first customer, or another document."""
    assert make_customer() == 1

    def adding(customer_id: int = 1, **over: Any) -> int:
        with app.app_context():
            values = invoice_values(issued_on=today(), due_on=None, net=28_571) | over
            document_id = add_document(customer_id, values)
            db.session.commit()
            return document_id

    return adding


@pytest.fixture
def several(add: Callable[..., int], make_customer: Callable[..., int]) -> None:
    other = make_customer(first_name="Jörg", last_name="Weiß", emails=[], phones=[])
    add(number="R-1", subject="Tanzkurs", issued_on=date(2020, 5, 4), paid=34_000)
    add(number="R-2", subject="Größe", currency="CHF")
    add(other, number="A-1", kind="quote", subject="Hochzeit", total=45_000)
    add(other, number=None, issued_on=None, state="draft", subject="Entwurf")


def rows(html: str) -> list[str]:
    """What the rows of documents say, blanks collapsed."""
    found = re.findall(r'<tr id="document-\d+"[^>]*>(.*?)</tr>', html, re.S)
    return [said(row) for row in found]


def said(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def numbers(html: str) -> list[str]:
    return [(re.findall(r"[RA]-\d", row) or ["draft"])[0] for row in rows(html)]


class TestList:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("", ["draft", "A-1", "R-2", "R-1"]),
            ("?kind=invoice", ["draft", "R-2", "R-1"]),
            ("?status=unpaid", ["R-2"]),
            ("?status=draft", ["draft"]),
            ("?status=paid", ["R-1"]),
            ("?period=this_year", ["A-1", "R-2"]),
            ("?since=2020-05-04&until=2020-05-04", ["R-1"]),
            ("?period=range&until=2020-05-03", []),
            ("?currency=CHF", ["R-2"]),
            ("?customer=2", ["draft", "A-1"]),
            ("?customer=999", []),
            ("?q=groesse", ["R-2"]),
            ("?q=weiss+hochzeit", ["A-1"]),
            ("?q=müller&currency=EUR", ["R-1"]),
            ("?kind=nonsense&status=nonsense&currency=nonsense&period=nonsense&since=x", None),
        ],
    )
    def test_narrowing(self, ben: Browser, several: None, query: str, expected: list[str] | None):
        everything = ["draft", "A-1", "R-2", "R-1"]
        for html in (ben.get(URL + query).text, ben.htmx_get(URL + query).text):
            assert numbers(html) == (everything if expected is None else expected)
            assert expected != [] or "No document is like that." in html

    def test_a_row_leads_to_the_document_and_the_customer(self, ben: Browser, several: None):
        html = ben.get(f"{URL}?q=r-2").text
        assert 'data-href="/factura/2"' in html
        assert 'href="/customers/1"' in html
        (row,) = rows(html)
        assert row.startswith("Invoice R-2 Tanja Müller Größe")
        assert row.endswith("CHF 340.00 CHF 340.00 open")

    def test_what_was_asked_stays_in_the_form_and_in_the_address(self, ben: Browser, several: None):
        query = "?q=weiss&kind=quote&status=open&customer=2&currency=EUR&period=this_year"
        html = ben.get(URL + query).text
        for asked in (
            'value="weiss"',
            '<option value="quote" selected>',
            '<option value="open" selected>',
            '<option value="this_year" selected>',
            "<option selected>EUR</option>",
            'name="customer" value="2"',
            "Only documents of Jörg Weiß",
        ):
            assert asked in html
        assert ben.htmx_get(f"{URL}{query}&since=").headers["HX-Replace-Url"] == URL + query

    def test_turning_pages(self, app: Flask, ben: Browser, several: None):
        with app.app_context():
            for n in range(120):
                add_document(1, invoice_values(number=f"R-{n}0", issued_on=today(), due_on=None))
            db.session.commit()
        url, found = f"{URL}?kind=invoice&period=this_year", []
        while url:
            html = ben.get(url).text
            found += rows(html)
            older = re.search(r'rel="next" href="([^"]+)"', html)
            url = unescape(older[1]) if older else ""
        assert len(found) == len(set(found)) == 121

    def test_nothing_yet(self, ben: Browser):
        assert "No quotes, invoices or the like yet." in ben.get(URL).text
        assert ben.get(f"{URL}/sums").status_code == 200

    def test_it_is_an_entry_of_the_navigation_and_has_tabs(self, ben: Browser, several: None):
        html = ben.get(URL).text
        entry = f'<a href="{URL}" aria-current="page">'
        assert html.count(entry) == 2
        tabs = re.search(r'<nav class="tabs"[^>]*>(.*?)</nav>', html, re.S)
        assert tabs
        assert said(tabs[1]) == "Documents Articles Payments Reminders"
        for url in (
            "/articles",
            "/payments",
            "/reminders",
            "/factura/2",
            "/factura/new?kind=quote",
        ):
            assert entry in ben.get(url).text, url

    def test_a_reader_reads_and_begins_nothing(self, cleo: Browser, several: None):
        html = cleo.get(URL).text
        assert len(rows(html)) == 4
        assert "/factura/new" not in html
        assert cleo.get(f"{CSV}?kinds=invoice&period=this_year&style=plain").status_code == 200

    def test_what_is_begun(self, ben: Browser, several: None):
        kinds = re.findall(r'href="/factura/new\?kind=(\w+)"', ben.get(URL).text)
        assert kinds == ["quote", "order_confirmation", "delivery_note", "invoice", "pro_forma"]

    @pytest.mark.parametrize("text", hostile.TEXTS, ids=hostile.called)
    def test_hostile_arguments(self, ben: Browser, several: None, text: str):
        names = (
            "q",
            "kind",
            "status",
            "period",
            "since",
            "until",
            "customer",
            "currency",
            "before",
        )
        for name in names:
            for path in (URL, f"{URL}/sums"):
                page = ben.get(path, query_string={name: text[:2000]})
                assert page.status_code == 200
                assert not hostile.is_markup_in(page.text)

    def test_a_row_costs_no_question(
        self, ben: Browser, add: Callable[..., int], count_queries: Callable[[], Any]
    ):
        counts = []
        for n in range(2):
            for m in range(1 + 20 * n):
                add(number=f"R-{n}-{m}")
            with count_queries() as sent:
                assert ben.htmx_get(URL).status_code == 200
            counts.append(len(sent))
        assert counts[0] == counts[1] <= 9


class TestSums:
    def test_in_short_and_by_kind(self, ben: Browser, several: None, add: Callable[..., int]):
        add(number="G-1", kind="credit_note", total=4_000, net=3_361)
        html = ben.htmx_get(f"{URL}/sums").text.replace("\xa0", "")
        assert "<html" not in html
        short = re.search(r"<summary>(.*?)</summary>", html, re.S)
        assert short
        assert said(short[1]) == (
            "Invoices less credit notes: €300.00 €252.10 net"
            " Invoices: CHF340.00 CHF285.71 net · CHF340.00 open"
        )
        table = re.findall(r"<tr>\s*<th scope=\"row\">(.*?)</tr>", html, re.S)
        assert [said(row) for row in table] == [
            "Invoices 1 €285.71 €54.29 €340.00",
            "Quotes 1 €285.71 €164.29 €450.00",
            "Credit notes 1 €33.61 €6.39 €40.00",
            "Invoices 1 CHF285.71 CHF54.29 CHF340.00 CHF340.00",
        ]

    def test_what_is_no_money_of_its_own_is_only_counted(
        self, ben: Browser, add: Callable[..., int]
    ):
        add(kind="reminder", number="M-1")
        add(kind="delivery_note", number="L-1")
        html = ben.get(f"{URL}/sums").text
        short = re.search(r"<summary>(.*?)</summary>", html, re.S)
        assert short
        assert said(short[1]) == "Delivery notes: 1"
        add(kind="quote", number="A-1")
        html = ben.get(f"{URL}/sums").text
        table = re.findall(r"<tr>\s*<th scope=\"row\">(.*?)</tr>", html, re.S)
        assert [said(row) for row in table] == [
            "Quotes 1 €285.71 €54.29 €340.00",
            "Delivery notes 1",
            "Reminders 1",
        ]
        assert "Quotes: <strong>" in html

    def test_of_what_is_filtered(self, ben: Browser, several: None):
        html = ben.get(f"{URL}/sums?kind=invoice&period=this_year").text
        assert "<html" in html
        assert "CHF" in html
        assert "€" not in html

    def test_the_list_fetches_them_and_waits_for_nothing(self, ben: Browser, several: None):
        html = ben.get(f"{URL}?q=hochzeit&period=this_year").text
        url = "/factura/sums?q=hochzeit&amp;period=this_year"
        assert f'href="{url}" hx-get="{url}" hx-trigger="load" hx-target="#sums"' in html
        assert "<summary>" not in html.split('id="sums"')[1]


class TestTaxAdviser:
    def test_the_form(self, ben: Browser):
        for html in (ben.get(f"{URL}/export").text, ben.htmx_get(f"{URL}/export").text):
            assert f'action="{CSV}"' in html
            assert html.count("checked") == 3
            assert 'href="/payments"' in html

    def test_for_excel(self, app: Flask, ben: Browser, make_customer: Callable[..., int]):
        make_customer(last_name="=1+1", first_name="")
        with app.app_context():
            document_id = services.add_draft(draft_values(1))
            number = services.issue(document_id, date(2026, 11, 24))
            services.cancel(document_id)
            db.session.commit()
        answer = ben.get(
            f"{CSV}?period=range&since=2026-11-24&until=2099-01-01"
            "&kinds=invoice&kinds=credit_note&style=excel"
        )
        assert answer.content_type == "text/csv; charset=utf-8"
        assert "attachment" in answer.headers["Content-Disposition"]
        assert "documents-2026-11-24-2099-01-01.csv" in answer.headers["Content-Disposition"]
        assert answer.headers["Cache-Control"] == "no-store"
        body = answer.data.decode()
        assert body.startswith(BYTE_ORDER_MARK + "Kind of document;Number;Date;")
        invoice, note = list(csv.DictReader(StringIO(body[1:]), delimiter=";"))
        assert invoice["Number"] == number
        assert invoice["Date"] == "24.11.2026"
        assert invoice["Name"] == "'=1+1"
        assert (invoice["Net"], invoice["Tax"], invoice["Gross"]) == ("100,00", "19,00", "119,00")
        assert (invoice["Tax rate"], invoice["State"]) == ("19", "cancelled")
        assert (note["Gross"], note["Belongs to"]) == ("-119,00", number)

    def test_for_other_programs(self, app: Flask, ben: Browser, add: Callable[..., int]):
        add(kind="quote", number="A-1")
        with app.app_context():
            day = today()
        body = ben.get(f"{CSV}?period=this_year&kinds=quote&style=plain").data.decode()
        assert body.startswith("Kind of document,Number,Date,")
        (quote,) = list(csv.DictReader(StringIO(body)))
        assert quote["Date"] == day.isoformat()
        assert (quote["Net"], quote["Tax rate"], quote["Gross"]) == ("285.71", "", "340.00")

    def test_more_than_one_piece(self, app: Flask, ben: Browser, add: Callable[..., int]):
        with app.app_context():
            for n in range(1_203):
                add_document(1, invoice_values(number=str(n), issued_on=today(), due_on=None))
            db.session.commit()
        body = ben.get(f"{CSV}?period=this_year&kinds=invoice&style=plain").data.decode()
        assert [row["Number"] for row in csv.DictReader(StringIO(body))] == [
            str(n) for n in range(1_203)
        ]

    @pytest.mark.parametrize(
        ("query", "said"),
        [
            ("period=this_year&style=plain", "Please choose at least one kind."),
            ("period=this_year&kinds=nonsense&style=plain", "Please choose one of the list."),
            ("period=range&kinds=invoice&style=plain&until=2026-01-01", "From which day on?"),
            ("period=range&kinds=invoice&style=plain&since=2026-01-01", "Until which day?"),
            (
                "period=range&kinds=invoice&style=plain&since=2026-01-02&until=2026-01-01",
                "The last day cannot be before the first one.",
            ),
            ("period=range&kinds=invoice&style=plain&since=x&until=2026-01-01", "no date"),
            ("period=nonsense&kinds=invoice&style=plain", "Please choose one of the list."),
            ("period=this_year&kinds=invoice&style=nonsense", "Please choose one of the list."),
        ],
    )
    def test_what_cannot_be_asked(self, ben: Browser, query: str, said: str):
        answer = ben.get(f"{CSV}?{query}")
        assert answer.status_code == 422
        assert said in answer.text
        assert "attachment" not in answer.headers.get("Content-Disposition", "")


class TestPeriods:
    @pytest.mark.parametrize(
        ("name", "day", "since", "until"),
        [
            ("this_month", date(2024, 2, 29), date(2024, 2, 1), date(2024, 2, 29)),
            ("this_month", date(2026, 12, 31), date(2026, 12, 1), date(2026, 12, 31)),
            ("last_month", date(2026, 1, 31), date(2025, 12, 1), date(2025, 12, 31)),
            ("last_month", date(2026, 3, 31), date(2026, 2, 1), date(2026, 2, 28)),
            ("last_quarter", date(2026, 1, 1), date(2025, 10, 1), date(2025, 12, 31)),
            ("last_quarter", date(2026, 6, 30), date(2026, 1, 1), date(2026, 3, 31)),
            ("this_year", date(2026, 6, 30), date(2026, 1, 1), date(2026, 12, 31)),
            ("last_year", date(2024, 2, 29), date(2023, 1, 1), date(2023, 12, 31)),
        ],
    )
    def test_spans(self, name: str, day: date, since: date, until: date):
        assert Period.of({"period": name}, day) == Period(name, since, until)
        assert name in periods.NAMES

    def test_days_alone_are_a_range(self):
        day = date(2026, 11, 26)
        assert Period.of({"since": "2026-01-01"}, day) == Period("range", date(2026, 1, 1), None)
        assert Period.of({}, day, "last_month").name == "last_month"
        assert Period.of({"period": ""}, day, "last_month") == Period()
        assert Period.of({"period": "range", "since": "x"}, day) == Period("range")
