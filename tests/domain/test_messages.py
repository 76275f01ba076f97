"""Messages: what must hold, what happens, what is found, who they belong to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import g
from sqlalchemy import event, select
from werkzeug.exceptions import NotFound

from app.core import audit, files, outbox, paging
from app.core.audit import AuditEntry
from app.core.database import db, happening, now, table
from app.core.outbox import NotNow, OutboxEntry, State
from app.core.problems import Invalid, Refused
from app.domain.customers.models import Customer
from app.domain.customers.services import delete_customer, erase_customers, restore_customer
from app.domain.documents import queries as documents
from app.domain.documents.services import remove_document
from app.domain.mailing import delivery
from app.domain.messages import outgoing, queries, rules, services
from app.domain.messages.models import Message, MessageAttachment, MessageLink
from app.domain.messages.rules import Stage
from app.domain.messages.services import Attachment

pytestmark = pytest.mark.usefixtures("context")

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def customer_id(make_customer: Callable[..., int]) -> int:
    return make_customer()


@pytest.fixture
def other_id(make_customer: Callable[..., int]) -> int:
    return make_customer(last_name="Berger")


def by_hand(**over: Any) -> dict[str, Any]:
    """The values of the form of a call."""
    said = {"subject": "Rückruf", "text": "Wegen des Termins.", "at": datetime(2026, 3, 2, 13, 5)}  # noqa: DTZ001
    return {"occasion": "phone-in"} | said | over


def mail(**over: Any) -> dict[str, Any]:
    """The values of a mail that came in."""
    said = {"subject": "Frage", "text": "Wann ist der Kurs?", "at": NOON}
    return {"channel": "mail", "direction": "in"} | said | over


def sent(*customer_ids: int, files: tuple[Attachment, ...] = (), **over: Any) -> int:
    """A mail that goes out, with an entry in the outbox."""
    values = mail(direction="out", subject="Angebot", outbox_id=outbox.put("mail")) | over
    return services.record_message(customer_ids, values, files)


def attached(name: str = "Preise.pdf", content: bytes = b"prices") -> Attachment:
    return Attachment(name, files.keep(content), len(content), "application/pdf")


def entry_of(message_id: int) -> OutboxEntry:
    outbox_id = stored(message_id).outbox_id
    return db.session.get_one(OutboxEntry, outbox_id, populate_existing=True)


def change_entry(message_id: int, **values: Any) -> None:
    """What the worker would write."""
    entry = table(OutboxEntry)
    theirs = entry.c.id == stored(message_id).outbox_id
    db.session.execute(entry.update().where(theirs).values(**values))


def stored(message_id: int) -> Message:
    return db.session.get_one(Message, message_id, populate_existing=True)


def links(message_id: int) -> list[MessageLink]:
    asked = select(MessageLink).where(MessageLink.message_id == message_id)
    return list(db.session.scalars(asked, execution_options={"populate_existing": True}))


def told(customer_id: int) -> tuple[str, list[Any]]:
    """Action and changes of the newest entry of a customer's audit trail."""
    entries = select(AuditEntry).where(AuditEntry.customer_id == customer_id)
    entry = db.session.scalars(entries.order_by(AuditEntry.id.desc()).limit(1)).one()
    assert entry.area == "messages"
    return entry.action, entry.changes


def found(customer_id: int, words: str = "", channel: str = "", direction: str = "") -> list[str]:
    return [
        row.subject for row in queries.search(customer_id, words, channel, direction, None).rows
    ]


