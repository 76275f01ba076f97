"""What leaves the house, followed on screen: states that change by themselves, retry, undo."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, Request, expect

from app.core import files, outbox
from app.core.database import db, now, table
from app.core.outbox import OutboxEntry
from app.domain.messages import services as messages
from app.domain.messages.services import Attachment
from tests.browser.conftest import await_script, fits
from tests.browser.test_appearance import PHONE, WINDOWS, look_into

FAILED = {"state": "failed", "error": "recipients_refused", "detail": "550 5.1.1 unknown user"}
PATIENCE = 15_000
"""Milliseconds in which a page has looked again, also on a machine that has much to do."""
HIDE = "(value) => Object.defineProperty(document, 'hidden', {value, configurable: true})"


@pytest.fixture
def write(served: tuple[Flask, str]) -> Callable[..., None]:
    """Write into an entry of the outbox what the worker would."""
    app, _url = served

    def writing(entry_id: int, **values: Any) -> None:
        with app.app_context():
            entry = table(OutboxEntry)
            db.session.execute(entry.update().where(entry.c.id == entry_id).values(**values))
            db.session.commit()

    return writing


@pytest.fixture
def send(
    served: tuple[Flask, str], customer: Callable[..., int], write: Callable[..., None]
) -> Callable[..., tuple[int, int]]:
    """Send a mail to a new customer; its entry is as told. Answers customer and entry."""
    app, _url = served

    def sending(
        subject: str, to: str = "Tanja Müller <t@example.com>", **entry: Any
    ) -> tuple[int, int]:
        customer_id = customer(last_name=subject)
        with app.app_context():
            entry_id = outbox.put("mail", delay=timedelta(seconds=50))
            file = Attachment("Preise.pdf", files.keep(b"%PDF"), 4, "application/pdf")
            values = {"channel": "mail", "direction": "out", "subject": subject, "text": "Anbei."}
            values |= {"at": now(), "outbox_id": entry_id}
            values |= {"envelope": {"sender": "a@a.de", "to": [to]}}
            messages.record_message([customer_id], values, [file])
            db.session.commit()
        write(entry_id, **{"done_at": now()} | entry)
        return customer_id, entry_id

    return sending


def test_a_state_follows_by_itself_until_the_end(page: Page, send: Callable, write: Callable):
    customer_id, entry_id = send("Angebot")
    page.goto(f"/customers/{customer_id}")
    panel = page.locator("#panel-messages")
    expect(panel).to_contain_text("Goes out in a few seconds")
    write(entry_id, lease_until=now() + timedelta(minutes=5), tries=1)
    expect(panel).to_contain_text("Is being sent", timeout=PATIENCE)
    expect(panel.get_by_role("button", name="Take back")).to_have_count(0)
    write(entry_id, lease_until=None, state="sent", done_at=now())
    expect(panel).to_contain_text("Sent ", timeout=PATIENCE)
    expect(page.locator("[hx-trigger^=every]")).to_have_count(0)


def test_looking_again_leaves_the_focus_and_what_is_typed_alone(
    page: Page, send: Callable, write: Callable
):
    customer_id, entry_id = send("Angebot")
    page.goto(f"/customers/{customer_id}")
    await_script(page)
    panel = page.locator("#panel-messages")
    write(entry_id, tries=1, error="busy", due_at=now() + timedelta(seconds=30))
    expect(panel).to_contain_text("cannot take this mail just now", timeout=PATIENCE)
    assert page.evaluate("document.activeElement === document.body")
    page.locator("#comments-new").click()
    box = page.get_by_role("dialog").get_by_label("Comment")
    box.fill("Nur fürs Team")
    write(entry_id, state="sent", error="", done_at=now())
    expect(panel).to_contain_text("Sent ", timeout=PATIENCE)
    expect(box).to_be_focused()
    expect(box).to_have_value("Nur fürs Team")


def test_nobody_asks_while_the_page_is_hidden(page: Page, send: Callable):
    customer_id, _entry = send("Angebot")
    page.clock.install()
    page.goto(f"/customers/{customer_id}")
    await_script(page)
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))
    page.evaluate(HIDE, True)
    page.clock.run_for(20_000)
    page.evaluate(HIDE, False)
    with page.expect_response("**/state*"):
        page.clock.run_for(2_000)
    assert len(asked) == 1


def test_what_failed_is_tried_again_by_keyboard(page: Page, send: Callable, write: Callable):
    customer_id, entry_id = send("Angebot", **FAILED)
    page.goto(f"/customers/{customer_id}")
    await_script(page)
    panel = page.locator("#panel-messages")
    expect(panel).to_contain_text("The mail server accepts none of the recipients.")
    panel.get_by_role("button", name="Try again: Angebot").focus()
    page.keyboard.press("Enter")
    expect(panel).to_contain_text("Waits: the worker is not running")
    expect(page.locator("#toasts")).to_contain_text("It is tried again")
    assert page.evaluate("document.activeElement.closest('#panel-messages') !== null")
    write(entry_id, state="sent", error="")
    expect(panel).to_contain_text("Sent ", timeout=PATIENCE)


def test_taken_back_while_it_waits(page: Page, send: Callable):
    customer_id, _entry = send("Zu früh")
    page.goto(f"/customers/{customer_id}")
    page.locator("#panel-messages").get_by_role("link", name="Zu früh").click()
    dialog = page.get_by_role("dialog", name="Zu früh")
    dialog.get_by_role("button", name="Take back").click()
    expect(dialog).to_have_count(0)
    expect(page.locator("#panel-messages")).to_contain_text("No messages yet")


def test_an_attachment_is_kept_as_a_document(page: Page, send: Callable):
    customer_id, _entry = send("Angebot", state="sent")
    page.goto(f"/customers/{customer_id}")
    page.locator("#panel-messages").get_by_role("link", name="Angebot").click()
    dialog = page.get_by_role("dialog", name="Angebot")
    dialog.get_by_role("button", name="Keep Preise.pdf as a document").click()
    expect(dialog.get_by_role("link", name="Kept as a document")).to_be_visible()
    expect(page.locator("#panel-documents")).to_contain_text("Preise.pdf")


def test_the_outbox_follows_and_tries_again(page: Page, send: Callable, write: Callable):
    _customer, failed = send("Kaputt", **FAILED)
    _customer, waiting = send("Wartet")
    page.goto("/outbox")
    await_script(page)
    rows = page.locator("#outbox-rows")
    page.get_by_role("button", name="Try again: Kaputt").click()
    expect(rows.get_by_role("heading", name="Not sent")).to_have_count(0)
    write(waiting, state="sent")
    expect(rows.get_by_role("heading", name="Sent")).to_be_visible(timeout=PATIENCE)
    write(failed, state="sent", error="")
    expect(page.locator("[hx-trigger^=every]")).to_have_count(0, timeout=PATIENCE)


@WINDOWS
def test_how_it_looks(page: Page, send: Callable, axe: Callable):
    customer_id, _entry = send("Nicht angekommen", **FAILED)
    send("Wartet")
    send("Angekommen", state="sent")
    send("Teilweise", state="sent", error="partly")
    for path in ("/outbox", "/outbox?state=sent", f"/customers/{customer_id}/messages"):
        page.goto(path)
        axe(page)
        assert fits(page), f"{path} scrolls sideways"
    look_into(page, "#message-1-open", axe)


@WINDOWS
def test_a_note_cannot_be_taken_for_a_mail(page: Page, customer: Callable, axe: Callable):
    page.goto(f"/customers/{customer()}")
    page.locator("#comments-new").click()
    dialog = page.get_by_role("dialog", name="New comment")
    expect(dialog).to_contain_text("Internal – is never sent")
    axe(page)
    paper = "(name) => getComputedStyle(document.querySelector(name)).backgroundColor"
    note = page.evaluate(paper, "#modal")
    page.keyboard.press("Escape")
    page.locator("#messages-new").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert page.evaluate(paper, "#modal") != note


@pytest.mark.parametrize("window", [{}, PHONE], ids=["screen", "phone"], indirect=True)
def test_a_word_that_never_ends_moves_nothing_aside(page: Page, send: Callable):
    customer_id, _entry = send("W" * 90, to="W" * 60 + "@example.com")
    for path in (f"/customers/{customer_id}", f"/customers/{customer_id}/messages", "/outbox"):
        page.goto(path)
        assert fits(page), path
