"""The mail dialog in a real browser: nothing typed is lost, keys, undo, templates, files, axe."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Dialog, Page, expect

from app.core.database import db
from app.domain.documents.services import add_documents, keep_upload
from app.domain.templates import services as templates
from tests import mails
from tests.browser.conftest import await_script, fits
from tests.browser.test_appearance import WINDOWS
from tests.browser.test_documents import DROP, file

BODY = "{{salutation}}\n\nschön, dass Sie da sind."


@pytest.fixture
def company(served: tuple[Flask, str], customer: Callable[..., int]) -> str:
    """The overview of a company with a contact person, templates and documents; mails can go."""
    app, _url = served
    customer_id = customer(kind="company", company="Autohaus Berger GmbH")
    with app.app_context():
        mails.set_up()
        for name, subject in (("Willkommen", "Ja"), ("Angebot", "Zum Angebot {{document_number}}")):
            values = {"name": name, "language": "de", "category_id": None, "subject": subject}
            templates.use_template(templates.create_template("mail", values | {"body": BODY}))
        for name in ("Vertrag.pdf", "Preise.pdf"):
            add_documents(customer_id, [keep_upload(name, io.BytesIO(b"%PDF"), 1000)])
        db.session.commit()
    return f"/customers/{customer_id}"


@pytest.fixture
def write(page: Page, company: str) -> Page:
    """The dialog is open for a new mail."""
    page.goto(company)
    await_script(page)
    page.locator("#mail-new").click()
    expect(page.locator("#subject")).to_be_focused()
    return page


def dialog(page: Page) -> Any:
    return page.get_by_role("dialog")


def fill(page: Page) -> None:
    page.locator("#subject").fill("Ihr Kurs")
    page.locator("#text").fill("Hallo.")


def saved(page: Page) -> Any:
    return page.locator("#mail-saved")


def test_nothing_typed_is_lost(write: Page, company: str):
    """However it is left: Escape at once, by another page, by the browser's own way."""
    questions: list[str] = []

    def answer(question: Dialog) -> None:
        questions.append(question.message)
        question.dismiss()

    write.on("dialog", answer)
    write.keyboard.type("Ihr Kurs")
    expect(saved(write)).to_contain_text("Draft saved")
    write.locator("#text").press("Control+Home")
    write.keyboard.type("Bis bald!")
    write.keyboard.press("Escape")
    expect(dialog(write)).to_have_count(0)
    expect(write.locator("#mail-new")).to_be_focused()
    write.goto(company)
    await_script(write)
    write.locator("#mail-new").click()
    expect(write.locator("#subject")).to_have_value("Ihr Kurs")
    assert write.locator("#text").input_value().startswith("Bis bald!")
    write.locator("#text").press("Control+Home")
    write.keyboard.type("Liebe Tanja, ")
    expect(saved(write)).to_contain_text("Draft saved")
    with write.expect_response("**/mail/draft"):
        write.locator("#cc").evaluate("(cc) => cc.closest('details').open = true")
        write.locator("#cc").fill("c@example.com")
    write.goto(company)
    assert questions == []


def test_the_buttons_stay_where_they_are(write: Page):
    button = write.locator("#mail-send")
    before = button.bounding_box()
    write.keyboard.type("Ihr Kurs")
    expect(saved(write)).to_contain_text("Draft saved")
    assert button.bounding_box() == before


def test_a_draft_is_seen_and_gone_on_with(write: Page, axe: Callable[[Page], None]):
    write.keyboard.type("Ihr Kurs")
    expect(saved(write)).to_contain_text("Draft saved")
    write.keyboard.press("Escape")
    draft = write.locator("#panel-messages .drafts li")
    expect(draft).to_contain_text("Draft: “Ihr Kurs”")
    axe(write)
    draft.get_by_role("link").press("Enter")
    expect(write.locator("#subject")).to_have_value("Ihr Kurs")
    write.keyboard.press("Escape")
    expect(draft.get_by_role("link")).to_be_focused()
    draft.get_by_role("link").press("Enter")
    write.get_by_role("button", name="Discard").click()
    expect(draft).to_have_count(0)


def test_a_wrong_address_is_told_when_its_field_is_left(write: Page):
    note = write.locator(".mail-misspelt")
    with write.expect_response("**/mail/draft"):
        write.get_by_label("Also to").press_sequentially("kim@exam")
    expect(note).to_be_attached()
    expect(note).to_be_hidden()
    write.keyboard.press("Tab")
    expect(note).to_have_text("“kim@exam” is not an e-mail address.")
    expect(write.locator("#mail-send")).to_have_text("Send to Autohaus Berger GmbH")


