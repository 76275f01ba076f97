"""Hint banners in a real browser: made by keyboard with a live preview, hung by a payment, axe."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.core.database import db
from app.domain.banners import services
from app.domain.banners.rules import Condition, Style
from tests.browser.conftest import await_script, fits
from tests.browser.test_appearance import WINDOWS
from tests.domain.test_banners import invoice, make_article
from tests.factories import banner_values


@pytest.fixture
def article(served: tuple[Flask, str]) -> int:
    app, _url = served
    with app.app_context():
        article_id = make_article("SLA Gold", "A-100")
        make_article("SLA Silber", "A-200")
        db.session.commit()
        return article_id


@pytest.fixture
def overview(served: tuple[Flask, str], article: int, customer: Callable[..., int]) -> str:
    """The overview of somebody with an open invoice; there is a banner of each kind."""
    app, _url = served
    customer_id = customer(last_name="Zander")
    with app.app_context():
        invoice(customer_id, article)
        for style, condition, color in zip(
            Style, Condition, ("#22543d", "#f6e05e", "#c53030"), strict=True
        ):
            values = {"style": style, "condition": condition, "color": color}
            values |= {"line1": f"Gold {condition}", "line2": "bitte nachfragen"}
            services.add_banner(banner_values(article, **values))
        db.session.commit()
    return f"/customers/{customer_id}"


@pytest.mark.usefixtures("article")
def test_one_is_made_by_keyboard_and_seen_meanwhile(page: Page):
    page.goto("/settings/banners")
    await_script(page)
    page.locator("#banner-new").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#banner-line1")).to_be_focused()
    page.keyboard.type("SLA Gold")
    preview = page.locator("#banner-preview")
    expect(preview.locator(".banner").first).to_contain_text("SLA Gold")
    page.keyboard.press("Tab")
    page.keyboard.type("rund um die Uhr")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(preview.locator(".banner[data-style=pennant]")).to_have_count(4)
    page.locator("#banner-article").focus()
    page.keyboard.type("a-1")
    expect(page.locator("#banner-articles option")).to_have_count(1)
    expect(preview).to_contain_text("An invoice with the article A-100 SLA Gold is paid in full.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    row = page.locator(".banner-row")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("rund um die Uhr")
    expect(page.locator("#banner-new")).to_be_focused()


@pytest.mark.usefixtures("article")
def test_the_colour_is_seen_before_it_is_saved(page: Page):
    page.goto("/settings/banners/new")
    await_script(page)
    page.locator("#banner-line1").fill("SLA Gold")
    page.locator("#banner-color").fill("#ffee00")
    ground = page.locator("#banner-preview .banner-ground rect").first
    expect(ground).to_have_css("fill", "rgb(255, 238, 0)")
    expect(page.locator("#banner-preview .banner").first).to_have_css("color", "rgb(0, 0, 0)")
    page.get_by_label("Frame").check()
    edges = page.locator("#banner-preview .banner-on").locator("css=.banner:first-child rect")
    expect(edges.nth(1)).to_have_css("stroke", "rgb(255, 238, 0)")
    expect(edges.nth(0)).not_to_have_css("stroke", "rgb(255, 238, 0)")


def test_moving_keeps_the_focus(page: Page, overview: str):
    page.goto("/settings/banners")
    await_script(page)
    page.locator("#up-3").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".banner-row").nth(1)).to_contain_text("Gold reminded")
    expect(page.locator("#up-3")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".banner-row").nth(0)).to_contain_text("Gold reminded")
    expect(page.locator("#down-3")).to_be_focused()


def test_a_payment_hangs_it_without_a_reload(page: Page, overview: str):
    page.goto(overview)
    await_script(page)
    header = page.locator("#panel-header")
    expect(header.locator(".banner")).to_have_text(
        ["Gold open bitte nachfragen: Why is this shown?"]
    )
    page.locator("#comment-here").fill("noch nicht gespeichert")
    page.evaluate("document.querySelector('#panel-comments').dataset.untouched = 'yes'")
    page.locator("#factura-1-payment").click()
    page.get_by_role("dialog").get_by_role("button", name="Record payment").click()
    expect(header.locator(".banner")).to_contain_text(["Gold paid"])
    expect(page.locator("#panel-comments[data-untouched]")).to_have_count(1)
    expect(page.locator("#comment-here")).to_have_value("noch nicht gespeichert")


def test_it_tells_why_and_gives_the_focus_back(page: Page, overview: str):
    page.goto(overview)
    await_script(page)
    page.locator("#panel-header a.banner").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("is not paid in full, and no reminder was sent yet.")
    expect(dialog.get_by_role("link", name="Invoice")).to_have_attribute("href", "/factura/1")
    page.keyboard.press("Escape")
    expect(page.locator("#panel-header a.banner")).to_be_focused()


@WINDOWS
def test_axe(page: Page, overview: str, axe: Callable[[Page], None]):
    for url in (overview, "/customers?q=zander", "/settings/banners"):
        page.goto(url)
        axe(page)
        assert fits(page)
    page.goto("/settings/banners")
    await_script(page)
    page.locator("#banner-edit-2").click()
    expect(page.locator("#banner-preview .banner")).to_have_count(4)
    axe(page)
    page.goto(overview)
    await_script(page)
    page.locator("#panel-header a.banner").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    axe(page)


@pytest.mark.parametrize(
    "window", [{"forced_colors": "active"}], ids=["forced colours"], indirect=True
)
def test_own_colours_and_paper_need_none_of_them(page: Page, overview: str):
    page.goto(overview)
    banner = page.locator("#panel-header a.banner")
    for media in ("screen", "print"):
        page.emulate_media(media=media)
        expect(banner.locator(".banner-ground")).to_be_hidden()
        expect(banner).to_have_css("border-top-width", "1px")
        expect(banner).to_be_visible()
