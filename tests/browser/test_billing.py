"""From a quote to a paid invoice in a real browser, by keyboard; the overview learns of it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect

from app.core.database import db
from app.domain.banners.services import add_banner
from tests.browser.conftest import await_script, fits
from tests.browser.test_appearance import WINDOWS
from tests.domain.test_banners import invoice, make_article
from tests.factories import banner_values

SOON = 20_000
"""Milliseconds for what a process makes that is only just started."""


@pytest.fixture
def overview(served: tuple[Flask, str], customer: Callable[..., int]) -> str:
    """The address of somebody; who has paid for SLA Gold has a banner."""
    app, _url = served
    customer_id = customer(last_name="Zander")
    with app.app_context():
        add_banner(banner_values(make_article("SLA Gold", "A-100")))
        db.session.commit()
    return f"/customers/{customer_id}"


def press(page: Page, where: str, key: str = "Enter") -> None:
    page.locator(where).focus()
    page.keyboard.press(key)


def status(page: Page) -> Locator:
    return page.locator(".voucher-status")


def write_quote(page: Page) -> None:
    """From the menu of the panel; the article brings its words, price and tax."""
    press(page, "#factura-panel-new")
    press(page, "#panel-factura a[href*='kind=quote']")
    expect(page.locator("#factura-form")).to_have_attribute("data-htmx-powered", "true")
    page.locator("#subject").focus()
    page.keyboard.type("Betreuung")
    page.keyboard.press("Enter")
    expect(page.locator("#lines-0-number")).to_be_focused()
    page.keyboard.type("A-100")
    expect(page.locator("#lines-0-text")).to_have_value("SLA Gold")
    press(page, "#factura-save-show")


def issue(page: Page, title: str, kind: str) -> None:
    expect(page.locator("#document-title")).to_contain_text(title)
    await_script(page)
    press(page, "#document-issue")
    expect(page.locator("#issued_on")).to_be_focused()
    page.keyboard.press("Control+Enter")
    numbered = re.compile(rf"{title} {kind}-\d{{4}}-0001")
    expect(page.locator("#document-title")).to_have_text(numbered, timeout=SOON)


def go_on(page: Page, kind: str) -> None:
    """The draft that follows, as it was made; nothing of it is to be typed."""
    press(page, "#document-go-on")
    press(page, f"#document-make-{kind}")
    expect(page.locator("#factura-form")).to_have_attribute("data-htmx-powered", "true")
    expect(page.locator("#lines-0-text")).to_have_value("SLA Gold")
    press(page, "#factura-save-show")


def test_from_the_quote_to_the_banner(page: Page, overview: str):
    page.goto(overview)
    await_script(page)
    write_quote(page)
    issue(page, "Quote", "AN")
    press(page, "#document-accept")
    expect(status(page)).to_contain_text("accepted")
    go_on(page, "order_confirmation")
    issue(page, "Order confirmation", "AB")
    go_on(page, "delivery_note")
    issue(page, "Delivery note", "LS")
    go_on(page, "invoice")
    issue(page, "Invoice", "RE")

    page.goto(overview)
    await_script(page)
    header, rows = page.locator("#panel-header"), page.locator("#panel-factura .item")
    expect(header).to_contain_text("€100.00 open")
    expect(header.locator(".banner")).to_have_count(0)
    expect(rows).to_have_count(4)
    others = page.locator("[data-panel]:not([data-panel=header], [data-panel=factura])")
    assert others.count() > 4
    others.evaluate_all("panels => panels.forEach((panel) => { panel.kept = true; })")
    page.locator("#comment-here").fill("noch nicht gespeichert")
    press(page, "#panel-factura .item-actions a")
    expect(page.get_by_label("Amount")).to_be_focused()
    page.keyboard.press("Enter")

    expect(header.locator(".banner")).to_contain_text("SLA Gold")
    expect(header).not_to_contain_text("open")
    expect(rows.first).to_contain_text("paid")
    expect(page.locator("#panel-factura .item-actions")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#panel-factura-title")).to_be_focused()
    assert others.evaluate_all("panels => panels.every((panel) => panel.kept)")
    expect(page.locator("#comment-here")).to_have_value("noch nicht gespeichert")


@pytest.mark.parametrize("window", [{"java_script_enabled": False}], indirect=True)
def test_without_script_it_is_paid_on_a_page(page: Page, overview: str, served: tuple[Flask, str]):
    with served[0].app_context():
        invoice(int(overview.rpartition("/")[2]), 1)
        db.session.commit()
    page.goto(overview)
    page.locator("#panel-header a.badge").click()
    expect(page).to_have_url(re.compile(r"/factura\?status=unpaid$"))
    page.goto(overview)
    page.locator("#factura-1-payment").click()
    page.get_by_role("button", name="Record payment").click()
    expect(status(page)).to_contain_text("paid")
    page.goto(overview)
    expect(page.locator("#panel-header .banner")).to_contain_text("SLA Gold")


@WINDOWS
def test_it_is_accessible_and_fits(
    page: Page, overview: str, served: tuple[Flask, str], axe: Callable[[Page], None]
):
    with served[0].app_context():
        invoice(int(overview.rpartition("/")[2]), 1)
        db.session.commit()
    for url in (overview, f"{overview}/factura?status=unpaid"):
        page.goto(url)
        axe(page)
        assert fits(page), "scrolls sideways"
