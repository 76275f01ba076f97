"""The letter dialog in a real browser: the sheet beside the words, keys, focus, print, axe."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Dialog, Page, Route, expect
from pypdf import PdfReader

from app.core.database import db
from app.domain.banking.services import save_team_account
from app.domain.settings.models import DEFAULTS
from app.domain.settings.services import save_team
from app.domain.templates import services as templates
from tests.browser.conftest import await_script, fits
from tests.browser.test_appearance import WINDOWS
from tests.samples.letters import ACCOUNT

SOON = 20_000
"""Milliseconds for the first picture: its process is only just started."""


@pytest.fixture
def company(served: tuple[Flask, str], customer: Callable[..., int]) -> str:
    """The overview of a company with a contact person; there are templates and an account."""
    app, _url = served
    customer_id = customer(kind="company", company="Autohaus Berger GmbH")
    with app.app_context():
        save_team(DEFAULTS | {"name": "Tanzschule", "street": "Weg", "town": "Köln"})
        save_team_account(ACCOUNT)
        for name, body in (("Kurz", "{{salutation}}\n\nkurz."), ("Lang", "Zeile\n" * 60)):
            values = {"name": name, "language": "de", "category_id": None, "subject": name}
            templates.create_template("letter", values | {"body": body})
        db.session.commit()
    return f"/customers/{customer_id}"


@pytest.fixture
def write(page: Page, company: str) -> Page:
    """The dialog is open and shows its first page."""
    page.goto(company)
    await_script(page)
    page.locator("#letters-new").click()
    expect(sheet(page)).to_be_visible(timeout=SOON)
    return page


def sheet(page: Page) -> Any:
    return page.locator("#letter-preview img")


def test_the_sheet_follows_the_words(write: Page):
    before = sheet(write).get_attribute("src")
    write.locator("#subject").fill("Einladung")
    expect(sheet(write)).not_to_have_attribute("src", before or "")
    write.locator("#template").select_option(label="Lang")
    expect(write.get_by_text("Your text was changed by hand")).to_be_visible()
    write.locator("#letter-replace").click()
    expect(write.locator("#subject")).to_have_value("Lang")
    expect(write.get_by_text("Page 1 of 2")).to_be_visible()
    write.locator("#letter-page-after").click()
    expect(write.get_by_text("Page 2 of 2")).to_be_visible()
    expect(write.locator("#letter-page-before")).to_be_enabled()


def test_a_template_is_taken_by_keys_before_the_first_sheet_is_there(page: Page, company: str):
    page.goto(company)
    await_script(page)
    page.locator("#letters-new").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#template")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#subject")).to_have_value("Kurz", timeout=SOON)
    page.keyboard.press("ArrowDown")
    expect(page.locator("#subject")).to_have_value("Lang", timeout=SOON)
    expect(page.get_by_text("Page 1 of 2")).to_be_visible()
    page.keyboard.press("ArrowUp")
    expect(page.locator("#subject")).to_have_value("Kurz")
    expect(page.locator("#template")).to_be_focused()
    expect(page.locator("#letter-replace")).to_be_hidden()


def test_what_is_typed_before_a_template_comes_stands(write: Page):
    held: list[Route] = []
    write.route("**/letters/filled", lambda route: held.append(route), times=1)
    with write.expect_request("**/letters/filled"):
        write.locator("#template").select_option(label="Kurz")
    write.locator("#text").fill("Von Hand")
    held[0].continue_()
    expect(write.locator("#letter-replace")).to_be_visible()
    expect(write.locator("#text")).to_have_value("Von Hand")
    write.locator("#letter-replace").click()
    expect(write.locator("#subject")).to_have_value("Kurz")


def test_enter_looks_and_does_not_finish(write: Page):
    before = sheet(write).get_attribute("src")
    write.locator("#subject").fill("Einladung")
    write.keyboard.press("Enter")
    expect(sheet(write)).not_to_have_attribute("src", before or "")
    expect(write.locator("#subject")).to_be_focused()


def test_what_was_typed_is_not_lost_by_escape(write: Page):
    questions: list[str] = []

    def refuse(asked: Dialog) -> None:
        questions.append(asked.message)
        asked.dismiss()

    write.on("dialog", refuse)
    write.locator("#text").fill("Lange geschrieben")
    for _press in range(3):
        write.keyboard.press("Escape")
    assert len(questions) == 3
    expect(write.locator("#text")).to_have_value("Lange geschrieben")


def test_a_letter_is_finished_by_keys_alone(page: Page, company: str):
    page.goto(company)
    await_script(page)
    page.locator("#letters-new").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#template")).to_be_focused()
    page.keyboard.press("Control+Enter")
    download = page.locator("#letter-file")
    expect(download).to_be_focused(timeout=SOON)
    expect(page.locator("#panel-messages")).to_contain_text("Letter")
    with page.expect_download() as saved:
        page.keyboard.press("Enter")
    assert saved.value.suggested_filename.endswith("Autohaus Berger GmbH.pdf")
    page.keyboard.press("Escape")
    expect(page.locator("#letters-new")).to_be_focused()


def test_what_stands_open_is_named_at_its_field(write: Page):
    write.locator("#text").fill("Bis {{due_date}}.")
    write.get_by_role("button", name="Finish letter").click()
    expect(write.locator("#text-error")).to_contain_text("{{due_date}}")
    expect(write.locator("#text")).to_be_focused()


def test_a_finished_letter_is_printed_without_anything_around_it(write: Page):
    write.get_by_role("button", name="Finish letter").click()
    way = write.locator("#letter-print").get_attribute("href", timeout=SOON)
    write.goto(way or "")
    write.emulate_media(media="print")
    expect(write.locator(".paper img")).to_be_visible()
    expect(write.locator("h1")).to_be_hidden()
    assert write.locator(".paper img").evaluate("img => img.offsetWidth") > 790
    paper = PdfReader(io.BytesIO(write.pdf(prefer_css_page_size=True)))
    assert len(paper.pages) == 1


@WINDOWS
def test_it_is_accessible_and_fits(write: Page, axe: Callable[[Page], None]):
    axe(write)
    assert fits(write)
    write.get_by_role("button", name="Finish letter").click()
    expect(write.locator("#letter-file")).to_be_focused(timeout=SOON)
    axe(write)


@WINDOWS
def test_so_are_its_settings(page: Page, company: str, axe: Callable[[Page], None]):
    page.goto("/settings/letters")
    expect(sheet(page)).to_be_visible(timeout=SOON)
    before = sheet(page).get_attribute("src")
    page.locator("[value=swiss]").check()
    expect(sheet(page)).not_to_have_attribute("src", before or "")
    axe(page)
    assert fits(page)
    page.goto("/settings/bank")
    axe(page)
    assert fits(page)
