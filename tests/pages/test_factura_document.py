"""The page of one document: what it shows, and everything that can be done with it."""

from __future__ import annotations

import errno
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from app.core import files, rendering
from app.core.database import db
from app.core.rendering import RenderFailed
from app.domain.factura import queries, services
from app.domain.factura.models import FacturaDocument
from app.domain.mailing.models import DraftAttachment, MailAccount, MailDraft
from tests.browserless import Browser
from tests.factories import draft_values, invoice_values, line_values


@pytest.fixture
def customer_id(make_customer: Callable[..., int]) -> int:
    return make_customer()


@pytest.fixture
def make(app: Flask, customer_id: int) -> Callable[..., int]:
    """Make a document of a kind, issued unless it is to be a draft; its id."""

    def making(kind: str = "invoice", *, issued: bool = True, **over: Any) -> int:
        with app.app_context():
            document_id = services.add_draft(draft_values(customer_id, kind, **over))
            if issued:
                services.issue(document_id)
            db.session.commit()
            return document_id

    return making


@pytest.fixture
def account(app: Flask) -> None:
    """Mails can be sent."""
    with app.app_context():
        row = MailAccount(id=1, host="127.0.0.1", port=25, security="none", secret="")
        row.from_name, row.from_address = "Tanzschule", "post@example.com"
        db.session.add(row)
        db.session.commit()


def row(app: Flask, document_id: int) -> Any:
    with app.app_context():
        return queries.row(document_id)


def count(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count(FacturaDocument.id))) or 0


def said(answer: Any) -> str:
    """The words of an answer, without its tags."""
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text)))


class TestShow:
    def test_it_leads_to_its_history(self, anna: Browser, make: Callable[..., int]):
        page = anna.get(f"/factura/{make()}").text
        assert '<a href="/customers/1/history?area=factura">History</a>' in page

    def test_a_draft(self, anna: Browser, make: Callable[..., int]):
        text = said(anna.get(f"/factura/{make(issued=False)}"))
        for told in ("Invoice (draft)", "draft", "Tanja Müller", "Hauptstraße 5a", "Tanzkurs"):
            assert told in text
        for told in ("€119.00", "19 % tax on €100.00", "Issue", "Edit", "Throw away"):
            assert told in text
        assert "Cancel document" not in text

    def test_an_invoice_with_its_status_and_reason(self, anna: Browser, make: Callable[..., int]):
        text = said(anna.get(f"/factura/{make()}"))
        assert re.search(r"Invoice RE-\d{4}-0001 open due on", text)
        assert "Record payment" in text
        assert "Throw away" not in text

    def test_what_was_issued_elsewhere(self, app: Flask, anna: Browser, customer_id: int):
        with app.app_context():
            document_id = services.add_document(customer_id, invoice_values())
            db.session.commit()
        text = said(anna.get(f"/factura/{document_id}"))
        assert "issued elsewhere" in text
        assert "There are no lines." in text

    def test_who_only_reads_sees_no_buttons(self, cleo: Browser, make: Callable[..., int]):
        page = cleo.get(f"/factura/{make()}").text
        for name in ("document-payment", "document-mail", "document-cancel", "document-go-on"):
            assert f'id="{name}"' not in page
        assert 'id="document-print"' in page

    def test_a_fragment_is_the_document_alone(self, anna: Browser, make: Callable[..., int]):
        text = anna.htmx_get(f"/factura/{make()}").text
        assert text.lstrip().startswith('<article id="factura-document"')

    def test_what_belongs_together_names_each_other(
        self, app: Flask, anna: Browser, make: Callable[..., int]
    ):
        quote_id = make("quote")
        with app.app_context():
            invoice_id = services.follow_up(quote_id, "invoice")
            db.session.commit()
        assert f'href="/factura/{invoice_id}"' in anna.get(f"/factura/{quote_id}").text
        page = anna.get(f"/factura/{invoice_id}")
        assert f'href="/factura/{quote_id}"' in page.text
        assert "made from" in said(page)

    def test_of_a_customer_in_the_trash(self, app: Flask, anna: Browser, make: Callable[..., int]):
        document_id = make(issued=False)
        anna.post("/customers/1/deletion")
        page = anna.get(f"/factura/{document_id}")
        assert page.status_code == 200
        assert "in the trash" in said(page)
        assert 'id="document-issue"' not in page.text
        for path in ("issue", "removal"):
            answer = anna.get(f"/factura/{document_id}/{path}")
            assert answer.status_code == 409
            assert "is in the trash" in said(answer)
            assert 'href="/trash"' in answer.text

    def test_nobody(self, anna: Browser):
        for path in ("", "/issue", "/pdf", "/preview", "/cancellation", "/removal"):
            assert anna.get(f"/factura/999{path}").status_code == 404

    def test_a_look_writes_nothing(
        self, anna: Browser, make: Callable[..., int], changes_nothing: Callable[[], Any]
    ):
        draft_id, invoice_id = make(issued=False), make()
        with changes_nothing():
            for document_id in (draft_id, invoice_id):
                for path in ("", "/preview"):
                    assert anna.get(f"/factura/{document_id}{path}").status_code == 200
            assert anna.get(f"/factura/{draft_id}/issue").status_code == 200
            assert anna.get(f"/factura/{invoice_id}/cancellation").status_code == 200

    def test_few_questions_however_many_lines(
        self,
        anna: Browser,
        make: Callable[..., int],
        count_queries: Callable[[], Any],
    ):
        found = []
        for lines in (1, 60):
            document_id = make(lines=[line_values()] * lines)
            with count_queries() as sent:
                anna.get(f"/factura/{document_id}")
            found.append(len(sent))
        assert found[0] == found[1] <= 25


