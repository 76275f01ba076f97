"""Documents written in a real browser: by keys alone, while the server counts along."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask
from playwright.sync_api import Dialog, Page, Route, expect

from app.core.database import db
from app.domain.articles.services import create_article
from app.domain.factura import queries, services
from app.domain.factura.rules import LineValues
from tests.browser.conftest import await_script, fits
from tests.browser.test_appearance import WINDOWS


@pytest.fixture
def customer_id(served: tuple[Flask, str], customer: Callable[..., int]) -> int:
    """A customer; there are two articles of different tax rates."""
    app, _url = served
    with app.app_context():
        for number, name, price, tax in (
            ("SLA-1", "SLA Gold", "100", "standard"),
            ("B-7", "Handbuch", "20", "reduced"),
        ):
            values = {"number": number, "name": name, "price": Decimal(price), "tax": tax}
            more = {"text": "", "unit": "Stück", "currency": "EUR", "is_gross": False}
            create_article(values | more)
        db.session.commit()
    return customer()


@pytest.fixture
def write(page: Page, customer_id: int) -> Page:
    """A new invoice, ready to be written."""
    page.goto(f"/factura/new?kind=invoice&customer={customer_id}")
    await_script(page)
    expect(page.locator("#factura-form")).to_have_attribute("data-htmx-powered", "true")
    return page


@pytest.fixture
def draft(served: tuple[Flask, str], customer_id: int) -> Callable[[], int]:
    """Keep an invoice of two lines and get its id."""
    app, _url = served

    def make() -> int:
        lines = [LineValues(text=text, quantity=Decimal(1), price=Decimal(10)) for text in "AB"]
        with app.app_context():
            document_id = services.add_draft(
                queries.fresh("invoice", customer_id) | {"lines": lines}
            )
            db.session.commit()
            return document_id

    return make


def focused(page: Page, id: str) -> None:
    expect(page.locator(f"#{id}")).to_be_focused()


def total(page: Page, said: str) -> None:
    expect(page.locator("#factura-total")).to_have_text(said)


def tab(page: Page, times: int) -> None:
    for _ in range(times):
        page.keyboard.press("Tab")


def test_an_invoice_by_keys_alone(write: Page, served: tuple[Flask, str]):
    focused(write, "subject")
    focused(write, "subject")
    write.keyboard.type("Rechnung für Herbst")
    write.keyboard.press("Enter")
    focused(write, "lines-0-number")
    write.keyboard.type("SLA-1")
    expect(write.locator("#lines-0-text")).to_have_value("SLA Gold")
    focused(write, "lines-0-number")
    tab(write, 2)
    focused(write, "lines-0-quantity")
    write.keyboard.press("Control+a")
    write.keyboard.type("2")
    tab(write, 4)
    focused(write, "lines-0-discount")
    write.keyboard.type("10")
    write.keyboard.press("Enter")
    focused(write, "lines-1-number")
    write.keyboard.type("hand")
    write.keyboard.press("Enter")
    focused(write, "lines-2-number")
    expect(write.locator("#lines-1-number")).to_have_value("B-7")
    tab(write, 1)
    write.keyboard.type("Anfahrt")
    tab(write, 3)
    write.keyboard.type("1.030,50")
    total(write, "€1,461.90")
    expect(write.locator("#factura-totals")).to_contain_text("Tax 19 %")
    expect(write.locator("#factura-totals")).to_contain_text("Tax 7 %")
    write.keyboard.press("Control+Enter")
    write.wait_for_url("**/edit")
    focused(write, "lines-2-price")
    expect(write.locator("h1")).to_have_text("Invoice, draft")
    write.keyboard.press("Enter")
    focused(write, "lines-3-number")
    form = write.locator("#factura-form")
    form.evaluate("form => { form.title = 'older'; }")
    write.keyboard.press("Control+Enter")
    expect(form).not_to_have_attribute("title", "older")
    focused(write, "lines-3-number")
    app, _url = served
    with app.app_context():
        (line, book, way) = queries.lines(int(write.url.split("/")[-2]))
        assert (line.article_id, line.quantity, line.discount) == (1, Decimal(2), Decimal(10))
        assert (book.text, book.tax_rate, book.amount) == ("Handbuch", Decimal(7), 2000)
        assert (way.text, way.article_id, way.amount) == ("Anfahrt", None, 103050)


def test_nothing_typed_is_lost_while_the_server_counts(write: Page):
    held: list[Route] = []
    write.route("**/factura/preview", lambda route: held.append(route), times=1)
    with write.expect_request("**/factura/preview"):
        write.locator("#lines-0-number").press_sequentially("SLA-1")
    write.locator("#lines-0-text").press_sequentially("Eigene Worte")
    write.locator("#lines-0-price").press_sequentially("5")
    held[0].continue_()
    # the answer to what stood there before is thrown away, and the newest words are sent
    expect(write.locator("[name=lines-0-article]")).to_have_value("1")
    focused(write, "lines-0-price")
    write.locator("#lines-0-price").fill("7,5")
    write.locator("#lines-0-text").fill("Doch eigene Worte")
    total(write, "€8.93")
    expect(write.locator("#lines-0-text")).to_have_value("Doch eigene Worte")
    focused(write, "lines-0-text")


def test_counting_touches_no_field(write: Page):
    write.locator("#lines-0-text").fill("Beratung")
    price = write.locator("#lines-0-price")
    price.fill("100")
    price.evaluate("field => { field.mine = true; field.setSelectionRange(1, 2); }")
    total(write, "€119.00")
    assert price.evaluate("field => [field.mine, field.selectionStart, field.selectionEnd]") == [
        True,
        1,
        2,
    ]
    focused(write, "lines-0-price")


def test_lines_move_and_go_and_the_focus_stays(page: Page, draft: Callable[[], int]):
    page.goto(f"/factura/{draft()}/edit")
    await_script(page)
    page.locator("#line-1-up").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#factura-lines > li").first).to_have_id("line-1")
    focused(page, "line-1-up")
    page.locator("#line-0-drop").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#line-0")).to_have_count(0)
    focused(page, "line-add")
    total(page, "€11.90")


def test_leaving_with_unsaved_words_is_asked(write: Page):
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    write.on("dialog", stay)
    write.locator("#lines-0-text").press_sequentially("Lange geschrieben")
    write.locator("#text-add").click()
    focused(write, "lines-1-text")
    write.locator("#factura-customer-link").click()
    expect(write.locator("#lines-0-text")).to_have_value("Lange geschrieben")
    assert asked == ["beforeunload"]


def test_a_colleague_was_quicker(page: Page, draft: Callable[[], int], served: tuple[Flask, str]):
    document_id = draft()
    page.goto(f"/factura/{document_id}/edit")
    await_script(page)
    page.locator("#lines-0-text").fill("Meins")
    app, _url = served
    with app.app_context():
        values = queries.draft(document_id)
        values.pop("version")
        services.change_draft(document_id, values | {"subject": "Ihr Betreff"})
        db.session.commit()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".conflict")).to_contain_text("Ihr Betreff")
    expect(page.locator("#lines-0-text")).to_have_value("Meins")
    page.locator("[name=choose-subject][value=theirs]").check()
    page.locator("#factura-save").click()
    expect(page.locator(".toast")).to_contain_text("Draft saved")
    expect(page.locator("#subject")).to_have_value("Ihr Betreff")
    expect(page.locator("#lines-0-text")).to_have_value("Meins")


def test_what_is_wrong_is_in_sight_and_keeps_everything(write: Page):
    write.locator("#lines-0-text").fill("Beratung")
    write.locator("#lines-0-price").fill("1.234")
    write.locator("#factura-save").click()
    expect(write.locator(".summary")).to_contain_text("Line 1, Price")
    focused(write, "lines-0-price")
    expect(write.locator("#lines-0-price")).to_have_value("1.234")


def test_a_customer_is_found_by_keys(page: Page, customer_id: int):
    page.goto("/factura/new?kind=quote")
    await_script(page)
    focused(page, "factura-q")
    page.keyboard.type("müller")
    expect(page.locator(f"#factura-hit-{customer_id}")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("New quote")
    focused(page, "subject")


@WINDOWS
def test_it_is_accessible_and_fits(
    page: Page, draft: Callable[[], int], axe: Callable[[Page], None]
):
    page.goto(f"/factura/{draft()}/edit")
    await_script(page)
    axe(page)
    assert fits(page)
    page.locator("#lines-0-price").fill("1.234")
    page.locator("#factura-save").click()
    expect(page.locator(".summary")).to_be_visible()
    axe(page)
    page.goto("/factura/new?kind=invoice&customer=1")
    page.locator("#factura-customer summary").click()
    axe(page)
    assert fits(page)


@pytest.mark.parametrize("size", [(1280, 900), (1440, 700), (390, 844)])
def test_news_leave_the_buttons_free(
    page: Page, draft: Callable[[], int], size: tuple[int, int]
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"/factura/{draft()}")
    await_script(page)
    page.locator("#document-go-on").click()
    page.locator("#document-copy").click()
    expect(page.locator("#toasts .toast")).to_be_visible()
    save = page.locator("#factura-save-show")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    box, news = save.bounding_box(), page.locator("#toasts .toast").bounding_box()
    assert box
    assert news
    is_beside = box["x"] + box["width"] <= news["x"]
    assert is_beside or box["y"] + box["height"] <= news["y"]


@pytest.mark.parametrize("button", ["#line-0-down", "#line-0-drop"])
def test_moving_and_removing_a_line_is_not_lost_without_a_word(
    page: Page, draft: Callable[[], int], button: str
) -> None:
    page.goto(f"/factura/{draft()}/edit")
    await_script(page)
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", stay)
    with page.expect_response("**/edit"):
        page.locator(button).click()
    page.get_by_role("link", name="Cancel").click()
    page.wait_for_url(re.compile(r"/factura/\d+$"))
    assert asked == ["beforeunload"]
