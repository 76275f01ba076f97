"""The outbox: what failed, what waits, what has left, and what can be done about it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core import audit, background, outbox, queue
from app.core.audit import AuditEntry
from app.core.database import db, now, table
from app.core.outbox import OutboxEntry
from app.domain.customers.services import delete_customer
from app.domain.factura.services import add_document, set_pdf
from app.domain.mailing import drafts
from app.domain.mailing.models import MailAccount
from app.domain.mailing.services import Outgoing, send_test
from app.domain.messages import services
from app.domain.messages.models import Message
from app.domain.serials.models import Serial
from tests.browserless import Browser
from tests.factories import invoice_values
from tests.fragments import parts

URL = "/outbox"
NOON = datetime(2026, 3, 2, 11, tzinfo=UTC)
SENT = {"state": "sent", "done_at": NOON}
FAILED = {"state": "failed", "error": "too_large", "done_at": NOON}


@pytest.fixture(autouse=True)
def _customer(make_customer: Callable[..., int]) -> None:
    assert make_customer() == 1


@pytest.fixture
def put(app: Flask) -> Callable[..., int]:
    """Put a mail to customers (or another kind) into the outbox as told, and get its entry."""

    def putting(
        subject: str = "Angebot", owners: tuple[int, ...] = (1,), kind: str = "mail", **entry: Any
    ) -> int:
        with app.app_context():
            entry_id = outbox.put(kind, {"to": "secret@example.com"})
            to = ["Tanja Müller <tanja@example.com>", "b@example.com"]
            values = {"channel": "mail", "direction": "out", "subject": subject, "text": "Text"}
            values |= {"at": NOON, "outbox_id": entry_id, "envelope": {"to": to}}
            if kind == "mail":
                services.record_message(owners, values)
            if entry:
                theirs = table(OutboxEntry).update().where(OutboxEntry.id == entry_id)
                db.session.execute(theirs.values(**entry))
            db.session.commit()
            return entry_id

    return putting


@pytest.fixture
def account(app: Flask) -> None:
    with app.app_context():
        db.session.add(
            MailAccount(id=1, host="a.example", port=25, security="none", from_address="a@a.de")
        )
        db.session.commit()


def state_of(app: Flask, entry_id: int) -> str:
    with app.app_context():
        return db.session.get_one(OutboxEntry, entry_id).state


def listed(html: str) -> list[int]:
    return [int(number) for number in re.findall(r'<tr id="outbox-entry-(\d+)"', html)]


def headings(html: str) -> list[str]:
    return re.findall(r'<h2 id="outbox-\d">([^<]+)</h2>', html)


def of_serials(html: str) -> list[tuple[int, list[str]]]:
    """The rows of serials: id, and what is told of it."""
    found = re.findall(r'<tr id="outbox-serial-(\d+)">(.*?)</tr>', html, re.S)
    return [(int(one), re.findall(r"</svg>([^<]+)</span>", row)) for one, row in found]


class TestList:
    def test_what_failed_comes_first(self, ben: Browser, put: Callable[..., int]):
        sent, waiting, failed = put(**SENT), put(), put(**FAILED)
        put(state="cancelled")
        html = ben.get(URL).text
        assert listed(html) == [failed, waiting, sent]
        assert headings(html) == ["Not sent", "On its way", "Sent"]
        assert 'aria-current="page">' in html

    def test_a_row_tells_everything(self, ben: Browser, put: Callable[..., int]):
        put("Preise <b>", **FAILED | {"detail": "552 <big>"})
        html = ben.get(URL).text
        for said in (
            "Preise &lt;b&gt;</a>",
            '<a href="/customers/1">Tanja Müller</a>',
            "<bdi>Tanja Müller and one other</bdi>",
            "Not sent",
            "The mail is too large for the mail server.",
            "<bdi>552 &lt;big&gt;</bdi>",
            "Try again",
            "Take back",
            'href="/customers/1/messages/1"',
        ):
            assert said in html
        assert "tanja@example.com" not in html

    def test_it_stands_in_the_main_navigation(self, ben: Browser, cleo: Browser):
        for browser in (ben, cleo):
            assert '<a href="/outbox">' in browser.get("/customers").text

    @pytest.mark.parametrize("state", ["failed", "waiting", "sent"])
    def test_by_state(self, ben: Browser, put: Callable[..., int], state: str):
        entries = {"sent": put(**SENT), "waiting": put(), "failed": put(**FAILED)}
        html = ben.get(f"{URL}?state={state}").text
        assert listed(html) == [entries[state]]
        assert f'href="/outbox?state={state}" aria-current="page"' in html

    def test_turning_pages(self, ben: Browser, put: Callable[..., int], app: Flask):
        first = put()
        with app.app_context():
            for _ in range(5):
                outbox.put("mail_test")
            rows = [outbox.row("mail") | {"state": "sent", "done_at": now()} for _ in range(60)]
            db.session.execute(table(OutboxEntry).insert(), rows)
            ids = list(db.session.scalars(select(OutboxEntry.id).where(OutboxEntry.id > first)))
            for entry_id in ids[5:]:
                values = {"channel": "mail", "direction": "out", "subject": "x", "text": ""}
                services.record_message([1], values | {"at": NOON, "outbox_id": entry_id})
            db.session.commit()
        html = ben.get(URL).text
        assert listed(html) == [first, *reversed(ids[16:])]
        older = re.search(r'rel="next" href="([^"]+)"', html)
        assert older
        html = ben.get(unescape(older[1])).text
        assert listed(html) == list(reversed(ids[5:16]))
        assert 'rel="next"' not in html
        assert 'rel="prev" href="/outbox"' in html

    @pytest.mark.parametrize(
        ("query", "said"),
        [
            ("", "Nothing has been sent yet."),
            ("?state=failed", "Nothing failed."),
            ("?state=waiting", "Nothing waits."),
            ("?state=sent", "Nothing has been sent yet."),
            ("?before=sent-1", "Nothing is further back."),
        ],
    )
    def test_nothing(self, ben: Browser, query: str, said: str):
        html = ben.get(URL + query).text
        assert said in html
        assert ('data-kind="filtered"' in html) == bool(query)

    @pytest.mark.parametrize(
        "query",
        [
            *("state=cancelled", "state=x", "before=x", "before=sent-", "before=-1", "before=x-1"),
            *("before=sent-" + "9" * 30, "before=cancelled-9", "before=%00", "state=%ED%A0%80"),
        ],
    )
    def test_broken_urls(self, ben: Browser, put: Callable[..., int], query: str):
        entry_id = put()
        for get in (ben.get, ben.htmx_get):
            answer = get(f"{URL}?{query}")
            assert answer.status_code == 200
            assert listed(answer.text) == [entry_id]

    def test_of_several_customers(
        self, ben: Browser, make_customer: Callable[..., int], put: Callable[..., int], app: Flask
    ):
        others = (make_customer(last_name="Berger"), make_customer(last_name="Yılmaz"))
        put(owners=(1, *others))
        html = ben.get(URL).text
        assert '<a href="/customers/1">Tanja Müller</a>' in html
        assert "and 2 other customers" in html
        with app.app_context():
            delete_customer(1)
            db.session.commit()
        html = ben.get(URL).text
        assert "in the trash" in html
        assert f'href="/customers/{others[0]}/messages/1"' in html
        assert "Take back" in html

    def test_of_somebody_in_the_trash(self, ben: Browser, put: Callable[..., int], app: Flask):
        put(**FAILED | {"error": "trash"})
        with app.app_context():
            delete_customer(1)
            db.session.commit()
        html = ben.get(URL).text
        assert "The customer is in the trash." in html
        assert "/messages/1" not in html
        assert "Try again" not in html

    def test_what_the_application_itself_sends_only_admins_see_and_nobody_to_whom(
        self, anna: Browser, ben: Browser, put: Callable[..., int], app: Flask
    ):
        entry_id = put(kind="mail_test", **FAILED)
        put(kind="serial")
        html = anna.get(URL).text
        assert listed(html) == [entry_id]
        assert "Test of the mail server" in html
        assert "secret@example.com" not in html
        assert listed(ben.get(URL).text) == []
        for verb in ("retry", "withdrawal"):
            assert ben.post(f"{URL}/{entry_id}/{verb}").status_code == 404
            assert anna.post(f"{URL}/{entry_id + 1}/{verb}").status_code == 404
        assert state_of(app, entry_id) == "failed"

    def test_a_test_is_begun_anew_instead_of_taken_back(
        self, anna: Browser, put: Callable[..., int]
    ):
        put(kind="mail_test", **FAILED)
        html = anna.get(URL).text
        assert "Try again: Test of the mail server" in html
        assert "Take back" not in html

    @pytest.mark.usefixtures("account")
    def test_only_the_latest_test_is_told(self, anna: Browser, app: Flask, put: Callable[..., int]):
        put(kind="mail_test", **FAILED)
        put(kind="mail_test", tries=1, error="unreachable", due_at=now() + timedelta(hours=1))
        in_hand = put(kind="mail_test", lease_until=now() + outbox.LEASE)
        mail = put(**FAILED)
        with app.app_context():
            latest = send_test("anna@example.com")
            db.session.commit()
        assert listed(anna.get(URL).text) == [mail, latest, in_hand]

    def test_budget(self, ben: Browser, put: Callable[..., int], count_queries: Callable[[], Any]):
        for number in range(30):
            put(**(SENT, FAILED, {})[number % 3])
        ben.get(URL)
        with count_queries() as asked:
            ben.get(URL)
        assert len(asked) <= 9


class TestSerials:
    @pytest.fixture
    def serial(self, app: Flask, put: Callable[..., int]) -> Callable[..., int]:
        """A serial with so many mails in each state; its id."""

        def adding(name: str, *, state: str = "made", **counts: int) -> int:
            with app.app_context():
                values = {"kind": "mail", "state": state, "name": name, "language": "de"}
                values |= {"subject": "", "body": "", "user_name": "Ben Staff", "created_at": NOON}
                serial = Serial(**values)
                db.session.add(serial)
                db.session.commit()
                serial_id = serial.id
            for one, count in counts.items():
                for _ in range(count):
                    put(name, batch=serial_id, state=one, done_at=NOON)
            return serial_id

        return adding

    def test_a_row_each_instead_of_their_mails(
        self, ben: Browser, put: Callable[..., int], serial: Callable[..., int]
    ):
        single = put()
        serial_id = serial("Gruß <b>", failed=2, waiting=3, sent=1)
        html = ben.get(URL).text
        assert listed(html) == [single]
        assert of_serials(html) == [(serial_id, ["2 not sent", "3 waiting", "1 sent"])]
        assert f'<a href="/serials/{serial_id}?show=failed">Gruß &lt;b&gt;</a>' in html
        assert ben.get(f"/serials/{serial_id}?show=failed").status_code == 200

    def test_what_failed_comes_first_and_of_the_others_the_newest(
        self, ben: Browser, serial: Callable[..., int]
    ):
        failed = serial("Alt", failed=1)
        waiting = serial("Neuer", state="paused", waiting=1)
        sent = [serial(f"Fertig {n}", sent=1) for n in range(4)]
        serial("Abgesagt", cancelled=1)
        told = [serial_id for serial_id, _parts in of_serials(ben.get(URL).text)]
        assert told == [failed, waiting, *reversed(sent[1:])]
        for state, ids in (("failed", [failed]), ("waiting", [waiting]), ("sent", sent[::-1])):
            html = ben.get(f"{URL}?state={state}").text
            assert [serial_id for serial_id, _parts in of_serials(html)] == ids
            assert "Nothing" not in html
        assert (waiting, ["1 paused"]) in of_serials(ben.get(URL).text)

    def test_on_the_first_page_only(self, ben: Browser, serial: Callable[..., int]):
        serial("Gruß", failed=1)
        assert of_serials(ben.get(f"{URL}?before=sent-9").text) == []

    def test_a_bounded_number_of_questions(
        self, ben: Browser, serial: Callable[..., int], count_queries: Callable[[], Any]
    ):
        for _ in range(6):
            serial("Gruß", failed=1, waiting=1)
        ben.get(URL)
        with count_queries() as asked:
            ben.get(URL)
        assert len(asked) <= 10


class TestPapers:
    @pytest.fixture
    def paper(self, app: Flask) -> int:
        """Issue a document whose PDF could not be made; its entry."""
        with app.app_context():
            values = invoice_values(number="RE-7", frozen={})
            document_id = add_document(1, values)
            entry_id = outbox.put("factura", {"document_id": document_id})
            theirs = table(OutboxEntry).update().where(OutboxEntry.id == entry_id)
            told = {"state": "failed", "error": "glyphs", "detail": "漢", "done_at": NOON}
            db.session.execute(theirs.values(**told))
            db.session.commit()
            return entry_id

    def test_a_document_without_a_pdf_is_named(self, ben: Browser, paper: int):
        html = ben.get(URL).text
        assert '<a href="/factura/1">RE-7</a>' in html
        assert "These letters cannot be printed: 漢" in html
        assert f'action="/outbox/{paper}/retry"' in html
        assert "RE-7" in ben.get(f"{URL}?state=failed").text
        assert "RE-7" not in ben.get(f"{URL}?state=waiting").text

    def test_it_is_tried_again(self, ben: Browser, app: Flask, paper: int):
        answer = ben.htmx_post(f"/outbox/{paper}/retry")
        assert "It is tried again" in answer.text
        assert state_of(app, paper) == "waiting"
        assert "RE-7" not in ben.get(URL).text

    def test_readers_are_not_asked(self, cleo: Browser, app: Flask, paper: int):
        assert "retry" not in cleo.get(URL).text
        assert cleo.post(f"/outbox/{paper}/retry").status_code == 403
        assert state_of(app, paper) == "failed"

    def test_made_meanwhile_it_is_no_trouble(self, ben: Browser, app: Flask, paper: int):
        with app.app_context():
            set_pdf(1, "a" * 64, 1)
            db.session.commit()
        assert "RE-7" not in ben.get(URL).text


class TestNotices:
    NO_ACCOUNT = "No mail server is set up"
    NO_WORKER = "The worker is not running"

    def test_without_an_account_and_without_a_worker(self, ben: Browser):
        html = ben.get(URL).text
        assert self.NO_ACCOUNT in html
        assert self.NO_WORKER in html

    @pytest.mark.usefixtures("account")
    def test_all_is_well(self, ben: Browser, app: Flask):
        with app.app_context(), background.holding(queue.WORKER):
            html = ben.get(URL).text
        assert 'class="notice"' not in html

    @pytest.mark.usefixtures("account")
    def test_the_server_cannot_be_reached(self, ben: Browser, put: Callable[..., int]):
        put(tries=1, error="unreachable", due_at=now() + outbox.pause(1))
        assert "E-mails wait: The mail server cannot be reached." in ben.get(URL).text
        put(state="sent", done_at=now() + timedelta(minutes=1))
        assert "E-mails wait" not in ben.get(URL).text

    @pytest.mark.usefixtures("account")
    @pytest.mark.parametrize("error", ["busy", "sender_refused", "trash", "too_large"])
    def test_one_mail_that_is_not_taken_closes_no_road(
        self, ben: Browser, put: Callable[..., int], error: str
    ):
        put(tries=1, error=error, due_at=now())
        assert "E-mails wait" not in ben.get(URL).text


class TestRefresh:
    def test_rows_only_and_only_while_something_moves(self, ben: Browser, put: Callable[..., int]):
        put(**SENT)
        put(**FAILED)
        assert "hx-trigger" not in ben.get(URL).text
        put(due_at=now() + timedelta(hours=3))
        assert 'hx-trigger="every 30s"' in ben.get(URL).text
        entry_id = put()
        page = ben.get(f"{URL}?state=waiting").text
        assert 'hx-get="/outbox?state=waiting" hx-trigger="every 2s"' in page
        rows = ben.htmx_get(f"{URL}?state=waiting").text
        assert rows.strip().startswith('<div id="outbox-rows">')
        assert listed(rows)[0] == entry_id
        assert "<nav" not in rows


class TestVerbs:
    def test_try_again(self, ben: Browser, app: Flask, put: Callable[..., int]):
        entry_id = put(**FAILED)
        answer = ben.htmx_post(f"{URL}/{entry_id}/retry")
        found, rest = parts(answer.text)
        assert rest == ""
        assert sorted(found) == ["#outbox-rows", "#toasts"]
        assert headings(found["#outbox-rows"]) == ["On its way"]
        assert state_of(app, entry_id) == "waiting"

    def test_the_rows_stay_filtered(self, ben: Browser, put: Callable[..., int]):
        first, second = put(**FAILED), put(**FAILED)
        here = {"HX-Current-URL": f"http://localhost{URL}?state=failed"}
        answer = ben.htmx_post(f"{URL}/{first}/retry", headers=here)
        assert listed(parts(answer.text)[0]["#outbox-rows"]) == [second]

    def test_take_back(self, ben: Browser, app: Flask, put: Callable[..., int]):
        entry_id = put()
        found, rest = parts(ben.htmx_post(f"{URL}/{entry_id}/withdrawal").text)
        assert rest == ""
        assert listed(found["#outbox-rows"]) == []
        assert state_of(app, entry_id) == "cancelled"
        with app.app_context():
            assert db.session.scalars(select(Message.removed_at)).one() is not None

    @pytest.mark.usefixtures("account")
    @pytest.mark.parametrize("url", [f"{URL}/1", "/customers/1/messages/1"])
    def test_the_author_has_the_draft_again_and_is_led_there(
        self, anna: Browser, ben: Browser, app: Flask, url: str
    ):
        for browser, told in ((ben, False), (anna, True)):
            with app.app_context(), audit.acting(1, "Anna"):
                draft = drafts.keep(1, drafts.new_sheet(), {"text": "Hallo"})
                assert draft
                message_id = drafts.send(
                    draft, Outgoing(["a@b.example"], [], [], "Betreff", "Hallo")
                )
                db.session.commit()
                draft_id = draft.id
            html = browser.htmx_post(f"{url[:-1]}{message_id}/withdrawal").text
            link = f'<a href="/customers/1/mail/new?draft={draft_id}">Go on writing</a>'
            assert (link in parts(html)[0]["#toasts"]) == told
            with app.app_context(), audit.acting(1, "Anna"):
                assert draft_id in [one.id for one in drafts.latest(1)]

    @pytest.mark.parametrize(
        ("verb", "state", "action"),
        [("retry", "waiting", "entry_retried"), ("withdrawal", "cancelled", "entry_cancelled")],
    )
    def test_what_belongs_to_no_message(
        self, anna: Browser, app: Flask, put: Callable[..., int], verb: str, state: str, action: str
    ):
        entry_id = put(kind="mail_test", **FAILED)
        answer = anna.post(f"{URL}/{entry_id}/{verb}")
        assert (answer.status_code, answer.location) == (303, URL)
        assert state_of(app, entry_id) == state
        with app.app_context():
            entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
            assert entry
            assert (entry.area, entry.action) == ("messages", action)
            assert entry.subject == "Test of the mail server"

    @pytest.mark.parametrize("verb", ["retry", "withdrawal"])
    @pytest.mark.parametrize("kind", ["mail", "mail_test"])
    def test_too_late(
        self,
        anna: Browser,
        put: Callable[..., int],
        verb: str,
        kind: str,
        changes_nothing: Callable[[], Any],
    ):
        for entry in (SENT, {"lease_until": now() + outbox.LEASE}):
            entry_id = put(kind=kind, **entry)
            with changes_nothing():
                for post in (anna.post, anna.htmx_post):
                    assert post(f"{URL}/{entry_id}/{verb}").status_code == 409

    def test_nothing_there(self, anna: Browser, changes_nothing: Callable[[], Any]):
        with changes_nothing():
            for verb in ("retry", "withdrawal"):
                for entry_id in (999, 9**25):
                    assert anna.post(f"{URL}/{entry_id}/{verb}").status_code == 404

    def test_a_reader_only_reads(
        self, cleo: Browser, put: Callable[..., int], changes_nothing: Callable[[], Any]
    ):
        entry_id = put(**FAILED)
        html = cleo.get(URL).text
        assert listed(html) == [entry_id]
        assert "/retry" not in html
        assert "/withdrawal" not in html
        with changes_nothing():
            assert cleo.post(f"{URL}/{entry_id}/retry").status_code == 403