class TestRecording:
    def test_it_belongs_to_everybody_named_and_each_is_told(self, customer_id: int, other_id: int):
        with audit.acting(None, "Postfach"):
            message_id = services.record_message([customer_id, other_id, customer_id], mail())
        message = stored(message_id)
        assert (message.body, message.author_name, message.read_at) == (
            "Wann ist der Kurs?",
            "Postfach",
            None,
        )
        assert [(link.customer_id, link.at, link.unread) for link in links(message_id)] == [
            (customer_id, NOON, True),
            (other_id, NOON, True),
        ]
        for owner in (customer_id, other_id):
            assert told(owner)[0] == "recorded"
            assert found(owner) == ["Frage"]
        assert "message.changed" in g.announced
        assert [row.id for row in queries.other_customers(customer_id, message_id)] == [other_id]

    def test_the_customer_has_changed(self, customer_id: int):
        with happening(datetime(2040, 1, 1, tzinfo=UTC)):
            services.record_message([customer_id], mail())
        changed = db.session.get_one(Customer, customer_id, populate_existing=True).changed_at
        assert changed == datetime(2040, 1, 1, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("channel", "direction", "is_unread"),
        [
            *(("mail", "in", True), ("form", "in", True), ("portal", "in", True)),
            *(("mail", "out", False), ("phone", "in", False), ("visit", "in", False)),
            *(("letter", "in", False), ("letter", "out", False)),
        ],
    )
    def test_what_comes_in_by_itself_is_unread(
        self, customer_id: int, channel: str, direction: str, is_unread: bool
    ):
        values = mail(channel=channel, direction=direction)
        message_id = services.record_message([customer_id], values)
        assert (stored(message_id).read_at is None) == is_unread
        assert queries.unread(customer_id) == is_unread

    def test_no_other_channels(self, customer_id: int):
        with pytest.raises(ValueError, match="pigeon"):
            services.record_message([customer_id], mail(channel="pigeon"))


class TestWritingDown:
    def test_a_call(self, customer_id: int):
        message_id = services.write_down(customer_id, by_hand())
        message = stored(message_id)
        assert (message.channel, message.direction) == ("phone", "in")
        assert message.at == datetime(2026, 3, 2, 12, 5, tzinfo=UTC)
        assert told(customer_id) == (
            "recorded",
            [
                ["occasion", None, "phone-in"],
                ["subject", None, "Rückruf"],
                ["text", None, "Wegen des Termins."],
                ["at", None, "2026-03-02T12:05:00+00:00"],
            ],
        )

    @pytest.mark.parametrize(
        ("over", "field", "code"),
        [
            ({"occasion": "mail-in"}, "occasion", "unknown"),
            ({"occasion": ""}, "occasion", "unknown"),
            ({"occasion": "x-y-z"}, "occasion", "unknown"),
            ({"subject": "", "text": ""}, "subject", "required"),
            ({"subject": "x" * 301}, "subject", "too_long"),
            ({"text": "x" * 20_001}, "text", "too_long"),
            ({"at": None}, "at", "required"),
            ({"at": datetime(1, 1, 1)}, "at", "unbelievable"),  # noqa: DTZ001
            ({"at": datetime(9999, 12, 31, 23, 59)}, "at", "future"),  # noqa: DTZ001
            ({"at": datetime(2026, 3, 29, 2, 30)}, "at", "skipped"),  # noqa: DTZ001
        ],
    )
    def test_bad_input(
        self,
        customer_id: int,
        over: dict[str, Any],
        field: str,
        code: str,
        changes_nothing: Callable[[], Any],
    ):
        with changes_nothing(), pytest.raises(Invalid) as refusal:
            services.write_down(customer_id, by_hand(**over))
        assert [(p.field, p.code) for p in refusal.value.problems] == [(field, code)]

    def test_everything_wrong_is_told_at_once(self, customer_id: int):
        wrong = by_hand(occasion="", subject="", text="", at=None)
        with pytest.raises(Invalid) as refusal:
            services.write_down(customer_id, wrong)
        assert {p.field for p in refusal.value.problems} == {"occasion", "subject", "at"}

    def test_the_longest(self, customer_id: int):
        services.write_down(customer_id, by_hand(subject="x" * 300, text="x" * 20_000))


class TestWhen:
    @pytest.mark.parametrize(
        ("ahead", "codes"), [(timedelta(hours=23), []), (timedelta(hours=25), ["future"])]
    )
    def test_a_day_ahead_is_the_most(self, ahead: timedelta, codes: list[str]):
        at = (NOON + ahead).astimezone(BERLIN).replace(tzinfo=None)
        assert [p.code for p in rules.check_when(at, NOON, BERLIN)] == codes

    @pytest.mark.parametrize(
        ("typed", "instant"),
        [
            ("2026-03-29T01:59", "2026-03-29T00:59+00:00"),
            ("2026-03-29T03:00", "2026-03-29T01:00+00:00"),
            ("2026-10-25T02:30", "2026-10-25T00:30+00:00"),
            ("2026-10-25T03:00", "2026-10-25T02:00+00:00"),
        ],
    )
    def test_around_the_change_of_the_clocks(self, typed: str, instant: str):
        at, now = datetime.fromisoformat(typed), datetime(2027, 1, 1, tzinfo=UTC)
        assert rules.check_when(at, now, BERLIN) == []
        assert rules.instant(at, BERLIN) == datetime.fromisoformat(instant)

    def test_a_time_in_the_second_of_two_hours_stays_when_it_is_not_touched(self, customer_id: int):
        second = datetime(2025, 10, 26, 1, 30, 12, tzinfo=UTC)
        values = mail(channel="phone", at=second)
        message_id = services.record_message([customer_id], values)
        form = queries.editable(stored(message_id)).values
        assert form["at"] == datetime(2025, 10, 26, 2, 30)  # noqa: DTZ001
        services.correct(customer_id, message_id, form | {"subject": "Neu"})
        assert stored(message_id).at == second
        assert [change[0] for change in told(customer_id)[1]] == ["subject"]


