"""The start page: what is overdue, due today and due next, for me or for everybody."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from app.core import audit, events, outbox
from app.core.database import db, now, table
from app.core.i18n import today
from app.core.outbox import OutboxEntry
from app.domain.comments import services as comments
from app.domain.comments.models import Comment
from app.domain.follow_ups.queries import Item
from app.domain.mailing import drafts
from app.domain.messages import services as messages
from app.pages.start import views
from tests import mails
from tests.browserless import Browser
from tests.fragments import parts

BEN = 2


@pytest.fixture
def customer_id(make_customer: Callable[..., int]) -> int:
    return make_customer()


@pytest.fixture
def plan(app: Flask, customer_id: int) -> Callable[..., int]:
    """Write a comment that somebody follows up in so many days."""

    def planning(text: str, days: int, whom: int = BEN, day: Any = None) -> int:
        with app.app_context():
            due_on = (day or today()) + timedelta(days=days)
            follow_up = {"follow_up_on": due_on, "follow_up_by": whom}
            comment_id = comments.write_comment(customer_id, {"body": text} | follow_up)
            db.session.commit()
            return comment_id

    return planning


def agenda(html: str) -> list[tuple[str, list[str]]]:
    """The periods on the page, each with the texts in it."""
    sections = re.findall(r'<section class="period".*?</section>', html, re.S)
    return [
        (
            re.findall(r"<h2[^>]*>(.*?)</h2>", section)[0],
            re.findall(r'class="agenda-what">(.*?) <span', section),
        )
        for section in sections
    ]


def test_mine_by_period(ben: Browser, plan: Callable[..., int]):
    for days in (-400, -1, 0, 1, 7, 8):
        plan(f"In {days}\nzweite Zeile", days)
    plan("Nicht meins", 0, whom=1)
    page = ben.get("/").text
    assert agenda(page) == [
        ("Overdue", ["In -400", "In -1"]),
        ("Due today", ["In 0"]),
        ("In the next seven days", ["In 1", "In 7"]),
    ]
    assert "zweite Zeile" not in page
    assert '<a href="/customers/1#panel-comments">Tanja Müller</a>' in page


def test_everybodys_with_names(ben: Browser, plan: Callable[..., int]):
    plan("Meins", 0)
    plan("Nicht meins", 0, whom=1)
    page = ben.get("/?whose=all").text
    assert agenda(page) == [("Due today", ["Meins", "Nicht meins"])]
    assert "due today · Anna Admin" in page
    assert "due today · Ben Staff" not in ben.get("/").text


def test_who_wrote_it_is_not_taken_for_who_does_it(app: Flask, ben: Browser, customer_id: int):
    with app.app_context():
        due = {"follow_up_on": today().isoformat(), "follow_up_by": BEN}
    ben.post("/customers/1/comments/new", {"body": "Nachfassen"} | due)
    assert "<span>Comment by Ben Staff</span>" in ben.get("/").text


def test_messages_stand_there_too(ben: Browser, app: Flask, customer_id: int):
    with app.app_context():
        said = {"channel": "phone", "direction": "in", "subject": "", "at": now()}
        follow_up = {"follow_up_on": today(), "follow_up_by": BEN}
        messages.record_message([customer_id], said | follow_up | {"text": "Rückruf\nbald"})
        db.session.commit()
    page = ben.get("/").text
    assert agenda(page) == [("Due today", ["Rückruf"])]
    assert "<span>Message</span>" in page
    assert "/customers/1/messages/1/finish" in page


def test_today_is_told(app: Flask, plan: Callable[..., int]):
    plan("Silvester", 0, day=date(2026, 12, 31))
    for today_is, title in (
        (date(2026, 12, 23), None),
        (date(2026, 12, 24), "next"),
        (date(2026, 12, 31), "today"),
        (date(2027, 1, 1), "overdue"),
    ):
        with app.test_request_context():
            shown = views.agenda(BEN, today_is)["periods"]
        assert [period.key for period in shown] == ([title] if title else [])


def test_nothing_waits(ben: Browser, plan: Callable[..., int]):
    assert "Nothing waits for you" in ben.get("/").text
    assert "Nothing waits for anybody" in ben.get("/?whose=all").text
    plan("Nicht meins", 0, whom=1)
    assert "Nothing waits for you" in ben.get("/").text


@pytest.mark.parametrize("query", ["whose=x", "whose=", "whose=%00", "whose=all&whose=mine", "x=1"])
def test_broken_urls(ben: Browser, plan: Callable[..., int], query: str):
    plan("Meins", 0)
    for send in (ben.get, ben.htmx_get):
        assert send(f"/?{query}").status_code == 200


def test_a_bounded_page_says_that_there_is_more(
    ben: Browser, plan: Callable[..., int], count_queries: Callable[[], Any]
):
    for number in range(views.MOST):
        plan(f"Nr. {number}", -1)
    ben.get("/")
    with count_queries() as sent:
        page = ben.get("/").text
    assert len(sent) <= 10
    assert len(agenda(page)[0][1]) == views.MOST
    assert "The first" not in page
    plan("Noch eins", -1)
    page = ben.get("/").text
    assert len(agenda(page)[0][1]) == views.MOST
    assert "The first 50 are shown" in page


def test_one_click_and_back(ben: Browser, plan: Callable[..., int]):
    plan("Meins", -1)
    form = re.search(r'hx-post="([^"]+/finish[^"]*)"', ben.get("/").text)
    assert form
    found, remainder = parts(ben.htmx_post(form[1]).text)
    assert remainder == ""
    assert sorted(found) == ["#follow-up-comments-1", "#toasts"]
    assert 'data-state="done"' in found["#follow-up-comments-1"]
    assert "Ben Staff" not in found["#follow-up-comments-1"]
    assert "Nothing waits for you" in ben.get("/").text
    undo = re.search(r'hx-post="([^"]+/reopen[^"]*)"', found["#toasts"])
    assert undo
    found, _remainder = parts(ben.htmx_post(undo[1]).text)
    assert 'data-state="overdue"' in found["#follow-up-comments-1"]
    assert agenda(ben.get("/").text) == [("Overdue", ["Meins"])]


@pytest.mark.parametrize("whose", ["mine", "all"])
def test_without_script_one_stays_on_the_page(ben: Browser, plan: Callable[..., int], whose: str):
    plan("Meins", 0)
    form = re.search(r'action="([^"]+/finish[^"]*)"', ben.get(f"/?whose={whose}").text)
    assert form
    answer = ben.post(form[1])
    assert (answer.status_code, answer.location) == (303, f"/?whose={whose}")
    page = ben.get(answer.location).text
    undo = re.search(r'action="([^"]+/reopen[^"]*)"', page)
    assert undo
    assert ben.post(undo[1]).location == f"/?whose={whose}"
    assert agenda(ben.get("/").text) == [("Due today", ["Meins"])]


def test_a_reader_looks(app: Flask, cleo: Browser, plan: Callable[..., int]):
    comment_id = plan("Meins", 0)
    with app.app_context():  # who may only read since it was given to them
        db.session.execute(update(Comment).where(Comment.id == comment_id).values(assignee_id=3))
        db.session.commit()
    page = cleo.get("/").text
    assert agenda(page) == [("Due today", ["Meins"])]
    assert "/finish" not in page
    assert re.search(r'aria-disabled="true"[^>]*>.*?<span>Mark done</span>', page, re.S)
    assert "Your role does not allow this." in page
    assert cleo.post("/customers/1/comments/1/finish").status_code == 403


def test_it_is_where_one_lands(ben: Browser, eve: Browser):
    assert '<a class="brand" href="/">' in ben.get("/customers").text
    assert '<a href="/" aria-current="page">' in ben.get("/").text
    assert "/login" in eve.get("/").location


class TestUnsent:
    @pytest.fixture
    def fail(self, app: Flask) -> Callable[..., None]:
        """Let so many entries of a colleague have failed."""

        def failing(user_id: int | None, times: int = 1, kind: str = "mail") -> None:
            with app.app_context():
                told = {"state": "failed", "user_id": user_id}
                rows = [outbox.row(kind) | told for _ in range(times)]
                db.session.execute(table(OutboxEntry).insert(), rows)
                db.session.commit()

        return failing

    def test_who_sent_it_sees_it_and_admins_see_all(
        self, anna: Browser, ben: Browser, cleo: Browser, fail: Callable[..., None]
    ):
        fail(BEN, 2)
        fail(3)
        said = {"Ben": ben.get("/").text, "Cleo": cleo.get("/").text, "Anna": anna.get("/").text}
        assert "2 e-mails could not be sent." in said["Ben"]
        assert "1 e-mail could not be sent." in said["Cleo"]
        assert "3 e-mails could not be sent." in said["Anna"]
        assert all('<a href="/outbox?state=failed">' in page for page in said.values())

    def test_what_is_no_mail_and_what_has_not_failed_does_not_count(
        self, app: Flask, anna: Browser, ben: Browser, fail: Callable[..., None]
    ):
        fail(BEN, kind="serial")
        with app.app_context():
            db.session.execute(
                table(OutboxEntry).insert(), [outbox.row("mail") | {"user_id": BEN, "id": 99}]
            )
            db.session.commit()
        for browser in (anna, ben):
            assert "could not be sent" not in browser.get("/").text
        fail(None, kind="password")
        assert "1 e-mail could not be sent." in anna.get("/").text
        assert "could not be sent" not in ben.get("/").text

    def test_thousands_are_counted_to_a_thousand_in_one_query(
        self, ben: Browser, fail: Callable[..., None], count_queries: Callable[[], Any]
    ):
        ben.get("/")
        with count_queries() as without:
            ben.get("/")
        fail(BEN, 1500)
        with count_queries() as asked:
            assert "1,000+ e-mails could not be sent." in ben.get("/").text
        assert len(asked) == len(without)


def test_another_area_joins_without_an_edit(
    app: Flask, ben: Browser, customer_id: int, monkeypatch: pytest.MonkeyPatch
):
    """Whoever answers the question is on the page, with the button its panel's key tells."""
    with app.app_context():
        item = Item(
            kind="Note",
            panel="messages",
            thing_id=7,
            customer_id=customer_id,
            customer_name="Tanja Müller",
            text="Von rechts",
            author_name="",
            due_on=today(),
            assignee_id=BEN,
            assignee_name="Ben Staff",
        )
    asked = events.ask

    def ask(name: str, **facts: Any) -> list[Any]:
        is_today = name == "follow_ups.asked" and facts["since"] == item.due_on
        return [*asked(name, **facts), *([[item]] if is_today else [])]

    monkeypatch.setattr(events, "ask", ask)
    page = ben.get("/").text
    assert agenda(page) == [("Due today", ["Von rechts"])]
    assert "/customers/1/messages/7/finish" in page


def test_my_drafts_lead_on(app: Flask, ben: Browser, anna: Browser, customer_id: int):
    assert "My drafts" not in ben.get("/").text
    with app.app_context():
        mails.set_up()
        with audit.acting(BEN, "Ben Staff"):
            drafts.keep(
                customer_id, drafts.new_sheet(), {"subject": "Ihr <b>Kurs", "text": "Hallo"}
            )
        db.session.commit()
    page = ben.get("/").text
    assert "“Ihr &lt;b&gt;Kurs”" in page
    assert "My drafts" in ben.get("/?whose=all").text
    assert "My drafts" not in anna.get("/").text
    way = re.search(r'href="(/customers/1/mail/new\?draft=\d+)" aria-label="([^"]+)"', page)
    assert way
    assert way[2] == "Continue the draft “Ihr &lt;b&gt;Kurs”"
    assert "Ihr &lt;b&gt;Kurs" in ben.get(way[1]).text
