"""Follow-ups: what must hold, what they are today, who is asked; on comments and on messages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import g
from sqlalchemy import select, update
from werkzeug.exceptions import NotFound

from app.core.audit import AuditEntry
from app.core.database import db, now
from app.core.i18n import today
from app.core.problems import Invalid, Refused
from app.domain.comments import queries as comment_queries
from app.domain.comments import services as comments
from app.domain.customers.models import Customer
from app.domain.follow_ups import queries, rules
from app.domain.messages import queries as message_queries
from app.domain.messages import services as messages
from app.domain.team import services as team
from app.domain.team.models import User

pytestmark = pytest.mark.usefixtures("context")

DAY = date(2026, 3, 2)
ANNA, BEN, CLEO = 1, 2, 3


class Kind:
    """A kind of thing that carries follow-ups, with its verbs."""

    def __init__(self, name: str, verbs: ModuleType, write: Any, edit: Any, find: Any):
        self.name, self.verbs = name, verbs
        self.write, self.edit, self.find = write, edit, find

    def __repr__(self) -> str:
        return self.name


def _comment(customer_id: int, values: dict[str, Any], text: str = "Nachfassen\nbald") -> int:
    return comments.write_comment(customer_id, {"body": text} | values)


def _edit_comment(customer_id: int, thing_id: int, values: dict[str, Any]) -> None:
    comment = comment_queries.comment(customer_id, thing_id)
    comments.edit_comment(customer_id, thing_id, {"body": comment.body} | values)


def _message(customer_id: int, values: dict[str, Any], text: str = "Nachfassen\nbald") -> int:
    said = {"channel": "mail", "direction": "in", "subject": "", "text": text, "at": now()}
    return messages.record_message([customer_id], said | values)


KINDS = (
    Kind("comments", comments, _comment, _edit_comment, comment_queries.comment),
    Kind("messages", messages, _message, messages.plan_follow_up, message_queries.message),
)


@pytest.fixture(params=KINDS, ids=str)
def kind(request: pytest.FixtureRequest) -> Kind:
    return request.param


@pytest.fixture
def customer_id(make_customer: Callable[..., int]) -> int:
    return make_customer()


def on(day: date | None, whom: int | None = BEN) -> dict[str, Any]:
    return {"follow_up_on": day, "follow_up_by": whom}


def told(customer_id: int) -> tuple[str, str, list[Any]]:
    entries = select(AuditEntry).where(AuditEntry.customer_id == customer_id)
    entry = db.session.scalars(entries.order_by(AuditEntry.id.desc()).limit(1)).one()
    return entry.area, entry.action, entry.changes


def due(whom: int | None, since: date = DAY, until: date = DAY, most: int = 9) -> list[str]:
    return [item.text for item in queries.open_ones(whom, since, until, most)]


class TestRules:
    @pytest.mark.parametrize(
        ("day", "whom", "codes"),
        [
            *((DAY, BEN, []), (None, BEN, []), (None, None, []), (DAY, None, ["unknown"])),
            *((DAY, 99, ["unknown"]), (DAY - timedelta(days=900), BEN, [])),
            *((date(26, 3, 2), BEN, ["unbelievable"]), (date(2226, 3, 2), 9, ["unbelievable"])),
        ],
    )
    def test_a_believable_day_and_somebody_to_ask(
        self, day: date | None, whom: int | None, codes: list[str]
    ):
        problems = rules.check_follow_up(on(day, whom), {ANNA, BEN, 9}, DAY)
        assert [p.code for p in problems] == codes

    @pytest.mark.parametrize(
        ("day", "done", "state"),
        [
            (DAY, False, "today"),
            (DAY - timedelta(days=1), False, "overdue"),
            (DAY + timedelta(days=1), False, "open"),
            (DAY - timedelta(days=1), True, "done"),
            (DAY + timedelta(days=1), True, "done"),
        ],
    )
    def test_what_it_is_today(self, day: date, done: bool, state: str):
        assert rules.state(day, datetime(2026, 3, 1, tzinfo=UTC) if done else None, DAY) == state

    @pytest.mark.parametrize(
        ("zone", "instant", "state"),
        [
            ("Europe/Berlin", "2026-03-01T22:59+00:00", "open"),
            ("Europe/Berlin", "2026-03-01T23:01+00:00", "today"),
            ("Europe/Berlin", "2026-03-02T23:01+00:00", "overdue"),
            ("America/New_York", "2026-03-02T04:59+00:00", "open"),
            ("America/New_York", "2026-03-03T04:59+00:00", "today"),
            ("Pacific/Kiritimati", "2026-03-01T10:01+00:00", "today"),
        ],
    )
    def test_the_day_begins_where_the_team_works(self, zone: str, instant: str, state: str):
        here = datetime.fromisoformat(instant).astimezone(ZoneInfo(zone)).date()
        assert rules.state(DAY, None, here) == state


class TestPlanning:
    def test_it_is_told_in_names(self, customer_id: int, kind: Kind):
        kind.write(customer_id, on(DAY))
        area, _action, changes = told(customer_id)
        assert area == kind.name
        assert ["follow_up_on", None, "2026-03-02"] in changes
        assert ["follow_up_by", None, "Ben Staff"] in changes

    def test_another_day_or_person(self, customer_id: int, kind: Kind):
        thing_id = kind.write(customer_id, on(DAY))
        kind.edit(customer_id, thing_id, on(DAY, ANNA))
        assert told(customer_id)[2] == [["follow_up_by", "Ben Staff", "Anna Admin"]]
        kind.edit(customer_id, thing_id, on(date(2026, 3, 9), ANNA))
        assert told(customer_id)[2] == [["follow_up_on", "2026-03-02", "2026-03-09"]]
        assert due(ANNA) == []
        assert due(ANNA, until=date(2026, 3, 9)) == ["Nachfassen\nbald"]

    def test_without_a_day_it_ends(self, customer_id: int, kind: Kind):
        thing_id = kind.write(customer_id, on(DAY))
        kind.edit(customer_id, thing_id, on(None, BEN))
        row = kind.find(customer_id, thing_id)
        assert (row.due_on, row.assignee_id, row.done_at) == (None, None, None)
        assert due(None) == []

    def test_planned_anew_it_is_open_again(self, customer_id: int, kind: Kind):
        thing_id = kind.write(customer_id, on(DAY))
        kind.verbs.finish_follow_up(customer_id, thing_id)
        kind.edit(customer_id, thing_id, on(DAY, ANNA))
        assert kind.find(customer_id, thing_id).done_at is None
        assert ["follow_up_done", True, None] in told(customer_id)[2]

    def test_values_that_do_not_speak_of_it_leave_it(
        self, customer_id: int, kind: Kind, changes_nothing: Callable[[], Any]
    ):
        thing_id = kind.write(customer_id, on(DAY))
        db.session.commit()
        with changes_nothing():
            kind.edit(customer_id, thing_id, {})
            kind.edit(customer_id, thing_id, on(DAY))
            db.session.commit()

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            (on(DAY, 99), "follow_up_by"),
            (on(DAY, None), "follow_up_by"),
            (on(date(26, 3, 2)), "follow_up_on"),
        ],
    )
    def test_bad_input(
        self,
        customer_id: int,
        kind: Kind,
        values: dict[str, Any],
        field: str,
        changes_nothing: Callable[[], Any],
    ):
        thing_id = kind.write(customer_id, {})
        db.session.commit()
        with changes_nothing(), pytest.raises(Invalid) as refusal:
            kind.edit(customer_id, thing_id, values)
        assert [p.field for p in refusal.value.problems] == [field]

    def test_whoever_left_keeps_what_they_have_and_gets_nothing_new(
        self, customer_id: int, kind: Kind
    ):
        theirs, other = kind.write(customer_id, on(DAY)), kind.write(customer_id, on(DAY, ANNA))
        db.session.execute(update(User).where(User.id == BEN).values(active=False))
        kind.edit(customer_id, theirs, on(date(2026, 3, 9)))
        with pytest.raises(Invalid):
            kind.edit(customer_id, other, on(DAY))
        assert [item.assignee_name for item in queries.open_ones(BEN, DAY, date.max, 9)] == [
            "Ben Staff"
        ]
        assert len(due(None, until=date.max)) == 2

    def test_a_comment_is_not_edited_by_it(self, customer_id: int):
        comment_id = _comment(customer_id, {})
        _edit_comment(customer_id, comment_id, on(DAY))
        assert comment_queries.comment(customer_id, comment_id).edited_at is None


class TestFinishing:
    def test_done_and_open_again(self, customer_id: int, kind: Kind):
        thing_id = kind.write(customer_id, on(DAY))
        g.announced.clear()
        kind.verbs.finish_follow_up(customer_id, thing_id)
        assert told(customer_id) == (kind.name, "finished", [["follow_up_done", False, True]])
        assert g.announced & {"comment.changed", "message.changed"}
        assert due(BEN) == []
        kind.verbs.reopen_follow_up(customer_id, thing_id)
        assert told(customer_id) == (kind.name, "reopened", [["follow_up_done", True, False]])
        assert due(BEN) == ["Nachfassen\nbald"]

    def test_two_at_once_finish_it_once(
        self, customer_id: int, kind: Kind, changes_nothing: Callable[[], Any]
    ):
        thing_id = kind.write(customer_id, on(DAY))
        kind.verbs.finish_follow_up(customer_id, thing_id)
        db.session.commit()
        with changes_nothing():
            kind.verbs.finish_follow_up(customer_id, thing_id)
            db.session.commit()

    def test_there_is_nothing_to_finish(self, customer_id: int, kind: Kind):
        thing_id = kind.write(customer_id, {})
        for verb in (kind.verbs.finish_follow_up, kind.verbs.reopen_follow_up):
            with pytest.raises(Refused):
                verb(customer_id, thing_id)

    def test_nobody_elses(self, customer_id: int, kind: Kind, make_customer: Callable[..., int]):
        other, thing_id = make_customer(), kind.write(customer_id, on(DAY))
        for verb in (kind.verbs.finish_follow_up, kind.verbs.reopen_follow_up):
            with pytest.raises(NotFound):
                verb(other, thing_id)


class TestAsking:
    def test_an_item_says_everything(self, customer_id: int, kind: Kind):
        thing_id = kind.write(customer_id, on(DAY))
        assert queries.open_ones(BEN, DAY, DAY, 9) == [
            queries.Item(
                kind={"comments": "Kommentar", "messages": "Nachricht"}[kind.name],
                panel=kind.name,
                thing_id=thing_id,
                customer_id=customer_id,
                customer_name="Tanja Müller",
                text="Nachfassen\nbald",
                author_name="",
                due_on=DAY,
                assignee_id=BEN,
                assignee_name="Ben Staff",
            )
        ]

    def test_by_day_across_areas_and_no_more_than_asked(self, customer_id: int):
        for number in range(4):
            for kind in KINDS:
                day = DAY + timedelta(days=3 - number)
                kind.write(customer_id, on(day, ANNA if number == 1 else BEN), f"{kind} {number}")
        assert due(BEN, until=date.max) == [f"{kind} {n}" for n in (3, 2, 0) for kind in KINDS]
        assert due(None, until=date.max, most=3) == ["comments 3", "messages 3", "comments 2"]
        assert due(CLEO, until=date.max) == []
        assert due(None, since=DAY + timedelta(days=3), until=date.max) == [
            "comments 0",
            "messages 0",
        ]

    def test_removed_things_and_customers_in_the_trash_are_left_out(
        self, customer_id: int, make_customer: Callable[..., int]
    ):
        comment_id = _comment(customer_id, on(DAY))
        comments.remove_comment(customer_id, comment_id)
        assert due(None) == []
        comments.restore_comment(customer_id, comment_id)
        _message(customer_id, on(DAY))
        assert len(due(None)) == 2
        trash = update(Customer).where(Customer.id == customer_id).values(removed_at=now())
        db.session.execute(trash)
        assert due(None) == []

    def test_a_message_of_several_stands_there_once_with_who_is_left(
        self, customer_id: int, make_customer: Callable[..., int]
    ):
        other = make_customer(last_name="Berger")
        said = {"channel": "mail", "direction": "in", "subject": "Beide", "text": "", "at": now()}
        messages.record_message([other, customer_id], said | on(DAY))
        items = queries.open_ones(BEN, DAY, DAY, 9)
        assert [item.customer_id for item in items] == [customer_id]
        trash = update(Customer).where(Customer.id == customer_id).values(removed_at=now())
        db.session.execute(trash)
        items = queries.open_ones(BEN, DAY, DAY, 9)
        assert [(item.customer_id, item.text) for item in items] == [(other, "Beide")]

    @pytest.mark.parametrize("area", [comment_queries, message_queries], ids=["comment", "message"])
    @pytest.mark.parametrize("name", ["FOLLOW_UPS", "FOLLOW_UPS_OF"])
    def test_the_partial_index_is_used(self, area: Any, name: str):
        compiled = getattr(area, name).compile(db.engine)
        sql = f"EXPLAIN QUERY PLAN {compiled}"
        facts = ("2026-03-02",) * len(compiled.positiontup or ())
        rows = db.session.connection().exec_driver_sql(sql, facts)
        assert any("_follow_up" in row.detail for row in rows)

    def test_colleagues_who_may_be_asked(self):
        team.create_user(email="dora@example.com", name="Dora", role="staff", language="de")
        db.session.execute(update(User).where(User.id == BEN).values(active=False))
        assert list(queries.colleagues().values()) == ["Anna Admin", "Dora"]
        assert queries.colleagues(BEN)[BEN] == "Ben Staff"

    def test_nobody_is_asked_who_may_only_read(self, customer_id: int, kind: Kind):
        thing_id = kind.write(customer_id, {})
        with pytest.raises(Invalid) as refusal:
            kind.edit(customer_id, thing_id, on(DAY, CLEO))
        assert [p.field for p in refusal.value.problems] == ["follow_up_by"]

    def test_who_may_only_read_by_now_keeps_it(self, customer_id: int, kind: Kind):
        thing_id = kind.write(customer_id, on(DAY))
        db.session.execute(update(User).where(User.id == BEN).values(role="readonly"))
        kind.edit(customer_id, thing_id, on(DAY + timedelta(days=1)))
        assert kind.find(customer_id, thing_id).assignee_id == BEN

    def test_what_is_overdue_is_shown_by_the_teams_day(self, customer_id: int):
        yesterday = today() - timedelta(days=1)
        _comment(customer_id, on(yesterday))
        assert due(BEN, date.min, yesterday) == ["Nachfassen\nbald"]