class TestCorrecting:
    def test_it_is_changed_moved_and_told(self, customer_id: int):
        message_id = services.write_down(customer_id, by_hand())
        services.write_down(customer_id, by_hand(subject="Später", at=datetime(2026, 3, 3, 9)))  # noqa: DTZ001
        at = datetime(2026, 3, 4, 9)  # noqa: DTZ001
        changed = by_hand(occasion="visit-out", text="Vor Ort in Überlingen.", at=at)
        services.correct(customer_id, message_id, changed)
        message = stored(message_id)
        assert (message.channel, message.direction, message.version) == ("visit", "out", 2)
        assert message.edited_at is not None
        assert found(customer_id) == ["Rückruf", "Später"]
        assert found(customer_id, "ueberlingen") == ["Rückruf"]
        assert found(customer_id, "termins") == ["Später"]
        action, changes = told(customer_id)
        assert (action, [field for field, *_ in changes]) == ("edited", ["occasion", "text", "at"])

    def test_the_same_again_is_no_edit(self, customer_id: int, changes_nothing: Callable[[], Any]):
        message_id = services.write_down(customer_id, by_hand())
        db.session.commit()
        g.announced.clear()
        with changes_nothing():
            services.correct(customer_id, message_id, by_hand())
            db.session.commit()
        assert not g.announced

    def test_what_was_sent_is_not_ours_to_change(self, customer_id: int):
        message_id = services.record_message([customer_id], mail())
        with pytest.raises(Refused):
            services.correct(customer_id, message_id, by_hand())
        with pytest.raises(Refused):
            services.remove_message(customer_id, message_id)
        assert stored(message_id).body == "Wann ist der Kurs?"

    def test_nobody_elses(self, customer_id: int, other_id: int):
        message_id = services.write_down(customer_id, by_hand())
        for verb in (
            lambda: services.correct(other_id, message_id, by_hand(subject="Fremd")),
            lambda: services.remove_message(other_id, message_id),
            lambda: services.restore_message(other_id, message_id),
            lambda: services.mark_read(other_id, message_id, True),
            lambda: services.plan_follow_up(other_id, message_id, {}),
            lambda: services.finish_follow_up(other_id, message_id),
            lambda: queries.message(other_id, message_id),
        ):
            with pytest.raises(NotFound):
                verb()


class TestReading:
    def test_read_and_unread_for_all_customers(self, customer_id: int, other_id: int):
        message_id = services.record_message([customer_id, other_id], mail())
        services.mark_read(customer_id, message_id, True)
        assert stored(message_id).read_at is not None
        assert queries.unread(other_id) == 0
        assert told(other_id) == ("read", [])
        services.mark_read(other_id, message_id, False)
        assert queries.unread(customer_id) == 1
        assert queries.latest(customer_id)[0].unread

    def test_twice_is_once(self, customer_id: int, changes_nothing: Callable[[], Any]):
        message_id = services.record_message([customer_id], mail())
        services.mark_read(customer_id, message_id, True)
        db.session.commit()
        with changes_nothing():
            services.mark_read(customer_id, message_id, True)
            db.session.commit()

    @pytest.mark.parametrize(("channel", "direction"), [("phone", "in"), ("mail", "out")])
    def test_only_what_came_in_by_itself(self, customer_id: int, channel: str, direction: str):
        values = mail(channel=channel, direction=direction)
        message_id = services.record_message([customer_id], values)
        with pytest.raises(Refused):
            services.mark_read(customer_id, message_id, False)


