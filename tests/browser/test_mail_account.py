"""Setting up the mail server and trying it, in Chromium."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.core import outbox
from app.core.database import db
from app.core.outbox import Never
from tests import mails
from tests.browser.conftest import await_script, fits
from tests.browser.test_appearance import WINDOWS


@pytest.fixture
def account(served: tuple[Flask, str]) -> None:
    """An account that is open on its way, which the page warns of."""
    app, _url = served
    with app.app_context():
        mails.set_up(host="mail.example.com", security="none")


@WINDOWS
@pytest.mark.usefixtures("account")
def test_it_is_readable_for_everybody(page: Page, axe: Callable):
    page.goto("/settings/mail")
    await_script(page)
    page.click("#mail-test-start")
    expect(page.locator("#mail-test")).to_contain_text("The worker is not running")
    axe(page)
    assert fits(page), "scrolls sideways"
    page.click("#mail-account-remove")
    expect(page.get_by_role("dialog")).to_contain_text("mail.example.com")
    axe(page)


@pytest.mark.usefixtures("account")
def test_the_state_is_told_until_it_is_final(page: Page, served: tuple[Flask, str]):
    app, _url = served
    page.goto("/settings/mail")
    await_script(page)
    page.locator("#mail-test-start").press("Enter")
    state = page.locator("#mail-test")
    expect(state).to_contain_text("The worker is not running")
    with app.app_context():
        entry = mails.take("mail_test")
        expect(state).to_contain_text("Talking to the mail server")
        outbox.fail(entry.id, Never("login_refused", "535 5.7.8 no"))
        db.session.rollback()
    expect(state).to_contain_text("refuses the user or the password")
    expect(state).to_contain_text("The server says: 535 5.7.8 no")
    expect(state.locator("form")).to_have_count(0)
    expect(page.locator("#mail-test-start")).to_be_focused()
    page.locator("#mail-test-start").press("Enter")
    expect(state).to_contain_text("The worker is not running")


@pytest.mark.usefixtures("account")
def test_the_password_is_typed_and_never_shown(page: Page):
    page.goto("/settings/mail")
    page.get_by_label("User", exact=True).fill("info")
    page.get_by_label("Password", exact=True).fill("streng-geheim")
    page.get_by_label("Encryption").select_option("tls")
    page.get_by_label("Port", exact=True).fill("0")
    page.get_by_label("Port", exact=True).press("Control+Enter")
    expect(page.locator("#port-error")).to_be_visible()
    expect(page.locator("#password-warning")).to_contain_text("Please type the password again.")
    expect(page.get_by_label("Password", exact=True)).to_have_value("")
    page.get_by_label("Port", exact=True).fill("465")
    page.get_by_label("Password", exact=True).fill("streng-geheim")
    page.get_by_label("Port", exact=True).press("Control+Enter")
    expect(page.get_by_text("Mail server saved")).to_be_visible()
    assert "geheim" not in page.content()
