"""The letter dialog: filled in, looked at, refused, finished, and what follows."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from html import unescape
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask, g
from sqlalchemy import select

from app.core import files, rendering
from app.core.database import db
from app.core.problems import Invalid
from app.core.rendering import Preview, RenderFailed
from app.domain.addresses import services as addresses
from app.domain.banking.services import save_team_account
from app.domain.customers import services as customers
from app.domain.letters import layout
from app.domain.mailing.models import DraftAttachment
from app.domain.messages.models import Message, MessageAttachment, MessageLink
from app.domain.templates import services as templates
from app.domain.templates.models import Template
from tests import mails
from tests.browserless import Browser, FormReader
from tests.factories import address_values, contact_person_values
from tests.fragments import parts
from tests.samples.letters import ACCOUNT

URL = "/customers/1/letters"
NEW, FILLED, PREVIEW = f"{URL}/new", f"{URL}/filled", f"{URL}/preview"
PDF = b"%PDF-1.4 exactly this"


@pytest.fixture
def customer_id(make_customer: Callable[..., int]) -> int:
    customer_id = make_customer()
    assert customer_id == 1
    return customer_id


@pytest.fixture(autouse=True)
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The documents a renderer was given; it makes the same PDF and picture of each."""
    documents: list[str] = []

    def pdf(html: str, **_more: Any) -> bytes:
        documents.append(html)
        assert not g.get("writing"), "nothing slow inside a writing transaction"
        return PDF

    def preview(html: str, page: int, _dpi: int) -> Preview:
        documents.append(html)
        return Preview(f"page {page}".encode(), 3)

    monkeypatch.setattr(rendering, "start", lambda: None)
    monkeypatch.setattr(rendering, "render_pdf", pdf)
    monkeypatch.setattr(rendering, "render_preview", preview)
    return documents


@pytest.fixture
def make_template(app: Flask) -> Callable[..., str]:
    def make(name: str, body: str, subject: str = "Betreff", language: str = "de") -> str:
        with app.app_context():
            values = {"name": name, "subject": subject, "body": body, "language": language}
            template_id = templates.create_template("letter", values | {"category_id": None})
            db.session.commit()
            return str(template_id)

    return make


def do(app: Flask, act: Callable[[], Any]) -> Any:
    with app.app_context():
        done = act()
        db.session.commit()
        return done