class TestRemoving:
    def test_it_is_gone_and_comes_back(self, customer_id: int):
        message_id = services.write_down(customer_id, by_hand())
        services.remove_message(customer_id, message_id)
        action, changes = told(customer_id)
        assert (action, changes[0]) == ("removed", ["occasion", "phone-in", None])
        assert queries.latest(customer_id) == []
        assert queries.count(customer_id) == 0
        assert found(customer_id) == []
        for verb in (services.remove_message, services.finish_follow_up, queries.message):
            with pytest.raises(NotFound):
                verb(customer_id, message_id)
        services.restore_message(customer_id, message_id)
        assert told(customer_id) == ("restored", [])
        assert found(customer_id) == ["Rückruf"]

    def test_a_message_goes_with_its_last_customer(self, customer_id: int, other_id: int):
        both = services.record_message([customer_id, other_id], mail(subject="Beide"))
        own = services.record_message([customer_id], mail(subject="Allein"))
        erase_customers([customer_id])
        assert db.session.scalars(select(Message.id)).all() == [both]
        assert found(other_id) == ["Beide"]
        erase_customers([other_id])
        assert db.session.scalars(select(Message.id)).all() == []
        assert own

    @pytest.mark.parametrize(("many", "said"), [(0, []), (1, ["1"]), (2, ["2"])])
    def test_what_goes_with_a_customer(self, customer_id: int, many: int, said: list[str]):
        for _ in range(many):
            services.record_message([customer_id], mail())
        assert [text.split()[0] for text in queries.belonging(customer_id)] == said


class TestAttachments:
    def test_they_come_with_the_list_in_their_order(
        self, customer_id: int, count_queries: Callable[[], Any]
    ):
        sent(customer_id, files=(attached("B.pdf", b"bb"), attached("A.pdf", b"a")))
        sent(customer_id, files=(attached("C, “D”.pdf", b"c"),))
        sent(customer_id)
        with count_queries() as asked:
            rows = queries.latest(customer_id)
        assert len(asked) == 1
        files = [[(file["name"], file["size"]) for file in row.files] for row in rows]
        assert files == [[], [("C, “D”.pdf", 1)], [("B.pdf", 2), ("A.pdf", 1)]]

    def test_nobody_elses(self, customer_id: int, other_id: int):
        message_id = sent(customer_id, files=(attached(),))
        [file] = queries.attachments_of(customer_id, message_id)
        assert queries.attachment(customer_id, message_id, file.id).name == "Preise.pdf"
        another = sent(customer_id)
        for ids in (
            (other_id, message_id, file.id),
            (customer_id, another, file.id),
            (customer_id, message_id, file.id + 1),
        ):
            with pytest.raises(NotFound):
                queries.attachment(*ids)
            with pytest.raises(NotFound):
                services.keep_as_document(*ids)

    def test_kept_as_a_document_once(self, customer_id: int):
        message_id = sent(customer_id, files=(attached(),))
        [file] = queries.attachments_of(customer_id, message_id)
        assert file.kept_id is None
        document_id = services.keep_as_document(customer_id, message_id, file.id)
        document = documents.document(customer_id, document_id)
        assert (document.name, document.digest, document.size) == ("Preise.pdf", file.digest, 6)
        assert queries.attachments_of(customer_id, message_id)[0].kept_id == document_id
        assert services.keep_as_document(customer_id, message_id, file.id) == document_id
        assert documents.count(customer_id) == 1

    def test_a_removed_document_can_be_kept_again(self, customer_id: int):
        message_id = sent(customer_id, files=(attached(),))
        [file] = queries.attachments_of(customer_id, message_id)
        first = services.keep_as_document(customer_id, message_id, file.id)
        remove_document(customer_id, first)
        assert queries.attachments_of(customer_id, message_id)[0].kept_id is None
        assert services.keep_as_document(customer_id, message_id, file.id) != first

    def test_each_customer_of_a_message_keeps_it_by_themselves(
        self, customer_id: int, other_id: int
    ):
        message_id = sent(customer_id, other_id, files=(attached(),))
        [file] = queries.attachments_of(customer_id, message_id)
        kept = {
            owner: services.keep_as_document(owner, message_id, file.id)
            for owner in (customer_id, other_id)
        }
        for owner, document_id in kept.items():
            assert queries.attachments_of(owner, message_id)[0].kept_id == document_id

    def test_what_was_sent_is_needed_by_the_sweep(self, customer_id: int):
        file = attached()
        message_id = sent(customer_id, files=(file,))
        assert list(queries.needed_files(file.digest[:2])) == [file.digest]
        assert list(queries.needed_files(file.digest)) == [file.digest]
        erase_customers([customer_id])
        assert queries.needed_files(file.digest[:2]) == {}
        assert message_id

    def test_an_index_finds_what_is_kept_already(self):
        plan = explained(queries.ATTACHMENTS)
        assert "ix_document_digest (digest=? AND customer_id=?)" in plan
        assert "ix_message_attachment_message" in plan