def test_enter_in_a_field_sends_nothing(write: Page):
    write.keyboard.type("Ihr Kurs")
    with write.expect_response("**/mail/draft"):
        write.keyboard.press("Enter")
    expect(saved(write)).to_contain_text("Draft saved")
    expect(dialog(write)).to_be_visible()


def test_the_server_was_away(write: Page):
    """What could not be saved counts as unsaved, until it is."""
    write.route("**/mail/draft", lambda route: route.fulfill(status=502, body="Bad gateway"))
    write.keyboard.type("Ihr Kurs")
    expect(write.get_by_role("alert")).to_contain_text("What you typed is still here")
    write.keyboard.press("Escape")
    expect(dialog(write)).to_be_visible()
    write.unroute("**/mail/draft")
    write.keyboard.press("Escape")
    expect(dialog(write)).to_have_count(0)
    write.locator("#mail-new").click()
    expect(write.locator("#subject")).to_have_value("Ihr Kurs")


def test_sent_by_keyboard_and_taken_back(write: Page):
    write.keyboard.type("Ihr Kurs")
    write.keyboard.press("Tab")
    write.keyboard.type("Hallo.")
    write.set_input_files("#files", [file("a.pdf"), file("b.pdf")])
    expect(write.locator("#mail-files bdi")).to_have_text(["a.pdf", "b.pdf"])
    write.get_by_label("Remove b.pdf").press("Enter")
    expect(write.locator("#mail-files bdi")).to_have_text(["a.pdf"])
    write.locator("#text").press("Control+Enter")
    expect(dialog(write)).to_have_count(0)
    expect(write.locator("#mail-new")).to_be_focused()
    expect(write.locator("#panel-messages")).to_contain_text("Ihr Kurs")
    news = write.get_by_role("status").filter(has_text="Goes out in ten seconds")
    news.get_by_role("button", name="Undo").press("Enter")
    expect(write.locator("#subject")).to_have_value("Ihr Kurs")
    expect(write.locator("#mail-files bdi")).to_have_text(["a.pdf"])
    expect(write.locator("#text")).to_be_focused()
    expect(write.locator("#panel-messages .message")).to_have_count(0)
    write.keyboard.press("Escape")
    expect(write.locator("#mail-new")).to_be_focused()


