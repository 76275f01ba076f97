"""Messages on the overview, on their own page, and each by itself: recorded, read, followed up."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask

from app.core import background, files, outbox, queue
from app.core.database import db, now, table
from app.core.i18n import today
from app.core.outbox import OutboxEntry
from app.domain.customers.services import delete_customer
from app.domain.documents import queries as documents
from app.domain.messages import queries, services
from app.domain.messages.services import Attachment
from tests import hostile
from tests.browserless import Browser, FormReader
from tests.fragments import parts

ONE = "/customers/1"
URL = f"{ONE}/messages"
NEW = f"{URL}/new"
NOON = datetime(2026, 3, 2, 11, tzinfo=UTC)
LATER = datetime(2099, 3, 2, 11, tzinfo=UTC)

ENVELOPE = {
    "sender": "Tanzstudio <info@example.com>",
    "to": ["Tanja Müller <tanja@example.com>"],
    "cc": ["weiss@example.com"],
    "bcc": ["<Chefin> <chefin@example.com>"],
}


@pytest.fixture
def customer_id(make_customer: Callable[..., int]) -> int:
    customer_id = make_customer()
    assert customer_id == 1
    return customer_id


@pytest.fixture
def record(app: Flask, customer_id: int) -> Callable[..., int]:
    """Record a mail that came in (or what is told) and get its id."""

    def recording(subject: str, text: str = "", due: bool = False, **more: Any) -> int:
        said = {"channel": "mail", "direction": "in", "at": NOON}
        with app.app_context():
            follow_up = {"follow_up_on": today(), "follow_up_by": 2} if due else {}
            values = said | {"subject": subject, "text": text} | follow_up | more
            message_id = services.record_message([customer_id], values)
            db.session.commit()
            return message_id

    return recording


@pytest.fixture
def send(app: Flask, record: Callable[..., int]) -> Callable[..., int]:
    """Send a mail with these files, whose entry in the outbox is as told; the id of its message."""

    def sending(subject: str = "Angebot", names: tuple[str, ...] = (), **entry: Any) -> int:
        with app.app_context():
            outbox_id = outbox.put("mail")
            attached = [
                Attachment(name, files.keep(name.encode()), len(name), "text/html")
                for name in names
            ]
            values = {"channel": "mail", "direction": "out", "at": NOON, "text": "Text"}
            values |= {"subject": subject, "outbox_id": outbox_id, "envelope": ENVELOPE}
            message_id = services.record_message([1], values, attached)
            write_entry(message_id, **entry)
            return message_id

    return sending


def write_entry(message_id: int, **values: Any) -> None:
    """What the worker would write about the entry of a message, within an application context."""
    found = queries.standing(1, message_id).outbox_id
    if values:
        entry = table(OutboxEntry)
        db.session.execute(entry.update().where(entry.c.id == found).values(**values))
    db.session.commit()


@pytest.fixture
def subjects(app: Flask) -> Callable[[], list[str]]:
    """What is stored, the newest first."""

    def reading() -> list[str]:
        with app.app_context():
            return [row.subject for row in queries.search(1, "", "", "", None).rows]

    return reading


def titles(html: str) -> list[str]:
    """The titles of the messages in some HTML."""
    found = re.findall(r'id="message-\d+-open">(.*?)</a>', html)
    return [unescape(title) for title in found]


class TestPanel:
    def test_the_five_newest_by_time(self, ben: Browser, record: Callable[..., int]):
        for number in range(7):
            record(f"Nr. {number}", at=NOON - timedelta(hours=number))
        html = ben.htmx_get(f"{URL}/panel").text
        assert titles(html) == [f"Nr. {n}" for n in range(5)]
        assert "5 of 7" in html
        assert "7 unread" in html
        assert html.count('<span class="visually-hidden">unread</span>') == 5

    def test_a_line_says_what_it_was(self, ben: Browser, record: Callable[..., int]):
        record("Termin <b>", "Erste Zeile <i>\nzweite")
        record("", "Ohne Betreff\nweiter", channel="phone")
        html = ben.get(ONE).text
        assert titles(html)[:2] == ["Ohne Betreff", "Termin <b>"]
        assert '<span class="message-line">Erste Zeile &lt;i&gt;</span>' in html
        assert "zweite" not in html
        assert "weiter" not in html
        for word in ("E-mail from the customer", "Call from the customer", "2 Mar 2026, 12:00"):
            assert word in html

    def test_nothing_is_yellow(self, ben: Browser, record: Callable[..., int]):
        record("Eins")
        assert 'class="note"' not in ben.htmx_get(f"{URL}/panel").text

    def test_a_reader_reads(self, cleo: Browser, record: Callable[..., int]):
        message_id = record("Hallo", "Text")
        record("Anruf", channel="phone", due=True)
        for url in (ONE, URL, f"{URL}/{message_id}"):
            html = cleo.get(url).text
            for hidden in ("/removal", "/reading", "/finish", "/1/edit", "/follow-up"):
                assert hidden not in html
        assert "due today · Ben Staff" in cleo.get(ONE).text
        assert 'id="messages-new-why">Your role does not allow this.' in cleo.get(ONE).text

    def test_nothing_yet(self, ben: Browser, customer_id: int):
        assert "No messages yet" in ben.get(ONE).text
        assert "No messages yet" in ben.get(URL).text

    def test_budget(
        self, ben: Browser, record: Callable[..., int], count_queries: Callable[[], Any]
    ):
        for number in range(8):
            record(f"Nr. {number}", due=True)
        ben.htmx_get(f"{URL}/panel")
        with count_queries() as sent:
            ben.htmx_get(f"{URL}/panel")
        assert len(sent) == 7


class TestRecording:
    def test_the_form_proposes_a_call_now(self, ben: Browser, customer_id: int):
        fields = ben.fields(NEW)
        assert fields["occasion"] == "phone-in"
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d", fields["at"])
        assert fields["follow_up_on"] == ""
        assert fields["follow_up_by"] == "2"

    def test_fragments_only(self, ben: Browser, customer_id: int):
        typed = ben.fields(NEW) | {"subject": "Rückruf", "follow_up_on": "2026-03-09"}
        answer = ben.htmx_post(NEW, typed, panels="header,messages,comments")
        found, remainder = parts(answer.text)
        assert (answer.status_code, remainder) == (200, "")
        assert sorted(found) == ["#panel-messages", "#toasts"]
        assert titles(found["#panel-messages"]) == ["Rückruf"]
        assert "Ben Staff" in found["#panel-messages"]
        assert "unread" not in found["#panel-messages"]

    def test_without_script(
        self, ben: Browser, customer_id: int, subjects: Callable[[], list[str]]
    ):
        answer = ben.post(NEW, ben.fields(NEW) | {"subject": "Rückruf", "at": "02.03.2026 13:05"})
        assert (answer.status_code, answer.location) == (303, ONE)
        assert subjects() == ["Rückruf"]
        assert "2 Mar 2026, 13:05" in ben.get(ONE).text
        history = ben.get(f"{ONE}/history").text
        assert "Message recorded" in history
        assert "Call from the customer" in history
        assert "2 Mar 2026, 13:05" in history

    @pytest.mark.parametrize(
        ("typed", "message"),
        [
            ({"subject": ""}, "Please write what it was about."),
            ({"at": ""}, "Please say when it was."),
            ({"at": "gestern"}, "This is no time."),
            ({"at": "2126-01-01T00:00"}, "This is in the future."),
            ({"at": "2026-03-29T02:30"}, "the clocks were put forward"),
            ({"occasion": "mail-in"}, "Please choose one of the list."),
            ({"subject": "x" * 301}, "at most 300 characters"),
            ({"text": "x" * 20_001}, "at most 20000 characters"),
            ({"text": "a\0b"}, "cannot be stored"),
            ({"follow_up_on": "morgen"}, "This is no date."),
            ({"follow_up_on": "0026-03-02"}, "Please check the year."),
            ({"follow_up_on": "2026-03-02", "follow_up_by": "99"}, "Please choose one of the list"),
            ({"follow_up_on": "2026-03-02", "follow_up_by": "x"}, "Please choose one of the list"),
            ({"follow_up_on": "2026-03-02", "follow_up_by": "9" * 30}, "Please choose one"),
        ],
    )
    def test_bad_input_keeps_everything_typed(
        self,
        ben: Browser,
        customer_id: int,
        typed: dict[str, str],
        message: str,
        changes_nothing: Callable[[], Any],
    ):
        form = ben.fields(NEW) | {"subject": "Betreff", "text": "Ein\nText"} | typed
        if typed == {"subject": ""}:
            form["text"] = ""
        for send in (ben.htmx_post, ben.post):
            with changes_nothing():
                answer = send(NEW, form)
            assert answer.status_code == 422
            assert message in answer.text
            kept = FormReader.read(answer.text)
            for name in form.keys() - typed.keys() - {"version"}:
                assert kept[name].strip() == form[name]

    @pytest.mark.parametrize("text", hostile.TEXTS, ids=hostile.called)
    def test_hostile_text(self, ben: Browser, record: Callable[..., int], text: str):
        edit = f"{URL}/{record('Alt', channel='phone')}/edit"
        fields = ("subject", "text", "at", "occasion", "follow_up_on", "follow_up_by", "version")
        for send, url in ((ben.htmx_post, edit), (ben.post, NEW)):
            form = ben.fields(url)
            for field in fields:
                answer = send(url, form | {"subject": "x", field: text})
                assert answer.status_code in (200, 303, 409, 422)
                assert not hostile.is_markup_in(answer.text)
        for url in (ONE, URL, f"{URL}/1", f"{ONE}/history", "/?whose=all"):
            page = ben.get(url)
            assert page.status_code == 200
            assert not hostile.is_markup_in(page.text)


class TestEditing:
    def test_it_opens_as_page_and_as_dialog_and_saves(
        self, ben: Browser, record: Callable[..., int], subjects: Callable[[], list[str]]
    ):
        url = f"{URL}/{record('Alt', channel='phone')}/edit"
        assert "<html" in ben.get(url).text
        assert "<html" not in ben.htmx_get(url).text
        typed = ben.fields(url) | {"subject": "Neu", "occasion": "visit-out"}
        found, remainder = parts(ben.htmx_post(url, typed, panels="messages@detail").text)
        assert remainder == ""
        assert "Visit to the customer" in found["#detail-messages"]
        assert subjects() == ["Neu"]

    @pytest.mark.parametrize("send", ["post", "htmx_post"])
    def test_a_conflict_shows_both_in_words(
        self, ben: Browser, anna: Browser, record: Callable[..., int], send: str
    ):
        url = f"{URL}/{record('Alt', channel='phone')}/edit"
        mine = ben.fields(url) | {
            "at": "2026-03-02T08:00",
            "follow_up_on": "2026-03-09",
            "follow_up_by": "2",
            "occasion": "letter-in",
        }
        theirs = anna.fields(url) | {"follow_up_on": "2026-03-16", "follow_up_by": "1"}
        assert anna.post(url, theirs).status_code == 303
        answer = getattr(ben, send)(url, mine)
        assert answer.status_code == 409
        for said in ("Ben Staff", "Anna Admin", "9 Mar 2026", "16 Mar 2026"):
            assert f"<span>{said}</span>" in answer.text
        for said in ("2 Mar 2026, 08:00", "2 Mar 2026, 12:00", "Letter from the customer"):
            assert f"<span>{said}</span>" in answer.text
        kept = FormReader.read(answer.text)
        assert (kept["at"], kept["follow_up_by"]) == ("2026-03-02T08:00", "2")
        chosen = kept | {"choose-at": "theirs", "choose-follow_up_by": "theirs"}
        assert ben.post(url, chosen).status_code == 303
        assert FormReader.read(ben.get(url).text)["at"] == "2026-03-02T12:00"
        assert FormReader.read(ben.get(url).text)["follow_up_by"] == "1"

    def test_a_mail_cannot_be_edited_or_removed(
        self, ben: Browser, record: Callable[..., int], changes_nothing: Callable[[], Any]
    ):
        url = f"{URL}/{record('Mail', 'Text')}"
        with changes_nothing():
            assert ben.get(f"{url}/edit").status_code == 409
            assert ben.post(f"{url}/edit", {"subject": "x"}).status_code == 409
            assert ben.htmx_post(f"{url}/removal").status_code == 409
        assert f"{url}/edit" not in ben.get(URL).text

    def test_removing_and_undo(self, ben: Browser, record: Callable[..., int]):
        message_id = record("Anruf", channel="phone")
        answer = ben.htmx_post(f"{URL}/{message_id}/removal", panels="messages")
        found, rest = parts(answer.text)
        assert rest == ""
        assert titles(found["#panel-messages"]) == []
        undo = re.search(r'hx-post="([^"]+)"', found["#toasts"])
        assert undo
        found, rest = parts(ben.htmx_post(undo[1], panels="messages").text)
        assert titles(found["#panel-messages"]) == ["Anruf"]

    def test_nobody_elses(
        self,
        ben: Browser,
        record: Callable[..., int],
        make_customer: Callable[..., int],
        changes_nothing: Callable[[], Any],
    ):
        message_id, other = record("Anruf", channel="phone"), make_customer()
        verbs = ("edit", "follow-up", "reading", "finish", "reopen", "removal", "restoration")
        with changes_nothing():
            for url in (f"/customers/{other}/messages/{message_id}", f"{URL}/999"):
                assert ben.get(url).status_code == 404
                assert ben.get(f"{url}/edit").status_code == 404
                for verb in verbs:
                    assert ben.post(f"{url}/{verb}", {"subject": "x"}).status_code == 404
                    assert ben.htmx_post(f"{url}/{verb}", {"subject": "x"}).status_code == 404


class TestOneMessage:
    def test_it_is_shown_whole_and_looking_changes_nothing(
        self, ben: Browser, record: Callable[..., int], changes_nothing: Callable[[], Any]
    ):
        message_id = record("Frage", "Eins <b>\nzwei https://a.example/x.")
        url = f"{URL}/{message_id}"
        with changes_nothing():
            page, dialog = ben.get(url).text, ben.htmx_get(url).text
        assert "<html" in page
        assert "<html" not in dialog
        for html in (page, dialog):
            assert '<div class="message-body" hx-ignore>Eins &lt;b&gt;<br>\nzwei <a href=' in html
            assert "Mark as read" in html
            assert "unread" in html

    def test_read_and_unread(self, ben: Browser, record: Callable[..., int]):
        url = f"{URL}/{record('Frage')}"
        answer = ben.htmx_post(f"{url}/reading", {"read": "1"}, panels="messages")
        found, rest = parts(answer.text)
        assert rest == ""
        assert "unread" not in found["#panel-messages"]
        assert "Mark as unread" in ben.get(url).text
        assert ben.post(f"{url}/reading", {"read": "0"}).status_code == 303
        assert "1 unread" in ben.get(ONE).text

    def test_who_else_it_belongs_to(
        self, ben: Browser, app: Flask, customer_id: int, make_customer: Callable[..., int]
    ):
        other = make_customer(last_name="Berger")
        said = {"channel": "mail", "direction": "in", "subject": "Beide", "text": "", "at": NOON}
        with app.app_context():
            message_id = services.record_message([customer_id, other], said)
            db.session.commit()
        assert f'<a href="/customers/{other}">Tanja Berger</a>' in ben.get(f"{URL}/1").text
        assert f'<a href="{ONE}">Tanja Müller</a>' in (
            ben.get(f"/customers/{other}/messages/{message_id}").text
        )

    def test_a_mail_can_be_followed_up(self, ben: Browser, record: Callable[..., int]):
        url = f"{URL}/{record('Frage')}"
        typed = ben.fields(f"{url}/follow-up") | {"follow_up_on": "2026-03-09"}
        found, rest = parts(ben.htmx_post(f"{url}/follow-up", typed, panels="messages").text)
        assert rest == ""
        assert "9 Mar 2026 · Ben Staff" in found["#panel-messages"]
        typed = ben.fields(f"{url}/follow-up") | {"follow_up_on": ""}
        ben.post(f"{url}/follow-up", typed)
        assert "9 Mar 2026 · Ben Staff" not in ben.get(ONE).text


class TestDetailPage:
    def test_search_filter_and_turning_pages(
        self, ben: Browser, app: Flask, customer_id: int, record: Callable[..., int]
    ):
        with app.app_context():
            for number in range(120):
                subject = f"{'Überweisung' if number % 2 else 'Mahnung'} {number}"
                services.record_message(
                    [customer_id],
                    {
                        "channel": "mail",
                        "direction": "out",
                        "subject": subject,
                        "text": "",
                        "at": NOON,
                    },
                )
            db.session.commit()
        page = ben.get(f"{URL}?q=ueberweisung&channel=mail&direction=out").text
        assert len(titles(page)) == 50
        older = re.search(r'rel="next" href="([^"]+)"', page)
        assert older
        page = ben.get(unescape(older[1])).text
        assert titles(page) == [f"Überweisung {n}" for n in range(19, 0, -2)]
        assert 'rel="next"' not in page
        assert '<option value="out" selected>' in page
        newer = re.search(r'rel="prev" href="([^"]+)"', page)
        assert newer
        assert titles(ben.get(unescape(newer[1])).text)[0] == "Überweisung 119"

    def test_nothing_found(self, ben: Browser, record: Callable[..., int]):
        record("Eins")
        for query in ("q=zwei", "channel=letter", "direction=out"):
            page = ben.get(f"{URL}?{query}").text
            assert "No message is like this." in page
            assert "Show all messages" in page

    @pytest.mark.parametrize(
        "query",
        [
            *("q=%00", "q=%ED%A0%80", "before=x", "before=-1", "before=" + "9" * 30, "before=99"),
            *("channel=pigeon", "direction=up", "channel=mail&channel=phone", "q=" + "x" * 3000),
        ],
    )
    def test_broken_urls(self, ben: Browser, record: Callable[..., int], query: str):
        record("Eins")
        for send in (ben.get, ben.htmx_get):
            assert send(f"{URL}?{query}").status_code == 200

    def test_a_fresh_page_keeps_its_search(self, ben: Browser, record: Callable[..., int]):
        record("Eins")
        message_id = record("Zwei")
        here = {"HX-Current-URL": f"http://localhost{URL}?q=zwei"}
        answer = ben.htmx_post(
            f"{URL}/{message_id}/reading", {"read": "1"}, panels="messages@detail", headers=here
        )
        assert titles(parts(answer.text)[0]["#detail-messages"]) == ["Zwei"]


class TestSent:
    def test_a_line_says_to_whom_and_what_went_with_it(
        self, ben: Browser, send: Callable[..., int]
    ):
        send(names=("A.pdf", "B & C.pdf", "D.pdf", "E.pdf", "F.pdf"))
        for url in (f"{URL}/panel", URL):
            html = ben.htmx_get(url).text
            assert "to Tanja Müller and 2 others" in html
            assert "<bdi>B &amp; C.pdf</bdi>" in html
            assert "E.pdf" not in html
            assert "and 2 more files</li>" in html
            assert "chefin@example.com" not in html

    def test_a_letter_names_the_first_line_on_its_envelope(
        self, ben: Browser, record: Callable[..., int]
    ):
        address = "Weber & Söhne, Maschinenbau\nFrau Dr. Tanja Müller\nVenloer Str. 12\n50672 Köln"
        told = {"channel": "letter", "direction": "out", "envelope": {"to": [address]}}
        message_id = record("Kurs", **told)
        for url in (ONE, f"{URL}/panel", URL):
            html = ben.get(url).text
            assert "<span>to Weber &amp; Söhne, Maschinenbau</span>" in html
            assert "Venloer" not in html
        html = ben.get(f"{URL}/{message_id}").text
        lines = (
            "Weber &amp; Söhne, Maschinenbau, Frau Dr. Tanja Müller, Venloer Str. 12, 50672 Köln"
        )
        assert f"<bdi>{lines}</bdi>" in html

    def test_the_message_tells_everybody_and_everything(
        self, ben: Browser, send: Callable[..., int]
    ):
        message_id = send(names=("A.pdf", "B.pdf", "C.pdf", "D.pdf"))
        for html in (ben.get(f"{URL}/{message_id}").text, ben.htmx_get(f"{URL}/{message_id}").text):
            for said in (
                "<dt>From</dt><dd><bdi>Tanzstudio &lt;info@example.com&gt;</bdi>",
                "<dt>To</dt><dd><bdi>Tanja Müller &lt;tanja@example.com&gt;</bdi>",
                "<dt>Cc</dt><dd><bdi>weiss@example.com</bdi>",
                "<dt>Bcc</dt><dd><bdi>&lt;Chefin&gt; &lt;chefin@example.com&gt;</bdi>",
                "<bdi>D.pdf</bdi>",
            ):
                assert said in html

    def test_one_recipient_and_none(self, ben: Browser, record: Callable[..., int]):
        record("Eine", direction="out", envelope={"to": ["a@b.example"], "cc": [], "bcc": []})
        record("Keine", direction="out")
        html = ben.htmx_get(f"{URL}/panel").text
        assert "<span>to a@b.example</span>" in html
        assert html.count("<span>to ") == 1

    def test_a_download_is_never_shown(self, ben: Browser, cleo: Browser, send: Callable[..., int]):
        message_id = send(names=("Grüße.html", "x.pdf"))
        for browser in (ben, cleo):
            answer = browser.get(f"{URL}/{message_id}/attachments/1")
            assert answer.text == "Grüße.html"
            assert answer.headers["Content-Type"] == "application/octet-stream"
            assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Cache-Control"] == "no-store"
            disposition = answer.headers["Content-Disposition"]
            assert disposition.startswith('attachment; filename="Gru_e.html"')
            assert "filename*=UTF-8''Gr%C3%BC%C3%9Fe.html" in disposition
        for query in ("?inline=1", "?attachment=0"):
            answer = ben.get(f"{URL}/{message_id}/attachments/1{query}")
            assert answer.headers["Content-Disposition"].startswith("attachment;")

    def test_a_file_that_is_gone(self, ben: Browser, app: Flask, send: Callable[..., int]):
        message_id = send(names=("A.pdf",))
        with app.app_context():
            files.path_of(queries.attachments_of(1, message_id)[0].digest).unlink()
        for get in (ben.get, ben.htmx_get):
            answer = get(f"{URL}/{message_id}/attachments/1")
            assert answer.status_code == 410
            assert "The file is missing on the server." in answer.text

    def test_nobody_elses_files(
        self,
        ben: Browser,
        send: Callable[..., int],
        make_customer: Callable[..., int],
        changes_nothing: Callable[[], Any],
    ):
        message_id, another, other = send(names=("A.pdf",)), send(), make_customer()
        with changes_nothing():
            for url in (
                f"/customers/{other}/messages/{message_id}/attachments/1",
                f"{URL}/{another}/attachments/1",
                f"{URL}/{message_id}/attachments/2",
                f"{URL}/{message_id}/attachments/{9**20}",
            ):
                assert ben.get(url).status_code == 404
                assert ben.post(f"{url}/document").status_code == 404

    def test_kept_as_a_document_and_shown_as_such(
        self, ben: Browser, app: Flask, send: Callable[..., int]
    ):
        message_id = send(names=("A & B.pdf",))
        url = f"{URL}/{message_id}"
        assert "Keep as document" in ben.get(url).text
        answer = ben.htmx_post(f"{url}/attachments/1/document", panels="messages,documents")
        found, dialog = parts(answer.text)
        assert sorted(found) == ["#panel-documents", "#panel-messages", "#toasts"]
        assert "A &amp; B.pdf" in found["#panel-documents"]
        assert "is among the documents" in found["#toasts"]
        assert "Kept as a document" in dialog
        assert "Keep as document" not in dialog
        link = re.search(r'href="([^"]+)#document-1"', dialog)
        assert link
        assert 'id="document-1"' in ben.get(unescape(link[1])).text
        ben.htmx_post(f"{url}/attachments/1/document")
        with app.app_context():
            assert documents.count(1) == 1

    def test_kept_without_script_and_on_its_own_page(self, ben: Browser, send: Callable[..., int]):
        message_id = send(names=("A.pdf",))
        url = f"{URL}/{message_id}"
        answer = ben.post(f"{url}/attachments/1/document")
        assert (answer.status_code, answer.location) == (303, url)
        here = {"HX-Current-URL": f"http://localhost{url}"}
        answer = ben.htmx_post(f"{url}/attachments/1/document", headers=here)
        assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, url)

    def test_a_letter_is_opened_and_printed(self, ben: Browser, app: Flask, customer_id: int):
        pdf = Attachment("Brief.pdf", "a" * 64, 5, "application/pdf")
        values = {
            "channel": "letter",
            "direction": "out",
            "subject": "Brief",
            "text": "",
            "at": NOON,
        }
        with app.app_context():
            message_id = services.record_message([1], values, [pdf])
            db.session.commit()
        html = ben.get(f"{URL}/{message_id}").text
        assert f'href="{URL.replace("messages", "letters")}/{message_id}/paper"' in html
        assert f'href="{URL}/{message_id}/attachments/1"' in html

    def test_budget(self, ben: Browser, send: Callable[..., int], count_queries: Callable[[], Any]):
        for number in range(60):
            send(f"Nr. {number}", names=("A.pdf", "B.pdf"))
        for url, most in ((f"{URL}/panel", 7), (URL, 5)):
            ben.htmx_get(url)
            with count_queries() as asked:
                ben.htmx_get(url)
            assert len(asked) == most

    @pytest.mark.parametrize("text", hostile.TEXTS, ids=hostile.called)
    def test_hostile_names(self, ben: Browser, app: Flask, customer_id: int, text: str):
        stored = text.encode(errors="replace").decode().replace("\0", "")
        file = Attachment(stored[:1000] or "x", "a" * 64, 5, stored[:100])
        envelope = {"sender": stored, "to": [stored, stored], "cc": [], "bcc": [stored]}
        values = {"channel": "mail", "direction": "out", "subject": stored[:300], "text": stored}
        with app.app_context():
            values |= {"at": NOON, "envelope": envelope, "outbox_id": outbox.put("mail")}
            message_id = services.record_message([1], values, [file])
            write_entry(message_id, state="failed", error=stored[:40], detail=stored[:500])
        for url in (ONE, URL, f"{URL}/{message_id}", f"{URL}/{message_id}/state", "/outbox"):
            page = ben.get(url)
            assert page.status_code == 200
            assert not hostile.is_markup_in(page.text)


def state_of(html: str) -> str:
    """What the badge of a state says."""
    found = re.search(r"outgoing-badge.*?</svg>([^<]*)</span>", html, re.S)
    assert found
    return found[1]


class TestState:
    @pytest.mark.parametrize(
        ("entry", "said", "pause"),
        [
            ({"due_at": timedelta(seconds=9)}, "Goes out in a few seconds", 2),
            ({"due_at": timedelta(seconds=-9)}, "Waits: the worker is not running", 2),
            ({"due_at": timedelta(hours=-9)}, "Waits: the worker is not running", 30),
            ({"error": "busy", "tries": 1}, "Waits: the worker is not running", 2),
            (
                {"error": "busy", "tries": 1, "payload": {"done": ["a@example.com"]}},
                "Not sent to everybody yet: the worker is not running",
                2,
            ),
            ({"lease_until": timedelta(minutes=5)}, "Is being sent", 2),
            ({"held": True}, "Paused", 30),
            ({"state": "cancelled"}, "Taken back", 0),
        ],
    )
    def test_in_words_and_how_soon_to_look_again(
        self, ben: Browser, send: Callable[..., int], entry: dict[str, Any], said: str, pause: int
    ):
        at = {k: now() + v if isinstance(v, timedelta) else v for k, v in entry.items()}
        url = f"{URL}/{send(**at)}/state"
        for html in (ben.htmx_get(url).text, ben.get(url).text):
            assert state_of(html) == said
            assert (f'hx-trigger="every {pause}s"' in html) == bool(pause)
            assert ("every" in html) == bool(pause)

    def test_what_is_due_tells_whether_a_worker_lives(
        self, ben: Browser, app: Flask, send: Callable[..., int], monkeypatch: pytest.MonkeyPatch
    ):
        asked: list[str] = []
        is_held = background.is_held
        monkeypatch.setattr(background, "is_held", lambda job: asked.append(job) or is_held(job))
        send(state="sent", done_at=NOON)
        send(due_at=now() + timedelta(minutes=5))
        assert "Waits" not in ben.get(URL).text
        assert asked == []
        send()
        send()
        html = ben.get(URL).text
        assert html.count("Waits: the worker is not running") == 2
        assert html.count('data-state="warn"') == 2
        assert asked == [queue.WORKER]
        with app.app_context(), background.holding(queue.WORKER):
            html = ben.get(URL).text
        assert html.count("Waits to be sent") == 2

    @pytest.mark.parametrize(
        ("entry", "said", "reason", "looks_again"),
        [
            ({"state": "sent"}, "Sent 2 Mar 2026, 12:00", "", False),
            (
                {"state": "sent", "error": "partly"},
                "Sent 2 Mar 2026, 12:00, but not to everybody",
                "Some recipients were refused.",
                False,
            ),
            (
                {"error": "unreachable", "tries": 1, "due_at": LATER},
                "Not sent yet, next try 2 Mar 2099, 12:00",
                "The mail server cannot be reached.",
                True,
            ),
            (
                {
                    "error": "partly",
                    "tries": 1,
                    "payload": {"done": ["a@example.com"]},
                    "due_at": LATER,
                },
                "Not sent to everybody yet, next try 2 Mar 2099, 12:00",
                "Some recipients were refused.",
                True,
            ),
            (
                {"state": "failed", "error": "busy", "payload": {"done": ["a@example.com"]}},
                "Not sent to everybody",
                "The mail server cannot take this mail just now.",
                False,
            ),
            (
                {"state": "failed", "error": "too_large"},
                "Not sent",
                "The mail is too large for the mail server.",
                False,
            ),
            (
                {"state": "failed", "error": "restored"},
                "Not sent",
                "Perhaps it has been sent",
                False,
            ),
            (
                {"state": "failed", "error": "broken"},
                "Not sent",
                "number 550 5.1.1 &lt;x&gt;.",
                False,
            ),
            ({"state": "failed", "error": "what?"}, "Not sent", "the log of the server", False),
        ],
    )
    def test_with_its_reason(
        self,
        ben: Browser,
        send: Callable[..., int],
        entry: dict[str, Any],
        said: str,
        reason: str,
        looks_again: bool,
    ):
        message_id = send(**{"done_at": NOON, "due_at": NOON, "detail": "550 5.1.1 <x>"} | entry)
        listed = ben.htmx_get(f"{URL}/{message_id}/state").text
        whole = ben.htmx_get(f"{URL}/{message_id}").text
        for html in (listed, whole):
            assert state_of(html) == said
            assert reason in html
            assert ("hx-trigger" in html) == looks_again
        told = bool(reason) and entry["error"] != "broken"
        assert ("<bdi>550 5.1.1 &lt;x&gt;</bdi>" in whole) == told
        assert "<bdi>550" not in listed

    def test_it_costs_one_question(
        self, ben: Browser, send: Callable[..., int], count_queries: Callable[[], Any]
    ):
        url = f"{URL}/{send()}/state"
        ben.htmx_get(url)
        with count_queries() as asked:
            ben.htmx_get(url)
        assert len([statement for statement in asked if "outbox_entry" in statement]) == 1
        assert len(asked) == 4

    def test_it_is_told_until_the_end_whatever_becomes_of_message_and_customer(
        self, ben: Browser, app: Flask, send: Callable[..., int], record: Callable[..., int]
    ):
        message_id = send()
        ben.htmx_post(f"{URL}/{message_id}/withdrawal")
        assert state_of(ben.htmx_get(f"{URL}/{message_id}/state").text) == "Taken back"
        another, nothing = send(), record("Nichts")
        with app.app_context():
            delete_customer(1)
            db.session.commit()
        assert ben.htmx_get(f"{URL}/{another}/state").status_code == 200
        assert ben.htmx_get(f"{URL}/{nothing}/state").status_code == 404
        assert ben.get(f"{URL}/{another}").status_code == 410

    def test_a_place_of_its_own_in_the_message(self, ben: Browser, send: Callable[..., int]):
        message_id = send()
        assert f'id="message-{message_id}-state"' in ben.htmx_get(f"{URL}/panel").text
        shown = ben.htmx_get(f"{URL}/{message_id}").text
        assert f'id="shown-{message_id}-state"' in shown
        url = re.search(r'<a href="([^"]+/state[^"]*)" hx-get', shown)
        assert url
        assert f'id="shown-{message_id}-state"' in ben.htmx_get(unescape(url[1])).text
        for place in ("", "x", "<b>"):
            html = ben.htmx_get(f"{URL}/{message_id}/state", query_string={"place": place}).text
            assert f'id="message-{message_id}-state"' in html

    def test_a_reader_only_reads(self, cleo: Browser, send: Callable[..., int]):
        message_id = send(state="failed", error="too_large", done_at=NOON)
        for url in (ONE, URL, f"{URL}/{message_id}", f"{URL}/{message_id}/state"):
            html = cleo.get(url).text
            assert "too large" in html
            assert "/retry" not in html
            assert "/withdrawal" not in html

    def test_try_again(self, ben: Browser, send: Callable[..., int]):
        message_id = send(state="failed", error="too_large", done_at=NOON)
        url = f"{URL}/{message_id}"
        assert "Try again" in ben.get(url).text
        found, rest = parts(ben.htmx_post(f"{url}/retry", panels="messages").text)
        assert rest == ""
        assert sorted(found) == ["#panel-messages", f"#shown-{message_id}-state", "#toasts"]
        assert state_of(found["#panel-messages"]).startswith("Waits")
        assert state_of(found[f"#shown-{message_id}-state"]).startswith("Waits")
        assert "Try again" not in ben.get(url).text
        assert "Message sent once more" in ben.get(f"{ONE}/history").text

    def test_try_again_without_script(self, ben: Browser, send: Callable[..., int]):
        message_id = send(state="failed", done_at=NOON)
        answer = ben.post(f"{URL}/{message_id}/retry")
        assert (answer.status_code, answer.location) == (303, ONE)
        assert "Waits: the worker is not running" in ben.get(ONE).text

    @pytest.mark.parametrize("entry", [{}, {"state": "failed"}, {"tries": 3, "error": "busy"}])
    def test_take_back(self, ben: Browser, send: Callable[..., int], entry: dict[str, Any]):
        message_id = send("Zu <früh>", **{"done_at": NOON} | entry)
        url = f"{URL}/{message_id}"
        assert "Take back" in ben.get(url).text
        found, rest = parts(ben.htmx_post(f"{url}/withdrawal", panels="messages").text)
        assert rest == ""
        assert titles(found["#panel-messages"]) == []
        assert "Zu &lt;früh&gt;" in found["#toasts"]
        assert ben.get(url).status_code == 404
        assert "taken back before it was sent" in ben.get(f"{ONE}/history").text

    def test_take_back_on_its_own_page(self, ben: Browser, send: Callable[..., int]):
        url = f"{URL}/{send()}"
        here = {"HX-Current-URL": f"http://localhost{url}"}
        answer = ben.htmx_post(f"{url}/withdrawal", headers=here)
        assert answer.headers["HX-Redirect"] == ONE

    @pytest.mark.parametrize(
        "entry", [{"state": "sent"}, {"lease_until": datetime(2099, 1, 1, tzinfo=UTC)}]
    )
    def test_too_late(
        self,
        ben: Browser,
        send: Callable[..., int],
        entry: dict[str, Any],
        changes_nothing: Callable[[], Any],
    ):
        message_id = send(**{"done_at": NOON} | entry)
        html = ben.get(f"{URL}/{message_id}").text
        with changes_nothing():
            for verb in ("retry", "withdrawal"):
                assert f"{message_id}/{verb}" not in html
                for post in (ben.post, ben.htmx_post):
                    assert post(f"{URL}/{message_id}/{verb}").status_code == 409

    def test_nobody_elses(
        self,
        ben: Browser,
        send: Callable[..., int],
        record: Callable[..., int],
        make_customer: Callable[..., int],
        changes_nothing: Callable[[], Any],
    ):
        message_id, nothing, other = send(), record("Nichts"), make_customer()
        with changes_nothing():
            for url in (f"/customers/{other}/messages/{message_id}", f"{URL}/999"):
                assert ben.get(f"{url}/state").status_code == 404
                assert ben.post(f"{url}/retry").status_code == 404
                assert ben.post(f"{url}/withdrawal").status_code == 404
            assert ben.get(f"{URL}/{nothing}/state").status_code == 404
            assert ben.post(f"{URL}/{nothing}/retry").status_code == 409
            assert ben.post(f"{URL}/{nothing}/withdrawal").status_code == 404