class TestRecipients:
    @pytest.mark.parametrize(
        ("recipient", "name"),
        [
            ("Tanja Müller <tanja@example.com>", "Tanja Müller"),
            ('"Weiß, Jörg" <weiss@example.com>', "Weiß, Jörg"),
            ("tanja@example.com", "tanja@example.com"),
            ("nobody", "nobody"),
        ],
    )
    def test_what_somebody_is_called(self, recipient: str, name: str):
        assert rules.name_of(recipient) == name

    @pytest.mark.parametrize(
        "name",
        [
            *("Frau Dr. Tanja Müller", "Weber Maschinenbau GmbH", "Familie Özdemir"),
            *("Müller, Weber & Co. KG", "Café <Mitte>"),
        ],
    )
    def test_a_letter_goes_to_the_first_line_on_its_envelope(self, name: str):
        for envelope in ({"to": [name]}, {"to": [f"{name}\nVenloer Straße 12\n50672 Köln"]}):
            letter = Message(channel="letter", direction="out", envelope=envelope)
            assert rules.names(letter) == [name]
        assert rules.names(Message(channel="letter", direction="in")) == []

    def test_all_of_them_in_their_order(self):
        envelope = {"sender": "x@a.de", "to": ["a@a.de"], "cc": ["b@a.de"], "bcc": ["c@a.de"]}
        assert rules.recipients(envelope) == ["a@a.de", "b@a.de", "c@a.de"]
        assert rules.recipients(None) == []
        assert rules.recipients({"to": ["a@a.de"]}) == ["a@a.de"]

    def test_a_message_is_found_by_whom_it_went_to_and_what_went_with_it(self, customer_id: int):
        envelope = {"to": ["Jörg Weiß <weiss@example.com>"], "cc": [], "bcc": ["chef@b.example"]}
        sent(customer_id, envelope=envelope, files=(attached("Preisliste März.pdf"),))
        for words in ("weiss", "joerg", "weiss@example.com", "chef@b.example", "preisliste maerz"):
            assert found(customer_id, words) == ["Angebot"]
        assert found(customer_id, "example.org") == []


class TestStage:
    @pytest.mark.parametrize(
        ("entry", "stage"),
        [
            ({}, Stage.WAITING),
            ({"tries": 1}, Stage.WAITING),
            ({"tries": 1, "error": "busy"}, Stage.POSTPONED),
            ({"tries": 0, "error": "busy"}, Stage.WAITING),
            ({"held": True}, Stage.PAUSED),
            ({"lease_until": NOON + timedelta(seconds=1)}, Stage.SENDING),
            ({"lease_until": NOON - timedelta(days=1)}, Stage.SENDING),
            ({"lease_until": NOON, "state": "cancelled"}, Stage.SENDING),
            ({"held": True, "lease_until": NOON}, Stage.SENDING),
            ({"state": "sent"}, Stage.SENT),
            ({"state": "sent", "error": "partly"}, Stage.PARTLY),
            ({"state": "failed", "error": "gone"}, Stage.FAILED),
            ({"state": "cancelled"}, Stage.CANCELLED),
        ],
    )
    def test_how_far_it_got(self, entry: dict[str, Any], stage: Stage):
        fresh = {"state": "waiting", "held": False, "lease_until": None, "tries": 0, "error": ""}
        assert rules.stage(SimpleNamespace(**fresh | entry)) is stage


