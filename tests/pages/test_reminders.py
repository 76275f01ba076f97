"""The list of invoices to remind of: looked through, made, sent by mail or printed."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pypdfium2
import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core import rendering
from app.core.database import db
from app.core.i18n import today
from app.core.rendering import Preview
from app.domain.factura import paper
from app.domain.factura import services as factura
from app.domain.factura.models import FacturaDocument
from app.domain.groups.services import stop_information
from app.domain.mailing import services as mailing
from app.domain.messages.models import Message, MessageAttachment
from app.domain.reminders import queries, services
from app.domain.reminders.models import ReminderPause, ReminderRun
from tests.browserless import Browser, FormReader
from tests.factories import invoice_values

URL = "/reminders"
KEY = "0123456789abcdef0123456789abcdef"
Make = Callable[..., int]


@pytest.fixture(autouse=True)
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    documents: list[str] = []

    def preview(html: str, _page: int, _dpi: int) -> Preview:
        documents.append(html)
        return Preview(b"picture", 1)

    monkeypatch.setattr(rendering, "start", lambda *_count: None)
    monkeypatch.setattr(rendering, "render_preview", preview)
    return documents


@pytest.fixture
def make(app: Flask, make_customer: Callable[..., int]) -> Make:
    """Keep an invoice of a new customer that was due so many days ago; its id."""
    numbers = iter(range(1, 10_000))

    def invoice(
        days: int = 10, *, last_name: str = "Müller", emails: Any = None, **over: Any
    ) -> int:
        number = next(numbers)
        mails = [{"label": "", "address": f"a{number}@example.com"}] if emails is None else emails
        customer_id = make_customer(last_name=last_name, emails=mails)
        with app.app_context():
            due_on = today() - timedelta(days)
            values = {"number": f"RE-{number}", "due_on": due_on}
            values["issued_on"] = due_on - timedelta(14)
            made = factura.add_document(customer_id, invoice_values(**values | over))
            db.session.commit()
            return made

    return invoice


def sent(*ids: int, level: int = 1, seen: int = 0, key: str = KEY) -> dict[str, Any]:
    form: dict[str, Any] = {"invoice": [str(one) for one in ids], "key": key, "make": "1"}
    for one in ids:
        form |= {f"level-{one}": str(level), f"seen-{one}": str(seen)}
    return form


def reminders(app: Flask) -> list[Any]:
    with app.app_context():
        found = select(FacturaDocument).where(FacturaDocument.kind == "reminder")
        return list(db.session.scalars(found.order_by(FacturaDocument.id)))


def level_of(app: Flask, document_id: int) -> int:
    with app.app_context():
        return db.session.get_one(FacturaDocument, document_id).reminder_level


class TestList:
    def test_what_is_due_is_listed_with_all_that_matters(self, make: Make, ben: Browser):
        due, _early = make(30, last_name="Zöllner <b>", paid=4_000), make(3, last_name="Früh")
        page = ben.get(URL).text
        assert "1 invoice is due for a reminder" in page
        assert "Zöllner &lt;b&gt;" in page
        assert "Früh" not in page
        for word in ("RE-1", "30 days late", "300.00", "partly paid", "by e-mail"):
            assert word in page
        fields = FormReader.read(page)
        assert fields["invoice"] == str(due)
        assert fields[f"level-{due}"] == "1"
        assert fields[f"seen-{due}"] == "0"

    def test_whoever_wants_no_advertising_is_reminded(self, app: Flask, make: Make, ben: Browser):
        document_id = make(30)
        with app.app_context():
            customer_id = db.session.get_one(FacturaDocument, document_id).customer_id
            stop_information(customer_id)
            db.session.commit()
        page = ben.get(URL).text
        assert "wants no advertising" in page
        assert "by e-mail" in page

    def test_without_an_address_it_goes_by_post(self, make: Make, ben: Browser):
        make(30, emails=[])
        assert "by post" in ben.get(URL).text

    def test_nothing_is_due(self, ben: Browser):
        assert "No invoice is due for a reminder." in ben.get(URL).text
        assert "No invoice is due for this level." in ben.get(f"{URL}?level=2").text
        assert "Nothing is further back." in ben.get(f"{URL}?after=99999").text

    @pytest.mark.parametrize("query", ["level=x", "level=9", "after=-1", "after=" + "9" * 30])
    def test_addresses_that_ask_for_nonsense(self, make: Make, ben: Browser, query: str):
        make(30)
        assert ben.get(f"{URL}?{query}").status_code == 200

    def test_a_page_costs_no_more_for_more_rows(
        self, make: Make, ben: Browser, count_queries: Callable[[], Any]
    ):
        make(30)
        ben.get(URL)
        with count_queries() as few:
            ben.get(URL)
        for _more in range(5):
            make(30)
        with count_queries() as many:
            ben.get(URL)
        assert len(many) == len(few)

    def test_whoever_may_only_read_sees_no_button(self, make: Make, cleo: Browser):
        make(30)
        page = cleo.get(URL).text
        assert "RE-1" in page
        assert "reminder-make" not in page
        assert "<select" not in page.partition("<main")[2]


class TestMaking:
    def test_all_that_is_ticked_is_made(self, app: Flask, make: Make, ben: Browser):
        first, second, other = make(10), make(20), make(30)
        answer = ben.post(URL, sent(first, second))
        assert answer.location == "/reminders/runs/1"
        made = reminders(app)
        assert [row.origin_id for row in made] == [first, second]
        assert [row.state for row in made] == ["issued", "issued"]
        assert level_of(app, other) == 0
        page = ben.get(answer.location).text
        assert "2 reminders were made" in page
        assert made[0].number in page

    def test_at_the_level_that_was_chosen(self, app: Flask, make: Make, ben: Browser):
        document_id = make(40)
        ben.post(URL, sent(document_id, level=3))
        assert level_of(app, document_id) == 3

    def test_a_second_click_makes_nothing_more(self, app: Flask, make: Make, ben: Browser):
        document_id = make(10)
        first = ben.post(URL, sent(document_id))
        second = ben.post(URL, sent(document_id))
        assert first.location == second.location
        assert len(reminders(app)) == 1

    def test_of_two_colleagues_one_reminds(
        self, app: Flask, make: Make, ben: Browser, anna: Browser
    ):
        document_id = make(10)
        ben.post(URL, sent(document_id))
        answer = anna.post(URL, sent(document_id, key="other"))
        assert len(reminders(app)) == 1
        page = anna.get(answer.location).text
        assert "0 reminders were made, 1 was not" in page
        assert "Meanwhile somebody else has reminded of this invoice." in page

    def test_one_that_was_paid_meanwhile_stops_no_other(self, app: Flask, make: Make, ben: Browser):
        paid, good = make(10), make(10)
        with app.app_context():
            factura.set_paid(paid, 34_000)
            db.session.commit()
        page = ben.get(ben.post(URL, sent(paid, good, 999)).location).text
        assert [row.origin_id for row in reminders(app)] == [good]
        assert "This invoice is paid." in page
        assert "This invoice does not exist." in page

    def test_a_level_with_a_placeholder_nobody_can_fill_says_so(
        self, app: Flask, make: Make, ben: Browser
    ):
        with app.app_context():
            values = queries.editable(queries.level(1)).values
            services.save_level(1, values | {"intro_de": "{{company}}"})
            db.session.commit()
        page = ben.get(ben.post(URL, sent(make(10))).location).text
        assert "Please fill in first" in page
        assert reminders(app) == []

    @pytest.mark.parametrize(
        "form",
        [
            {"key": KEY},
            {"invoice": "1"},
            {"invoice": "x", "key": KEY},
            {"invoice": "1", "key": "x" * 33},
            {"invoice": [str(one) for one in range(1, 52)], "key": KEY},
        ],
    )
    def test_what_asks_for_nothing_or_too_much(
        self, ben: Browser, changes_nothing: Callable[[], Any], form: dict[str, Any]
    ):
        with changes_nothing():
            assert ben.post(URL, form | {"make": "1"}).status_code == 409
            assert ben.htmx_post(URL, form | {"make": "1"}).status_code == 409

    def test_only_the_button_makes_them(
        self, make: Make, ben: Browser, changes_nothing: Callable[[], Any]
    ):
        form = sent(make(10))
        del form["make"]
        with changes_nothing():
            assert ben.post(URL, form).status_code == 204

    @pytest.mark.parametrize("level", ["0", "7", "", "x", "9" * 40])
    def test_a_level_there_is_not(self, app: Flask, make: Make, ben: Browser, level: str):
        document_id = make(10)
        ben.post(URL, sent(document_id) | {f"level-{document_id}": level})
        assert reminders(app) == []

    def test_readers_may_not(self, make: Make, cleo: Browser, changes_nothing: Callable[[], Any]):
        form = sent(make(10))
        with changes_nothing():
            assert cleo.post(URL, form).status_code == 403


class TestOne:
    def url(self, document_id: int, **arguments: Any) -> str:
        query = "&".join(f"{name}={value}" for name, value in arguments.items())
        return f"/factura/{document_id}/reminder?{query}"

    def test_its_words_are_filled_in_and_can_be_changed(self, app: Flask, make: Make, ben: Browser):
        document_id = make(10)
        fields = ben.fields(self.url(document_id))
        assert fields["subject"] == "Zahlungserinnerung zur Rechnung RE-1"
        answer = ben.post(self.url(document_id), fields | {"intro": "Hallo!"})
        (row,) = reminders(app)
        assert row.intro == "Hallo!"
        assert answer.location == f"/factura/{row.id}"

    def test_a_double_click_makes_one(self, app: Flask, make: Make, ben: Browser):
        url = self.url(make(10))
        fields = ben.fields(url)
        first, second = ben.post(url, fields), ben.post(url, fields)
        assert first.location == second.location
        assert len(reminders(app)) == 1

    @pytest.mark.parametrize("seen", ["9" * 5_000, "-1", "x", ""])
    def test_nonsense_was_not_seen(self, make: Make, ben: Browser, seen: str):
        url = self.url(make(10))
        answer = ben.post(url, ben.fields(url) | {"seen": seen})
        assert answer.status_code == 303  # there is no reminder yet that could have been missed

    def test_the_level_proposed_is_the_next(self, app: Flask, make: Make, ben: Browser):
        document_id = make(40)
        ben.post(self.url(document_id), ben.fields(self.url(document_id)))
        assert ben.fields(self.url(document_id))["subject"].startswith("2. Mahnung")
        assert ben.fields(self.url(document_id, level=3))["subject"].startswith("Letzte")

    def test_another_level_keeps_what_was_changed(self, make: Make, ben: Browser):
        document_id = make(10)
        url = self.url(document_id, level=2)
        typed = ben.fields(self.url(document_id)) | {"intro": "Hallo!", "filled": "1"}
        page = ben.htmx_post(url, typed)
        assert page.status_code == 200
        fields = FormReader.read(page.text)
        assert fields["subject"].startswith("2. Mahnung")
        assert fields["intro"] == "Hallo!"
        assert fields["closing"] == ben.fields(url)["closing"] != typed["closing"]
        assert fields["key"] == typed["key"]

    @pytest.mark.parametrize("filled", ["", "x", "9-9-9", "-0"])
    def test_words_filled_in_by_nothing_are_kept(self, make: Make, ben: Browser, filled: str):
        url = self.url(make(10), level=3)
        page = ben.htmx_post(url, ben.fields(url) | {"subject": "Bitte!", "filled": filled})
        assert FormReader.read(page.text)["subject"] == "Bitte!"

    def test_without_the_fee(self, app: Flask, make: Make, ben: Browser):
        document_id = make(10)
        with app.app_context():
            values = queries.editable(queries.level(1)).values
            services.save_level(1, values | {"fee": Decimal(5)})
            db.session.commit()
        assert "€345.00" in ben.get(self.url(document_id)).text
        url = self.url(document_id, level=1, fee=0)
        ben.post(url, ben.fields(url))
        assert reminders(app)[0].total == 34_000

    @pytest.mark.parametrize(
        ("over", "message"),
        [
            ({"subject": ""}, "A reminder needs a subject."),
            ({"closing": "{{fee}}"}, "Please fill in first"),
            ({"intro": "x" * 5_001}, "at most 5000 characters"),
            ({"intro": "a\0b"}, "cannot be stored"),
        ],
    )
    def test_what_does_not_hold_is_said(
        self, app: Flask, make: Make, ben: Browser, over: dict[str, str], message: str
    ):
        url = self.url(make(10))
        fields = ben.fields(url) | over
        answer = ben.post(url, fields)
        assert answer.status_code == 422
        assert message in answer.text
        assert FormReader.read(answer.text)["key"] == fields["key"]
        assert reminders(app) == []

    @pytest.mark.parametrize(
        ("days", "over", "reason"),
        [
            (10, {"paid": 34_000}, "This invoice is paid."),
            (0, {}, "not overdue yet"),
            (10, {"state": "cancelled"}, "This invoice is cancelled."),
        ],
    )
    def test_of_what_nobody_can_be_reminded(
        self, app: Flask, make: Make, ben: Browser, days: int, over: dict[str, Any], reason: str
    ):
        url = self.url(make(days, **over))
        page = ben.get(url).text
        assert reason in page
        assert "reminder-form" not in page
        form = {"subject": "x", "key": KEY, "seen": "0"}
        assert ben.post(url, form).status_code == 409
        assert reminders(app) == []

    def test_only_of_an_invoice(self, make: Make, ben: Browser):
        assert ben.get(self.url(make(10, kind="quote"))).status_code == 404
        assert ben.get(self.url(999)).status_code == 404

    def test_the_sheet_is_shown_before_it_is_made(
        self, make: Make, ben: Browser, rendered: list[str], changes_nothing: Callable[[], Any]
    ):
        document_id = make(10)
        with changes_nothing():
            page = ben.htmx_get(f"/reminders/{document_id}/preview?level-{document_id}=2")
        assert page.text.count("<img") == 1
        assert "2. Mahnung zur Rechnung RE-1" in rendered[0]
        assert "340,00" in rendered[0]


class TestPauses:
    def test_not_before_a_day(self, app: Flask, make: Make, ben: Browser):
        document_id = make(10)
        url = f"/reminders/{document_id}/pause"
        until = datetime.now(UTC).date() + timedelta(30)
        form = {"scope": "customer", "until": until.isoformat(), "reason": "<b>Raten"}
        assert ben.post(url, form).location == URL
        page = ben.get(URL).text
        assert "&lt;b&gt;Raten" in page
        assert "all invoices" in page
        assert "reminder-make" not in page
        with app.app_context():
            pause = db.session.scalars(select(ReminderPause)).one()
        assert pause.document_id is None
        assert ben.post(f"/reminders/pauses/{pause.id}/removal").location == URL
        assert "reminder-make" in ben.get(URL).text
        assert ben.post(f"/reminders/pauses/{pause.id}/removal").status_code == 404

    @pytest.mark.parametrize(
        ("over", "message"),
        [
            ({"until": ""}, "Please give a day."),
            ({"until": "2020-01-01"}, "This day has passed."),
            ({"until": "9999-12-31"}, "At most two years from now."),
            ({"until": "bald"}, "This is no date."),
            ({"scope": "all"}, "Please choose one of the list."),
        ],
    )
    def test_what_does_not_hold_is_said(
        self,
        make: Make,
        ben: Browser,
        changes_nothing: Callable[[], Any],
        over: dict[str, str],
        message: str,
    ):
        url = f"/reminders/{make(10)}/pause"
        form = {"scope": "invoice", "until": "2026-01-01", "reason": ""} | over
        with changes_nothing():
            answer = ben.post(url, form)
        assert answer.status_code == 422
        assert message in answer.text


class TestSending:
    @pytest.fixture
    def run(self, app: Flask, make: Make, ben: Browser) -> str:
        """The page of a run: one that goes by mail, one that goes by post, their PDFs made."""
        self.ids = [make(10), make(20, emails=[])]
        url = ben.post(URL, sent(*self.ids)).location
        for row in reminders(app):
            with app.app_context():
                paper.pdf_of(row.id)
        return url

    @pytest.fixture
    def account(self, app: Flask) -> None:
        with app.app_context():
            mailing.save_account(
                {
                    "host": "mail.example.com",
                    "port": 587,
                    "security": "starttls",
                    "username": "",
                    "password": "",
                    "from_name": "",
                    "from_address": "team@example.com",
                    "sends_as": "team",
                }
            )
            db.session.commit()

    def mails(self, app: Flask) -> list[Any]:
        with app.app_context():
            return list(db.session.scalars(select(Message).where(Message.channel == "mail")))

    @pytest.mark.usefixtures("account")
    def test_by_mail_with_the_pdf(self, app: Flask, run: str, ben: Browser):
        page = ben.get(run).text
        assert "Send by e-mail (1)" in page
        assert "Print those without e-mail (1)" in page
        assert ben.post(f"{run}/mail").location == run
        (mail,) = self.mails(app)
        assert mail.subject == "Zahlungserinnerung zur Rechnung RE-1"
        assert mail.body.startswith("Sehr geehrte Frau Müller,")
        assert mail.envelope["to"] == ["Tanja Müller <a1@example.com>"]
        with app.app_context():
            attachment = db.session.scalars(select(MessageAttachment)).one()
        assert attachment.digest == reminders(app)[0].pdf_digest
        page = ben.get(run).text
        assert "Send by e-mail" not in page
        ben.post(f"{run}/mail")
        assert len(self.mails(app)) == 1

    def test_without_an_account_it_is_said(
        self, run: str, ben: Browser, changes_nothing: Callable[[], Any]
    ):
        assert "No mail server is set up yet" in ben.get(run).text
        with changes_nothing():
            assert ben.post(f"{run}/mail").status_code == 409

    def test_all_in_one_file(self, run: str, ben: Browser):
        every, post = ben.get(f"{run}/pdf"), ben.get(f"{run}/pdf?for=post")
        assert every.mimetype == "application/pdf"
        assert every.headers["Content-Disposition"].startswith("attachment")
        assert re.search(
            r'filename="Reminders \d{4}-\d\d-\d\d\.pdf"', every.headers["Content-Disposition"]
        )
        assert len(pypdfium2.PdfDocument(io.BytesIO(every.data))) == 2
        assert len(pypdfium2.PdfDocument(io.BytesIO(post.data))) == 1

    def test_until_the_pdfs_are_made_it_is_said(self, make: Make, ben: Browser):
        url = ben.post(URL, sent(make(10))).location
        page = ben.get(url).text
        assert "reminder-poll" in page
        assert "Print all" not in page
        assert ben.get(f"{url}/pdf").status_code == 410
        assert ben.post(f"{url}/mail").location == url

    def test_a_cancelled_one_is_not_sent(self, app: Flask, run: str, ben: Browser):
        with app.app_context():
            factura.cancel(reminders(app)[0].id)
            db.session.commit()
        page = ben.get(run).text
        assert "cancelled" in page
        assert "Send by e-mail" not in page
        assert level_of(app, self.ids[0]) == 0

    def test_readers_may_not(self, run: str, cleo: Browser, changes_nothing: Callable[[], Any]):
        with changes_nothing():
            assert cleo.post(f"{run}/mail").status_code == 403
            assert "2 reminders were made" in cleo.get(run).text

    def test_there_is_no_such_run(self, ben: Browser):
        assert ben.get("/reminders/runs/99").status_code == 404
        assert ben.get("/reminders/runs/99/pdf").status_code == 404
        assert ben.post("/reminders/runs/99/mail").status_code == 404

    def test_what_was_made_is_listed(self, app: Flask, run: str, ben: Browser):
        assert run in ben.get("/reminders/runs").text
        with app.app_context():
            assert db.session.scalar(select(func.count()).select_from(ReminderRun)) == 1
