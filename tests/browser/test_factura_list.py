"""The list of all documents in a real browser: typing, filters, sums, keyboard, new."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.core.database import db
from app.domain.factura.services import add_document
from tests.browser.conftest import fits
from tests.factories import invoice_values

ROWS = "#results tbody tr"


@pytest.fixture(autouse=True)
def _documents(served: tuple[Flask, str], customer: Callable[..., int]) -> None:
    customer_id = customer(first_name="Tanja", last_name="Müller")
    with served[0].app_context():
        for n in range(60):
            day = date(2025, 1 + n % 12, 3)
            values = invoice_values(number=f"R-{n}", issued_on=day, due_on=None, subject="Größe")
            add_document(customer_id, values)
        add_document(customer_id, invoice_values(number="C-1", currency="CHF", subject="Walzer"))
        db.session.commit()


def test_typing_and_choosing_narrow_list_sums_and_address(page: Page):
    page.goto("/factura")
    expect(page.locator("#sums summary")).to_contain_text("CHF")
    page.get_by_role("searchbox").press_sequentially("groesse mull", delay=10)
    expect(page.locator(ROWS)).to_have_count(50)
    expect(page.locator("#sums summary")).not_to_contain_text("CHF")
    expect(page).to_have_url(re.compile(r"q=groesse"))
    page.get_by_label("Status").select_option("paid")
    expect(page.get_by_text("No document is like that.")).to_be_visible()
    expect(page.locator("#sums")).to_be_empty()
    page.get_by_label("Status").select_option("unpaid")
    page.get_by_label("Period").select_option("range")
    page.get_by_label("from").fill("2025-02-01")
    page.get_by_label("to", exact=True).fill("2025-02-28")
    expect(page.locator(ROWS)).to_have_count(5)
    expect(page).to_have_url(re.compile(r"status=unpaid.*since=2025-02-01&until=2025-02-28"))
    page.reload()
    expect(page.locator(ROWS)).to_have_count(5)
    expect(page.get_by_label("from")).to_have_value("2025-02-01")


def test_sums_stay_open_while_the_filter_changes(page: Page):
    page.goto("/factura")
    page.locator("#sums summary").click()
    table = page.get_by_role("table", name="What it adds up to")
    expect(table.get_by_role("row", name="Invoices")).to_have_count(2)
    page.get_by_label("Currency").select_option("CHF")
    expect(table.get_by_role("row", name="Invoices")).to_have_count(1)
    expect(table).to_be_visible()


def test_by_keyboard_alone(page: Page):
    page.goto("/factura")
    page.get_by_role("searchbox").focus()
    page.keyboard.type("walzer")
    expect(page.locator(ROWS)).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="Invoice C-1")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("C-1")


def test_the_menu_of_what_is_new(page: Page):
    page.goto("/factura")
    page.locator("#factura-new").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Order confirmation")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#factura-new")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Quote", exact=True).click()
    expect(page).to_have_url(re.compile(r"/factura/new[?]kind=quote"))


def test_the_table_for_the_tax_adviser(page: Page):
    page.goto("/factura")
    page.get_by_role("link", name="For the tax adviser").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("First day")).to_be_hidden()
    dialog.get_by_label("Period").select_option("range")
    dialog.get_by_label("First day").fill("2025-01-01")
    dialog.get_by_label("Last day").fill("2025-01-31")
    with page.expect_download() as fetched:
        dialog.get_by_role("button", name="Fetch table").click()
    assert fetched.value.suggested_filename == "documents-2025-01-01-2025-01-31.csv"
    assert len(fetched.value.path().read_text().splitlines()) == 6


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_accessible_and_inside_the_window(
    page: Page, axe: Callable[[Page], None], scheme: str, width: int
):
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 844})
    for url in ("/factura", "/factura/export", "/factura?q=nothing"):
        page.goto(url)
        if url == "/factura":
            page.locator("#sums summary").click()
            if width > 1000:  # on a phone the menu lies over the filter
                page.locator("#factura-new").click()
        axe(page)
        assert fits(page)


def test_amounts_line_up_on_a_phone(page: Page):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/factura")
    customer = page.locator(".whose a").first.get_attribute("href")
    for path in ("/factura", f"{customer}/factura"):
        page.goto(path)
        amounts = page.locator("[data-kind=factura] tbody .numeric:not([data-label])")
        expect(amounts).to_have_count(50)
        ends = amounts.evaluate_all("all => all.map((one) => one.getBoundingClientRect().right)")
        assert len(set(ends)) == 1
