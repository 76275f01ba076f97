"""Templates in a real browser: written with the preview beside, placeholders put at the caret."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.core.database import db
from app.domain.templates import archive, services
from tests.browser.conftest import await_script, fits
from tests.browser.test_appearance import WINDOWS


@pytest.fixture
def template(served: tuple[Flask, str]) -> int:
    """A template of the archive, in a category."""
    app, _url = served
    with app.app_context():
        draft = archive.draft("mail", "en", "payment_reminder")
        category_id = services.create_category(draft.category)
        values = {"name": draft.name, "language": draft.language, "category_id": category_id}
        texts = {"subject": draft.subject, "body": draft.body}
        template_id = services.create_template("mail", values | texts)
        db.session.commit()
        return template_id


@WINDOWS
def test_how_it_looks(page: Page, template: int, customer: Callable, axe: Callable):
    customer(kind="company", company="Autohaus Berger GmbH")
    lists = ("/templates", "/templates?kind=letter", "/templates/archive")
    for path in (*lists, f"/templates/{template}"):
        page.goto(path)
        axe(page)
        assert fits(page), f"{path} scrolls sideways"
    page.goto(f"/templates/{template}/edit")
    await_script(page)
    page.locator("#template-body").fill("{{frist_name}} {{birthday}} {{amount}}")
    page.locator("#preview-find").fill("berger")
    meant = "Did you mean “First name” ({{first_name}})?"
    expect(page.locator("#template-preview")).to_contain_text(meant)
    expect(page.locator("#preview-hits")).to_contain_text("Autohaus Berger GmbH")
    axe(page)
    assert fits(page)
    page.get_by_role("button", name="Save template").click()
    expect(page.locator("#template-body")).to_be_focused()
    axe(page)


@WINDOWS
def test_dialogs(page: Page, template: int, axe: Callable):
    page.goto("/templates")
    await_script(page)
    for opener in ("#template-new", "#category-new", "#category-1-edit"):
        page.locator(opener).click()
        expect(page.locator("#modal")).to_be_visible()
        axe(page)
        page.keyboard.press("Escape")
        expect(page.locator(opener)).to_be_focused()


def test_the_preview_follows_what_is_typed(page: Page, template: int, customer: Callable):
    customer(first_name="Kim", last_name="Vorschau", salutation="mx")
    page.goto(f"/templates/{template}/edit")
    await_script(page)
    preview, body = page.locator("#template-preview"), page.locator("#template-body")
    expect(preview).to_contain_text("Dear Kim Vorschau,")
    page.locator("#template-language").select_option("de")
    expect(preview).to_contain_text("Guten Tag Kim Vorschau,")
    body.press("Control+Home")
    page.keyboard.type("Zuerst: {{town}}. ", delay=15)
    expect(preview).to_contain_text("Zuerst: Köln. Guten Tag")
    assert body.input_value().startswith("Zuerst: {{town}}. {{salutation}}")
    expect(body).to_be_focused()


def test_another_customer_keeps_what_was_typed(page: Page, template: int, customer: Callable):
    customer(first_name="Kim", last_name="Vorschau")
    customer(first_name="Toni", last_name="Zweite")
    page.goto(f"/templates/{template}/edit")
    await_script(page)
    page.locator("#template-subject").fill("Für {{first_name}}")
    find = page.locator("#preview-find")
    find.fill("vorschau")
    expect(page.locator("#preview-hits")).to_contain_text("Vorschau, Kim")
    find.press("ArrowDown")
    page.locator("#preview-hits button").press("Enter")
    expect(page.locator("#template-preview")).to_contain_text("Für Kim")
    expect(page.locator("#preview-hits")).to_be_empty()
    expect(page.locator("#template-subject")).to_have_value("Für {{first_name}}")
    page.locator("#template-subject").press("End")
    page.keyboard.type("!")
    expect(page.locator("#template-preview")).to_contain_text("Für Kim!")


def test_a_placeholder_goes_to_the_caret_and_can_be_undone(
    page: Page, template: int, customer: Callable
):
    customer(first_name="Kim")
    page.goto(f"/templates/{template}/edit")
    await_script(page)
    subject = page.locator("#template-subject")
    subject.fill("Hello !")
    subject.press("ArrowLeft")
    page.locator("#palette-find").fill("first name")
    expect(page.locator("#palette-list button:visible")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#insert-first_name")).to_be_focused()
    page.keyboard.press("Enter")
    expect(subject).to_have_value("Hello {{first_name}}!")
    expect(subject).to_be_focused()
    expect(page.locator("#template-preview")).to_contain_text("Hello Kim!")
    page.keyboard.press("Control+z")
    expect(subject).to_have_value("Hello !")


def test_removing_can_be_undone(page: Page, template: int):
    page.goto("/templates")
    await_script(page)
    page.locator(f"#template-{template}-remove").click()
    expect(page.locator("#template-list")).to_contain_text("Nothing in this category yet.")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#template-list")).to_contain_text("Payment reminder")


def test_typing_finds_templates_by_name_and_category(page: Page, template: int):
    page.goto("/templates")
    await_script(page)
    line = page.locator(f"#template-{template}")
    for word, found in (("paym", True), ("remind", True), ("zebra", False)):
        page.locator("#templates-find").fill(word)
        expect(line).to_be_visible(visible=found)
