"""Messages: what must hold, what happens, what is found, who they belong to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import g
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from app.core import audit, paging
from app.core.audit import AuditEntry
from app.core.database import db, happening
from app.core.problems import Invalid, Refused
from app.domain.customers.models import Customer
from app.domain.customers.services import erase_customers
from app.domain.messages import queries, rules, services
from app.domain.messages.models import Message, MessageLink

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
