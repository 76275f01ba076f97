"""The history: who changed what, when, from which value to which, in people's words."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from app.core import audit, paging
from app.core.audit import AuditEntry
from app.core.database import db
from tests.browserless import Browser
from tests.factories import address_values


@pytest.fixture
def customer_id(make_customer: Callable[..., int]) -> int:
    return make_customer()


@pytest.fixture
def url(customer_id: int) -> str:
    return f"/customers/{customer_id}/history"


@pytest.fixture
def record(app: Flask, customer_id: int) -> Callable[..., None]:
    """Write an audit entry for the customer."""

    def recording(area: str, action: str, *changes: audit.Change, subject: str = "") -> None:
        with app.app_context():
            audit.record(area, action, customer_id=customer_id, subject=subject, changes=[*changes])
            db.session.commit()

    return recording


def entries(html: str) -> list[str]:
    """The text of every entry, blanks collapsed."""
    found = re.findall(r'<li class="item" id="history-\d+">(.*?)</li>', html, re.S)
    return [" ".join(re.sub(r"<[^>]+>", " ", entry).split()) for entry in found]


def first_id(browser: Browser, url: str) -> int:
    """The id of the newest entry."""
    found = re.search(r'id="history-(\d+)"', browser.get(url).text)
    assert found is not None
    return int(found[1])


def newest(browser: Browser, url: str) -> str:
    return entries(browser.get(url).text)[0]


def test_a_customer_begins_with_being_added(ben: Browser, url: str):
    (entry,) = entries(ben.get(url).text)
    assert entry.startswith("Customer added System ·")
    for words in ("Kind Person", "Salutation Ms", "Town Köln", "Country Germany"):
        assert words in entry
    assert "Language German" in entry
    assert "E-mail addresses tanja@example.com" in entry


def test_it_says_who_changed_what_from_what_to_what(ben: Browser, customer_id: int, url: str):
    edit = f"/customers/{customer_id}/master/edit"
    changed = {"town": "Bonn", "salutation": "mr", "birthday": "2014-03-12"}
    assert ben.post(edit, ben.fields(edit) | changed).status_code == 303
    entry = newest(ben, url)
    assert entry.startswith("Master data changed Ben Staff ·")
    assert "Salutation Ms Mr" in entry
    assert "Town Köln Bonn" in entry
    assert "Birthday 12 Mar 2014" in entry
    assert "Last name" not in entry
    html = ben.get(url).text
    assert '<del dir="auto">Köln</del> <ins dir="auto">Bonn</ins>' in html


def test_when_is_told_in_the_time_zone_of_the_team(ben: Browser, app: Flask, url: str):
    with app.app_context():
        at = datetime(2026, 11, 24, 13, 5, tzinfo=UTC)
        db.session.execute(update(AuditEntry).values(at=at))
        db.session.commit()
    assert "24 Nov 2026, 14:05" in newest(ben, url)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("birthday", date(1980, 2, 1), date(1981, 2, 1)), "Birthday 1 Feb 1980 1 Feb 1981"),
        (("is_main", False, True), "Main contact no yes"),
        (("country", "DE", "AT"), "Country Germany Austria"),
        (("kind", "person", "company"), "Kind Person Company"),
        (("salutation", "ms", ""), "Salutation Ms"),
        (("emails", ["a@b.de"], ["a@b.de", "c@d.de"]), "E-mail addresses a@b.de a@b.de; c@d.de"),
        (("emails", ["a@b.de"], []), "E-mail addresses a@b.de"),
        (("first_name", "", "2026-13-45"), "First name 2026-13-45"),
        (("first_name", None, "ms"), "First name ms"),
        (("salutation", None, "lord"), "Salutation lord"),
        (("iban", None, "DE89 •••• 3000"), "DE89 •••• 3000"),
        (("never_heard_of", 1, 2), "never_heard_of 1 2"),
        (("amount", 0, 12.5), "amount 0 12.5"),
    ],
)
def test_values_are_told_in_words(
    ben: Browser, url: str, record: Callable[..., None], change: audit.Change, told: str
):
    record("customers", "changed", change)
    assert newest(ben, url).endswith(told)


@pytest.mark.parametrize(
    ("area", "action", "sentence"),
    [
        ("customers", "contact_added", "Contact person Jörg Weiß added"),
        ("addresses", "removed", "Additional address of Jörg Weiß removed"),
        ("comments", "written", "Comment written"),
        ("comments", "burnt", "comments: burnt: Jörg Weiß"),
        ("attic", "swept", "attic: swept: Jörg Weiß"),
    ],
)
def test_what_happened_is_a_sentence(
    ben: Browser, url: str, record: Callable[..., None], area: str, action: str, sentence: str
):
    record(area, action, subject="Jörg Weiß")
    assert newest(ben, url).startswith(f"{sentence} System ·")


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "<hx-partial>", "%(subject)s %s"])
def test_no_text_is_more_than_text(
    ben: Browser, url: str, record: Callable[..., None], hostile: str
):
    record(hostile[:40], hostile[:40], (hostile, hostile, hostile), subject=hostile)
    record("addresses", "added", ("town", hostile, None), subject=hostile)
    html = ben.get(url).text
    assert "<script>alert" not in html
    assert "<hx-partial" not in html
    assert html.count(hostile.replace("<", "&lt;").replace(">", "&gt;")) >= 4


def test_arabic_reads_from_the_right(ben: Browser, url: str, record: Callable[..., None]):
    record("addresses", "added", ("street", None, "شارع النيل"))
    assert '<ins dir="auto">شارع النيل</ins>' in ben.get(url).text


def test_it_is_read_in_pages(
    ben: Browser, url: str, record: Callable[..., None], count_queries: Callable[[], Any]
):
    for number in range(paging.PAGE + 3):
        record("attic", f"swept {number}")
    with count_queries() as sent:
        first = ben.get(url).text
    assert sum("audit_entry" in statement for statement in sent) == 1
    assert len(entries(first)) == paging.PAGE
    assert "swept 52" in entries(first)[0]
    older = re.search(rf'href="({url}\?before=\d+)"', first)
    assert older is not None
    second = entries(ben.get(older[1]).text)
    assert [entry.split(" System")[0] for entry in second] == [
        *("attic: swept 2", "attic: swept 1", "attic: swept 0", "Customer added"),
    ]


def test_one_area_alone(ben: Browser, customer_id: int, url: str, record: Callable[..., None]):
    ben.post(
        f"/customers/{customer_id}/addresses/new",
        {key: value for key, value in address_values().items() if value},
    )
    shown = ben.get(url, query_string={"area": "addresses"}).text
    assert len(entries(shown)) == 1
    assert f'href="{url}?area=addresses" aria-current="true">Additional addresses' in shown
    assert f'href="{url}?area=comments">Comments' in shown
    nothing = ben.get(url, query_string={"area": "comments"}).text
    assert entries(nothing) == []
    assert 'data-kind="filtered"' in nothing


@pytest.mark.parametrize("name", ["area", "before"])
@pytest.mark.parametrize("value", ["", "x", "<script>", "0", "-1", "9" * 40, "attic\0"])
def test_strange_questions_show_everything(ben: Browser, url: str, name: str, value: str):
    page = ben.get(url, query_string={name: value})
    assert len(entries(page.text)) == 1
    assert "<script>" not in page.text


def test_pages_of_an_area_stay_in_it(ben: Browser, url: str, record: Callable[..., None]):
    for number in range(paging.PAGE + 1):
        record("comments", "written", ("body", None, str(number)))
        record("addresses", "added", subject="Weber")
    first = ben.get(f"{url}?area=comments").text
    older = re.search(rf'href="({url}\?area=comments&amp;before=\d+)"', first)
    assert older is not None
    assert len(entries(ben.get(older[1].replace("&amp;", "&")).text)) == 1


def test_long_values_are_shown_whole_on_their_own(
    ben: Browser, url: str, record: Callable[..., None]
):
    text = f"{'Langer Satz. ' * 200}Ende."
    record("comments", "edited", ("body", "kurz", text))
    html = ben.get(url).text
    assert "Ende." not in html
    full = re.search(rf'href="({url}/\d+)" hx-get="\1"', html)
    assert full is not None
    for answer in (ben.get(full[1]), ben.htmx_get(full[1])):
        assert "Ende." in answer.text
        assert "<del" in answer.text
        assert "Show in full" not in answer.text


def test_nobody_elses_entry(ben: Browser, url: str, make_customer: Callable[..., int]):
    own = first_id(ben, url)
    other = first_id(ben, f"/customers/{make_customer(last_name='Berger')}/history")
    assert ben.get(f"{url}/{own}").status_code == 200
    assert ben.get(f"{url}/{other}").status_code == 404
    assert ben.get(f"{url}/{other + 99}").status_code == 404


def test_other_customers_and_the_house_are_left_out(
    ben: Browser, url: str, make_customer: Callable[..., int], app: Flask
):
    make_customer(last_name="Berger")
    with app.app_context():
        audit.record("settings", "changed", subject="Team")
        db.session.commit()
    assert len(entries(ben.get(url).text)) == 1


def test_a_reader_may_read_and_a_stranger_not(cleo: Browser, eve: Browser, url: str):
    entry = f"{url}/{first_id(cleo, url)}"
    assert cleo.htmx_get(entry).status_code == 200
    assert eve.get(url).status_code == 302
    assert eve.get(entry).status_code == 302


def test_an_open_history_gets_the_news(ben: Browser, customer_id: int, url: str):
    answer = ben.htmx_post(
        f"/customers/{customer_id}/comments/new", {"body": "Hallo"}, panels="history@detail"
    )
    assert 'hx-target="#detail-history"' in answer.text
    assert "Comment written" in answer.text
