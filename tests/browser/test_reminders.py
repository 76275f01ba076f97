"""Reminders in a browser: looked through by keyboard, made, followed without reloading, sent."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.core.database import db
from app.core.i18n import today
from app.domain.factura import paper
from app.domain.factura import services as factura
from app.domain.factura.models import FacturaDocument
from app.domain.reminders import queries, services
from tests.browser.conftest import await_script, fits
from tests.factories import invoice_values
from tests.mails import set_up

DARK = {"color_scheme": "dark"}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
LIST = re.compile(r"/reminders$")


@pytest.fixture
def overdue(served: tuple[Flask, str], customer: Callable[..., int]) -> Flask:
    """Three invoices that were not paid in time; one customer has no e-mail address."""
    app, _url = served
    mails = [{"label": "", "address": "anton@example.com"}], [], None
    for number, emails in enumerate(mails, start=1):
        given = {} if emails is None else {"emails": emails}
        customer_id = customer(last_name=f"Säumig {number}", **given)
        with app.app_context():
            due_on = today() - timedelta(number * 10)
            values = {"number": f"RE-{number}", "due_on": due_on}
            values["issued_on"] = due_on - timedelta(14)
            factura.add_document(customer_id, invoice_values(**values))
            db.session.commit()
    with app.app_context():
        set_up()
        values = queries.editable(queries.level(2)).values
        services.save_level(2, values | {"fee": Decimal(5)})
        db.session.commit()
    return app


def draw(app: Flask) -> None:
    """What the worker draws."""
    with app.app_context():
        found = select(FacturaDocument.id).where(FacturaDocument.kind == "reminder")
        for document_id in db.session.scalars(found).all():
            paper.pdf_of(document_id)


def test_from_the_list_to_the_mails_by_keyboard(page: Page, overdue: Flask):
    page.goto("/reminders")
    await_script(page)
    make = page.locator("#reminder-make")
    expect(make).to_have_text("Make reminders (3)")
    page.locator("#tick-1").focus()
    page.keyboard.press("Space")
    expect(make).to_have_text("Make reminders (2)")
    for key in ("Enter", "Control+Enter"):
        page.keyboard.press(key)
        expect(page).to_have_url(LIST)
        expect(make).to_have_text("Make reminders (2)")
    page.locator("#preview-2").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("img")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#preview-2")).to_be_focused()
    make.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="2 reminders were made")).to_be_visible()
    expect(page.locator("#reminder-mail")).to_have_count(0)
    draw(overdue)
    expect(page.locator("#reminder-mail")).to_have_text("Send by e-mail (1)")
    expect(page.locator("#reminder-poll")).to_have_count(0)
    with page.expect_download() as download:
        page.get_by_role("link", name="Print those without e-mail (1)").click()
    assert download.value.suggested_filename.endswith(".pdf")
    page.locator("#reminder-mail").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("1 reminder goes by e-mail")
    expect(page.locator("#reminder-mail")).to_have_count(0)


def test_the_level_that_is_chosen_is_looked_at(page: Page, overdue: Flask):
    page.goto("/reminders")
    await_script(page)
    page.locator("#level-3").select_option("3")
    page.locator("#preview-3").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_have_text("Reminder of RE-3, 3rd level")
    page.locator("#preview-change").click()
    expect(page.locator("#reminder-subject")).to_have_value("Letzte Mahnung zur Rechnung RE-3")
    page.locator("#reminder-intro").fill("Guten Tag,")
    page.locator("#level-2:visible >> nth=-1").click()
    expect(page.locator("#reminder-subject")).to_have_value("2. Mahnung zur Rechnung RE-3")
    expect(dialog).to_contain_text("€340.00 + €5.00 fee = €345.00")
    expect(page.locator("#reminder-intro")).to_have_value("Guten Tag,")
    page.locator("#reminder-subject").fill("Bitte zahlen")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/factura/\d+$"))
    expect(page.locator("main")).to_contain_text("Bitte zahlen")


def test_somebody_is_not_reminded_for_a_while(page: Page, overdue: Flask):
    with overdue.app_context():
        until = today() + timedelta(20)
    page.goto("/reminders")
    await_script(page)
    page.locator("#pause-1").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(dialog).to_contain_text("Please give a day.")
    page.locator("#pause-until").fill(until.isoformat())
    page.keyboard.press("Control+Enter")
    expect(page.locator("#pauses-title")).to_be_visible()
    expect(page.locator("#invoice-1")).to_have_count(0)
    page.locator("#resume-1").click()
    expect(page.locator("#invoice-1")).to_be_visible()


@pytest.mark.parametrize("window", [{}, DARK, PHONE], ids=["light", "dark", "phone"], indirect=True)
def test_accessible(page: Page, overdue: Flask, axe: Callable[[Page], None]):
    page.goto("/reminders")
    await_script(page)
    page.locator("#tick-2").uncheck()
    axe(page)
    assert fits(page)
    page.locator("#preview-1").click()
    expect(page.get_by_role("dialog").get_by_role("img")).to_be_visible()
    axe(page)
    page.locator("#preview-change").click()
    expect(page.locator("#reminder-form")).to_be_visible()
    axe(page)
    page.keyboard.press("Escape")
    page.locator("#reminder-make").click()
    expect(page.get_by_role("heading", name="2 reminders were made")).to_be_visible()
    draw(overdue)
    expect(page.locator("#reminder-mail")).to_be_visible()
    axe(page)
    assert fits(page)
    for url in ("/reminders/runs", "/settings/reminders", "/settings/reminders/1"):
        page.goto(url)
        axe(page)
        assert fits(page)
