"""Recording a call, and following up, in a real browser: keyboard, one click, undo, focus."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.core.database import db, now
from app.core.i18n import today
from app.domain.comments import services as comments
from app.domain.messages import services as messages
from tests.browser.conftest import fits
from tests.browser.test_appearance import WINDOWS, look_into

ANNA = 1


@pytest.fixture
def planned(served: tuple[Flask, str], customer: Callable[..., int]) -> Callable[..., int]:
    """A customer with a comment and an unread mail, both to be followed up by Anna."""
    app, _url = served

    def make(name: str) -> int:
        customer_id = customer(last_name=name)
        with app.app_context():
            mail = {"channel": "mail", "direction": "in", "at": now(), "text": "Wann?\nBald?"}
            due = {"follow_up_on": today(), "follow_up_by": ANNA}
            late = {"follow_up_on": today() - timedelta(days=3), "follow_up_by": ANNA}
            comments.write_comment(customer_id, {"body": f"Nachfassen {name}"} | late)
            messages.record_message([customer_id], mail | {"subject": f"Frage {name}"} | due)
            db.session.commit()
        return customer_id

    return make


def test_a_call_is_recorded_by_keyboard_alone(page: Page, customer: Callable):
    page.goto(f"/customers/{customer()}")
    page.locator("#messages-new").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Record a call, a visit or a letter")
    expect(dialog.get_by_role("radio", name="Call from the customer")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(dialog.get_by_role("radio", name="Call to the customer")).to_be_checked()
    dialog.get_by_label("Subject").focus()
    page.keyboard.type("Rückruf zum Termin")
    page.keyboard.press("Tab")
    page.keyboard.type("Kommt am Montag.")
    page.keyboard.press("Control+Enter")
    expect(dialog).to_have_count(0)
    panel = page.locator("#panel-messages")
    expect(panel).to_contain_text("Call to the customer")
    expect(panel.get_by_role("link", name="Rückruf zum Termin")).to_be_visible()
    expect(page.locator("#messages-new")).to_be_focused()


def test_a_mail_is_opened_and_marked_as_read(page: Page, planned: Callable):
    page.goto(f"/customers/{planned('Leser')}")
    panel = page.locator("#panel-messages")
    expect(panel).to_contain_text("1 unread")
    panel.get_by_role("link", name="Frage Leser").click()
    dialog = page.get_by_role("dialog", name="Frage Leser")
    expect(dialog).to_contain_text("Bald?")
    dialog.get_by_role("button", name="Mark as read").click()
    expect(dialog).to_have_count(0)
    expect(panel).not_to_contain_text("unread")
    expect(panel.get_by_role("link", name="Frage Leser")).to_be_focused()


def test_done_with_one_click_on_the_overview_and_undone(page: Page, planned: Callable):
    page.goto(f"/customers/{planned('Klick')}")
    mark = page.locator("#panel-comments .follow-up")
    expect(mark).to_contain_text("due since")
    mark.get_by_role("button", name="Mark follow-up done").click()
    expect(mark).to_contain_text("done")
    expect(mark.get_by_role("button", name="Reopen the follow-up")).to_be_focused()
    page.get_by_role("button", name="Undo").press("Enter")
    expect(mark).to_contain_text("due since")
    expect(mark.get_by_role("button", name="Mark follow-up done")).to_be_focused()
    mark.get_by_role("button", name="Mark follow-up done").click()
    expect(mark).to_contain_text("done")
    mark.get_by_role("button", name="Reopen the follow-up").click()
    expect(mark).to_contain_text("due since")


def test_done_on_the_start_page_without_leaving_it(page: Page, planned: Callable):
    planned("Startseite")
    page.goto("/")
    row = page.locator(".agenda-row", has_text="Nachfassen Startseite")
    row.get_by_role("button", name="Mark follow-up done").focus()
    page.keyboard.press("Enter")
    expect(row.locator(".follow-up")).to_have_attribute("data-state", "done")
    expect(row.get_by_role("button", name="Reopen the follow-up")).to_be_focused()
    page.get_by_role("button", name="Undo").click()
    expect(row.locator(".follow-up")).to_have_attribute("data-state", "overdue")
    row.get_by_role("button", name="Mark follow-up done").click()
    expect(row.locator(".follow-up")).to_have_attribute("data-state", "done")
    page.reload()
    expect(page.get_by_text("Nachfassen Startseite")).to_have_count(0)
    page.get_by_role("link", name="Tanja Startseite").click()
    expect(page.locator("#panel-messages")).to_be_in_viewport()


@WINDOWS
def test_how_it_looks(page: Page, planned: Callable, axe: Callable):
    customer_id = planned("Ansicht")
    for path in ("/", "/?whose=all", "/customers/{}", "/customers/{}/messages"):
        page.goto(path.format(customer_id))
        axe(page)
        assert fits(page), f"{path} scrolls sideways"
    page.goto(f"/customers/{customer_id}/messages?q=nothing-like-this")
    axe(page)
    page.goto(f"/customers/{customer_id}/messages")
    look_into(page, "#messages-detail-new", axe)
    opener = page.locator(".message-text a").get_attribute("id")
    look_into(page, f"#{opener}", axe)


@pytest.mark.parametrize("window", [{"java_script_enabled": False}], indirect=True)
def test_without_script(window, planned: Callable):
    planned("Ohne")
    page = window.new_page()
    page.goto("/")
    row = page.locator(".agenda-row", has_text="Nachfassen Ohne")
    row.get_by_role("button", name="Mark follow-up done").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Today")
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(row).to_have_count(1)
