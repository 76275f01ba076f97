"""Serials in a browser: looked at, turned over, followed without reloading, held back."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.core import audit, outbox
from app.core.database import db
from app.domain.customers.queries import found_ids
from app.domain.serials import services
from app.domain.serials.check import Text, look
from app.domain.serials.models import Serial
from app.domain.serials.production import produce
from app.domain.templates import queries as templates
from app.domain.templates.services import create_template
from tests.browser.conftest import await_script, fits
from tests.mails import set_up

DARK = {"color_scheme": "dark"}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


@pytest.fixture
def mailing(served: tuple[Flask, str]) -> Flask:
    """A mail template that greets, and a mail server."""
    app, _url = served
    with app.app_context():
        set_up()
        text = {
            "subject": "Fest für {{first_name}}",
            "body": "{{salutation}}\n\n{{customer_number}}",
        }
        create_template(
            "mail", text | {"name": "Sommerfest", "language": "de", "category_id": None}
        )
        db.session.commit()
    return app


@pytest.fixture
def draft(mailing: Flask) -> str:
    """The address of a serial for twelve, which is to be checked."""
    with mailing.app_context(), audit.acting(1, "Anna Admin"):
        template = templates.template(1)
        ids = found_ids("meier", None, 12)
        serial_id = services.draft_serial(template, {}, look(Text.of(template, {}), ids))
        db.session.commit()
    return f"/serials/{serial_id}"


def work(app: Flask) -> None:
    """What the worker makes."""
    with app.app_context(), audit.acting(1, "Anna Admin"):
        for serial_id in db.session.scalars(select(Serial.id)).all():
            db.session.rollback()
            for _step in produce(serial_id):
                db.session.commit()


def deliver(app: Flask, count: int) -> None:
    with app.app_context():
        for _n in range(count):
            entry = outbox.take(["mail"])
            assert entry is not None
            outbox.confirm(entry.id)


def test_from_the_ticks_to_the_last_mail(page: Page, mailing: Flask):
    page.goto("/customers?q=meier")
    await_script(page)
    for place in (0, 1, 2):
        page.locator("tbody input[name=customer]").nth(place).click()
    page.locator("#bulk-serials-new_mails").click()
    page.locator("#template-find").fill("sommer")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/serials/\d+$"))
    expect(page.get_by_role("heading", name="3 customers get it")).to_be_visible()
    expect(page.locator("#serial-preview")).to_contain_text("Fest für Person P000")
    page.locator("#serial-next").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#serial-preview")).to_contain_text("Fest für Person P001")
    expect(page.locator("#serial-next")).to_be_focused()
    page.get_by_role("button", name="Send 3 mails").click()
    expect(page.locator(".serial-told")).to_have_text("0 of 3 sent")
    work(mailing)
    deliver(mailing, 1)
    expect(page.locator(".serial-told")).to_have_text("1 of 3 sent")
    page.locator("#serial-pause").click()
    expect(page.locator("#serial-resume")).to_be_visible()
    expect(page.locator("#serial-poll")).to_have_count(0)
    page.locator("#serial-resume").click()
    expect(page.locator("#serial-pause")).to_be_visible()
    work(mailing)
    deliver(mailing, 2)
    expect(page.locator(".serial-told")).to_have_text("3 of 3 sent")
    expect(page.locator("#serial-poll")).to_have_count(0)


def test_what_is_typed_and_focused_outlives_the_polling(page: Page, mailing: Flask, draft: str):
    page.goto(draft)
    page.locator("#serial-start").click()
    expect(page.locator("#serial-poll")).to_be_attached()
    page.locator("#serial-q").press_sequentially("P00")
    work(mailing)
    deliver(mailing, 1)
    expect(page.locator(".serial-told")).to_have_text("1 of 12 sent")
    expect(page.locator("#serial-q")).to_be_focused()
    expect(page.locator("#serial-q")).to_have_value("P00")


def test_calling_off_names_what_is_lost(page: Page, mailing: Flask, draft: str):
    page.goto(draft)
    page.locator("#serial-start").click()
    await_script(page)
    page.locator("#serial-cancel").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("12 mails have not been sent yet")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("#serial-cancel")).to_be_focused()
    page.locator("#serial-cancel").click()
    dialog.get_by_role("button", name="Call off", exact=True).click()
    expect(dialog).to_be_hidden()
    expect(page.locator(".serial-told")).to_have_text("0 of 12 sent, 12 called off")


@pytest.mark.parametrize("window", [{}, DARK, PHONE], ids=["light", "dark", "phone"], indirect=True)
def test_accessible(page: Page, mailing: Flask, draft: str, axe: Callable[[Page], None]):
    page.goto(draft)
    axe(page)
    assert fits(page)
    page.locator("#serial-start").click()
    expect(page.locator("#serial-poll")).to_be_attached()
    work(mailing)
    deliver(mailing, 1)
    expect(page.locator(".serial-told")).to_have_text("1 of 12 sent")
    axe(page)
    assert fits(page)
    page.locator("#serial-cancel").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    axe(page)
    page.goto("/serials")
    axe(page)
    assert fits(page)