class TestSending:
    def test_how_far_it_got_is_told_also_of_what_was_taken_back(
        self, customer_id: int, other_id: int, count_queries: Callable[[], Any]
    ):
        message_id = sent(customer_id)
        with count_queries() as asked:
            assert queries.standing(customer_id, message_id).state == State.WAITING
        assert len(asked) == 1
        outbox.cancel(stored(message_id).outbox_id or 0)
        services.withdraw(message_id)
        assert queries.standing(customer_id, message_id).state == State.CANCELLED
        with pytest.raises(NotFound):
            queries.standing(other_id, message_id)
        with pytest.raises(NotFound):
            queries.standing(customer_id, services.write_down(customer_id, by_hand()))

    def test_what_a_dead_worker_had_is_no_more_free_than_it_can_be_taken_back(
        self, customer_id: int
    ):
        message_id = sent(customer_id)
        change_entry(message_id, lease_until=now() - timedelta(days=1))
        assert rules.stage(entry_of(message_id)) is Stage.SENDING
        assert not outbox.cancel(entry_of(message_id).id)
        change_entry(message_id, lease_until=None)  # the next worker begins
        assert rules.stage(entry_of(message_id)) is Stage.WAITING
        assert outbox.cancel(entry_of(message_id).id)

    @pytest.mark.parametrize("state", [State.WAITING, State.FAILED])
    def test_sent_once_more(self, customer_id: int, other_id: int, state: State):
        message_id = sent(customer_id, other_id)
        later = now() + timedelta(hours=1)
        change_entry(message_id, state=state, tries=5, error="busy", due_at=later)
        g.announced.clear()
        services.retry(other_id, message_id)
        entry = entry_of(message_id)
        assert (entry.state, entry.tries) == (State.WAITING, 0)
        assert entry.due_at <= now()
        assert [told(owner)[0] for owner in (customer_id, other_id)] == ["retried", "retried"]
        assert "message.changed" in g.announced

    @pytest.mark.parametrize(
        "entry",
        [
            {"state": "sent"},
            {"state": "cancelled"},
            {"lease_until": datetime(2099, 1, 1, tzinfo=UTC)},
        ],
    )
    def test_too_late_to_send_it_once_more(
        self, customer_id: int, entry: dict[str, Any], changes_nothing: Callable[[], Any]
    ):
        message_id = sent(customer_id)
        change_entry(message_id, **entry)
        db.session.commit()
        with changes_nothing():
            with pytest.raises(Refused):
                services.retry(customer_id, message_id)
            db.session.commit()

    def test_what_nothing_sends_is_not_sent_once_more(self, customer_id: int, other_id: int):
        with pytest.raises(Refused):
            services.retry(customer_id, services.write_down(customer_id, by_hand()))
        with pytest.raises(NotFound):
            services.retry(other_id, sent(customer_id))

    def test_whoever_leaves_for_good_gets_nothing_more(self, customer_id: int, other_id: int):
        alone = sent(customer_id, files=(attached(),))
        both = sent(customer_id, other_id, files=(attached("Beide.pdf", b"both"),))
        erase_customers([customer_id])
        assert db.session.scalars(select(Message.id)).all() == [both]
        assert db.session.scalars(select(OutboxEntry.id)).all() == [stored(both).outbox_id]
        assert db.session.scalars(select(MessageAttachment.name)).all() == ["Beide.pdf"]
        erase_customers([other_id])
        assert db.session.scalars(select(OutboxEntry.id)).all() == []
        assert alone


class TestTrash:
    def test_it_rests_only_while_all_are_in_the_trash(self, customer_id: int, other_id: int):
        alone, both = sent(customer_id), sent(customer_id, other_id)
        assert not queries.rests(alone)
        delete_customer(customer_id)
        assert queries.rests(alone)
        assert not queries.rests(both)
        delete_customer(other_id)
        assert queries.rests(both)

    def test_it_goes_on_with_the_customer(self, customer_id: int):
        resting, failed, busy = sent(customer_id), sent(customer_id), sent(customer_id)
        delete_customer(customer_id)
        later = now() + timedelta(hours=1)
        change_entry(resting, tries=4, error=rules.IN_TRASH, due_at=later)
        change_entry(busy, tries=4, error="busy", due_at=later)
        change_entry(failed, state=State.FAILED, tries=9, error=rules.IN_TRASH, due_at=later)
        restore_customer(customer_id)
        assert entry_of(resting).due_at <= now()
        assert entry_of(busy).due_at == later
        assert entry_of(failed).state == State.FAILED

    def test_it_is_not_delivered(self, customer_id: int):
        envelope = {"sender": "a@a.de", "to": ["b@b.de"], "cc": [], "bcc": []}
        message_id = sent(customer_id, envelope=envelope)
        delete_customer(customer_id)
        db.session.commit()
        with pytest.raises(NotNow) as reason:
            delivery.build(entry_of(message_id), lambda *_: "")
        assert reason.value.code == rules.IN_TRASH


