"""Every page and dialog as people see it: accessible, on phones, in the dark, on paper."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import await_script, fits
from tests.paper import pages_of

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DARK = {"color_scheme": "dark"}
WINDOWS = pytest.mark.parametrize(
    "window", [{}, DARK, PHONE], ids=["light", "dark", "phone"], indirect=True
)

PAGES = [
    "/customers",
    "/customers?q=nobody-has-this",
    "/customers?sort=-changed",
    "/customers/new",
    "/customers/quick?q=meier",
    "/customers/{}",
    "/customers/{}/master",
    "/customers/{}/addresses",
    "/customers/{}/bank",
    "/customers/{}/comments",
    "/customers/{}/comments?q=nothing-like-this",
    "/customers/{}/history",
    "/account",
    "/account/overview",
    "/settings",
    "/settings/overview",
    "/settings/operation",
    "/forgot",
    "/users",
    "/customers/999999",
]
DIALOGS = ["#customer-new", "#quick-open"]
DIALOGS_OF_CUSTOMER = [
    "#master-edit",
    "#master-people",
    "#addresses-listing",
    "#bank-edit",
    "#comments-new",
]


@WINDOWS
@pytest.mark.parametrize("path", PAGES)
def test_page(page: Page, path: str, customer: Callable, axe: Callable):
    page.goto(path.format(customer(kind="company", company="Autohaus Berger GmbH")))
    axe(page)
    assert fits(page), "scrolls sideways"


@pytest.mark.parametrize("window", [PHONE], ids=["phone"], indirect=True)
@pytest.mark.parametrize("path", ["/settings/operation", "/customers/{}/history"])
def test_a_phone_shows_where_one_is(page: Page, path: str, customer: Callable):
    page.goto(path.format(customer()))
    expect(
        page.get_by_role("navigation", name="Main navigation").locator("a").last
    ).to_be_in_viewport(ratio=1)
    expect(page.locator(".tabs [aria-current]").first).to_be_in_viewport(ratio=1)


@WINDOWS
def test_dialogs(page: Page, customer: Callable, axe: Callable):
    page.goto("/customers")
    for opener in DIALOGS:
        look_into(page, opener, axe)
    page.goto(f"/customers/{customer(kind='company', company='Autohaus Berger GmbH')}")
    for opener in DIALOGS_OF_CUSTOMER:
        look_into(page, opener, axe)


def look_into(page: Page, opener: str, axe: Callable) -> None:
    """Open a dialog, look at it, have it refused where it can be, and leave."""
    page.locator(opener).click()
    dialog = page.locator("#modal")
    expect(dialog).to_be_visible()
    axe(page)
    focused = page.evaluate("document.querySelector('#modal').contains(document.activeElement)")
    assert focused, f"{opener}: the focus is not in the dialog"
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()
    expect(page.locator(opener)).to_be_focused()


@WINDOWS
def test_refused_dialog(page: Page, customer: Callable, axe: Callable):
    page.goto(f"/customers/{customer()}")
    page.locator("#bank-edit").click()
    page.locator("#modal").get_by_label("IBAN").fill("DE89370400440532013001")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#modal [aria-invalid=true]")).to_be_focused()
    axe(page)


@pytest.mark.parametrize("path", ["/customers/{}", "/customers/{}/bank", "/customers/{}/comments"])
def test_a_customer_prints_on_one_sheet(page: Page, path: str, customer: Callable, tmp_path: Path):
    page.goto(path.format(customer()))
    sheet = tmp_path / "sheet.pdf"
    page.pdf(path=sheet, format="A4", prefer_css_page_size=True)
    text = pages_of(sheet)
    assert len(text) == 1
    assert "Tanja Müller" in text[0]
    assert "Find a customer" not in text[0]
    assert "Save comment" not in text[0]


def test_paper_asks_nothing(page: Page, customer: Callable, tmp_path: Path):
    page.goto(f"/customers/{customer()}")
    expect(page.get_by_text("Shall invoices or goods go elsewhere?")).to_be_visible()
    sheet = tmp_path / "sheet.pdf"
    page.pdf(path=sheet, format="A4", prefer_css_page_size=True)
    [text] = pages_of(sheet)
    assert "Bitte nur vormittags anrufen." in text
    for prompt in ("elsewhere?", "No documents yet", "No messages yet", "In no group yet"):
        assert prompt not in text


@pytest.mark.parametrize("window", [{"java_script_enabled": False}], indirect=True)
def test_the_print_view_works_without_script(window: BrowserContext, customer: Callable):
    page = window.new_page()
    page.goto(f"/customers/{customer()}")
    page.get_by_role("link", name="Print").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tanja Müller")
    expect(page.locator(".topbar")).not_to_be_visible()


def test_from_search_to_a_saved_bank_dialog_by_keyboard_alone(page: Page, customer: Callable):
    customer(last_name="Tastenfreund")
    page.goto("/customers")
    await_script(page)
    page.keyboard.press("/")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.type("tastenfr")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tanja Tastenfreund")
    tab_to(page, "bank-edit")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    tab_to(page, "account_holder")
    page.keyboard.type("Tanja Tastenfreund")
    tab_to(page, "iban")
    page.keyboard.type("DE89 3704 0044 0532 0130 00")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#panel-bank")).to_contain_text("DE89 3704 0044 0532 0130 00")
    assert page.evaluate("document.activeElement.id") == "bank-edit"


def tab_to(page: Page, element_id: str) -> None:
    for _ in range(60):
        if page.evaluate("document.activeElement.id") == element_id:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"#{element_id} cannot be reached by Tab")
