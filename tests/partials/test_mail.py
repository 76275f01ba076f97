"""The mail dialog: written, kept as a draft, filled in by a template, sent and taken back."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from app.core import outbox
from app.core.database import db, now, table
from app.core.outbox import OutboxEntry
from app.domain.customers import services as customers
from app.domain.documents.services import add_documents, keep_upload
from app.domain.mailing.models import DraftAttachment, MailAccount, MailDraft
from app.domain.messages import services as messages
from app.domain.messages.models import Message, MessageAttachment
from app.domain.messages.services import Attachment
from app.domain.team.models import User
from app.domain.templates import services as templates
from app.domain.templates.models import Template
from tests import mails
from tests.browserless import Browser
from tests.factories import contact_person_values
from tests.fragments import parts

ONE = "/customers/1"
URL = f"{ONE}/mail"
NEW, DRAFT, FILES, TEMPLATE = f"{URL}/new", f"{URL}/draft", f"{URL}/attachments", f"{URL}/template"
GONE = "is no address of this customer any more. Please check."
FILL_IN = "Please fill in first:"
SIGNATURE = "Anna Admin\nTanzstudio"


@pytest.fixture
def account(app: Flask) -> None:
    """Mails can be sent, and Anna has a signature."""
    with app.app_context():
        mails.set_up()
        db.session.execute(update(User).where(User.id == 1).values(signature=SIGNATURE))
        db.session.commit()


@pytest.fixture
def tanja(account: None, make_customer: Callable[..., int]) -> int:
    customer_id = make_customer()
    assert customer_id == 1
    return customer_id


@pytest.fixture
def berger(app: Flask, account: None, make_customer: Callable[..., int]) -> int:
    """A company with two addresses and two contact persons, one of them without an address."""
    emails = [
        {"label": "", "address": "info@berger.example"},
        {"label": "billing", "address": "rechnung@berger.example"},
    ]
    customer_id = make_customer(kind="company", company="Berger & Söhne, KG", emails=emails)
    with app.app_context():
        for person in (contact_person_values(), contact_person_values(email="")):
            customers.add_contact_person(customer_id, person)
        db.session.commit()
    return customer_id


@pytest.fixture
def write_template(app: Flask) -> Callable[..., int]:
    def writing(**over: Any) -> int:
        values = {"name": "Begrüßung", "language": "de", "category_id": None}
        values |= {"subject": "Willkommen, {{first_name}}", "body": "{{salutation}}\n\nSchön."}
        with app.app_context():
            template_id = templates.create_template("mail", values | over)
            db.session.commit()
            return template_id

    return writing


@pytest.fixture
def stored(app: Flask) -> Callable[[Any], list[Any]]:
    """All rows of a table, as plain dictionaries."""

    def reading(model: Any) -> list[Any]:
        with app.app_context():
            return [dict(row._mapping) for row in db.session.execute(select(table(model)))]

    return reading


@pytest.fixture
def open_drafts(stored: Callable[[Any], list[Any]]) -> Callable[[], list[dict[str, Any]]]:
    return lambda: [row["values"] for row in stored(MailDraft) if row["removed_at"] is None]


def fields(html: str) -> dict[str, Any]:
    """What the form in the dialog would send."""
    found: dict[str, Any] = {"to": []}
    for tag in re.findall(r"<input\b[^>]*>", html):
        values = {k: unescape(v) for k, v in re.findall(r'([\w-]+)="([^"]*)"', tag)}
        name, kind = values.get("name"), values.get("type")
        if name == "to":
            found["to"] += [values["value"]] if " checked" in tag else []
        elif name and kind != "file" and name != "csrf_token":
            found[name] = values.get("value", "")
    for name, text in re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>(.*?)</textarea>', html, re.S):
        found[name] = unescape(text).removeprefix("\r\n")
    if select := re.search(r'<select[^>]*name="template".*?</select>', html, re.S):
        chosen = re.search(r'value="(\d+)" selected', select[0])
        found["template"] = chosen[1] if chosen else ""
    return found


def opened(browser: Browser, url: str = NEW, **typed: Any) -> dict[str, Any]:
    """The form that is opened there, with what somebody types into it."""
    return fields(browser.htmx_get(url).text) | typed


def complaints(answer: TestResponse) -> dict[str, str]:
    """What is wrong, by field."""
    found = re.findall(r'id="(\w+)-error">.*?<span>(.*?)</span>', answer.text, re.S)
    return {field: unescape(text) for field, text in found}


def told_drafts(html: str) -> list[str]:
    """The drafts that the messages on the overview begin with."""
    return re.findall(r"<p>(Draft: .*?), \d\d:\d\d</p>", html)


def told_others(html: str) -> list[str]:
    """The drafts that the dialog offers beside the one it shows."""
    return re.findall(r"<li><span>(.*?), \d\d:\d\d</span>", html)


def undo_of(answer: TestResponse) -> str:
    found = re.search(r'action="([^"]+/mail/[^"]+/(?:withdrawal|restoration))"', answer.text)
    assert found
    return found[1]


def file(name: str = "Angebot.pdf", content: bytes = b"%PDF") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


class TestActions:
    def test_without_an_account_it_is_said_why(self, ben: Browser, make_customer: Any):
        make_customer()
        html = ben.get(ONE).text
        assert 'id="mail-new-why">No mail server is set up yet' in html
        assert 'id="mail-template-why">No mail server is set up yet' in html
        assert f'href="{NEW}"' in html

    def test_what_can_be_done_instead(self, ben: Browser, anna: Browser, make_customer: Any):
        make_customer()
        for url in (NEW, TEMPLATE):
            html = ben.htmx_get(url).text
            assert 'href="mailto:tanja@example.com"' in html
            assert "Set up e-mail" not in html
            assert 'href="/settings/mail"' in anna.htmx_get(url).text

    def test_with_one_they_open_the_dialogs(self, ben: Browser, tanja: int):
        html = ben.get(ONE).text
        for url in (NEW, TEMPLATE):
            assert f'hx-get="{url}"' in html
        assert "No mail server" not in html

    def test_a_reader_may_not(self, cleo: Browser, tanja: int, changes_nothing: Any):
        assert 'id="mail-new-why">Your role does not allow this.' in cleo.get(ONE).text
        with changes_nothing():
            assert cleo.htmx_get(NEW).status_code == 403
            assert cleo.htmx_get(TEMPLATE).status_code == 403


class TestOpening:
    def test_page_and_dialog(self, anna: Browser, tanja: int, changes_nothing: Any):
        with changes_nothing():
            page, dialog = anna.get(NEW).text, anna.htmx_get(NEW).text
        assert "<html" in page
        assert "<html" not in dialog
        for html in (page, dialog):
            form = fields(html)
            assert form["to"] == ["tanja@example.com"]
            assert form["text"] == f"\n\n--\n{SIGNATURE}"
            assert "Tanzstudio Lindenhof &lt;info@lindenhof.example&gt;" in html
            assert "Send to Tanja Müller" in html

    def test_everybody_at_a_company(self, anna: Browser, berger: int):
        html = anna.htmx_get(NEW).text
        boxes = re.findall(r'name="to" value="([^"]+)"( checked)?', html)
        assert boxes == [
            ("info@berger.example", " checked"),
            ("rechnung@berger.example", ""),
            ("weiss@example.com", ""),
        ]
        assert "Dr. Jörg Weiß" in html
        assert "Einkauf" in html
        assert "Send to Berger &amp; Söhne KG" not in html
        assert "Send to Berger &amp; Söhne, KG" in html

    def test_one_address_was_meant(self, anna: Browser, berger: int):
        assert opened(anna, f"{NEW}?to=weiss@example.com")["to"] == ["weiss@example.com"]
        for nobody in ("evil@example.com", "%00", "x" * 3000):
            form = opened(anna, f"{NEW}?to={nobody}")
            assert (form["to"], form["others"]) == (["info@berger.example"], "")

    def test_nobody_can_be_reached(self, anna: Browser, account: None, make_customer: Any):
        make_customer(emails=[])
        html = anna.htmx_get(NEW).text
        assert "No e-mail address of this customer is known." in html
        answer = anna.htmx_post(NEW, fields(html) | {"subject": "Hallo", "text": "Ja."})
        assert answer.status_code == 422
        assert complaints(answer) == {"to": "Please say who gets this e-mail."}

    def test_enter_in_a_field_keeps_it_and_sends_nothing(self, anna: Browser, tanja: int):
        """What Enter presses is the first button of a form."""
        first = re.search(r"<button[^>]*>", anna.htmx_get(NEW).text)
        assert first
        assert f'formaction="{DRAFT}"' in first[0]


class TestSending:
    def test_to_the_outbox(self, anna: Browser, tanja: int, stored: Any, open_drafts: Any):
        form = opened(anna, subject="Ihr Kurs", text="Hallo Tanja,\nbis bald.")
        form |= {"others": "Müller, Jörg <joerg@example.com>; x@example.com"}
        form |= {"cc": "cc@example.com", "bcc": "bcc@example.com"}
        answer = anna.htmx_post(NEW, form, panels="header,messages,comments")
        found, rest = parts(answer.text)
        assert (answer.status_code, rest) == (200, "")
        assert sorted(found) == ["#panel-messages", "#toasts"]
        assert "Goes out in ten seconds" in found["#toasts"]
        (message,), (entry,) = stored(Message), stored(OutboxEntry)
        assert (message["subject"], message["body"]) == ("Ihr Kurs", "Hallo Tanja,\nbis bald.")
        assert message["envelope"] == {
            "sender": "Tanzstudio Lindenhof <info@lindenhof.example>",
            "to": [
                "Tanja Müller <tanja@example.com>",
                '"Müller, Jörg" <joerg@example.com>',
                "x@example.com",
            ],
            "cc": ["cc@example.com"],
            "bcc": ["bcc@example.com"],
        }
        assert (entry["kind"], entry["state"]) == ("mail", "waiting")
        assert (entry["due_at"] - entry["created_at"]).total_seconds() == 10
        assert open_drafts() == []

    def test_without_script(self, anna: Browser, tanja: int, stored: Any):
        form = fields(anna.get(NEW).text) | {"subject": "Hallo", "text": "Ja."}
        answer = anna.post(NEW, form | {"files": file()})
        assert (answer.status_code, answer.location) == (303, ONE)
        assert [row["name"] for row in stored(MessageAttachment)] == ["Angebot.pdf"]
        undo = undo_of(anna.get(ONE))
        answer = anna.post(undo)
        assert (answer.status_code, answer.location) == (303, f"{NEW}?draft=1")
        page = anna.get(answer.location).text
        assert fields(page)["subject"] == "Hallo"
        assert "Angebot.pdf" in page

    @pytest.mark.parametrize(
        ("typed", "wrong"),
        [
            ({"subject": ""}, {"subject": "Please give a subject."}),
            ({"text": ""}, {"text": "Please write something."}),
            ({"to": []}, {"to": "Please say who gets this e-mail."}),
            ({"others": "quatsch"}, {"others": "“quatsch” is not an e-mail address."}),
            ({"to": [], "others": "a@"}, {"others": "“a@” is not an e-mail address."}),
            ({"cc": "a@b.example, c"}, {"cc": "“c” is not an e-mail address."}),
            ({"bcc": "<>"}, {"bcc": "“&lt;&gt;” is not an e-mail address."}),
            (
                {"subject": "Rechnung {{document_number}}"},
                {"subject": f"{FILL_IN} “Number of the document” ({{{{document_number}}}})"},
            ),
            (
                {"text": "Bis {{due_date}} und {{ quatsch }}"},
                {"text": f"{FILL_IN} “Due date” ({{{{due_date}}}}), {{{{quatsch}}}}"},
            ),
            (
                {"subject": "Für {{last_name"},
                {"subject": "A placeholder is incomplete here: “Für {{last_name”"},
            ),
            ({"text": "Hallo {{}}"}, {"text": "A placeholder is incomplete here: “Hallo {{}}”"}),
            (
                {"to": ["alt@example.com"]},
                {"others": f"alt@example.com {GONE}"},
            ),
            ({"text": "a\0b"}, {"text": "This contains characters that cannot be stored."}),
            ({"text": "x" * 100_001}, {"text": "A text may have at most 100000 characters."}),
        ],
    )
    def test_bad_input_is_told_at_its_field_and_kept(
        self, anna: Browser, tanja: int, stored: Any, typed: Any, wrong: Any
    ):
        good = {"subject": "Hallo", "text": "Ja."}
        answer = anna.htmx_post(NEW, opened(anna) | good | typed)
        assert answer.status_code == 422
        told = complaints(answer)
        assert {field: unescape(text) for field, text in told.items()} == {
            field: unescape(text) for field, text in wrong.items()
        }
        assert "Not sent yet." in answer.text
        assert (stored(Message), stored(OutboxEntry)) == ([], [])
        form = fields(answer.text)
        for name, text in typed.items():
            if name != "to":
                assert form[name] == text.replace("\0", "")
        (draft,) = stored(MailDraft)
        assert draft["values"]["text"] == form["text"]
        assert draft["removed_at"] is None

    def test_an_address_that_went_can_still_be_meant(self, anna: Browser, tanja: int, stored: Any):
        form = opened(anna, to=["alt@example.com"], subject="Hallo", text="Ja.")
        again = fields(anna.htmx_post(NEW, form).text)
        assert (again["to"], again["others"]) == ([], "alt@example.com")
        assert anna.htmx_post(NEW, again).status_code == 200
        assert stored(Message)[0]["envelope"]["to"] == ["alt@example.com"]

    def test_twice_is_once(self, anna: Browser, tanja: int, stored: Any):
        form = opened(anna, subject="Hallo", text="Ja.")
        answers = [anna.htmx_post(NEW, form) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 200]
        assert len({undo_of(answer) for answer in answers}) == 1
        assert len(stored(Message)) == len(stored(OutboxEntry)) == 1

    def test_at_the_same_moment_is_once(self, app: Flask, anna: Browser, tanja: int, stored: Any):
        form = opened(anna, subject="Hallo", text="Ja.")
        browsers = [Browser(app, "anna@example.com") for _ in range(4)]
        with ThreadPoolExecutor(len(browsers)) as pool:
            answers = list(pool.map(lambda browser: browser.htmx_post(NEW, form), browsers))
        assert [answer.status_code for answer in answers] == [200] * 4
        assert len(stored(Message)) == len(stored(OutboxEntry)) == 1

    def test_a_late_save_brings_nothing_back(self, anna: Browser, tanja: int, open_drafts: Any):
        form = opened(anna, subject="Hallo", text="Ja.")
        anna.htmx_post(NEW, form)
        answer = anna.htmx_post(DRAFT, form)
        assert (answer.status_code, open_drafts()) == (200, [])
        assert anna.htmx_post(FILES, form | {"files": file()}).status_code == 409
        assert opened(anna)["subject"] == ""

    def test_the_account_went_meanwhile(
        self, app: Flask, anna: Browser, tanja: int, stored: Any, open_drafts: Any
    ):
        form = opened(anna, subject="Hallo", text="Ja.")
        with app.app_context():
            db.session.delete(db.session.get_one(MailAccount, 1))
            db.session.commit()
        answer = anna.htmx_post(NEW, form)
        assert answer.status_code == 409
        assert "No mail server is set up yet" in answer.text
        assert fields(answer.text)["text"] == "Ja."
        assert stored(Message) == []
        assert open_drafts()[0]["subject"] == "Hallo"
        assert "Your draft is kept: “Hallo”" in anna.htmx_get(NEW).text

    def test_the_customer_went_meanwhile(
        self, app: Flask, anna: Browser, tanja: int, changes_nothing: Any
    ):
        form = opened(anna, subject="Hallo", text="Ja.")
        with app.app_context():
            customers.delete_customer(tanja)
            db.session.commit()
        with changes_nothing():
            for url in (NEW, DRAFT, FILES):
                answer = anna.htmx_post(url, form)
                assert answer.status_code == 410
                assert "Tanja Müller is in the trash" in answer.text


class TestTakingBack:
    def test_the_dialog_opens_with_everything(
        self, anna: Browser, tanja: int, stored: Any, open_drafts: Any
    ):
        form = opened(anna, subject="Hallo", text="Ja.", cc="cc@example.com")
        anna.htmx_post(FILES, form | {"files": file()})
        undo = undo_of(anna.htmx_post(NEW, form, panels="messages"))
        answer = anna.htmx_post(undo, panels="messages")
        found, rest = parts(answer.text)
        assert rest == ""
        assert sorted(found) == ["#dialog", "#panel-messages", "#toasts"]
        again = fields(found["#dialog"])
        assert (again["subject"], again["text"], again["cc"]) == ("Hallo", "Ja.", "cc@example.com")
        assert "Angebot.pdf" in found["#dialog"]
        assert stored(OutboxEntry)[0]["state"] == "cancelled"
        assert len(open_drafts()) == 1
        anna.htmx_post(NEW, again)
        assert [row["state"] for row in stored(OutboxEntry)] == ["cancelled", "waiting"]
        assert [row["message_id"] for row in stored(MessageAttachment)] == [1, 2]

    def test_it_is_offered_for_ten_seconds_only(self, anna: Browser, tanja: int):
        answer = anna.htmx_post(NEW, opened(anna, subject="Hallo", text="Ja."))
        assert '<div class="toast" data-kind="news" data-ends>' in answer.text
        answer = anna.htmx_post(f"{ONE}/mail/draft/removal", opened(anna, subject="Hallo"))
        assert undo_of(answer)
        assert "data-ends" not in answer.text

    def test_too_late(self, app: Flask, anna: Browser, tanja: int, open_drafts: Any):
        undo = undo_of(anna.htmx_post(NEW, opened(anna, subject="Hallo", text="Ja.")))
        with app.app_context():
            db.session.execute(update(OutboxEntry).values(lease_until=now() + outbox.LEASE))
            db.session.commit()
        answer = anna.htmx_post(undo)
        assert answer.status_code == 409
        assert "It is too late" in answer.text
        assert open_drafts() == []

    def test_not_what_a_colleague_sent(self, anna: Browser, ben: Browser, tanja: int):
        undo = undo_of(anna.htmx_post(NEW, opened(anna, subject="Hallo", text="Ja.")))
        assert ben.htmx_post(undo).status_code == 404


class TestDraft:
    def test_it_is_kept_by_itself(self, anna: Browser, tanja: int, open_drafts: Any):
        form = opened(anna, subject="Ihr Kurs")
        answer = anna.htmx_post(DRAFT, form)
        found, rest = parts(answer.text)
        assert re.fullmatch(r"Draft saved \d\d:\d\d", rest)
        assert sorted(found) == ["#mail-notes", "#mail-send"]
        assert open_drafts()[0]["subject"] == "Ihr Kurs"
        again = opened(anna)
        assert again["subject"] == "Ihr Kurs"
        assert again["pen"] != form["pen"]

    def test_a_blank_one_is_none(self, anna: Browser, tanja: int, open_drafts: Any):
        answer = anna.htmx_post(DRAFT, opened(anna, to=[]))
        assert parts(answer.text)[1] == ""
        assert ">Send<" in answer.text
        assert open_drafts() == []

    @pytest.mark.parametrize(
        ("typed", "label"),
        [
            ({"to": []}, "Send"),
            ({"to": ["weiss@example.com"]}, "Send to Dr. Jörg Weiß"),
            ({"to": [], "others": "x@example.com"}, "Send to x@example.com"),
            ({"others": "Kim <kim@example.com>"}, "Send to 2 people"),
            ({"to": ["info@berger.example", "weiss@example.com"]}, "Send to 2 people"),
            ({"cc": "INFO@berger.example", "bcc": "b@example.com"}, "Send to 2 people"),
            ({"others": "quatsch"}, "Send to Berger & Söhne, KG"),
            ({"others": "kim@exam, x@example.com"}, "Send to 2 people"),
        ],
    )
    def test_the_button_names_who_gets_it(self, anna: Browser, berger: int, typed: Any, label: str):
        found, _rest = parts(anna.htmx_post(DRAFT, opened(anna) | typed).text)
        assert unescape(re.sub(r"<[^>]+>", "", found["#mail-send"])).strip() == label

    def test_what_is_no_address_is_told_softly(self, anna: Browser, tanja: int):
        form = opened(anna, text="Hallo", others="x@example.com, kim@exam")
        notes = parts(anna.htmx_post(DRAFT, form).text)[0]["#mail-notes"]
        assert notes.count("“kim@exam” is not an e-mail address.") == 1
        assert "x@example.com" not in notes
        notes = parts(anna.htmx_post(DRAFT, form | {"others": "kim@example.com"}).text)[0]
        assert "mail-misspelt" not in notes["#mail-notes"]

    def test_one_typo_is_told_once_where_it_stands(self, anna: Browser, tanja: int):
        form = opened(anna, subject="Hallo", text="Ja.", others="kim@exam")
        answer = anna.htmx_post(NEW, form)
        assert complaints(answer) == {"others": "“kim@exam” is not an e-mail address."}
        summary = re.search(r'<div class="summary".*?</ul>', answer.text, re.S)
        assert summary
        assert re.findall(r'<a href="(#\w+)"[^>]*>([^<]+)', summary[0]) == [("#others", "Also to")]
        assert re.search(r'<label[^>]+for="others">Also to</label>', answer.text)

    def test_closing_keeps_it(self, anna: Browser, tanja: int, open_drafts: Any):
        form = opened(anna, text="Hallo")
        found, rest = parts(anna.htmx_post(DRAFT, form | {"action": "close"}).text)
        assert (rest, "Draft saved" in found["#toasts"]) == ("", True)
        assert open_drafts()[0]["text"] == "Hallo"

    def test_closing_a_blank_one_says_nothing(self, anna: Browser, tanja: int):
        assert anna.htmx_post(DRAFT, opened(anna) | {"action": "close"}).text == ""

    def test_without_script(self, anna: Browser, tanja: int, open_drafts: Any):
        form = fields(anna.get(NEW).text) | {"text": "Hallo"}
        answer = anna.post(DRAFT, form | {"action": "close"})
        assert (answer.status_code, answer.location) == (303, ONE)
        assert "Draft saved" in anna.get(ONE).text
        again = fields(anna.get(NEW).text)
        assert again["text"] == "Hallo"
        answer = anna.post(DRAFT, again | {"subject": "Kurs"})
        assert (answer.status_code, answer.location) == (303, f"{NEW}?draft=1")
        assert fields(anna.get(answer.location).text)["subject"] == "Kurs"

    def test_nobody_else_reads_it(self, anna: Browser, ben: Browser, tanja: int):
        anna.htmx_post(DRAFT, opened(anna, text="Geheim"))
        assert "Geheim" not in ben.htmx_get(NEW).text
        assert ben.htmx_get(f"{NEW}?draft=1").status_code == 404
        assert "Geheim" not in ben.get(f"{ONE}/history").text

    def test_two_windows_destroy_nothing(self, anna: Browser, tanja: int, open_drafts: Any):
        anna.htmx_post(DRAFT, opened(anna, text="Anfang"))
        one, other = opened(anna), opened(anna)
        anna.htmx_post(DRAFT, one | {"text": "Eins"})
        answer = anna.htmx_post(DRAFT, other | {"text": "Zwei"})
        assert "as a draft of its own" in parts(answer.text)[1]
        anna.htmx_post(DRAFT, one | {"text": "Eins!"})
        anna.htmx_post(DRAFT, other | {"text": "Zwei!"})
        assert sorted(draft["text"] for draft in open_drafts()) == ["Eins!", "Zwei!"]
        html = anna.htmx_get(NEW).text
        assert fields(html)["text"] == "Zwei!"
        assert told_others(html) == ["“Eins!”"]
        assert fields(anna.htmx_get(f"{NEW}?draft=1").text)["text"] == "Eins!"

    def test_the_overview_tells_of_it(self, anna: Browser, ben: Browser, tanja: int):
        form = opened(anna, subject="Ihr Kurs", text="Hallo")
        found, _rest = parts(anna.htmx_post(DRAFT, form, panels="header,messages").text)
        assert told_drafts(found["#panel-messages"]) == ["Draft: “Ihr Kurs”"]
        assert f'href="{NEW}?draft=1"' in found["#panel-messages"]
        found, _rest = parts(anna.htmx_post(DRAFT, form, panels="header,messages").text)
        assert "#panel-messages" not in found
        assert told_drafts(anna.get(ONE).text) == ["Draft: “Ihr Kurs”"]
        assert told_drafts(ben.get(ONE).text) == []
        found, _rest = parts(anna.htmx_post(NEW, form, panels="messages").text)
        assert told_drafts(found["#panel-messages"]) == []

    def test_nobody_who_may_only_read_is_told(
        self, app: Flask, anna: Browser, tanja: int, open_drafts: Any
    ):
        anna.htmx_post(DRAFT, opened(anna, text="Hallo"))
        with app.app_context():
            db.session.execute(update(User).where(User.id == 1).values(role="readonly"))
            db.session.commit()
        assert len(open_drafts()) == 1
        assert told_drafts(anna.get(ONE).text) == []
        assert "My drafts" not in anna.get("/").text

    def test_others_are_a_short_list(self, anna: Browser, tanja: int):
        for subject in ("Eins", "", "Drei"):
            anna.htmx_post(
                DRAFT, opened(anna, f"{NEW}?to=tanja@example.com", subject=subject, cc="x")
            )
        html = anna.htmx_get(NEW).text
        assert "There are also 2 drafts:" in html
        assert told_others(html) == ["without a subject", "“Eins”"]
        assert 'aria-label="Continue the draft “Eins”"' in html

    def test_discarded_with_undo(self, anna: Browser, tanja: int, open_drafts: Any):
        form = opened(anna, text="Hallo")
        anna.htmx_post(DRAFT, form)
        answer = anna.htmx_post(f"{DRAFT}/removal", form | {"text": "Hallo Tanja"})
        assert parts(answer.text)[1] == ""
        assert open_drafts() == []
        found, _rest = parts(anna.htmx_post(undo_of(answer)).text)
        assert fields(found["#dialog"])["text"] == "Hallo Tanja"

    def test_nothing_to_discard(self, anna: Browser, tanja: int, changes_nothing: Any):
        form = opened(anna)
        with changes_nothing():
            assert anna.htmx_post(f"{DRAFT}/removal", form).text == ""

    @pytest.mark.parametrize("broken", [{"key": "\0"}, {"pen": "x" * 99}, {"version": "x"}, {}])
    def test_broken_forms(self, anna: Browser, tanja: int, broken: Any):
        sent = {"text": "a\0b"} | broken
        for url in (DRAFT, f"{DRAFT}/removal", FILES, f"{FILES}/9/removal"):
            assert anna.htmx_post(url, sent).status_code in (200, 409)


class TestAttachments:
    def test_several_at_once_and_one_away(self, anna: Browser, tanja: int, stored: Any):
        form = opened(anna)
        sent = MultiDict([*_pairs(form), ("files", file()), ("files", file("b.txt", b"bb"))])
        found, rest = parts(anna.htmx_post(FILES, sent).text)
        assert rest.startswith("Draft saved")
        assert "Angebot.pdf" in found["#mail-files"]
        assert "6\N{NO-BREAK SPACE}B of 20" in found["#mail-files"]
        removal = re.search(r'hx-post="([^"]+/removal)"', found["#mail-files"])
        assert removal
        found, _rest = parts(anna.htmx_post(removal[1], form).text)
        assert "Angebot.pdf" not in found["#mail-files"]
        assert [row["name"] for row in stored(DraftAttachment)] == ["b.txt"]

    def test_without_script(self, anna: Browser, tanja: int, stored: Any):
        form = fields(anna.get(NEW).text) | {"text": "Hallo"}
        answer = anna.post(FILES, form | {"files": file()})
        assert (answer.status_code, answer.location) == (303, f"{NEW}?draft=1")
        page = anna.get(answer.location).text
        assert "Angebot.pdf" in page
        assert anna.post(f"{FILES}/1/removal", fields(page)).status_code == 303
        assert stored(DraftAttachment) == []

    def test_nothing_was_chosen(self, anna: Browser, tanja: int):
        found, _rest = parts(anna.htmx_post(FILES, opened(anna)).text)
        assert "Please choose a file." in found["#toasts"]

    def test_too_large_alone(
        self, app: Flask, anna: Browser, tanja: int, stored: Any, monkeypatch: Any
    ):
        monkeypatch.setitem(app.config, "UPLOAD_LIMIT", 3)
        sent = opened(anna) | {"files": file()}
        found, _rest = parts(anna.htmx_post(FILES, sent).text)
        assert "was not uploaded" in found["#toasts"]
        answer = anna.htmx_post(NEW, sent | {"subject": "Hallo", "text": "Ja.", "files": file()})
        assert answer.status_code == 422
        assert "was not uploaded" in complaints(answer)["files"]
        assert (stored(DraftAttachment), stored(Message)) == ([], [])

    def test_too_large_together(self, anna: Browser, tanja: int, stored: Any, monkeypatch: Any):
        monkeypatch.setattr("app.domain.mailing.rules.LARGEST_FILES", 3)
        form = opened(anna, subject="Hallo", text="Ja.")
        found, _rest = parts(anna.htmx_post(FILES, form | {"files": file()}).text)
        assert "That is too much for one e-mail." in found["#mail-files"]
        answer = anna.htmx_post(NEW, form)
        assert answer.status_code == 422
        assert complaints(answer)["files"].startswith("All files together may have")
        assert stored(Message) == []

    def test_a_document_of_the_customer_is_linked(
        self, app: Flask, anna: Browser, tanja: int, stored: Any, make_customer: Any
    ):
        foreign = make_customer(last_name="Berger")
        with app.app_context():
            upload = keep_upload("Vertrag.pdf", io.BytesIO(b"%PDF signed"), 1000)
            for customer_id in (tanja, foreign):
                add_documents(customer_id, [upload])
            db.session.commit()
        form = opened(anna, subject="Hallo", text="Ja.")
        assert anna.htmx_post(FILES, form | {"document": "2"}).status_code == 404
        assert anna.htmx_post(FILES, form | {"document": "99"}).status_code == 404
        for _ in range(2):
            found, _rest = parts(anna.htmx_post(FILES, form | {"document": "1"}).text)
        assert found["#mail-files"].count("Vertrag.pdf</bdi>") == 1
        assert "from the documents" in found["#mail-files"]
        anna.htmx_post(NEW, form)
        (attachment,) = stored(MessageAttachment)
        assert (attachment["document_id"], attachment["digest"]) == (1, upload.file.name)

    def test_documents_are_found_by_name(self, app: Flask, anna: Browser, tanja: int):
        with app.app_context():
            for number in range(12):
                upload = keep_upload(f"Rechnung {number}.pdf", io.BytesIO(b"x"), 1000)
                add_documents(tanja, [upload])
            db.session.commit()
        html = anna.htmx_get(NEW).text
        assert html.count("Rechnung") == 2 * 8
        assert "There are more" in html
        html = anna.htmx_get(f"{URL}/documents?q=rechnung 3").text
        assert re.findall(r"<bdi>(.*?)</bdi>", html) == ["Rechnung 3.pdf"]
        assert "No document is called like that." in anna.htmx_get(f"{URL}/documents?q=zzz").text
        form = fields(anna.get(NEW).text) | {"q": "Rechnung 3", "action": "find"}
        page = anna.get(anna.post(DRAFT, form).location).text
        assert re.findall(r"<bdi>(.*?)</bdi>", page) == ["Rechnung 3.pdf"]


def _pairs(form: dict[str, Any]) -> list[tuple[str, Any]]:
    return [
        (name, one)
        for name, value in form.items()
        for one in (value if isinstance(value, list) else [value])
    ]


class TestWithLetter:
    @pytest.fixture
    def finish(self, app: Flask) -> Callable[..., None]:
        """Keep a letter with these lines of address."""

        def finishing(*lines: str) -> None:
            with app.app_context():
                pdf = keep_upload("Brief.pdf", io.BytesIO(b"%PDF"), 1000)
                attachment = Attachment("Brief.pdf", pdf.file.name, 4, "application/pdf")
                envelope = {"sender": "", "to": ["\n".join(lines)], "cc": [], "bcc": []}
                values = {"channel": "letter", "direction": "out", "subject": "Vertrag", "text": ""}
                messages.record_message(
                    [1], values | {"at": now(), "envelope": envelope}, [attachment]
                )
                db.session.commit()

        return finishing

    @pytest.mark.parametrize(
        ("lines", "to"),
        [
            (["Berger & Söhne, KG", "Herrn Dr. Jörg Weiß", "50667 Köln"], "weiss@example.com"),
            (["Berger & Söhne, KG", "Dr. Jörg Weiß", "50667 Köln"], "weiss@example.com"),
            (["Berger & Söhne, KG", "Frau Dr. Jörg Weißmann"], "info@berger.example"),
            (["Berger & Söhne, KG", "50667 Köln"], "info@berger.example"),
        ],
    )
    def test_its_subject_and_whom_it_went_to(
        self, anna: Browser, berger: int, finish: Any, lines: list[str], to: str
    ):
        finish(*lines)
        form = fields(anna.htmx_post(f"{URL}/with/1/1").text)
        assert (form["subject"], form["to"]) == ("Vertrag", [to])
        assert form["text"] == f"\n\n--\n{SIGNATURE}"


class TestTemplate:
    def test_two_clicks(
        self, anna: Browser, tanja: int, write_template: Any, stored: Any, changes_nothing: Any
    ):
        write_template()
        with changes_nothing():
            form = opened(anna, TEMPLATE)
        assert form["subject"] == "Willkommen, Tanja"
        assert form["text"] == f"Sehr geehrte Frau Müller,\n\nSchön.\n\n--\n{SIGNATURE}"
        assert anna.htmx_post(NEW, form).status_code == 200
        assert stored(Message)[0]["subject"] == "Willkommen, Tanja"
        assert stored(Template)[0]["used_at"] is not None

    def test_it_brings_the_signature_itself(self, anna: Browser, tanja: int, write_template: Any):
        write_template(body="Hallo\n\n{{my_signature}}")
        assert opened(anna, TEMPLATE)["text"] == f"Hallo\n\n{SIGNATURE}"

    def test_own_language_and_latest_first(
        self, app: Flask, anna: Browser, tanja: int, write_template: Any
    ):
        ids = [
            write_template(name=name, language=language)
            for name, language in (("A", "en"), ("B", "de"), ("C", "de"))
        ]
        assert opened(anna, TEMPLATE)["template"] == str(ids[1])
        form = opened(anna, f"{TEMPLATE}?template={ids[2]}")
        anna.htmx_post(NEW, form)
        html = anna.htmx_get(TEMPLATE).text
        assert fields(html)["template"] == str(ids[2])
        assert 'optgroup label="Used last"' in html
        assert "A (English)" in html
        assert opened(anna, f"{TEMPLATE}?template=99")["template"] == str(ids[2])

    def test_another_template_fills_in_unchanged_text(
        self, anna: Browser, tanja: int, write_template: Any, open_drafts: Any
    ):
        write_template()
        other = write_template(name="Zweite", subject="Zwei", body="{{salutation}}\n\nAnders.")
        form = opened(anna, TEMPLATE, template=str(other))
        found, _rest = parts(anna.htmx_post(DRAFT, form).text)
        words = fields(found["#mail-words"])
        assert words["subject"] == "Zwei"
        assert "Anders." in words["text"]
        assert open_drafts() == []
        assert "#mail-words" not in parts(anna.htmx_post(DRAFT, form | words).text)[0]

    def test_changed_text_stays_until_it_is_given_up(
        self, anna: Browser, tanja: int, write_template: Any, open_drafts: Any
    ):
        write_template()
        other = write_template(name="Zweite", subject="Zwei", body="Anders.")
        form = opened(anna, TEMPLATE) | {"text": "Von Hand"}
        found, _rest = parts(anna.htmx_post(DRAFT, form).text)
        assert "changed by hand" not in found["#mail-notes"]
        form |= {"template": str(other)}
        found, _rest = parts(anna.htmx_post(DRAFT, form).text)
        assert "#mail-words" not in found
        assert "The text was changed by hand" in found["#mail-notes"]
        assert open_drafts()[0]["text"] == "Von Hand"
        found, _rest = parts(anna.htmx_post(DRAFT, form | {"action": "take"}).text)
        words = fields(found["#mail-words"])
        assert words["subject"] == "Zwei"
        assert "changed by hand" not in found["#mail-notes"]

    def test_the_salutation_follows_who_is_addressed(
        self, app: Flask, anna: Browser, berger: int, write_template: Any
    ):
        write_template(subject="Hallo", body="{{salutation}}")
        kern = {"salutation": "ms", "title": "", "last_name": "Kern", "email": "kern@example.com"}
        with app.app_context():
            customers.add_contact_person(berger, contact_person_values(**kern))
            db.session.commit()
        form = opened(anna, TEMPLATE)
        assert form["text"].startswith("Sehr geehrter Herr Dr. Weiß,")
        form |= {"to": ["kern@example.com"]}
        found, _rest = parts(anna.htmx_post(DRAFT, form).text)
        assert str(fields(found["#mail-words"])["text"]).startswith("Sehr geehrte Frau Kern,")
        found, _rest = parts(anna.htmx_post(DRAFT, form | {"text": "Von Hand"}).text)
        assert "#mail-words" not in found
        assert "The text was changed by hand" in found["#mail-notes"]

    def test_what_is_not_known_is_named_and_not_sent(
        self, anna: Browser, tanja: int, write_template: Any, stored: Any
    ):
        write_template(subject="Zum {{birthday}}", body="Nr. {{document_number}}")
        html = anna.htmx_get(TEMPLATE).text
        told = "for “Birthday” ({{birthday}}), “Number of the document” ({{document_number}})."
        assert told in unescape(html)
        form = fields(html)
        assert anna.htmx_post(NEW, form).status_code == 422
        halves = anna.htmx_post(DRAFT, form | {"text": "Nr. {{7"}).text
        assert "A placeholder is incomplete here: “Nr. {{7”" in unescape(halves)
        assert stored(Message) == []
        mended = {"subject": "Alles Gute", "text": "Nr. 7"}
        assert anna.htmx_post(NEW, form | mended).status_code == 200

    def test_a_value_is_text_and_nothing_else(
        self, anna: Browser, account: None, make_customer: Any, write_template: Any, stored: Any
    ):
        make_customer(first_name="{{last_name}} <b>")
        write_template(subject="{{first_name}}", body="{{first_name}}")
        html = anna.htmx_get(TEMPLATE).text
        assert "<b>" not in html
        assert anna.htmx_post(NEW, fields(html)).status_code == 422

    def test_without_script(self, anna: Browser, tanja: int, write_template: Any, stored: Any):
        write_template()
        other = write_template(name="Zweite", subject="Zwei", body="Anders.")
        form = fields(anna.get(TEMPLATE).text) | {"template": str(other), "action": "fill"}
        page = anna.get(anna.post(DRAFT, form).location).text
        again = fields(page)
        assert (again["subject"], again["template"]) == ("Zwei", str(other))
        assert anna.post(NEW, again).status_code == 303
        assert stored(Message)[0]["subject"] == "Zwei"

    def test_the_template_went_meanwhile(
        self, app: Flask, anna: Browser, tanja: int, write_template: Any, stored: Any
    ):
        template_id = write_template()
        form = opened(anna, TEMPLATE)
        with app.app_context():
            templates.remove_template(template_id)
            db.session.commit()
        found, _rest = parts(anna.htmx_post(DRAFT, form | {"text": "Von Hand"}).text)
        assert "This template does not exist any more" in found["#mail-notes"]
        assert anna.htmx_post(NEW, form).status_code == 200

    def test_none_yet(self, anna: Browser, tanja: int):
        for html in (anna.get(TEMPLATE).text, anna.htmx_get(TEMPLATE).text):
            assert "No templates for e-mails yet." in html
            assert 'href="/templates"' in html

    def test_a_draft_of_something_else_is_told(
        self, anna: Browser, tanja: int, write_template: Any, open_drafts: Any
    ):
        write_template()
        anna.htmx_post(DRAFT, opened(anna, text="Angefangen"))
        html = anna.htmx_get(TEMPLATE).text
        assert told_others(html) == ["“Angefangen”"]
        assert anna.htmx_post(NEW, fields(html)).status_code == 200
        assert open_drafts()[0]["text"] == "Angefangen"