class TestIssue:
    def test_the_dialog_tells_what_will_be(self, anna: Browser, make: Callable[..., int]):
        text = said(anna.get(f"/factura/{make(issued=False)}/issue"))
        for told in ("RE-", "-0001", "Hauptstraße 5a", "€119.00"):
            assert told in text

    def test_everything_is_there_at_once(self, app: Flask, anna: Browser, make: Callable[..., int]):
        document_id = make(issued=False)
        form = anna.fields(f"/factura/{document_id}/issue")
        answer = anna.htmx_post(f"/factura/{document_id}/issue", form)
        assert answer.status_code == 200
        found = row(app, document_id)
        assert (found.state, bool(found.pdf_digest)) == ("issued", True)
        assert 'hx-target="#factura-document"' in answer.text
        assert found.number in answer.text
        assert f'href="/factura/{document_id}/pdf"' in answer.text
        assert "Issued as" in answer.text

    def test_without_script(self, anna: Browser, make: Callable[..., int]):
        document_id = make(issued=False)
        form = anna.fields(f"/factura/{document_id}/issue")
        answer = anna.post(f"/factura/{document_id}/issue", form)
        assert answer.status_code == 303
        assert answer.location == f"/factura/{document_id}"
        assert "Issued as" in said(anna.get(answer.location))

    def test_twice_is_once(self, app: Flask, anna: Browser, make: Callable[..., int]):
        document_id = make(issued=False)
        form = anna.fields(f"/factura/{document_id}/issue")
        anna.post(f"/factura/{document_id}/issue", form)
        number = row(app, document_id).number
        assert anna.post(f"/factura/{document_id}/issue", form).status_code == 409
        assert row(app, document_id).number == number

    def test_what_lacks_is_told_at_the_button_and_in_the_dialog(
        self, anna: Browser, make: Callable[..., int]
    ):
        document_id = make(issued=False, lines=[line_values(quantity=None, price=None)])
        page = anna.get(f"/factura/{document_id}")
        assert "There is no line with a quantity yet." in said(page)
        assert re.search(r'aria-disabled="true"[^>]*id="document-issue"', page.text)
        form = anna.fields(f"/factura/{document_id}/issue")
        answer = anna.post(f"/factura/{document_id}/issue", form)
        assert answer.status_code == 422
        assert "There is no line with a quantity yet." in said(answer)

    @pytest.mark.parametrize("typed", ["2999-01-01", "no day", "0001-01-01", "\x00", "9" * 400])
    def test_a_day_that_does_not_hold(
        self, app: Flask, anna: Browser, make: Callable[..., int], typed: str
    ):
        make()
        document_id = make(issued=False)
        form = anna.fields(f"/factura/{document_id}/issue") | {"issued_on": typed}
        answer = anna.post(f"/factura/{document_id}/issue", form)
        assert answer.status_code == 422
        assert row(app, document_id).number is None

    def test_what_is_wrong_with_all_lines_is_told_once(
        self, anna: Browser, make: Callable[..., int]
    ):
        document_id = make(issued=False, lines=[line_values()] * 3)
        form = anna.fields(f"/factura/{document_id}/issue") | {"issued_on": "0001-01-01"}
        answer = said(anna.post(f"/factura/{document_id}/issue", form))
        assert answer.count("There is no such tax rate on this day.") == 1
        assert "Please give a year from 2000 on." in answer

    def test_a_draft_that_somebody_changed_meanwhile(
        self, app: Flask, anna: Browser, make: Callable[..., int], customer_id: int
    ):
        document_id = make(issued=False)
        form = anna.fields(f"/factura/{document_id}/issue")
        with app.app_context():
            services.change_draft(document_id, draft_values(customer_id, subject="Another"))
            db.session.commit()
        answer = anna.post(f"/factura/{document_id}/issue", form)
        assert answer.status_code == 409
        assert row(app, document_id).number is None

    @pytest.mark.parametrize(
        ("over", "told"),
        [
            ({"subject": "漢字"}, "cannot be printed: 字 漢"),
            ({"lines": [line_values(text="\n".join("x" * 2400))] * 5}, "too long"),
        ],
    )
    def test_what_could_never_be_drawn_gets_no_number(
        self, app: Flask, anna: Browser, make: Callable[..., int], over: Any, told: str
    ):
        document_id = make(issued=False, **over)
        assert told in said(anna.get(f"/factura/{document_id}/issue"))
        form = anna.fields(f"/factura/{document_id}/issue")
        answer = anna.post(f"/factura/{document_id}/issue", form)
        assert answer.status_code == 422
        assert told in said(answer)
        assert row(app, document_id).number is None

    @pytest.mark.parametrize(
        ("place", "name", "failure", "told"),
        [
            (rendering, "render_pdf", RenderFailed("timeout"), "took too long"),
            (files, "keep_all", OSError(errno.ENOSPC, "full"), "disk is full"),
            (services, "set_pdf", OperationalError("", {}, Exception("full")), "disk is full"),
        ],
    )
    def test_it_is_issued_though_there_is_no_pdf_yet(
        self,
        app: Flask,
        anna: Browser,
        make: Callable[..., int],
        monkeypatch: pytest.MonkeyPatch,
        place: Any,
        name: str,
        failure: Exception,
        told: str,
    ):
        def failing(*_args: Any, **_more: Any) -> None:
            raise failure

        document_id = make(issued=False)
        form = anna.fields(f"/factura/{document_id}/issue")
        with monkeypatch.context() as patched:
            patched.setattr(place, name, failing)
            answer = anna.htmx_post(f"/factura/{document_id}/issue", form)
        assert answer.status_code == 200
        assert told in unescape(answer.text)
        assert row(app, document_id).state == "issued"
        assert "The PDF has not been made yet." in said(anna.get(f"/factura/{document_id}"))
        assert anna.post(f"/factura/{document_id}/pdf").status_code == 303
        assert row(app, document_id).pdf_digest


