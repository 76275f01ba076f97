"""The customer list in a real browser: typing, opening, coming back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from app.core.database import db
from app.domain.groups.models import GroupMember
from app.domain.groups.services import create_group, delete_group
from tests.browser.conftest import await_script, fits


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


def test_more_rows_keep_the_place_of_the_keyboard(page: Page):
    page.goto("/customers?q=meier")
    page.get_by_role("link", name="Show more").press("Enter")
    expect(page.locator("#rows tr[data-href]")).to_have_count(100)
    expect(page.locator("#rows th a").nth(50)).to_be_focused()
    assert page.evaluate("scrollY") > 500


def test_quick_search_jumps_to_the_only_hit(page: Page):
    page.goto("/customers?q=zzzz")
    await_script(page)
    page.locator("body").click()
    page.keyboard.press("/")
    expect(page.get_by_role("dialog").get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("p077", delay=10)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Person P077 Meier")
    await_script(page)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.fixture
def group_id(served: tuple[Flask, str]) -> Iterator[int]:
    """A group called Tango, for one test."""
    app, _url = served
    with app.app_context():
        values = {"name": "Tango", "parent_id": None, "no_information": False}
        group_id = create_group(values)
        db.session.commit()
    yield group_id
    with app.app_context():
        delete_group(group_id)
        db.session.commit()


@pytest.fixture
def members(served: tuple[Flask, str], group_id: int) -> Callable[[], int]:
    """How many are in it."""
    app, _url = served

    def read() -> int:
        with app.app_context():
            inside = select(GroupMember).where(GroupMember.group_id == group_id)
            return len(db.session.execute(inside).all())

    return read


def ticks(page: Page) -> Locator:
    return page.locator("#rows .tick input")


def add_to_tango(page: Page) -> None:
    page.get_by_role("button", name="Add to group").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("tango")
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Add to groups").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


class TestTicks:
    def test_a_range_with_shift(self, page: Page):
        page.goto("/customers?q=meier")
        expect(page.get_by_role("button", name="Add to group")).to_be_hidden()
        ticks(page).nth(6).click()
        ticks(page).nth(2).click(modifiers=["Shift"])
        expect(page.get_by_text("5 selected")).to_be_visible()
        expect(page.locator("#rows :checked")).to_have_count(5)
        assert page.evaluate("getSelection().type") != "Range"
        ticks(page).nth(4).click()
        expect(page.get_by_text("4 selected")).to_be_visible()
        page.get_by_role("button", name="Clear").click()
        expect(page.locator("#rows :checked")).to_have_count(0)
        expect(page.get_by_text("4 selected")).to_be_hidden()
        expect(page).to_have_url(re.compile("/customers[?]q=meier$"))

    def test_a_click_beside_the_box_ticks_and_opens_nothing(self, page: Page):
        page.goto("/customers?q=meier")
        cell = page.locator("#rows .tick").nth(3)
        box = cell.bounding_box()
        assert box
        page.mouse.click(box["x"] + 2, box["y"] + box["height"] - 2)
        expect(ticks(page).nth(3)).to_be_checked()
        expect(page).to_have_url(re.compile("/customers[?]q=meier$"))

    def test_more_rows_keep_them_and_another_search_does_not(self, page: Page):
        page.goto("/customers?q=meier")
        head = page.get_by_role("checkbox", name="Select all on screen")
        head.click()
        expect(page.get_by_text("50 selected")).to_be_visible()
        page.get_by_role("link", name="Show more").click()
        expect(ticks(page)).to_have_count(100)
        expect(page.locator("#rows :checked")).to_have_count(50)
        head.click()
        expect(page.get_by_text("100 selected")).to_be_visible()
        page.get_by_role("searchbox").fill("p00")
        expect(ticks(page)).to_have_count(10)
        expect(page.locator("#rows :checked")).to_have_count(0)
        expect(page.get_by_text("100 selected")).to_have_count(0)

    def test_by_keyboard(self, page: Page):
        page.goto("/customers?q=meier")
        ticks(page).nth(0).focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Space")
        expect(ticks(page).nth(1)).to_be_checked()
        expect(ticks(page).nth(2)).to_be_checked()
        expect(page.get_by_text("2 selected")).to_be_visible()
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowDown")
        expect(page.locator("#rows th a").nth(3)).to_be_focused()


class TestGroups:
    def test_add_and_undo(self, page: Page, members: Callable[[], int]):
        page.goto("/customers?q=meier")
        page.get_by_role("link", name="Show more").click()
        expect(ticks(page)).to_have_count(100)
        ticks(page).nth(70).click()
        ticks(page).nth(72).click(modifiers=["Shift"])
        scrolled = page.evaluate("scrollY")
        assert scrolled > 500
        add_to_tango(page)
        expect(page.get_by_text("3 customers added to “Tango”")).to_be_visible()
        expect(page.locator("#rows :checked")).to_have_count(0)
        expect(ticks(page)).to_have_count(100)
        expect(ticks(page).nth(72)).to_be_focused()
        assert abs(page.evaluate("scrollY") - scrolled) < 50
        assert members() == 3
        page.get_by_role("button", name="Undo").press("Enter")
        expect(page.get_by_text("Undone for 3 customers")).to_be_visible()
        expect(ticks(page).nth(72)).to_be_focused()
        assert members() == 0

    def test_all_that_were_found(self, page: Page, members: Callable[[], int]):
        page.goto("/customers?q=meier")
        everybody = page.get_by_role("checkbox", name="Select all 160 found")
        ticks(page).nth(0).click()
        expect(everybody).to_be_hidden()
        page.get_by_role("checkbox", name="Select all on screen").click()
        everybody.click()
        expect(page.get_by_text("160 selected")).to_be_visible()
        ticks(page).nth(5).click()
        expect(page.get_by_text("49 selected")).to_be_visible()
        expect(everybody).to_be_hidden()
        ticks(page).nth(5).click()
        expect(everybody).not_to_be_checked()
        everybody.click()
        add_to_tango(page)
        expect(page.get_by_text("160 customers added to “Tango”")).to_be_visible()
        assert members() == 160

    def test_narrowing_to_one(self, page: Page, group_id: int):
        page.goto("/customers?q=p00")
        ticks(page).nth(1).click()
        add_to_tango(page)
        page.get_by_label("Group", exact=True).select_option("Tango")
        expect(ticks(page)).to_have_count(1)
        expect(page).to_have_url(re.compile(f"/customers[?]q=p00&group={group_id}$"))
        page.locator("#rows th a").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Person P001 Meier")
        page.go_back()
        expect(ticks(page)).to_have_count(1)
        expect(page.get_by_label("Group", exact=True)).to_have_value(str(group_id))
        ticks(page).click()
        page.get_by_role("button", name="Remove from group").click()
        page.get_by_role("button", name="Remove from groups").click()
        expect(page.get_by_text("Nobody in the group “Tango” is found")).to_be_visible()
        page.get_by_role("button", name="Undo").last.click()
        expect(ticks(page)).to_have_count(1)

    def test_a_cancelled_dialog_keeps_them(self, page: Page, group_id: int):
        page.goto("/customers?q=meier")
        ticks(page).nth(1).click()
        page.get_by_role("button", name="Add to group").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(ticks(page).nth(1)).to_be_checked()
        expect(page.get_by_role("button", name="Add to group")).to_be_focused()


def test_columns_follow_at_once(page: Page):
    page.goto("/customers?q=p00")
    heads = page.locator("#results thead th")
    ticks(page).nth(1).click()
    page.get_by_role("link", name="Columns").click()
    page.get_by_role("button", name="Leave out Company").click()
    expect(page.get_by_role("button", name="Show Company")).to_be_focused()
    expect(heads).to_have_text(["Name", "Number", "Town", "E-mail", "Phone", "Changed"])
    page.get_by_role("button", name="Show Birthday").click()
    expect(page.get_by_role("button", name=re.compile("Move Birthday up"))).to_be_focused()
    page.keyboard.press("Enter")
    expect(heads).to_have_text(["Name", "Number", "Town", "E-mail", "Phone", "Birthday", "Changed"])
    page.get_by_role("button", name="Back to the usual columns").click()
    expect(heads).to_have_count(7)
    expect(page.get_by_role("dialog").locator(":focus")).to_have_count(1)
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(ticks(page).nth(1)).to_be_checked()


def test_many_columns_scroll_in_their_frame(page: Page, axe: Callable[[Page], None]):
    page.goto("/customers/columns")
    for column in ("Street", "Postcode", "Birthday", "Language", "Added"):
        page.get_by_role("button", name=f"Show {column}").click()
        expect(page.get_by_role("button", name=f"Leave out {column}")).to_be_visible()
    page.goto("/customers?q=p00")
    expect(page.locator("#results thead th")).to_have_count(12)
    assert fits(page)
    page.get_by_role("checkbox", name="Select all on screen").click()
    expect(page.get_by_text("10 selected")).to_be_visible()
    axe(page)
    page.goto("/customers/columns")
    page.get_by_role("button", name="Back to the usual columns").click()
    expect(page.get_by_role("button", name="Show Street")).to_be_visible()


@pytest.mark.parametrize(
    "window",
    [
        {},
        {"color_scheme": "dark"},
        {"viewport": {"width": 390, "height": 844}},
        {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
    ],
    indirect=True,
    ids=["light", "dark", "phone", "dark phone"],
)
def test_everybody_can_use_it(page: Page, group_id: int, axe: Callable[[Page], None]):
    page.goto("/customers?q=meier")
    axe(page)
    page.get_by_role("checkbox", name="Select all on screen").click()
    expect(page.get_by_text("50 selected")).to_be_visible()
    axe(page)
    assert fits(page)
    page.get_by_role("button", name="Add to group").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    axe(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Clear").click()
    page.get_by_role("link", name="Columns").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    axe(page)


class TestWithoutScript:
    @pytest.mark.parametrize("window", [{"java_script_enabled": False}], indirect=True)
    def test_ticks_and_buttons_are_a_form(self, page: Page, members: Callable[[], int]):
        page.goto("/customers?q=meier")
        ticks(page).nth(0).check()
        ticks(page).nth(3).check()
        page.get_by_role("button", name="Add to group").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Add 2 customers to groups")
        page.get_by_role("checkbox", name="Tango").check()
        page.get_by_role("button", name="Add to groups").click()
        expect(page.get_by_text("2 customers added to “Tango”")).to_be_visible()
        expect(page).to_have_url(re.compile("/customers[?]q=meier$"))
        page.get_by_role("checkbox", name="Select all 160 found").check()
        page.get_by_role("button", name="Remove from group").click()
        page.get_by_role("checkbox", name="Tango").check()
        page.get_by_role("button", name="Remove from groups").click()
        expect(page.get_by_text("2 customers removed from “Tango”")).to_be_visible()
        page.get_by_role("button", name="Undo").first.click()
        expect(page.get_by_text("Undone for 2 customers")).to_be_visible()
        assert members() == 2