def test_the_second_of_two_clicks_takes_nothing_back(write: Page):
    """The message about it comes up where the button was that somebody clicks twice."""
    fill(write)
    clock = write.context.new_cdp_session(write)
    clock.send("Animation.enable")
    clock.send("Animation.setPlaybackRate", {"playbackRate": 0})
    undo = write.get_by_role("button", name="Undo")
    write.locator("#mail-send").click()
    expect(undo).to_be_visible()
    box = undo.bounding_box()
    assert box
    write.mouse.dblclick(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(write.locator("#panel-messages .message")).to_have_count(1)
    expect(undo).to_be_visible()
    assert undo.bounding_box() == box
    clock.send("Animation.setPlaybackRate", {"playbackRate": 1})
    undo.click()
    expect(write.locator("#subject")).to_have_value("Ihr Kurs")


def test_taken_back_by_a_key(write: Page):
    fill(write)
    write.locator("#text").press("Control+Enter")
    expect(write.locator("#mail-new")).to_be_focused()
    expect(write.get_by_role("button", name="Undo")).to_be_visible()
    write.locator(".composer-note textarea").press("Control+z")
    expect(write.get_by_role("button", name="Undo")).to_be_visible()
    write.locator("#mail-new").press("Control+z")
    expect(write.locator("#subject")).to_have_value("Ihr Kurs")
    expect(write.get_by_role("status").filter(has_text="Taken back")).to_be_visible()


def test_who_stands_on_the_way_back_stays_there(write: Page):
    """While the message below asks by itself how far it is."""
    fill(write)
    write.locator("#text").press("Control+Enter")
    undo = write.get_by_role("button", name="Undo")
    undo.focus()
    with write.expect_response("**/state**"):
        pass
    expect(write.locator("#panel-messages .outgoing")).to_have_count(1)
    expect(undo).to_be_focused()


def test_the_way_back_goes_when_its_time_is_over(write: Page):
    """Also above another dialog; but not from under whoever stands on it."""
    write.clock.install()
    write.keyboard.type("Ihr Kurs")
    write.locator("#text").fill("Hallo.")
    write.locator("#text").press("Control+Enter")
    undo = write.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    undo.focus()
    write.clock.fast_forward(11_000)
    expect(undo).to_be_focused()
    write.locator("#comments-new").click()
    expect(write.locator("#body")).to_be_focused()
    expect(undo).to_be_visible()
    write.clock.fast_forward(11_000)
    expect(undo).to_have_count(0)
    expect(write.locator("#body")).to_be_focused()


def test_a_slow_click_right_after_typing_is_not_lost(write: Page):
    """The save on leaving the text must not take the button away from under the pointer."""
    write.keyboard.type("Ihr Kurs")
    write.locator("#text").press_sequentially("Hallo.")
    write.locator("#mail-send").hover()
    with write.expect_response("**/mail/draft"):
        write.mouse.down()
    write.mouse.up()
    expect(write.locator("#panel-messages")).to_contain_text("Ihr Kurs")


def test_the_button_follows_who_is_ticked(write: Page):
    button = write.locator("#mail-send")
    expect(button).to_have_text("Send to Autohaus Berger GmbH")
    write.get_by_role("checkbox", name="Dr. Jörg Weiß").check()
    expect(button).to_have_text("Send to 2 people")
    write.get_by_role("checkbox", name="Autohaus Berger GmbH").uncheck()
    expect(button).to_have_text("Send to Dr. Jörg Weiß")
    write.get_by_label("Also to").fill("kim@example.com")
    expect(button).to_have_text("Send to 2 people")
    expect(write.get_by_label("Also to")).to_be_focused()


def test_a_template_in_two_clicks_and_by_typing_ahead(page: Page, company: str):
    page.goto(company)
    await_script(page)
    page.locator("#mail-template").click()
    choice = page.get_by_label("Template")
    expect(choice).to_be_focused()
    expect(page.locator("#mail-notes")).to_contain_text("{{document_number}}")
    with page.expect_response("**/mail/draft"):
        page.keyboard.type("w")
    expect(page.locator("#subject")).to_have_value("Ja")
    expect(choice).to_be_focused()
    expect(page.locator("#mail-notes")).not_to_contain_text("{{")
    page.get_by_role("button", name="Send to Autohaus Berger GmbH").click()
    expect(page.locator("#panel-messages")).to_contain_text("Ja")
    page.locator("#mail-template").click()
    page.get_by_role("button", name="Send to Autohaus Berger GmbH").click()
    expect(page.locator("#panel-messages .message")).to_have_count(2)


def test_changed_text_stays(page: Page, company: str):
    page.goto(company)
    await_script(page)
    page.locator("#mail-template").click()
    page.locator("#subject").fill("Von Hand")
    page.get_by_label("Template").select_option("Willkommen")
    take = page.get_by_role("button", name="Take the template's text")
    expect(take).to_be_visible()
    expect(page.locator("#subject")).to_have_value("Von Hand")
    take.press("Enter")
    expect(page.locator("#subject")).to_have_value("Ja")
    expect(page.locator("#text")).to_be_focused()
    expect(take).to_have_count(0)


def test_documents_are_found_and_taken_along(write: Page, company: str):
    write.get_by_text("From the customer's documents").click()
    write.get_by_label("Search documents by name").fill("vertrag")
    attach = write.locator("#mail-documents").get_by_role("button")
    expect(attach).to_have_count(1)
    attach.press("Enter")
    expect(write.locator("#mail-files bdi")).to_have_text(["Vertrag.pdf"])
    expect(attach).to_be_focused()


def test_what_is_dropped_beside_is_no_document(write: Page):
    write.evaluate(DROP, ["#subject", ["a.pdf"]])
    write.keyboard.press("Escape")
    expect(write.locator("#panel-documents .document-name")).to_have_count(2)


@WINDOWS
def test_it_looks_well(page: Page, company: str, axe: Callable[[Page], None]):
    page.goto(company)
    await_script(page)
    page.locator("#mail-template").click()
    expect(page.locator("#mail-form")).to_be_visible()
    page.set_input_files("#files", file("a.pdf"))
    expect(page.locator("#mail-files bdi")).to_have_count(1)
    page.get_by_text("Cc and Bcc").click()
    page.get_by_text("From the customer's documents").click()
    axe(page)
    assert fits(page)
    page.get_by_label("Also to").fill("quatsch")
    page.get_by_role("button", name="Send to Autohaus Berger GmbH").click()
    expect(page.get_by_role("alert")).to_contain_text("Not sent yet.")
    expect(page.get_by_label("Also to")).to_be_focused()
    axe(page)
    page.goto(f"{company}/mail/new")
    axe(page)
    assert fits(page)