class TestOutbox:
    ALL = tuple(outgoing.ORDER)

    def shown(self, *states: State, kinds: tuple[str, ...] = ()) -> list[Any]:
        return outgoing.entries(states or self.ALL, None, kinds).rows

    def test_what_failed_comes_first_and_what_was_taken_back_not_at_all(self, customer_id: int):
        states = ("sent", "waiting", "failed", "cancelled", "failed", "waiting")
        for number, state in enumerate(states):
            change_entry(sent(customer_id, subject=f"Nr. {number}"), state=state)
        assert [row.subject for row in self.shown()] == [
            "Nr. 4",
            "Nr. 2",
            "Nr. 5",
            "Nr. 1",
            "Nr. 0",
        ]
        assert [row.subject for row in self.shown(State.SENT)] == ["Nr. 0"]

    def test_page_by_page_through_all_states(self, customer_id: int):
        for number in range(2 * paging.PAGE + 7):
            state = ("failed", "waiting", "sent")[number % 3]
            change_entry(sent(customer_id, subject=f"{state} {number:03}"), state=state)
        pages, behind = [], None
        while True:
            page = outgoing.entries(self.ALL, behind, ())
            pages.append([row.subject for row in page.rows])
            behind = page.older
            if behind is None:
                break
        told = [subject for page in pages for subject in page]
        assert [len(page) for page in pages] == [50, 50, 7]
        assert len(set(told)) == 107
        parts = [[one for one in told if one.startswith(s)] for s in ("failed", "waiting", "sent")]
        assert told == [one for part in parts for one in sorted(part, reverse=True)]

    def test_what_belongs_to_no_message_only_when_it_is_asked_for(self, customer_id: int):
        sent(customer_id)
        outbox.put("mail_test")
        outbox.put("serial")
        assert [row.kind for row in self.shown()] == ["mail"]
        assert [row.kind for row in self.shown(kinds=("mail_test",))] == ["mail_test", "mail"]

    def test_whose_they_are(self, customer_id: int, other_id: int):
        both, alone = sent(customer_id, other_id), sent(other_id)
        delete_customer(other_id)
        owners = outgoing.customers(self.shown())
        assert [row.id for row in owners[both]] == [customer_id, other_id]
        assert [row.removed_at is None for row in owners[both]] == [True, False]
        assert [row.id for row in owners[alone]] == [other_id]

    def test_one(self, customer_id: int, other_id: int):
        message_id = sent(other_id, customer_id)
        found = outgoing.entry(stored(message_id).outbox_id or 0)
        assert (found.message_id, found.customer_id) == (message_id, customer_id)
        alone = outgoing.entry(outbox.put("mail_test"))
        assert (alone.kind, alone.message_id, alone.customer_id) == ("mail_test", None, None)
        with pytest.raises(NotFound):
            outgoing.entry(999)

    def test_the_road_is_closed_until_something_passes(self, customer_id: int):
        first, second = sent(customer_id), sent(customer_id)
        assert outgoing.hindered_by({"unreachable"}) is None
        change_entry(first, tries=1, error="unreachable", due_at=now() + outbox.pause(1))
        assert outgoing.hindered_by({"unreachable"}) == "unreachable"
        assert outgoing.hindered_by({"busy"}) is None
        before = now() - timedelta(minutes=1)
        change_entry(second, state=State.SENT, done_at=before)
        assert outgoing.hindered_by({"unreachable"}) == "unreachable"
        change_entry(second, done_at=now() + timedelta(minutes=1))
        assert outgoing.hindered_by({"unreachable"}) is None

    @pytest.mark.parametrize(
        ("statement", "index"),
        [
            (outgoing.SHOWN, "ix_outbox_entry_batch"),  # around the mails of serials
            (outgoing.LONGEST_WAITING, "ix_outbox_entry_state"),
            (outgoing.LATEST_SENT, "ix_outbox_entry_state"),
            (queries.STATE, "sqlite_autoindex_message_link_1"),
        ],
        ids=["shown", "waiting", "sent", "state"],
    )
    def test_an_index_gives_them_in_order(self, statement: Any, index: str):
        plan = explained(statement)
        assert index in plan
        assert "SCAN" not in plan
        assert "TEMP B-TREE" not in plan


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(
    ("user_id", "kinds", "index"),
    [
        (None, ["mail", "password"], "ix_outbox_entry_state"),
        (2, ["mail"], "ix_outbox_entry_failed"),
    ],
)
def test_what_failed_is_counted_along_an_index(user_id: int | None, kinds: list[str], index: str):
    sent: list[Any] = []
    event.listen(db.engine, "before_cursor_execute", lambda *told: sent.append(told[2:4]))
    assert outgoing.failed(user_id, kinds) == 0
    statement, values = sent[-1]
    plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
    steps = [row.detail for row in plan]
    assert any(f"SEARCH outbox_entry USING INDEX {index} (" in step for step in steps), steps


