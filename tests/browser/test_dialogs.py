"""Dialogs in a real browser: focus, Escape, refusals, conflicts, fresh panels."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PASSWORD
from tests.browser.test_appearance import PHONE


def test_a_saved_dialog_closes_and_refreshes_only_stale_panels(page: Page, customer: Callable):
    page.goto(f"/customers/{customer()}")
    page.evaluate("document.querySelector('#panel-comments').dataset.kept = 'yes'")
    page.locator("#master-edit").click()
    dialog = page.get_by_role("dialog", name="Edit master data")
    dialog.get_by_label("Last name").fill("Schröder")
    page.keyboard.press("Control+Enter")
    expect(dialog).to_have_count(0)
    expect(page.locator("#panel-master")).to_contain_text("Schröder")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tanja Schröder")
    expect(page.locator("#master-edit")).to_be_focused()
    expect(page.get_by_role("status")).to_contain_text("saved")
    assert page.evaluate("document.querySelector('#panel-comments').dataset.kept") == "yes"


def test_a_refused_dialog_keeps_what_was_typed_and_leads_to_the_field(
    page: Page, customer: Callable
):
    page.goto(f"/customers/{customer()}")
    page.locator("#master-edit").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("First name").fill("Anja")
    dialog.get_by_label("Last name").fill("")
    dialog.get_by_role("button", name="Save", exact=True).click()
    wrong = dialog.get_by_label("Last name")
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(wrong).to_be_focused()
    expect(dialog.get_by_label("First name")).to_have_value("Anja")


def test_escape_asks_before_it_throws_typed_text_away(page: Page, customer: Callable):
    page.goto(f"/customers/{customer()}")
    page.locator("#comments-new").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("Something to keep")
    questions: list[str] = []

    def stay(question) -> None:
        questions.append(question.message)
        question.dismiss()

    page.on("dialog", stay)
    for _ in range(4):
        page.keyboard.press("Escape")
    assert len(questions) == 4
    expect(dialog.get_by_role("textbox")).to_have_value("Something to keep")
    page.remove_listener("dialog", stay)
    page.on("dialog", lambda question: question.accept())
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.locator("#comments-new")).to_be_focused()


def test_three_quick_clicks_save_once(page: Page, customer: Callable):
    page.goto(f"/customers/{customer()}")
    page.locator("#comments-new").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("Said once")
    dialog.get_by_role("button", name="Save comment").dblclick()
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("Said once")).to_have_count(1)


def test_two_colleagues_change_the_same_thing(page: Page, customer: Callable):
    customer_id = customer()
    page.goto(f"/customers/{customer_id}")
    page.locator("#master-edit").click()
    other = page.context.new_page()
    other.goto(f"/customers/{customer_id}/master/edit")
    other.get_by_label("Town").fill("Bonn")
    other.get_by_role("button", name="Save", exact=True).last.click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Tanja Müller")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Town").fill("Aachen")
    page.keyboard.press("Control+Enter")
    expect(dialog.get_by_text("Changed by somebody else meanwhile")).to_be_visible()
    expect(dialog.get_by_role("radio", name="Bonn")).not_to_be_checked()
    expect(dialog.get_by_label("Town", exact=True)).to_have_value("Aachen")
    dialog.get_by_role("radio", name="Bonn").check()
    page.keyboard.press("Control+Enter")
    expect(dialog).to_have_count(0)
    expect(page.locator("#panel-master")).to_contain_text("Bonn")


def test_removing_a_comment_can_be_undone(page: Page, customer: Callable):
    page.goto(f"/customers/{customer()}")
    page.get_by_role("button", name="Remove comment").click()
    expect(page.get_by_text("Bitte nur vormittags anrufen.")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Bitte nur vormittags anrufen.")).to_be_visible()


def test_undo_leads_back_to_what_came_back(page: Page, customer: Callable):
    page.goto(f"/customers/{customer()}")
    page.get_by_role("button", name="Remove comment").press("Enter")
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.get_by_role("button", name="Remove comment")).to_be_focused()


@pytest.mark.parametrize("window", [{}, PHONE], ids=["wide", "phone"], indirect=True)
@pytest.mark.parametrize("opener", ["master-edit", "groups-edit", "quick-open"])
def test_a_toast_hides_nothing_of_a_dialog(page: Page, opener: str, customer: Callable):
    page.goto(f"/customers/{customer()}")
    page.get_by_role("button", name="Remove comment").press("Enter")
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.locator(f"#{opener}").click()
    dialog = page.locator("#dialog")
    expect(dialog.locator(":focus")).to_have_count(1)
    box = "(e) => { const { top, bottom } = e.getBoundingClientRect(); return [top, bottom]; }"
    toast, inside = page.locator(".toast").evaluate(box), dialog.evaluate(box)
    assert inside[1] <= toast[0] < toast[1] <= page.evaluate("innerHeight")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".toast")).to_have_text("Comment is back")


def test_saving_after_the_session_ended_keeps_what_was_typed(page: Page, customer: Callable):
    page.goto(f"/customers/{customer()}")
    page.locator("#comments-new").click()
    page.get_by_role("dialog").get_by_role("textbox").fill("Do not lose me")
    page.context.clear_cookies()
    note = page.locator("#modal")
    note.get_by_role("button", name="Save comment").click()
    again = page.get_by_role("dialog", name="Please sign in again")
    again.get_by_label("E-mail").fill("ben@example.com")
    again.get_by_label("Password").fill(PASSWORD)
    again.get_by_role("button", name="Sign in").last.click()
    expect(again).to_have_count(0)
    expect(note.get_by_role("textbox")).to_have_value("Do not lose me")
    note.get_by_role("button", name="Save comment").click()
    expect(page.locator("#panel-comments")).to_contain_text("Do not lose me")


def test_who_may_be_there_already_shows_while_typing(page: Page, customer: Callable):
    customer_id = customer(last_name="Doppelt", emails=[{"label": "", "address": "d@example.com"}])
    page.goto("/customers")
    page.locator("#customer-new").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Last name").fill("Anders")
    dialog.locator("[name=emails-0-address]").press_sequentially("d@example.com")
    alike = dialog.get_by_role("link", name="Doppelt")
    expect(alike).to_be_in_viewport()
    expect(alike).to_have_attribute("href", f"/customers/{customer_id}")
    expect(dialog.get_by_text("same e-mail")).to_be_visible()
    expect(dialog.get_by_label("Last name")).to_have_value("Anders")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Anders")
