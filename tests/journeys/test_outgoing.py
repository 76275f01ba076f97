"""What leaves the house, from the mail account to a serial, against a real mail server."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.core import rendering
from app.core.database import happening, now
from app.core.worker import Worker
from tests.browserless import Browser
from tests.sink import Server, sink

TANJA = "/customers/1"
LOGIN = {"username": "team", "password": "quiet-river"}
PDF = b"%PDF-1.7 what a course costs"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    with sink(tls="starttls", user=LOGIN["username"], password=LOGIN["password"]) as server:
        assert server.authority
        server.authority.cert_pem.write_to_path(tmp_path / "authority.pem")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        yield server


@pytest.fixture
def work(app: Flask) -> Callable[[], None]:
    """A round of the worker, when everything that waits ten seconds is due."""

    def look() -> None:
        with happening(now() + timedelta(seconds=11)):
            Worker(app).look()

    return look


@pytest.fixture
def account(anna: Browser, server: Server) -> None:
    """The mail account, set up by the admin."""
    typed = LOGIN | {"host": "127.0.0.1", "port": server.port, "security": "starttls"}
    typed |= {"from_name": "Autohaus Berger", "from_address": "info@example.com"}
    save(anna, "/settings/mail", **typed)


@pytest.fixture
def tanja(make_customer: Callable[..., int]) -> None:
    assert make_customer() == 1


@pytest.fixture
def _renderer() -> Iterator[None]:
    yield
    rendering.stop()


def save(browser: Browser, url: str, **typed: Any) -> str:
    """Fill in a form, send it, and follow to the page it leads to."""
    return press(browser, url, **browser.fields(url) | typed)


def press(browser: Browser, url: str, **sent: Any) -> str:
    answer = browser.post(url, sent)
    assert answer.status_code == 303, answer.text
    return browser.get(answer.location).text


def address(page: str, pattern: str) -> str:
    """The first address in a page that looks like this."""
    found = re.search(f'(?:href|action)="({pattern})"', page)
    assert found, pattern
    return unescape(found[1])


def parts(mail: EmailMessage) -> tuple[str, dict[str | None, bytes]]:
    """The text of a mail, and its attachments by their names."""
    text = mail.get_body(("plain",))
    assert text
    files = {part.get_filename(): part.get_content() for part in mail.iter_attachments()}
    return text.get_content(), files


def add_template(ben: Browser, kind: str, **values: str) -> None:
    save(ben, f"/templates/new?kind={kind}", **{"language": "de", "category_id": ""} | values)


@pytest.mark.usefixtures("account")
def test_the_account_is_tried(anna: Browser, server: Server, work: Callable[[], None]):
    here = anna.post("/settings/mail/tests").location
    assert server.messages == []
    work()
    assert server.messages[0].recipients == ["anna@example.com"]
    assert server.logins == [("team", "quiet-river")]
    assert "To anna@example.com. Please look whether it arrives" in anna.get(here).text


@pytest.mark.usefixtures("account", "tanja")
def test_a_mail_is_taken_back_changed_and_arrives(
    ben: Browser, server: Server, work: Callable[[], None]
):
    page = save(
        ben,
        f"{TANJA}/mail/new",
        subject="Ihr Kurs",
        text="Anbei die Preise.",
        files=(BytesIO(PDF), "Preise & Termine.pdf"),
    )
    page = press(ben, address(page, rf"{TANJA}/mail/\d+/withdrawal"))
    work()
    assert server.messages == []
    assert "Anbei die Preise." in page
    assert "Preise &amp; Termine.pdf" in page

    save(ben, f"{TANJA}/mail/new", text="Anbei alle Preise.")
    assert server.messages == []
    work()
    work()
    assert [mail.recipients for mail in server.messages] == [["tanja@example.com"]]
    text, files = parts(server.messages[0].parsed)
    assert "Anbei alle Preise." in text
    assert files == {"Preise & Termine.pdf": PDF}
    page = ben.get(f"{TANJA}/messages").text
    assert "Ihr Kurs" in page
    assert page.count("Sent ") == 1
    kept = address(page, rf"{TANJA}/messages/\d+/attachments/\d+")
    assert ben.get(kept).data == PDF


@pytest.mark.usefixtures("account", "tanja")
def test_a_server_that_is_busy_gets_it_later(
    ben: Browser, server: Server, work: Callable[[], None]
):
    server.behaviour = "busy"
    save(ben, f"{TANJA}/mail/new", subject="Ihr Kurs", text="Er beginnt am Montag.")
    work()
    assert server.messages == []
    page = ben.get("/outbox").text
    assert "Not sent yet, next try" in page

    server.behaviour = "normal"
    work()
    assert server.messages == []
    press(ben, address(ben.get(f"{TANJA}/messages").text, rf"{TANJA}/messages/\d+/retry"))
    work()
    assert len(server.messages) == 1
    assert "Sent " in ben.get(f"{TANJA}/messages").text


@pytest.mark.usefixtures("account", "tanja")
def test_a_template_needs_two_clicks(ben: Browser, server: Server, work: Callable[[], None]):
    add_template(
        ben,
        "mail",
        name="Termin",
        subject="Ihr Termin in {{town}}",
        body="{{salutation}},\n\nbis bald.\n\n{{my_name}}",
    )
    save(ben, f"{TANJA}/mail/template")
    work()
    mail = server.messages[0].parsed
    assert mail["Subject"] == "Ihr Termin in Köln"
    text, _files = parts(mail)
    assert "Sehr geehrte Frau Müller," in text
    assert "Ben Staff" in text


@pytest.mark.usefixtures("account", "tanja", "_renderer")
def test_a_letter_is_finished_and_goes_with_a_mail(
    ben: Browser, server: Server, work: Callable[[], None]
):
    page = save(ben, f"{TANJA}/letters/new", subject="Vertrag", text="Anbei der Vertrag.")
    pdf = ben.get(address(page, rf"{TANJA}/messages/\d+/attachments/\d+")).data
    assert pdf.startswith(b"%PDF")
    press(ben, address(page, rf"{TANJA}/mail/with/\d+/\d+"))
    save(ben, f"{TANJA}/mail/new", subject="Ihr Vertrag", text="Siehe Anhang.")
    work()
    _text, files = parts(server.messages[0].parsed)
    assert list(files.values()) == [pdf]


@pytest.mark.usefixtures("account", "tanja")
def test_a_serial_goes_to_those_who_were_looked_at(
    ben: Browser, server: Server, work: Callable[[], None], make_customer: Callable[..., int]
):
    make_customer(last_name="Weiß", emails=[{"label": "", "address": "weiss@example.com"}])
    make_customer(last_name="Stumm", emails=[])
    add_template(ben, "mail", name="Fest", subject="Sommerfest", body="{{salutation}}, kommen Sie!")
    here = ben.post(
        "/serials/mails",
        {"customer": ["1", "2", "3"], "found": "", "begun": "1", "template_id": "1"},
    ).location
    page = ben.get(here).text
    assert "2 customers get it" in page
    work()
    assert server.messages == []

    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen
    press(ben, f"{here}/start", seen=seen[1])
    work()
    work()
    assert sorted(mail.recipients for mail in server.messages) == [
        ["tanja@example.com"],
        ["weiss@example.com"],
    ]
    assert "2 of 2 sent" in ben.get(here).text
    assert "Sommerfest" in ben.get(f"{TANJA}/messages").text