def explained(statement: Any) -> str:
    """How SQLite would answer a statement."""
    facts = {"kinds": ["mail_test"], "state": "sent", "before": 1, "most": 1}
    told = statement.params(**facts) if statement is outgoing.SHOWN else statement
    compiled = told.compile(db.engine, compile_kwargs={"render_postcompile": told is not statement})
    ones = tuple("1" for _ in compiled.positiontup or ())
    rows = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", ones)
    return " / ".join(row.detail for row in rows)


class TestSearching:
    @pytest.mark.parametrize(
        ("words", "hit"),
        [
            *(("", True), ("muller", True), ("MÜLLER", True), ("mueller", True), ("mull", True)),
            *(("straße wagen", True), ("strasse", True), ("100", True), ("müller bus", False)),
            *(("%", True), ("a_b", True), ("a%b", True), ("axb", False)),
        ],
    )
    def test_every_word_must_be_there(self, customer_id: int, words: str, hit: bool):
        values = by_hand(subject="Herr Müller", text="Der Wagen steht in der Straße, 100% a_b.")
        services.write_down(customer_id, values)
        assert bool(found(customer_id, words)) == hit

    @pytest.mark.parametrize("words", ["\0", "a\0b", "x" * 200, "a " * 100, "[", "\\", "🦄", "'"])
    def test_no_words_are_an_error(self, customer_id: int, words: str):
        services.write_down(customer_id, by_hand())
        assert len(found(customer_id, words)) <= 1

    def test_by_channel_and_direction(self, customer_id: int):
        services.record_message([customer_id], mail(subject="Mail herein"))
        services.record_message([customer_id], mail(subject="Mail hinaus", direction="out"))
        services.record_message([customer_id], mail(subject="Anruf", channel="phone"))
        assert found(customer_id, channel="mail") == ["Mail hinaus", "Mail herein"]
        assert found(customer_id, direction="in") == ["Anruf", "Mail herein"]
        assert found(customer_id, "mail", "mail", "out") == ["Mail hinaus"]
        assert found(customer_id, channel="letter") == []

    def test_page_by_page_by_time_and_then_id(self, customer_id: int, other_id: int):
        for number in range(2 * paging.PAGE + 3):
            at = NOON + timedelta(minutes=number // 7)
            services.record_message([customer_id], mail(subject=f"Nr. {number}", at=at))
            services.record_message([other_id], mail(subject="Fremd", at=at))
        pages, before = [], None
        while True:
            page = queries.search(customer_id, "nr", "", "", before)
            pages.append([row.subject for row in page.rows])
            before = page.older
            if before is None:
                break
        assert [len(page) for page in pages] == [50, 50, 3]
        assert [name for page in pages for name in page] == [f"Nr. {n}" for n in range(102, -1, -1)]

    def test_a_place_of_somebody_else_begins_at_the_top(self, customer_id: int, other_id: int):
        theirs = services.record_message([other_id], mail())
        services.record_message([customer_id], mail(subject="Oben"))
        assert [r.subject for r in queries.search(customer_id, "", "", "", theirs).rows] == ["Oben"]

    @pytest.mark.parametrize(
        ("statement", "index"),
        [
            (queries.LATEST, "ix_message_link_customer"),
            (queries.SHOWN.where(queries.OLDER), "ix_message_link_customer"),
            (queries.UNREAD, "ix_message_link_unread"),
        ],
        ids=["latest", "older", "unread"],
    )
    def test_an_index_gives_them_in_order(self, statement: Any, index: str):
        compiled = statement.compile(db.engine)
        facts = tuple(NOON.isoformat() for _ in compiled.positiontup or ())
        rows = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", facts)
        plan = [row.detail for row in rows]
        assert any(index in step for step in plan)
        assert not any("TEMP B-TREE" in step for step in plan)
