"""Drafts of mails: what is kept, what windows do to each other, sent and taken back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from werkzeug.exceptions import NotFound

from app.core import audit, outbox
from app.core.audit import AuditEntry
from app.core.database import db, now
from app.core.events import announce, announced, ask
from app.core.outbox import OutboxEntry
from app.core.problems import Invalid, Refused
from app.domain.customers.labels import choices as labels
from app.domain.customers.services import add_contact_person, delete_customer, erase_customers
from app.domain.mailing import drafts
from app.domain.mailing.drafts import Sheet
from app.domain.mailing.models import DraftAttachment, MailAccount, MailDraft
from app.domain.mailing.recipients import recipients
from app.domain.mailing.services import Outgoing
from app.domain.messages.models import Message, MessageAttachment
from app.domain.messages.services import Attachment
from tests.factories import contact_person_values

pytestmark = pytest.mark.usefixtures("context", "_as_anna")

PDF = Attachment("Angebot.pdf", "a" * 64, 1000, "application/pdf")
FORM = Sheet("key", "pen")


@pytest.fixture
def _as_anna(context: None) -> Iterator[None]:
    with audit.acting(1, "Anna Admin"):
        yield


@pytest.fixture
def customer_id(make_customer: Callable[..., int]) -> int:
    return make_customer()


@pytest.fixture
def _account(customer_id: int, context: None) -> None:
    account = {"host": "mail.example.com", "port": 587, "security": "starttls"}
    db.session.add(MailAccount(id=1, from_address="team@example.com", **account))
    db.session.flush()


def kept(customer_id: int, sheet: Sheet = FORM, text: str = "Hallo", **more: Any) -> MailDraft:
    draft = drafts.keep(customer_id, sheet, {"text": text} | more)
    assert draft is not None
    return draft


def texts(customer_id: int) -> list[str]:
    return [draft.values["text"] for draft in drafts.latest(customer_id)]


def mail(**over: Any) -> Outgoing:
    said = {"to": ["a@example.com"], "cc": [], "bcc": [], "subject": "Hallo", "text": "Ja."}
    return Outgoing(**said | over)


def how_many(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


class TestRecipients:
    def test_own_addresses_first_then_people_each_once(self, make_customer: Callable[..., int]):
        emails = [
            {"label": "work", "address": "info@berger.example"},
            {"label": "billing", "address": "rechnung@berger.example"},
        ]
        customer_id = make_customer(kind="company", company="Berger, Söhne & Co", emails=emails)
        for address in ("weiss@berger.example", "INFO@berger.example", ""):
            add_contact_person(customer_id, contact_person_values(email=address))
        found = recipients(customer_id)
        assert [one.address for one in found] == [
            "info@berger.example",
            "rechnung@berger.example",
            "weiss@berger.example",
        ]
        known = labels["label"]
        assert [one.label for one in found] == [known["work"], known["billing"], "Einkauf"]
        assert [one.person_id for one in found] == [None, None, 1]
        assert [one.mailbox for one in found] == [
            '"Berger, Söhne & Co" <info@berger.example>',
            '"Berger, Söhne & Co" <rechnung@berger.example>',
            '"Dr. Jörg Weiß" <weiss@berger.example>',
        ]

    def test_nobody(self, make_customer: Callable[..., int]):
        assert recipients(make_customer(emails=[])) == []


class TestKeeping:
    def test_it_is_kept_and_told_nobody(self, customer_id: int):
        entries = how_many(AuditEntry)
        kept(customer_id, text="Hallo Tanja", subject="Kurs")
        assert drafts.latest(customer_id)[0].values == {"text": "Hallo Tanja", "subject": "Kurs"}
        assert how_many(AuditEntry) == entries

    def test_one_window_writes_on_whatever_it_heard(self, customer_id: int):
        """The answer to a save may be lost, so the version in the form is old."""
        for text in ("H", "Ha", "Hallo"):
            kept(customer_id, text=text)
        assert texts(customer_id) == ["Hallo"]

    def test_it_is_gone_on_with_elsewhere(self, customer_id: int):
        sheet = drafts.sheet_of(kept(customer_id))
        kept(customer_id, sheet, "Hallo Tanja")
        assert texts(customer_id) == ["Hallo Tanja"]

    def test_what_is_written_on_an_older_state_becomes_a_draft_of_its_own(self, customer_id: int):
        draft = kept(customer_id)
        one, other = drafts.sheet_of(draft), drafts.sheet_of(draft)
        for number in range(3):
            kept(customer_id, one, f"Eins {number}")
            kept(customer_id, other, f"Zwei {number}")
        assert texts(customer_id) == ["Zwei 2", "Eins 2"]

    def test_two_windows_that_begin_at_once(self, customer_id: int):
        kept(customer_id, drafts.new_sheet(), "Eins")
        kept(customer_id, drafts.new_sheet(), "Zwei")
        assert texts(customer_id) == ["Zwei", "Eins"]

    def test_nothing_begins_with_a_blank_sheet(self, customer_id: int):
        assert drafts.keep(customer_id, FORM, {"text": ""}, begins=False) is None
        assert texts(customer_id) == []
        kept(customer_id)
        drafts.keep(customer_id, FORM, {"text": ""}, begins=False)
        assert texts(customer_id) == [""]

    def test_a_colleague_sees_nothing_of_it(self, customer_id: int):
        draft = kept(customer_id)
        with audit.acting(2, "Ben Staff"):
            assert drafts.latest(customer_id) == []
            with pytest.raises(NotFound):
                drafts.draft(customer_id, draft.id)
            kept(customer_id, FORM, "Von Ben")
            assert texts(customer_id) == ["Von Ben"]
        assert texts(customer_id) == ["Hallo"]

    def test_each_customer_has_their_own(self, customer_id: int, make_customer: Callable[..., int]):
        other_id = make_customer(last_name="Berger")
        draft = kept(customer_id)
        kept(other_id, text="Anders")
        assert (texts(customer_id), texts(other_id)) == (["Hallo"], ["Anders"])
        with pytest.raises(NotFound):
            drafts.draft(other_id, draft.id)

    def test_nothing_for_somebody_in_the_trash(self, customer_id: int):
        delete_customer(customer_id)
        with pytest.raises(Refused):
            kept(customer_id)

    @pytest.mark.parametrize("name", ["", "x" * 33, "a b", "a\0", "ü", "'; --"])
    def test_what_is_no_name_gets_another(self, name: str):
        sheet = drafts.sheet_as_sent(name, "pen", "1")
        assert sheet.key != name
        assert (sheet.pen, sheet.version) == ("pen", "1")


class TestLines:
    def test_what_they_are_called(self, customer_id: int):
        for subject, text in (
            ("Kurs", "Hallo"),
            ("", "\n Hallo Tanja\nbis bald"),
            ("", "\n\n--\nAnna"),
            ("x" * 300, ""),
        ):
            kept(customer_id, drafts.new_sheet(), text, subject=subject)
        kept(customer_id, drafts.new_sheet(), "")
        assert [line.name for line in drafts.lines(customer_id)] == [
            "ohne Betreff",
            f"„{'x' * 80}“",
            "ohne Betreff",
            "„Hallo Tanja“",
            "„Kurs“",
        ]

    def test_only_ones_own_to_whom_is_there_the_latest_five(
        self, customer_id: int, make_customer: Callable[..., int], count_queries: Any
    ):
        gone, other = make_customer(last_name="Weg"), make_customer(last_name="Berger")
        for number in range(5):
            kept(customer_id, drafts.new_sheet(), subject=f"Nr. {number}")
        discarded = drafts.new_sheet()
        kept(customer_id, discarded, subject="Verworfen")
        drafts.discard(customer_id, discarded)
        kept(gone, subject="In den Papierkorb")
        kept(other, subject="An andere")
        delete_customer(gone)
        with audit.acting(2, "Ben Staff"):
            kept(customer_id, subject="Von Ben")
            assert [line.name for line in drafts.lines()] == ["„Von Ben“"]
        with count_queries() as sent:
            found = drafts.lines()
        assert len(sent) == 1
        assert [line.name for line in found] == [
            "„An andere“",
            *(f"„Nr. {number}“" for number in (4, 3, 2, 1)),
        ]
        assert (found[0].customer_id, found[0].customer_name) == (other, "Tanja Berger")
        assert {line.customer_id for line in drafts.lines(customer_id)} == {customer_id}

    def test_when_by_the_clock_of_today_or_with_the_day(self, customer_id: int):
        draft = kept(customer_id)
        assert re.fullmatch(r"\d\d:\d\d", drafts.lines(customer_id)[0].saved)
        draft.changed_at = now() - timedelta(days=2)
        db.session.flush()
        assert re.fullmatch(r"\d\d\.\d\d\.\d{4}, \d\d:\d\d", drafts.lines(customer_id)[0].saved)

    def test_screens_hear_of_what_lists_tell(self, customer_id: int):
        def heard() -> bool:
            was = "mail_draft.changed" in announced()
            announced().clear()
            return was

        heard()
        kept(customer_id, text="Hallo")
        assert heard()
        draft = kept(customer_id, text="Hallo\nTanja")
        assert not heard()
        kept(customer_id, text="Hallo\nTanja", subject="Kurs")
        assert heard()
        draft.changed_at = now() - timedelta(minutes=2)
        kept(customer_id, text="Hallo\nTanja", subject="Kurs")
        assert heard()
        drafts.discard(customer_id, FORM)
        assert heard()
        drafts.restore(customer_id, draft.id)
        assert heard()


class TestFiles:
    def test_they_are_added_once_and_taken_away(self, customer_id: int):
        draft = kept(customer_id)
        linked = Attachment("Vertrag.pdf", "b" * 64, 20, "application/pdf", 5)
        drafts.attach(draft, [PDF, linked])
        drafts.attach(draft, [PDF])
        rows = drafts.files(draft.id)
        assert [(row.name, row.document_id) for row in rows] == [
            ("Angebot.pdf", None),
            ("Vertrag.pdf", 5),
        ]
        drafts.detach(draft, rows[0].id)
        drafts.detach(draft, rows[0].id)
        assert [row.name for row in drafts.files(draft.id)] == ["Vertrag.pdf"]

    def test_not_those_of_another_draft(self, customer_id: int):
        draft, other = kept(customer_id), kept(customer_id, drafts.new_sheet())
        drafts.attach(draft, [PDF])
        drafts.detach(other, drafts.files(draft.id)[0].id)
        assert len(drafts.files(draft.id)) == 1

    def test_too_many(self, customer_id: int):
        draft = kept(customer_id)
        many = [Attachment(f"{n}.pdf", "a" * 64, 1, "application/pdf") for n in range(51)]
        with pytest.raises(Invalid):
            drafts.attach(draft, many)
        drafts.attach(draft, many[:50])
        assert len(drafts.files(draft.id)) == 50

    def test_the_sweep_leaves_them(self, customer_id: int):
        drafts.attach(kept(customer_id), [PDF])
        named = [answer.get("a" * 64) for answer in ask("files.named", prefix="aa")]
        assert [str(by) for by in named if by] == [f"ein E-Mail-Entwurf an Kunde {customer_id}"]
        assert not any("a" * 64 in answer for answer in ask("files.named", prefix="ab"))


@pytest.mark.usefixtures("_account")
class TestSending:
    def test_it_waits_and_the_draft_is_gone(self, customer_id: int):
        draft = kept(customer_id)
        drafts.attach(draft, [PDF])
        files = drafts.attachments(draft.id)
        message = db.session.get_one(Message, drafts.send(draft, mail(attachments=files)))
        entry = db.session.get_one(OutboxEntry, message.outbox_id)
        assert entry.due_at - entry.created_at == drafts.DELAY
        assert drafts.latest(customer_id) == []
        assert db.session.scalars(select(MessageAttachment.name)).all() == ["Angebot.pdf"]

    def test_the_same_form_sends_once(self, customer_id: int):
        message_id = drafts.send(kept(customer_id), mail())
        assert drafts.keep(customer_id, FORM, {"text": "late"}) is None
        assert drafts.sent_as(customer_id, FORM) == message_id
        assert texts(customer_id) == []

    def test_another_window_loses_nothing(self, customer_id: int):
        draft = kept(customer_id)
        other = drafts.sheet_of(draft)
        drafts.send(kept(customer_id), mail())
        assert drafts.sent_as(customer_id, other) is None
        kept(customer_id, other, "Noch etwas")
        assert texts(customer_id) == ["Noch etwas"]

    def test_it_is_taken_back_with_its_files(self, customer_id: int):
        draft = kept(customer_id)
        drafts.attach(draft, [PDF])
        message_id = drafts.send(draft, mail())
        again = drafts.take_back(customer_id, message_id)
        assert (again.id, texts(customer_id)) == (draft.id, ["Hallo"])
        assert [row.name for row in drafts.files(again.id)] == ["Angebot.pdf"]
        assert db.session.get_one(Message, message_id).removed_at is not None
        with pytest.raises(NotFound):
            drafts.take_back(customer_id, message_id)
        assert drafts.send(again, mail()) != message_id

    def test_too_late(self, customer_id: int):
        message_id = drafts.send(kept(customer_id), mail())
        leased = {"lease_until": now() + outbox.LEASE}
        db.session.execute(OutboxEntry.__table__.update().values(**leased))  # type: ignore[attr-defined]
        with pytest.raises(Refused):
            drafts.take_back(customer_id, message_id)
        assert texts(customer_id) == []

    def test_not_by_a_colleague(self, customer_id: int):
        message_id = drafts.send(kept(customer_id), mail())
        with audit.acting(2, "Ben Staff"), pytest.raises(NotFound):
            drafts.take_back(customer_id, message_id)

    def test_whoever_takes_the_mail_back_its_author_has_the_draft_again(self, customer_id: int):
        message_id = drafts.send(kept(customer_id), mail())
        with audit.acting(2, "Ben Staff"):
            again = drafts.unsend(message_id)
            assert texts(customer_id) == []
        assert texts(customer_id) == ["Hallo"]
        assert again
        assert again.user_id == 1

    def test_while_another_one_is_written(self, customer_id: int):
        message_id = drafts.send(kept(customer_id, text="Eins"), mail())
        kept(customer_id, drafts.new_sheet(), "Zwei")
        drafts.take_back(customer_id, message_id)
        assert texts(customer_id) == ["Eins", "Zwei"]

    def test_what_is_wrong_changes_nothing(
        self, customer_id: int, changes_nothing: Callable[[], Any]
    ):
        draft = kept(customer_id)
        db.session.commit()
        with changes_nothing(), pytest.raises(Invalid):
            drafts.send(draft, mail(to=[]))
        assert texts(customer_id) == ["Hallo"]


class TestLeaving:
    def test_discarded_and_back(self, customer_id: int):
        draft = kept(customer_id)
        drafts.attach(draft, [PDF])
        assert drafts.discard(customer_id, FORM) is draft
        assert texts(customer_id) == []
        assert drafts.keep(customer_id, FORM, {"text": "late"}) is None
        assert drafts.discard(customer_id, FORM) is None
        drafts.restore(customer_id, draft.id)
        assert texts(customer_id) == ["Hallo"]
        assert len(drafts.files(draft.id)) == 1
        with pytest.raises(NotFound):
            drafts.restore(customer_id, draft.id)

    def test_nothing_to_discard(self, customer_id: int, changes_nothing: Callable[[], Any]):
        with changes_nothing():
            assert drafts.discard(customer_id, FORM) is None

    def test_another_window_wrote_on(self, customer_id: int):
        stale = drafts.sheet_of(kept(customer_id))
        kept(customer_id, text="Weiter")
        assert drafts.discard(customer_id, stale) is None
        assert texts(customer_id) == ["Weiter"]

    @pytest.mark.usefixtures("_account")
    def test_what_was_sent_is_not_restored(self, customer_id: int):
        draft = kept(customer_id)
        drafts.send(draft, mail())
        with pytest.raises(NotFound):
            drafts.restore(customer_id, draft.id)

    def test_it_goes_with_the_customer(self, customer_id: int, make_customer: Callable[..., int]):
        other_id = make_customer(last_name="Berger")
        drafts.attach(kept(customer_id), [PDF])
        kept(other_id, text="Bleibt")
        assert drafts.belonging(customer_id) == ["1 E-Mail-Entwurf"]
        erase_customers([customer_id])
        assert how_many(DraftAttachment) == 0
        assert texts(other_id) == ["Bleibt"]

    def test_the_trash_keeps_it_for_a_while(self, customer_id: int):
        draft = kept(customer_id)
        drafts.discard(customer_id, FORM)
        kept(customer_id, drafts.new_sheet(), "Offen")
        announce("trash.purged", before=now() - timedelta(days=1))
        assert drafts.draft(customer_id, draft.id, removed=True)
        announce("trash.purged", before=now() + timedelta(days=1))
        db.session.expire_all()
        assert how_many(MailDraft) == 1
        assert texts(customer_id) == ["Offen"]
