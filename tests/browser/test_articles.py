"""Articles and Factura settings in a real browser: by keyboard alone, live prices and numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.core.database import db
from app.domain.articles import services
from app.domain.factura import texts
from tests.browser.conftest import await_script, fits
from tests.browser.test_appearance import WINDOWS
from tests.factories import article_values, text_values


@pytest.fixture
def articles(served: tuple[Flask, str]) -> None:
    """Two articles, one of them inactive, and a text block."""
    app, _url = served
    with app.app_context():
        services.create_article(article_values(number="1001", text="Einzeln\noder zu zweit"))
        services.create_article(article_values(number="1002", name="Sommerfest"))
        services.activate_article(2, False)
        texts.create_text(text_values())
        db.session.commit()


@WINDOWS
def test_how_it_looks(page: Page, articles: None, axe: Callable):
    for path in ("/articles?show=all", "/articles?q=nirgends"):
        page.goto(path)
        axe(page)
        assert fits(page), f"{path} scrolls sideways"
    page.goto("/articles")
    await_script(page)
    for opener in ("#article-new", "#article-1-edit", "#article-1-delete"):
        page.locator(opener).click()
        expect(page.locator("#modal")).to_be_visible()
        axe(page)
        page.keyboard.press("Escape")
        expect(page.locator(opener)).to_be_focused()


@WINDOWS
def test_how_the_settings_look(page: Page, articles: None, axe: Callable):
    for path in ("/settings/factura", "/settings/factura/texts"):
        page.goto(path)
        axe(page)
        assert fits(page), f"{path} scrolls sideways"
    await_script(page)
    for path, opener in (
        ("/settings/factura/texts", "#text-1-edit"),
        ("/settings/factura", "#range-invoice"),
    ):
        page.goto(path)
        await_script(page)
        page.locator(opener).click()
        expect(page.locator("#modal")).to_be_visible()
        axe(page)
        page.keyboard.press("Escape")
        expect(page.locator(opener)).to_be_focused()


def test_an_article_by_keyboard_alone(page: Page, articles: None):
    page.goto("/articles")
    await_script(page)
    page.locator("#article-new").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#article-name")).to_be_focused()
    expect(page.locator("#article-number")).to_have_value("1003")
    page.keyboard.type("Übungsabend")
    for text in ("Acht Abende", None, "Abend", "12,50"):
        page.keyboard.press("Tab")
        if text:
            page.keyboard.type(text)
    expect(page.locator("#article-other")).to_have_text("€14.875 gross, with tax")
    page.locator("#article-tax").select_option("reduced")
    expect(page.locator("#article-other")).to_have_text("€13.375 gross, with tax")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("Article Übungsabend created")
    expect(page.locator("#modal")).to_be_hidden()
    expect(page.locator("#article-new")).to_be_focused()
    expect(page.locator("#articles")).to_contain_text("Übungsabend")


def test_what_is_refused_is_kept_and_focused(page: Page, articles: None):
    page.goto("/articles")
    await_script(page)
    page.locator("#article-new").click()
    page.locator("#article-name").fill("Kurs")
    page.locator("#article-price").fill("1.234")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#article-price")).to_be_focused()
    expect(page.locator("#article-price")).to_have_value("1.234")
    expect(page.locator("#article-price-error")).to_contain_text("Thousands or decimals?")


def test_set_inactive_and_taken_back(page: Page, articles: None):
    page.goto("/articles")
    await_script(page)
    page.locator("#article-1-activate").click()
    expect(page.locator("#articles")).to_contain_text("No article is like this.")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#articles")).to_contain_text("Privatstunde")


def test_the_search_follows_what_is_typed(page: Page, articles: None):
    page.goto("/articles")
    await_script(page)
    page.locator("#show").select_option("all")
    expect(page.locator("#articles")).to_contain_text("Sommerfest")
    page.locator("#q").press_sequentially("priv")
    expect(page.locator("#articles")).not_to_contain_text("Sommerfest")
    expect(page.locator("#articles")).to_contain_text("Privatstunde")
    expect(page).to_have_url("/articles?q=priv&show=all")


def test_the_next_number_follows_what_is_typed(page: Page):
    page.goto("/settings/factura")
    await_script(page)
    page.locator("#range-invoice").click()
    page.locator("#range-year").uncheck()
    page.locator("#range-prefix").fill("R/")
    page.locator("#range-start").fill("120")
    expect(page.locator("#range-example")).to_have_text("R/0120")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#ranges")).to_contain_text("R/0120")
    expect(page.locator("#range-invoice")).to_be_focused()


def test_the_sentence_of_the_law_appears(page: Page):
    page.goto("/settings/factura")
    await_script(page)
    page.get_by_label("Tax", exact=True).select_option("small_business")
    expect(page.locator("#treatment-sentence")).to_contain_text("§ 19")


def test_a_text_block_is_removed_and_comes_back(page: Page, articles: None):
    page.goto("/settings/factura/texts")
    await_script(page)
    page.locator("#text-1-remove").click()
    expect(page.locator("#text-1")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#text-1")).to_contain_text("Vielen Dank!")