class TestMoves:
    def test_a_quote_is_answered(self, app: Flask, anna: Browser, make: Callable[..., int]):
        document_id = make("quote")
        for move, state in (("accept", "accepted"), ("reopen", "issued"), ("decline", "declined")):
            answer = anna.htmx_post(f"/factura/{document_id}/answer", {"move": move})
            assert 'hx-target="#factura-document"' in answer.text
            assert row(app, document_id).state == state
        assert anna.post(f"/factura/{document_id}/answer", {"move": "accept"}).status_code == 409

    @pytest.mark.parametrize("move", ["", "issue", "cancel", "\x00"])
    def test_no_other_answer(self, anna: Browser, make: Callable[..., int], move: str):
        assert anna.post(f"/factura/{make('quote')}/answer", {"move": move}).status_code == 400

    def test_cancelling_makes_a_credit_note(
        self, app: Flask, anna: Browser, make: Callable[..., int]
    ):
        document_id = make()
        asked = said(anna.get(f"/factura/{document_id}/cancellation"))
        assert "A credit note over €119.00" in asked
        assert "Cancel invoice" in asked
        assert "Keep it" in asked
        answer = anna.htmx_post(f"/factura/{document_id}/cancellation")
        assert row(app, document_id).state == "cancelled"
        credit_note = row(app, document_id + 1)
        assert (credit_note.kind, credit_note.total) == ("credit_note", 11_900)
        assert credit_note.pdf_digest
        assert f"Cancelled by credit note {credit_note.number}" in said(answer)
        assert anna.get(f"/factura/{document_id}/cancellation").status_code == 409

    def test_a_draft_is_thrown_away(
        self, app: Flask, anna: Browser, make: Callable[..., int], customer_id: int
    ):
        document_id = make(issued=False)
        assert "deleted for good" in said(anna.get(f"/factura/{document_id}/removal"))
        answer = anna.htmx_post(f"/factura/{document_id}/removal")
        assert answer.headers["HX-Redirect"] == f"/customers/{customer_id}/factura"
        assert count(app) == 0

    def test_what_was_issued_is_not_thrown_away(
        self, app: Flask, anna: Browser, make: Callable[..., int]
    ):
        document_id = make()
        assert anna.get(f"/factura/{document_id}/removal").status_code == 409
        assert anna.post(f"/factura/{document_id}/removal").status_code == 409
        assert count(app) == 1

    def test_a_follow_up_is_begun_once(self, app: Flask, anna: Browser, make: Callable[..., int]):
        document_id = make("quote")
        sent = {"kind": "invoice", "key": "a"}
        first = anna.post(f"/factura/{document_id}/follow-up", sent)
        second = anna.post(f"/factura/{document_id}/follow-up", sent)
        assert first.location == second.location == f"/factura/{document_id + 1}/edit"
        assert count(app) == 2
        assert row(app, document_id + 1).origin_id == document_id

    @pytest.mark.parametrize(
        ("kind", "status"), [("reminder", 409), ("quote", 409), ("no", 400), ("", 400)]
    )
    def test_no_other_follow_up(
        self, app: Flask, anna: Browser, make: Callable[..., int], kind: str, status: int
    ):
        document_id = make()
        answer = anna.post(f"/factura/{document_id}/follow-up", {"kind": kind})
        assert answer.status_code == status
        assert count(app) == 1

    def test_a_copy(self, app: Flask, anna: Browser, make: Callable[..., int]):
        document_id = make()
        answer = anna.htmx_post(f"/factura/{document_id}/copy", {"key": "b"})
        assert answer.headers["HX-Redirect"] == f"/factura/{document_id + 1}/edit"
        assert row(app, document_id + 1).state == "draft"


