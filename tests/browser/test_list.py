"""The customer list in a real browser: typing, opening, coming back."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect


def test_typing_narrows_the_list_and_writes_the_url(page: Page):
    page.goto("/customers")
    page.get_by_role("searchbox").press_sequentially("p042", delay=20)
    expect(page.locator("#results tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"q=p042"))
    expect(page.get_by_role("searchbox")).to_be_focused()


def test_a_click_anywhere_on_the_row_opens_the_overview(page: Page):
    page.goto("/customers?q=p042")
    page.locator("#results tbody tr td").nth(2).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Person P042 Meier")


def test_a_click_with_control_opens_a_tab_of_its_own(page: Page):
    page.goto("/customers?q=p042")
    with page.context.expect_page() as opened:
        page.locator("#results tbody tr th a").click(modifiers=["ControlOrMeta"])
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("Person P042 Meier")
    expect(page).to_have_url(re.compile("/customers[?]q=p042"))


def test_back_finds_rows_scroll_and_focus_again(page: Page):
    page.goto("/customers?q=meier")
    page.get_by_role("link", name="Show more").click()
    expect(page.locator("#results tbody tr[data-href]")).to_have_count(100)
    row = page.locator("#results tbody tr[data-href]").nth(80)
    name = row.locator("th").inner_text()
    row.scroll_into_view_if_needed()
    scrolled = page.evaluate("scrollY")
    row.locator("td").nth(2).click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.go_back()
    expect(page.locator("#results tbody tr[data-href]")).to_have_count(100)
    expect(page.get_by_role("link", name=name)).to_be_focused()
    assert abs(page.evaluate("scrollY") - scrolled) < 200
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.get_by_role("navigation", name="Breadcrumb").get_by_role("link").click()
    expect(page.locator("#results tbody tr[data-href]")).to_have_count(100)
    expect(page.get_by_role("link", name=name)).to_be_focused()


def test_arrows_move_through_the_rows(page: Page):
    page.goto("/customers?q=p00")
    page.get_by_role("searchbox").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Person P001 Meier")


def test_quick_search_jumps_to_the_only_hit(page: Page):
    page.goto("/customers?q=zzzz")
    page.locator("body").click()
    page.keyboard.press("/")
    expect(page.get_by_role("dialog").get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("p077", delay=10)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Person P077 Meier")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
