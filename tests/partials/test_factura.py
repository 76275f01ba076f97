"""Factura documents on the overview and on their own page: shown, narrowed, added up."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from app.core.database import db
from app.core.i18n import today
from app.domain.articles.services import create_article
from app.domain.factura import services
from app.domain.factura.services import add_document
from tests import hostile
from tests.browserless import Browser
from tests.factories import article_values, draft_values, invoice_values, line_values

ONE = "/customers/1"
URL = f"{ONE}/factura"


@pytest.fixture
def add(app: Flask, make_customer: Callable[..., int]) -> Callable[..., int]:
    """Add an invoice to the first customer: issued some days ago, due in some, or not at all."""
    assert make_customer() == 1

    def adding(ago: int = 0, due: int | None = None, **over: Any) -> int:
        with app.app_context():
            day = today()
            dates = {
                "issued_on": day - timedelta(days=ago),
                "due_on": None if due is None else day + timedelta(days=due),
            }
            document_id = add_document(1, invoice_values(**dates | over))
            db.session.commit()
            return document_id

    return adding


def rows(html: str) -> list[str]:
    """What the rows (or items) of documents say, blanks collapsed."""
    found = re.findall(r'<(?:li|tr)[^>]*id="factura-(?:detail-)?\d+">(.*?)</(?:li|tr)>', html, re.S)
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", row)).split()) for row in found]


def sums(html: str) -> list[str]:
    foot = re.search(r"<tfoot>(.*?)</tfoot>", html, re.S)
    found = re.findall(r"<tr>(.*?)</tr>", foot[1], re.S) if foot else []
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", row)).split()) for row in found]


class TestPanel:
    def test_it_shows_the_last_five_drafts_first(self, ben: Browser, add: Callable[..., int]):
        for n in range(6):
            add(number=f"R-{n}", subject="")
        add(state="draft", number=None, issued_on=None, subject="Nächster Kurs")
        html = ben.htmx_get(f"{URL}/panel").text
        day = datetime.now(ZoneInfo("Europe/Berlin")).strftime("%-d %b %Y")
        assert rows(html) == [
            "Invoice Nächster Kurs €340.00 draft",
            *(f"Invoice R-{n} {day} €340.00 open Payment" for n in (5, 4, 3, 2)),
        ]
        assert "5 of 7" in html
        assert "all 7" in html

    def test_what_is_left_to_pay_and_the_status(self, ben: Browser, add: Callable[..., int]):
        add(paid=4_000)
        assert "€340.00 €300.00 open partly paid" in rows(ben.get(ONE).text)[0]

    def test_another_currency(self, ben: Browser, add: Callable[..., int]):
        add(currency="CHF", total=123_450)
        assert "CHF1,234.50 open" in rows(ben.get(ONE).text)[0].replace("CHF ", "CHF")

    def test_a_delivery_note_has_no_amount(self, ben: Browser, add: Callable[..., int]):
        add(kind="delivery_note", total=15_900, number="L-1", subject="")
        for url in (ONE, URL, "/factura"):
            assert "L-1" in ben.get(url).text
            assert "159.00" not in ben.get(url).text

    def test_what_is_open_is_paid_from_here(
        self, ben: Browser, cleo: Browser, add: Callable[..., int]
    ):
        owed = add(number="R-1", paid=4_000)
        add(number="R-2", paid=34_000)
        add(number=None, issued_on=None, state="draft")
        add(number="A-1", kind="quote")
        for url in (ONE, URL):
            links = re.findall(r'href="(/factura/\d+/payment)" hx-get="\1"', ben.get(url).text)
            assert links == [f"/factura/{owed}/payment"]
            assert 'aria-label="Record a payment of R-1"' in ben.get(url).text
            assert "/payment" not in re.sub(r"/static/\S+", "", cleo.get(url).text)

    def test_the_header_says_what_is_open_and_leads_to_it(
        self, ben: Browser, add: Callable[..., int]
    ):
        add(number="1")
        add(number="2", ago=9, due=-1)
        link = re.search(
            r'data-state="bad" href="([^"]+)">(?:(?!</a>).)*€680\.00 open, partly overdue</a>',
            ben.get(ONE).text,
        )
        assert link
        assert link[1] == f"{URL}?status=unpaid"
        for lists in ("/customers", "/customers/quick?q=m"):
            assert "€680.00 open, partly overdue</span>" in ben.get(lists).text

    def test_nothing_yet(self, ben: Browser, make_customer: Callable[..., int]):
        make_customer()
        for url in (ONE, URL):
            assert "No quotes, invoices or the like yet." in ben.get(url).text

    def test_a_reader_reads(self, cleo: Browser, add: Callable[..., int]):
        add()
        for url in (ONE, URL):
            assert len(rows(cleo.get(url).text)) == 1

    def test_text_is_text(self, ben: Browser, add: Callable[..., int]):
        add(subject="<b>Kurs</b> & mehr", number="<i>1")
        for url in (ONE, URL):
            html = ben.get(url).text
            assert "&lt;b&gt;Kurs&lt;/b&gt; &amp; mehr" in html
            assert "&lt;i&gt;1" in html


class TestDetailPage:
    @pytest.fixture
    def several(self, add: Callable[..., int]) -> None:
        add(number="R-1", subject="Tanzkurs", ago=30, due=-16)
        add(number="R-2", subject="Tanzkurs", paid=34_000)
        add(number="A-1", kind="quote", subject="Hochzeit", total=45_000)

    @pytest.mark.parametrize(
        ("query", "numbers"),
        [
            ("", ["A-1", "R-2", "R-1"]),
            ("?kind=invoice", ["R-2", "R-1"]),
            ("?status=overdue", ["R-1"]),
            ("?status=unpaid", ["R-1"]),
            ("?status=open", ["A-1"]),
            ("?status=paid&kind=quote", []),
            ("?q=tanz", ["R-2", "R-1"]),
            ("?q=a-1", ["A-1"]),
            ("?q=tanz&status=paid", ["R-2"]),
            ("?kind=nonsense&status=nonsense", ["A-1", "R-2", "R-1"]),
        ],
    )
    def test_narrowing(self, ben: Browser, several: None, query: str, numbers: list[str]):
        html = ben.get(URL + query).text
        assert [re.findall(r"[RA]-\d", row)[0] for row in rows(html)] == numbers
        if not numbers:
            assert "No document is like that." in html
            assert "Show all documents" in html

    def test_what_was_asked_stays_in_the_form(self, ben: Browser, several: None):
        html = ben.get(f"{URL}?q=tanz&kind=invoice&status=overdue").text
        assert 'value="tanz"' in html
        assert '<option value="invoice" selected>' in html
        assert '<option value="overdue" selected>' in html

    def test_it_adds_up_what_was_found(self, ben: Browser, several: None):
        assert sums(ben.get(URL).text) == ["Invoices: 2 €680.00 €340.00", "Quotes: 1 €450.00"]
        assert sums(ben.get(f"{URL}?status=paid").text) == ["Invoices: 1 €340.00"]

    def test_what_is_no_money_of_its_own_is_only_counted(
        self, ben: Browser, add: Callable[..., int]
    ):
        add(kind="reminder", number="M-1")
        add(kind="delivery_note", number="L-1")
        assert sums(ben.get(URL).text) == ["Delivery notes: 1", "Reminders: 1"]

    def test_turning_pages(self, ben: Browser, app: Flask, add: Callable[..., int]):
        with app.app_context():
            for n in range(120):
                values = invoice_values(number=f"R-{n}", issued_on=today(), due_on=None)
                add_document(1, values)
            db.session.commit()
        url, found = f"{URL}?kind=invoice", []
        while url:
            html = ben.get(url).text
            found += [re.findall(r"R-\d+", row)[0] for row in rows(html)]
            assert sums(html) == ["Invoices: 120 €40,800.00 €40,800.00"]
            older = re.search(r'rel="next" href="([^"]+)"', html)
            url = unescape(older[1]) if older else ""
        assert found == [f"R-{n}" for n in range(119, -1, -1)]

    def test_the_part_of_the_page_alone(self, ben: Browser, several: None):
        html = ben.htmx_get(f"{URL}?kind=quote").text
        assert "<html" not in html
        assert len(rows(html)) == 1

    @pytest.mark.parametrize(
        "query",
        ["q=%00", "q=%ED%A0%80", "before=x", "before=-1", "before=" + "9" * 30, "before=999"],
    )
    def test_broken_urls(self, ben: Browser, several: None, query: str):
        for send in (ben.get, ben.htmx_get):
            assert send(f"{URL}?{query}").status_code == 200

    @pytest.mark.parametrize("text", hostile.TEXTS, ids=hostile.called)
    def test_hostile_words(self, ben: Browser, several: None, text: str):
        for name in ("q", "kind", "status", "before"):
            page = ben.get(URL, query_string={name: text[:2000]})
            assert page.status_code == 200
            assert not hostile.is_markup_in(page.text)


class TestLeadingOn:
    def test_rows_lead_to_their_document(self, ben: Browser, add: Callable[..., int]):
        document_id = add()
        for url in (ONE, URL):
            assert f'href="/factura/{document_id}"' in ben.get(url).text

    def test_what_can_be_begun_for_this_customer(
        self, ben: Browser, cleo: Browser, add: Callable[..., int]
    ):
        add()
        for url in (ONE, URL):
            begun = re.findall(r'href="/factura/new\?customer=1&amp;kind=(\w+)"', ben.get(url).text)
            assert begun == ["quote", "order_confirmation", "delivery_note", "invoice", "pro_forma"]
            assert "/factura/new" not in cleo.get(url).text

    def test_copy_and_pdf_in_a_row(self, ben: Browser, cleo: Browser, add: Callable[..., int]):
        issued, draft = add(), add(state="draft", number=None, issued_on=None)
        html = ben.get(URL).text
        assert f'href="/factura/{issued}/pdf"' in html
        assert f'href="/factura/{draft}/pdf"' not in html
        assert html.count("into a new draft") == 4
        assert "into a new draft" not in cleo.get(URL).text


class TestPeriod:
    def test_it_narrows(self, ben: Browser, add: Callable[..., int]):
        add(number="R-1", ago=800)
        add(number="R-2")
        assert len(rows(ben.get(f"{URL}?period=this_month").text)) == 1
        html = ben.get(f"{URL}?period=range&until=2025-01-01").text
        assert "R-1" in rows(html)[0]
        assert '<option value="range" selected>' in html
        assert 'value="2025-01-01"' in html


class TestTotals:
    def test_invoiced_open_overdue_and_credit(self, app: Flask, ben: Browser, add: Any):
        add(number="R-1", ago=9, due=-1, total=11_900, net=10_000)
        add(number="R-2", total=23_800, net=20_000, paid=23_800)
        html = ben.get(URL).text
        found = re.search(r'data-kind="totals">.*?<tbody>(.*?)</tbody>', html, re.S)
        assert found
        cells = re.findall(r"<td[^>]*>(.*?)</td>", found[1], re.S)
        texts = [re.sub(r"<[^>]+>", "", cell).strip() for cell in cells]
        assert texts[2:] == ["€300.00", "€119.00", "€119.00", "–"]
        assert f'href="{URL}?status=unpaid"' in html

    def test_none_without_invoices(self, ben: Browser, add: Callable[..., int]):
        add(kind="quote", number="A-1")
        assert 'data-kind="totals"' not in ben.get(URL).text


class TestBought:
    def test_page_and_fragment(self, app: Flask, ben: Browser, add: Callable[..., int]):
        with app.app_context():
            article_id = create_article(article_values(number="T-1", name="<b>Tanzstunde"))
            line = line_values(article_id=article_id, quantity="1.5")
            services.issue(services.add_draft(draft_values(1, lines=[line])))
            db.session.commit()
        assert f'hx-get="{URL}/bought" hx-trigger="load"' in ben.get(URL).text
        page, part = ben.get(f"{URL}/bought").text, ben.htmx_get(f"{URL}/bought").text
        assert 'id="panel-header"' in page
        assert "<html" not in part
        for html in (page, part):
            row = re.search(r"<tr>\s*<th scope=\"row\">(.*?)</tr>", html, re.S)
            assert row
            said = " ".join(unescape(re.sub(r"<[^>]+>", " ", row[1])).split())
            assert said.startswith("T-1 <b>Tanzstunde 1.5 Stunde 1 ")
            assert said.endswith("€150.00")

    def test_nothing_yet(self, ben: Browser, add: Callable[..., int]):
        assert "No article was invoiced yet." in ben.get(f"{URL}/bought").text


class TestHistory:
    def test_it_tells_in_words(self, ben: Browser, add: Callable[..., int]):
        add(paid=1_000)
        html = ben.get(f"{ONE}/history").text
        assert "Factura document 2026-0012 added" in html
        assert "340.00 EUR" in html
        assert "Kind of document" in html
