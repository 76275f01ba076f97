"""Deleting and what hinders it, in a real browser: keyboard, focus, undo, narrow and dark."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.core.database import db
from app.core.i18n import today
from app.domain.factura.services import add_document
from tests.browser.conftest import fits
from tests.factories import invoice_values

NARROW_AND_DARK = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}


@pytest.fixture
def invoiced(served: tuple[Flask, str], customer: Callable[..., int]) -> int:
    """A customer with something of every status: it cannot be deleted."""
    app, _url = served
    customer_id = customer()
    with app.app_context():
        for n, over in enumerate(({}, {"paid": 34_000}, {"paid": 100}, {"reminder_level": 2})):
            number = f"{customer_id}-{n}"
            values = invoice_values(number=number, issued_on=today(), due_on=today())
            add_document(customer_id, values | over)
        add_document(customer_id, {"kind": "quote", "subject": "Hochzeitskurs", "total": 45_000})
        db.session.commit()
    return customer_id


def test_deleting_by_keyboard_and_undo(page: Page, customer: Callable[..., int]):
    customer_id = customer(last_name="Vergänglich")
    page.goto(f"/customers/{customer_id}")
    page.locator("#deletion-confirm").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Delete Tanja Vergänglich?")
    expect(dialog.get_by_text("1 comment")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.locator("#deletion-confirm")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/customers*")
    expect(page.get_by_role("status").last).to_contain_text("Tanja Vergänglich is in the trash")
    page.get_by_role("button", name="Undo").click()
    page.wait_for_url(f"**/customers/{customer_id}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tanja Vergänglich")


def test_the_withheld_button_leads_to_what_else_can_be_done(page: Page, invoiced: int):
    page.goto(f"/customers/{invoiced}")
    button, reason = page.locator("#deletion-confirm"), page.locator("#deletion-confirm-why")
    expect(reason).to_be_hidden()
    button.focus()
    expect(reason).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator("#deletion-confirm-way-out")).to_be_focused()
    expect(reason).to_be_visible()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="cannot be deleted")
    expect(dialog.get_by_text("has received")).to_be_visible()
    dialog.get_by_role("button", name="Send no more information").click()
    expect(dialog).to_have_count(0)
    header = page.locator("#panel-header")
    expect(header.get_by_text("gets no information")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(header.get_by_text("gets no information")).to_have_count(0)


def test_the_reason_can_be_reached_with_the_pointer(page: Page, invoiced: int):
    page.goto(f"/customers/{invoiced}")
    page.locator("#deletion-confirm").hover()
    page.locator("#deletion-confirm-way-out").click()
    expect(page.get_by_role("dialog", name="cannot be deleted")).to_be_visible()


def test_a_choice_narrows_at_once(page: Page, invoiced: int):
    page.goto(f"/customers/{invoiced}/factura")
    page.get_by_label("Status").select_option("paid")
    page.wait_for_url("**status=paid*")
    expect(page.locator("tr[id^=factura-detail-]")).to_have_count(1)
    expect(page.get_by_label("Status")).to_have_value("paid")


@pytest.mark.parametrize(
    "window",
    [{}, {"color_scheme": "dark"}, NARROW_AND_DARK],
    indirect=True,
    ids=["light", "dark", "phone"],
)
def test_everybody_can_use_it(
    page: Page, invoiced: int, customer: Callable[..., int], axe: Callable[[Page], None]
):
    gone = customer(last_name="Gelöscht")
    page.goto(f"/customers/{gone}/deletion")
    axe(page)
    page.get_by_role("button", name="Delete customer").click()
    page.wait_for_url("**/customers*")
    for path in (f"/customers/{gone}", "/trash", f"/customers/{invoiced}/factura"):
        page.goto(path)
        axe(page)
        assert fits(page)
    page.goto(f"/customers/{invoiced}")
    page.locator("#deletion-confirm").focus()
    expect(page.locator("#deletion-confirm-why")).to_be_in_viewport()
    page.locator("#deletion-confirm-way-out").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    axe(page)
