"""From a quote to a credit note, by plain forms: numbers, papers, and a mail that arrives."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.core import rendering
from app.core.database import db, happening, now
from app.core.worker import Worker
from app.domain.factura import services
from app.domain.mailing.models import MailAccount
from tests.browserless import Browser
from tests.factories import draft_values
from tests.sink import Server, sink


@pytest.fixture
def server(app: Flask) -> Iterator[Server]:
    """A mail server, and the account of the team there."""
    with sink() as server:
        with app.app_context():
            account = MailAccount(id=1, host="127.0.0.1", port=server.port, security="none")
            account.from_name, account.from_address = "Tanzschule", "post@example.com"
            account.secret = ""
            db.session.add(account)
            db.session.commit()
        yield server


@pytest.fixture
def _renderer() -> Iterator[None]:
    yield
    rendering.stop()


@pytest.fixture
def quote_id(app: Flask, make_customer: Callable[..., int]) -> int:
    customer_id = make_customer()
    with app.app_context():
        document_id = services.add_draft(draft_values(customer_id, "quote"))
        db.session.commit()
        return document_id


def follow(browser: Browser, url: str, **sent: Any) -> str:
    """Press a button and follow to the page it leads to; the address of that."""
    answer = browser.post(url, sent)
    assert answer.status_code == 303, answer.text
    return answer.location


def issue(browser: Browser, document_id: int) -> str:
    """Issue a draft by its form; the words of its page then."""
    url = f"/factura/{document_id}/issue"
    return browser.get(follow(browser, url, **browser.fields(url))).text


def begin(browser: Browser, document_id: int, kind: str) -> int:
    """Make a document of a kind from another; its id."""
    here = follow(browser, f"/factura/{document_id}/follow-up", kind=kind, key=kind)
    found = re.fullmatch(r"/factura/(\d+)/edit", here)
    assert found
    return int(found[1])


@pytest.mark.usefixtures("_renderer")
def test_from_the_quote_to_the_credit_note(app: Flask, ben: Browser, quote_id: int, server: Server):
    assert "AN-" in issue(ben, quote_id) or "QU-" in ben.get(f"/factura/{quote_id}").text
    follow(ben, f"/factura/{quote_id}/answer", move="accept")
    order_id = begin(ben, quote_id, "order_confirmation")
    issue(ben, order_id)
    note_id = begin(ben, order_id, "delivery_note")
    issue(ben, note_id)
    invoice_id = begin(ben, note_id, "invoice")
    page = issue(ben, invoice_id)
    number = re.search(r"Invoice ((?:RE|IN)-\d{4}-0001)", page)
    assert number

    written = follow(ben, f"/factura/{invoice_id}/mail")
    form = ben.fields(written)
    follow(ben, written, **form)
    with happening(now() + timedelta(seconds=11)):
        Worker(app).look()
    (mail,) = server.messages
    assert mail.recipients == ["tanja@example.com"]
    assert number[1] in (mail.parsed["Subject"] or "")
    (file,) = mail.parsed.iter_attachments()
    assert file.get_content() == ben.get(f"/factura/{invoice_id}/pdf").data
    page = ben.get(f"/factura/{invoice_id}").text
    assert "tanja@example.com" in page
    assert "/customers/1/messages/" in page
    assert number[1] in ben.get("/customers/1/messages").text

    here = follow(ben, f"/factura/{invoice_id}/cancellation")
    page = ben.get(here).text
    assert "cancelled" in page
    credit = re.search(r'href="(/factura/\d+)">Credit note', page)
    assert credit
    assert ben.get(f"{credit[1]}/pdf").data.startswith(b"%PDF")
