"""Messages on the overview, on their own page, and each by itself: recorded, read, followed up."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask

from app.core.database import db
from app.core.i18n import today
from app.domain.messages import queries, services
from tests import hostile
from tests.browserless import Browser, FormReader
from tests.fragments import parts

ONE = "/customers/1"
URL = f"{ONE}/messages"
NEW = f"{URL}/new"
NOON = datetime(2026, 3, 2, 11, tzinfo=UTC)


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
        assert len(sent) == 6


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