class TestPdf:
    def test_it_is_what_was_stored(self, app: Flask, anna: Browser, make: Callable[..., int]):
        document_id = make()
        assert anna.get(f"/factura/{document_id}/pdf").status_code == 409
        anna.post(f"/factura/{document_id}/pdf")
        answer = anna.get(f"/factura/{document_id}/pdf")
        found = row(app, document_id)
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert f"Rechnung%20{found.number}.pdf" in answer.headers["Content-Disposition"]
        with app.app_context():
            assert answer.data == files.path_of(found.pdf_digest).read_bytes()

    def test_the_page_and_what_is_done_there_read_no_file(
        self, anna: Browser, make: Callable[..., int], monkeypatch: pytest.MonkeyPatch
    ):
        """While somebody writes, nobody else can."""
        document_id = make("quote")
        anna.post(f"/factura/{document_id}/pdf")
        monkeypatch.setattr(files, "digest_of", lambda *_a: pytest.fail("a file is read"))
        assert anna.get(f"/factura/{document_id}").status_code == 200
        for doing in ({"move": "accept"}, {"move": "reopen"}):
            answer = anna.htmx_post(f"/factura/{document_id}/answer", doing)
            assert answer.status_code == 200
        for path in ("pdf", "cancellation"):
            assert anna.htmx_post(f"/factura/{document_id}/{path}", {}).status_code == 200

    @pytest.mark.usefixtures("account")
    def test_a_changed_or_lost_file_is_told_and_not_handed_out(
        self, app: Flask, anna: Browser, make: Callable[..., int]
    ):
        document_id = make()
        anna.post(f"/factura/{document_id}/pdf")
        digest = row(app, document_id).pdf_digest
        with app.app_context():
            file = files.path_of(digest)
        file.write_bytes(b"x" * file.stat().st_size)
        assert anna.get(f"/factura/{document_id}/pdf").status_code == 410
        for answer in (
            anna.get(f"/factura/{document_id}/preview"),
            anna.post(f"/factura/{document_id}/mail"),
        ):
            assert answer.status_code == 409
            assert "is not the one that was made at issue" in said(answer)
        file.write_bytes(b"something else")
        page = anna.get(f"/factura/{document_id}")
        assert "is not the one that was made at issue" in said(page)
        assert digest in page.text
        assert anna.get(f"/factura/{document_id}/pdf").status_code == 410
        assert anna.get(f"/factura/{document_id}/preview").status_code == 409
        assert anna.post(f"/factura/{document_id}/mail").status_code == 409
        file.unlink()
        assert "The PDF is missing on the server." in said(anna.get(f"/factura/{document_id}"))
        anna.post(f"/factura/{document_id}/pdf")
        assert not file.exists()
        assert row(app, document_id).pdf_digest == digest

    def test_sheets_as_pictures(self, anna: Browser, make: Callable[..., int]):
        document_id = make(issued=False, lines=[line_values(text=f"Stunde {i}") for i in range(60)])
        picture = anna.htmx_get(f"/factura/{document_id}/preview?page=2").text
        assert "data:image/png;base64," in picture
        assert re.search(r"Page 2 of \d", picture)
        for beyond in (99, 65_537, 10**15):
            last = anna.htmx_get(f"/factura/{document_id}/preview?page={beyond}")
            assert last.status_code == 200
            assert "Next page" not in last.text
        page = anna.get(f"/factura/{document_id}/preview").text
        assert page.count("data:image/png;base64,") > 1

    def test_letters_that_cannot_be_printed_are_told(self, anna: Browser, make: Callable[..., int]):
        document_id = make(issued=False, subject="漢字")
        picture = anna.htmx_get(f"/factura/{document_id}/preview")
        assert picture.status_code == 200
        assert "字" in picture.text
        assert "cannot be printed" in picture.text


