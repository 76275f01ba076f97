"""Paying in a real browser: two steps to a paid invoice, several at once, credit, undo, looks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.core.database import db
from app.core.i18n import today
from app.domain.factura.services import add_document
from tests.browser.conftest import fits
from tests.browser.test_appearance import WINDOWS, look_into


@pytest.fixture
def billed(served: tuple[Flask, str], customer: Callable[..., int]) -> Callable[..., int]:
    """A customer with two invoices of 340 euros, the older one overdue."""
    app, _url = served

    def make(name: str, **over: Any) -> int:
        customer_id = customer(last_name=name)
        with app.app_context():
            for n, days in enumerate((20, 3)):  # days since they were issued
                day = today() - timedelta(days=days)
                values = {
                    "kind": "invoice",
                    "state": "issued",
                    "number": f"{name}-{n + 1}",
                    "subject": "Tanzkurs Herbst",
                    "issued_on": day,
                    "due_on": day + timedelta(days=14),
                    "total": 34_000,
                }
                add_document(customer_id, values | over)
            db.session.commit()
        return customer_id

    return make


def open_payment(page: Page, number: str) -> None:
    page.get_by_role("link", name=f"Record a payment of {number}").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_label("Amount")).to_be_focused()


def test_paid_in_full_by_two_keys_and_everything_on_screen_knows(page: Page, billed: Callable):
    page.goto(f"/customers/{billed('Voll')}/statement")
    header, detail = page.locator("#panel-header"), page.locator("#detail-statement")
    expect(header).to_contain_text("€680.00 open")
    open_payment(page, "Voll-1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(header).to_contain_text("€340.00 open")
    expect(detail.locator("tfoot").first).to_contain_text("€340.00")
    expect(page.get_by_role("link", name="Record a payment of Voll-1")).to_have_count(0)
    expect(page.locator("#toasts")).to_contain_text("Payment recorded on Voll-1")


def test_too_much_is_read_before_it_is_saved_and_pays_the_next(page: Page, billed: Callable):
    page.goto(f"/customers/{billed('Mehr')}/statement")
    open_payment(page, "Mehr-1")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Amount").fill("400")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("€60.00 are more than what this pays.")
    expect(dialog.get_by_role("alert")).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    detail = page.locator("#detail-statement")
    expect(detail).to_contain_text("Credit: €60.00")
    page.get_by_role("button", name="Set the credit off against Mehr-2").press("Enter")
    expect(detail).not_to_contain_text("Credit: €60.00")
    expect(page.locator("[id^=open-item-]").first).to_contain_text("€280.00")
    page.get_by_role("button", name="Undo").press("Enter")
    expect(detail).to_contain_text("Credit: €60.00")


def test_several_at_once_by_keyboard(page: Page, billed: Callable):
    page.goto(f"/customers/{billed('Drei')}/statement")
    page.locator("#statement-payment").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Record payment")
    first, second = dialog.get_by_label("Drei-1"), dialog.get_by_label("Drei-2")
    expect(dialog.get_by_label("Amount")).to_be_focused()
    expect(second).to_have_value("340.00")
    dialog.get_by_label("Amount").fill("500")
    page.keyboard.press("Tab")
    expect(second).to_have_value("160.00")
    expect(dialog.get_by_label("Received on")).to_be_focused()
    first.fill("300")
    second.fill("200")
    page.keyboard.press("Control+Enter")
    expect(dialog).to_have_count(0)
    expect(page.locator("[id^=open-item-]").first).to_contain_text("€40.00")
    expect(page.locator("#statement-payment")).to_be_focused()


def test_taken_back_on_the_list_and_undone(page: Page, billed: Callable):
    page.goto(f"/customers/{billed('Zurück')}/statement")
    open_payment(page, "Zurück-1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.goto("/payments")
    page.get_by_role("searchbox").fill("zuruck")
    row = page.locator("[id^=payment-row-]")
    expect(row).to_have_count(1)
    expect(page.locator("#sums")).to_have_text("1 payment: €340.00")
    row.get_by_role("button", name="Take back the payment of €340.00").press("Enter")
    expect(row).to_contain_text("taken back")
    expect(page.locator("#sums")).to_have_text("")
    page.get_by_role("button", name="Undo").press("Enter")
    expect(row).not_to_contain_text("taken back")
    expect(page.locator("#sums")).to_have_text("1 payment: €340.00")
    expect(page.get_by_role("searchbox")).to_have_value("zuruck")


@WINDOWS
def test_how_it_looks(page: Page, billed: Callable, axe: Callable):
    customer_id = billed("Ansicht")
    page.goto(f"/customers/{customer_id}/statement")
    axe(page)
    assert fits(page)
    look_into(page, "#statement-payment", axe)
    opener = page.get_by_role("link", name="Record a payment of Ansicht-1").get_attribute("id")
    look_into(page, f"#{opener}", axe)
    paying = f"/customers/{customer_id}/statement/payment"
    for path in ("/payments", "/payments?q=nothing-like-this", paying):
        page.goto(path)
        axe(page)
        assert fits(page), f"{path} scrolls sideways"


@pytest.mark.parametrize("window", [{"java_script_enabled": False}], indirect=True)
def test_without_script(window: Any, billed: Callable):
    customer_id = billed("Ohne")
    page = window.new_page()
    page.goto(f"/customers/{customer_id}/statement/payment")
    page.get_by_label("Amount").fill("100")
    page.get_by_role("button", name="Divide, those due first").click()
    expect(page.get_by_label("Ohne-1")).to_have_value("100.00")
    expect(page.get_by_label("Ohne-2")).to_have_value("")
    page.locator(".buttons").get_by_role("button", name="Record payment").click()
    expect(page.locator("#toasts")).to_contain_text("Payment recorded")