def letters(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        rows = db.session.execute(select(Message.subject, Message.body).order_by(Message.id))
        return [(row.subject, row.body) for row in rows]


def text_of(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", html))


class TestBegun:
    def test_an_empty_one_greets_and_closes(self, anna: Browser, customer_id: int):
        fields = anna.fields(NEW)
        assert fields["template"] == ""
        assert fields["text"].startswith("Sehr geehrte Frau Müller,\n\n\n\nFreundliche Grüße")
        assert "Anna Admin" in fields["text"]
        assert fields["address"] == "main"
        assert fields["date"] == datetime.now(ZoneInfo("Europe/Berlin")).date().isoformat()

    def test_the_template_used_last_comes_filled_in(
        self, app: Flask, anna: Browser, customer_id: int, make_template: Callable[..., str]
    ):
        make_template("Erste", "{{salutation}} A")
        second = make_template("Zweite", "{{salutation}} {{iban}}")
        assert anna.fields(NEW)["template"] == ""
        do(app, lambda: templates.use_template(int(second)))
        fields = anna.fields(NEW)
        assert fields["template"] == second
        assert fields["text"] == "Sehr geehrte Frau Müller, {{iban}}"

    def test_the_one_asked_for(
        self, anna: Browser, customer_id: int, make_template: Callable[..., str]
    ):
        first = make_template("English", "{{salutation}}", language="en")
        assert anna.fields(f"{NEW}?template={first}")["text"] == "Dear Ms Müller,"
        assert anna.fields(f"{NEW}?template=999")["subject"] == ""

    def test_an_unknown_template_of_mails_is_none(
        self, app: Flask, anna: Browser, customer_id: int
    ):
        values = {
            "name": "Mail",
            "subject": "s",
            "body": "b",
            "language": "de",
            "category_id": None,
        }
        mail = do(app, lambda: templates.create_template("mail", values))
        assert anna.fields(f"{NEW}?template={mail}")["subject"] == ""

    def test_whom_it_is_for(self, app: Flask, anna: Browser, make_customer: Callable[..., int]):
        make_customer(
            kind="company", company="Krämer OHG", first_name="", last_name="", salutation=""
        )
        html = anna.get(NEW).text
        assert 'name="person"' not in html
        assert "Sehr geehrte Damen und Herren," in html
        person = contact_person_values(is_main=True)
        do(app, lambda: customers.add_contact_person(1, person))
        do(
            app,
            lambda: customers.add_contact_person(
                1, person | {"last_name": "Zwei", "is_main": False}
            ),
        )
        fields = anna.fields(NEW)
        assert fields["person"] == "1"
        assert "Sehr geehrter Herr Dr. Weiß" in fields["text"]
        assert "Herr Dr. Zwei" in anna.fields(f"{NEW}?person=2")["text"]

    def test_addresses_are_offered_and_never_chosen_silently(
        self, app: Flask, anna: Browser, customer_id: int
    ):
        do(app, lambda: addresses.add_address(1, address_values(is_billing=True)))
        html = anna.get(NEW).text
        assert "Familie Kowalska, Am Rheinufer 12, 53111 Bonn" in html
        assert "(Billing address)" in text_of(html)
        assert anna.fields(NEW)["address"] == "main"


class TestFilled:
    def test_another_template_replaces_what_nobody_changed(
        self, anna: Browser, customer_id: int, make_template: Callable[..., str]
    ):
        template = make_template("Erste", "{{salutation}} A")
        fields = anna.fields(NEW) | {"template": template}
        found = anna.htmx_post(FILLED, fields)
        assert found.status_code == 200
        assert FormReader.read(found.text)["text"] == "Sehr geehrte Frau Müller, A"
        assert "letter-replace" not in found.text
        assert "data:image/png" in parts(found.text)[0]["#letter-preview"]

    def test_empty_lines_at_the_end_are_no_change(
        self, anna: Browser, customer_id: int, make_template: Callable[..., str]
    ):
        first = make_template("Erste", "A  \n\n{{my_signature}}\n")
        fields = anna.fields(f"{NEW}?template={first}")
        found = anna.htmx_post(FILLED, fields | {"template": make_template("Zweite", "B")})
        assert FormReader.read(found.text)["text"] == "B"

    def test_what_was_changed_stands_until_it_is_to_be_replaced(
        self, anna: Browser, customer_id: int, make_template: Callable[..., str]
    ):
        template = make_template("Erste", "{{salutation}} A")
        fields = anna.fields(NEW) | {"template": template, "text": "Von Hand"}
        kept = anna.htmx_post(FILLED, fields).text
        assert FormReader.read(kept)["text"] == "Von Hand"
        assert "letter-replace" in kept
        taken = anna.htmx_post(FILLED, fields | {"replace": "1"}).text
        assert FormReader.read(taken)["text"] == "Sehr geehrte Frau Müller, A"

    def test_without_script_it_is_the_page(
        self, anna: Browser, customer_id: int, make_template: Callable[..., str]
    ):
        fields = anna.fields(NEW) | {"template": make_template("Erste", "A")}
        page = anna.post(FILLED, fields)
        assert "<html" in page.text
        assert FormReader.read(page.text)["text"] == "A"


class TestPreview:
    def test_it_is_a_picture_of_the_page(
        self, anna: Browser, customer_id: int, rendered: list[str]
    ):
        fields = anna.fields(NEW) | {"text": "Guten <b>Tag", "page": "2"}
        found = anna.htmx_post(PREVIEW, fields)
        assert base64.b64encode(b"page 1").decode() in found.text
        assert "Page 2 of 3" in found.text
        assert "Guten &lt;b&gt;Tag" in rendered[0]

    def test_it_stays_on_its_page(self, anna: Browser, customer_id: int):
        fields = anna.fields(NEW)
        assert "Page 2 of 3" in anna.htmx_post(PREVIEW, fields | {"shown": "2"}).text
        both = anna.htmx_post(PREVIEW, fields | {"shown": "2", "page": "3"}).text
        assert "Page 3 of 3" in both
        assert FormReader.read(f"<form>{both}</form>")["shown"] == "3"

    @pytest.mark.parametrize(
        ("asked", "shown"), [("9", "Page 3 of 3"), ("x", "Page 1 of 3"), ("-1", "Page 1 of 3")]
    )
    def test_pages_that_are_not_there(
        self, anna: Browser, customer_id: int, asked: str, shown: str
    ):
        assert shown in anna.htmx_post(PREVIEW, anna.fields(NEW) | {"page": asked}).text

    def test_it_is_shown_of_what_is_not_complete(
        self, anna: Browser, customer_id: int, rendered: list[str]
    ):
        found = anna.htmx_post(PREVIEW, {"text": "{{amount}}", "date": "", "address": "77"})
        assert "data:image/png" in found.text
        assert "{{amount}}" in rendered[0]

    def test_without_script_it_is_on_the_page(self, anna: Browser, customer_id: int):
        page = anna.post(PREVIEW, anna.fields(NEW) | {"text": "Guten Tag"})
        assert FormReader.read(page.text)["text"] == "Guten Tag"
        assert "data:image/png" in page.text

    def test_why_there_is_none(
        self, anna: Browser, customer_id: int, monkeypatch: pytest.MonkeyPatch
    ):
        def fail(*_arguments: Any) -> Preview:
            raise RenderFailed("glyphs", "契約")

        monkeypatch.setattr(rendering, "render_preview", fail)
        found = anna.htmx_post(PREVIEW, anna.fields(NEW))
        assert found.status_code == 200
        assert "These letters cannot be printed: 契 約" in found.text

    def test_it_writes_nothing(
        self, anna: Browser, customer_id: int, changes_nothing: Callable[[], Any]
    ):
        fields = anna.fields(NEW)
        with changes_nothing():
            anna.htmx_post(PREVIEW, fields)
            anna.htmx_post(FILLED, fields)


class TestFinished:
    def test_it_is_kept_exactly_as_it_goes_out(
        self, app: Flask, anna: Browser, customer_id: int, rendered: list[str]
    ):
        fields = anna.fields(NEW) | {"subject": "Kurs", "text": "Guten Tag", "date": "2026-11-25"}
        found = anna.htmx_post(NEW, fields, panels="messages")
        assert found.status_code == 200
        assert letters(app) == [("Kurs", "Guten Tag")]
        assert "25. November 2026" in rendered[0]
        with app.app_context():
            (kept,) = db.session.scalars(select(MessageAttachment)).all()
            assert files.path_of(kept.digest).read_bytes() == PDF
            assert (kept.name, kept.size) == ("Letter 2026-11-25 Tanja Müller.pdf", len(PDF))
        assert kept.name in found.text
        assert {"#panel-messages", "#toasts"} <= set(parts(found.text)[0])
        file = anna.get(f"/customers/1/messages/1/attachments/{kept.id}")
        assert file.data == PDF
        assert file.headers["Content-Disposition"].startswith("attachment")

    def test_without_script_its_page_follows(self, anna: Browser, customer_id: int):
        answer = anna.post(NEW, anna.fields(NEW))
        assert (answer.status_code, answer.location) == (303, f"{URL}/1")
        assert "Letter finished" in anna.get(answer.location).text

    def test_twice_is_once(self, app: Flask, anna: Browser, customer_id: int, rendered: list[str]):
        fields = anna.fields(NEW) | {"subject": "Kurs"}
        answers = [anna.htmx_post(NEW, fields).text for _ in range(2)]
        assert len(letters(app)) == len(rendered) == 1
        for answer in answers:
            assert "/customers/1/messages/1/attachments/1" in answer
        assert anna.post(NEW, fields).location == f"{URL}/1"

    def test_at_the_same_moment_is_once(
        self, app: Flask, anna: Browser, customer_id: int, monkeypatch: pytest.MonkeyPatch
    ):
        fields, together = anna.fields(NEW), Barrier(4, timeout=20)

        def pdf(_html: str) -> bytes:
            together.wait()
            return PDF

        monkeypatch.setattr(rendering, "render_pdf", pdf)
        browsers = [Browser(app, "anna@example.com") for _ in range(together.parties)]
        with ThreadPoolExecutor(len(browsers)) as pool:
            answers = list(pool.map(lambda browser: browser.htmx_post(NEW, fields), browsers))
        assert [answer.status_code for answer in answers] == [200] * 4
        assert all("/customers/1/messages/1/attachments/1" in answer.text for answer in answers)
        assert len(letters(app)) == 1

    def test_what_was_changed_since_is_another_letter(
        self, app: Flask, anna: Browser, customer_id: int, make_customer: Callable[..., int]
    ):
        fields = anna.fields(NEW)
        anna.htmx_post(NEW, fields)
        anna.htmx_post(NEW, fields | {"subject": "Anders"})
        anna.htmx_post(f"/customers/{make_customer(last_name='Berger')}/letters/new", fields)
        assert [subject for subject, _text in letters(app)] == ["", "Anders", ""]

    def test_a_form_keeps_its_name_until_it_is_finished(self, anna: Browser, customer_id: int):
        fields = anna.fields(NEW)
        assert anna.fields(NEW)["key"] != fields["key"]
        for answer in (
            anna.htmx_post(NEW, fields | {"text": ""}),
            anna.post(PREVIEW, fields),
            anna.post(FILLED, fields),
        ):
            assert FormReader.read(answer.text)["key"] == fields["key"]

    def test_it_says_that_its_template_was_used(
        self, app: Flask, anna: Browser, customer_id: int, make_template: Callable[..., str]
    ):
        template = make_template("Erste", "A")
        anna.htmx_post(NEW, anna.fields(f"{NEW}?template={template}"))
        assert do(app, lambda: db.session.get_one(Template, int(template)).used_at) is not None

    def test_it_goes_to_the_chosen_address(
        self, app: Flask, anna: Browser, customer_id: int, rendered: list[str]
    ):
        address_id = do(app, lambda: addresses.add_address(1, address_values()))
        anna.htmx_post(NEW, anna.fields(NEW) | {"address": str(address_id)})
        assert "<p>Familie Kowalska</p><p>Am Rheinufer 12</p>" in rendered[0]

    @pytest.mark.parametrize(
        ("over", "message"),
        [
            ({"text": ""}, "Please write something."),
            ({"date": ""}, "Please give a date."),
            ({"date": "gestern"}, "This is no date."),
            (
                {"text": "Bis {{due_date}} und {{ amount }}"},
                "({{due_date}}), “Amount” ({{amount}})",
            ),
            ({"subject": "{{foo}}"}, "Please fill in first: {{foo}}"),
            ({"subject": "Für {{last_name"}, "incomplete here: “Für {{last_name”"),
            ({"text": "Hallo }}"}, "incomplete here: “Hallo }}”"),
            ({"subject": "x" * 301}, "at most 300 characters"),
            ({"text": "x" * 20_001}, "at most 20000 characters"),
            ({"text": "a\0b"}, "cannot be stored"),
            ({"address": "77"}, "Please choose one of the list."),
            ({"address": "x"}, "Please choose one of the list."),
            ({"template": "999"}, "Please choose one of the list."),
            ({"person": "999"}, "Please choose one of the list."),
            ({"amount": "12"}, "The team has no bank account yet."),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_is_kept(
        self,
        anna: Browser,
        customer_id: int,
        rendered: list[str],
        changes_nothing: Callable[[], Any],
        over: dict[str, str],
        message: str,
    ):
        fields = anna.fields(NEW) | {"subject": "Mein Betreff"} | over
        with changes_nothing():
            found = anna.htmx_post(NEW, fields)
        assert found.status_code == 422
        assert message in text_of(found.text)
        assert rendered == []
        if "subject" not in over:
            assert FormReader.read(found.text)["subject"] == "Mein Betreff"

    def test_an_incomplete_address_is_named_with_the_way_to_mend_it(
        self, anna: Browser, make_customer: Callable[..., int]
    ):
        make_customer(street="", house_number="", town="")
        assert 'href="/customers/1/master/edit"' in anna.get(NEW).text
        found = anna.htmx_post(NEW, anna.fields(NEW))
        assert found.status_code == 422
        assert "No letter gets there without: Street, Town" in text_of(found.text)

    def test_the_address_of_somebody_else_is_none(
        self, app: Flask, anna: Browser, customer_id: int, make_customer: Callable[..., int]
    ):
        other_id = make_customer(last_name="Berger")
        address_id = do(app, lambda: addresses.add_address(other_id, address_values()))
        found = anna.htmx_post(NEW, anna.fields(NEW) | {"address": str(address_id)})
        assert found.status_code == 422
        assert "Kowalska" not in found.text

    @pytest.mark.parametrize(
        ("code", "sentence"),
        [
            ("timeout", "took too long"),
            ("limit", "too long to be made"),
            ("pages", "it can have 50 pages at most"),
            ("broken", "could not be made"),
            ("warnings", "could not be printed"),
            ("busy", "Please try again in a moment."),
        ],
    )
    def test_a_renderer_that_fails_keeps_what_was_typed(
        self,
        anna: Browser,
        customer_id: int,
        monkeypatch: pytest.MonkeyPatch,
        changes_nothing: Callable[[], Any],
        code: str,
        sentence: str,
    ):
        def fail(_html: str) -> bytes:
            raise RenderFailed(code)

        monkeypatch.setattr(rendering, "render_pdf", fail)
        fields = anna.fields(NEW) | {"text": "Lange getippt"}
        with changes_nothing():
            found = anna.htmx_post(NEW, fields)
        assert found.status_code == 422
        assert sentence in text_of(found.text)
        assert FormReader.read(found.text)["text"] == "Lange getippt"

    def test_a_code_to_pay_by(
        self, app: Flask, anna: Browser, customer_id: int, rendered: list[str]
    ):
        assert 'name="amount"' not in anna.get(NEW).text
        do(app, lambda: save_team_account(ACCOUNT | {"account_holder": "Rheintakt"}))
        fields = anna.fields(NEW) | {"amount": "12,50", "reference": "RE 7"}
        assert anna.htmx_post(NEW, fields).status_code == 200
        assert "Bezahlen mit der Banking-App" in rendered[0]
        assert "12,50\xa0€" in rendered[0]
        wrong = anna.htmx_post(NEW, fields | {"amount": "1.234"})
        assert "Please write the amount" in wrong.text
        anna.htmx_post(PREVIEW, fields | {"amount": "1.2.3"})
        assert "Banking-App" not in rendered[-1]

    def test_hostile_templates_are_only_text(
        self,
        anna: Browser,
        customer_id: int,
        make_template: Callable[..., str],
        rendered: list[str],
    ):
        body = "{% raw %} <script>x</script> <pdf:font src='/etc/passwd'> ${7*7}"
        with pytest.raises(Invalid, match="body: unknown"):
            make_template("Böse", body + "{{7*7}}")
        fields = anna.fields(NEW) | {"text": body}
        assert anna.htmx_post(NEW, fields).status_code == 200
        assert "<script>" not in rendered[0]
        assert "<pdf:font" not in rendered[0]
        assert "${7*7}" in rendered[0]


class TestAfterwards:
    @pytest.fixture
    def finished(self, anna: Browser, customer_id: int) -> None:
        assert anna.post(NEW, anna.fields(NEW)).status_code == 303

    def test_somebody_elses_is_not_found(
        self, anna: Browser, finished: None, make_customer: Callable[..., int]
    ):
        other_id = make_customer(last_name="Berger")
        assert anna.get(f"/customers/{other_id}/letters/1").status_code == 404
        assert anna.get(f"/customers/{other_id}/letters/1/paper").status_code == 404
        assert anna.get(f"{URL}/2").status_code == 404

    def test_its_pages_are_printed_as_pictures(
        self, anna: Browser, finished: None, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(rendering, "render_pictures", lambda pdf, *_more: ([pdf, b"2"], 2))
        html = anna.get(f"{URL}/1/paper").text
        assert base64.b64encode(PDF).decode() in html
        assert html.count("<img") == 2
        assert "data-print" in html
        assert "Only the first" not in html

    def test_of_a_long_one_only_the_first_pages(
        self, anna: Browser, finished: None, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(
            rendering, "render_pictures", lambda pdf, _dpi, most: ([pdf] * most, 50)
        )
        html = anna.get(f"{URL}/1/paper").text
        assert html.count("<img") == 20
        assert "Only the first 20 of 50 pages are here." in html
        assert "Page 20 of 50" in html
        assert 'href="/customers/1/messages/1/attachments/1" download' in html

    def test_a_file_that_is_gone_is_told(self, app: Flask, anna: Browser, finished: None):
        digest = do(app, lambda: db.session.scalars(select(MessageAttachment.digest)).one())
        with app.app_context():
            files.path_of(digest).unlink()
        assert anna.get(f"{URL}/1/paper").status_code == 410

    def test_it_cannot_be_changed(self, anna: Browser, finished: None):
        assert anna.get("/customers/1/messages/1/edit").status_code == 409

    def test_without_mail_it_says_so(self, anna: Browser, finished: None):
        html = anna.get(f"{URL}/1").text
        assert "It cannot be sent by e-mail:" in html
        assert "letter-mail" not in html
        assert anna.post("/customers/1/mail/with/1/1").status_code == 409

    def test_it_goes_along_with_a_mail(self, app: Flask, anna: Browser, finished: None):
        with app.app_context():
            mails.set_up()
        way = "/customers/1/mail/with/1/1"
        assert f'action="{way}"' in anna.get(f"{URL}/1").text
        found = anna.htmx_post(way)
        assert found.status_code == 200
        assert "Tanja Müller.pdf" in found.text
        assert 'id="mail-form"' in found.text
        assert anna.post(way).location.startswith("/customers/1/mail/new?draft=")
        with app.app_context():
            kept = set(db.session.scalars(select(DraftAttachment.digest)))
            assert kept == set(db.session.scalars(select(MessageAttachment.digest)))

    def test_somebody_elses_file_does_not(
        self, app: Flask, anna: Browser, finished: None, make_customer: Callable[..., int]
    ):
        other_id = make_customer(last_name="Berger")
        with app.app_context():
            mails.set_up()
        assert anna.htmx_post(f"/customers/{other_id}/mail/with/1/1").status_code == 404
        assert anna.htmx_post("/customers/1/mail/with/1/2").status_code == 404

    def test_a_reader_may_look_and_not_write(self, cleo: Browser, finished: None):
        assert cleo.get(f"{URL}/1").status_code == 200
        assert cleo.get(NEW).status_code == 403


def test_the_sheet_is_the_one_that_was_seen(
    app: Flask, anna: Browser, customer_id: int, rendered: list[str]
):
    fields = anna.fields(NEW) | {"text": "Guten Tag"}
    anna.htmx_post(PREVIEW, fields)
    anna.htmx_post(NEW, fields)
    assert rendered[0] == rendered[1]
    assert layout.PAGE.split("{")[0] in rendered[0]
    with app.app_context():
        assert db.session.scalars(select(MessageLink.customer_id)).all() == [1]