@pytest.mark.usefixtures("account")
class TestSend:
    def test_a_mail_with_the_pdf_is_begun(
        self, app: Flask, anna: Browser, make: Callable[..., int]
    ):
        document_id = make()
        answer = anna.htmx_post(f"/factura/{document_id}/mail")
        assert answer.status_code == 200
        found = row(app, document_id)
        for told in (f"Rechnung {found.number}", "anbei erhalten Sie unsere Rechnung", ".pdf"):
            assert told in answer.text
        with app.app_context():
            file = db.session.scalars(select(DraftAttachment)).one()
            assert (file.digest, file.name) == (found.pdf_digest, f"Rechnung {found.number}.pdf")
            draft = db.session.scalars(select(MailDraft)).one()
            assert draft.values["to"] == ["tanja@example.com"]

    def test_without_script(self, app: Flask, anna: Browser, make: Callable[..., int]):
        answer = anna.post(f"/factura/{make()}/mail")
        assert answer.status_code == 303
        assert "/customers/1/mail/new?draft=1" in answer.location

    def test_a_draft_is_not_sent(self, app: Flask, anna: Browser, make: Callable[..., int]):
        assert anna.post(f"/factura/{make(issued=False)}/mail").status_code == 409


def test_without_an_account_the_button_says_why(anna: Browser, make: Callable[..., int]):
    document_id = make()
    assert "No mail server is set up yet" in said(anna.get(f"/factura/{document_id}"))
    assert anna.post(f"/factura/{document_id}/mail").status_code == 409
