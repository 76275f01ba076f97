"""One document in a real browser: issued by keyboard, its sheet beside it, on phones and in the
dark."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.core.database import db
from app.domain.factura import services
from tests.browser.conftest import await_script, fits
from tests.browser.test_appearance import WINDOWS
from tests.factories import draft_values, line_values

SOON = 20_000
"""Milliseconds for a picture: its process is only just started."""


@pytest.fixture
def draft(served: tuple[Flask, str], customer: Callable[..., int]) -> str:
    """The address of a draft of two sheets."""
    app, _url = served
    customer_id = customer()
    with app.app_context():
        lines = [line_values(text=f"Tanzstunde {n}", number=f"T-{n}") for n in range(1, 31)]
        document_id = services.add_draft(draft_values(customer_id, lines=lines))
        db.session.commit()
    return f"/factura/{document_id}"


def sheet(page: Page) -> str:
    """The picture that is shown, once there is one."""
    picture = page.locator(".voucher-sheet img")
    expect(picture).to_be_visible(timeout=SOON)
    return picture.get_attribute("src") or ""


def test_it_is_issued_by_keyboard(page: Page, draft: str):
    page.goto(draft)
    await_script(page)
    before = sheet(page)
    page.locator("#document-issue").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#issued_on")).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast")).to_contain_text("Issued as", timeout=SOON)
    expect(page.locator("#document-title")).to_have_text(re.compile(r"Invoice \w+-\d{4}-0001"))
    expect(page.locator("#document-pdf")).to_be_visible()
    expect(page.locator("#document-issue")).to_have_count(0)
    expect(page.locator("#modal")).to_be_hidden()
    expect(page.locator(".voucher-sheet img")).not_to_have_attribute("src", before, timeout=SOON)
    after = sheet(page)

    page.locator("#document-cancel").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#cancel-form")).to_be_visible()
    with page.expect_response(re.compile(f"{draft}$")):
        page.keyboard.press("Escape")
    expect(page.locator("#document-cancel")).to_be_focused()
    assert sheet(page) == after, "the sheet went when something else was refreshed"


def test_the_sheets_are_turned(page: Page, draft: str):
    page.goto(draft)
    await_script(page)
    first = sheet(page)
    page.locator("#sheet-after").click()
    expect(page.locator(".voucher-sheet")).to_contain_text("Page 2 of")
    assert sheet(page) != first
    page.locator("#sheet-before").click()
    expect(page.locator(".voucher-sheet")).to_contain_text("Page 1 of")


@WINDOWS
def test_it_is_accessible_and_fits(page: Page, draft: str, axe: Callable[[Page], None]):
    page.goto(draft)
    await_script(page)
    sheet(page)
    axe(page)
    assert fits(page), "scrolls sideways"
    page.locator("#document-issue").click()
    expect(page.locator("#issue-form")).to_be_visible()
    axe(page)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast")).to_be_visible(timeout=SOON)
    axe(page)
    assert fits(page), "scrolls sideways"
