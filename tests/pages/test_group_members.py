"""Many customers put into groups or taken out of them, from the list."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from sqlite3 import Connection
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.audit import AuditEntry
from app.core.database import db, short_transaction, writing
from app.demo.crowd import gather
from app.domain.customers.services import create_customer, delete_customer
from app.domain.groups import services
from app.domain.groups.models import GroupMember
from app.shared.chosen import Chosen, chosen
from tests import hostile
from tests.browserless import Browser, FormReader
from tests.conftest import image_of, restore
from tests.factories import customer_values
from tests.fragments import parts

ADD, REMOVE = "/customers/groups/addition", "/customers/groups/removal"
LIST = {"HX-Current-URL": "http://localhost/customers"}


@pytest.fixture(scope="module")
def _crowd(_app: Flask, _image: Connection) -> tuple[list[int], Connection]:
    restore(_app, _image)
    with _app.app_context():
        bare = {"emails": [], "phones": []}
        ids = [
            create_customer(customer_values(last_name=f"Meier {n}", **bare)) for n in range(10, 70)
        ]
        db.session.commit()
    return ids, image_of(_app)


@pytest.fixture
def crowd(app: Flask, _crowd: tuple[list[int], Connection]) -> list[int]:
    """Sixty customers in the order of their names; made once, nobody else is there."""
    ids, image = _crowd
    restore(app, image)
    return [*ids]


@pytest.fixture
def group_id(app: Flask, crowd: list[int]) -> int:
    return add_group(app)


@pytest.fixture
def members(app: Flask, group_id: int) -> Callable[..., list[int]]:
    return lambda of=group_id: members_of(app, of)


def add_group(app: Flask) -> int:
    with app.app_context():
        values = {"name": "Tango", "parent_id": None, "no_information": False}
        group_id = services.create_group(values)
        db.session.commit()
        return group_id


def members_of(app: Flask, group_id: int) -> list[int]:
    with app.app_context():
        inside = select(GroupMember.customer_id).where(GroupMember.group_id == group_id)
        return sorted(db.session.scalars(inside))


def ticks(ids: list[int]) -> dict[str, Any]:
    return {"customer": [str(customer_id) for customer_id in ids], "found": ""}


def shown(ids: list[int]) -> dict[str, Any]:
    """The same as the dialog sends it, which showed them."""
    return ticks(ids) | {"seen": Chosen(ids, []).digest}


def told(html: str) -> str:
    text = re.search(r'<div class="toast".*?<p>(.*?)</p>', html, re.S)
    assert text
    return unescape(text[1])


def undo_of(html: str) -> str:
    url = re.search(r'action="([^"]+reversal[^"]*)"', html)
    assert url
    return unescape(url[1])


class TestDialog:
    @pytest.mark.parametrize("send", ["post", "htmx_post"])
    def test_it_says_how_many(
        self,
        ben: Browser,
        crowd: list[int],
        group_id: int,
        send: str,
        changes_nothing: Callable[[], Any],
    ):
        with changes_nothing():
            answer = getattr(ben, send)(ADD, ticks(crowd[:12]))
        assert answer.status_code == 200
        assert ("<html" in answer.text) == (send == "post")
        assert "Add 12 customers to groups" in answer.text
        assert answer.text.count('name="customer"') == 12
        assert f'name="groups" value="{group_id}"' in answer.text
        assert 'action="/customers/groups/addition"' in answer.text

    def test_one(self, ben: Browser, crowd: list[int]):
        html = ben.htmx_post(REMOVE, ticks(crowd[:1])).text
        assert "Remove 1 customer from groups" in html

    def test_all_are_counted_exactly(self, ben: Browser, crowd: list[int]):
        html = ben.htmx_post(ADD, {"all": "1", "found": "q=meier 3"}).text
        assert "Add 10 customers to groups" in html
        assert FormReader.read(html) | {"groups": None} == {
            "sought": "",
            "version": "",
            "seen": Chosen(crowd[20:30], []).digest,
            "all": "1",
            "found": "q=meier 3",
            "groups": None,
        }
        assert 'name="customer"' not in html

    def test_taking_out_proposes_the_group_of_the_list(
        self, ben: Browser, crowd: list[int], group_id: int
    ):
        html = ben.htmx_post(REMOVE, ticks(crowd[:2]) | {"found": f"group={group_id}"}).text
        assert re.search(rf'name="groups" value="{group_id}" checked', html)
        html = ben.htmx_post(ADD, ticks(crowd[:2]) | {"found": f"group={group_id}"}).text
        assert "checked" not in html

    @pytest.mark.parametrize("url", [ADD, REMOVE])
    def test_nobody_is_ticked(
        self, ben: Browser, crowd: list[int], url: str, changes_nothing: Callable[[], Any]
    ):
        with changes_nothing():
            for send in (ben.post, ben.htmx_post):
                for data in ({}, {"seen": "0"}, {"customer": "999"}, {"all": "1", "found": "q=z"}):
                    answer = send(url, data)
                    assert answer.status_code == 422
                    assert "Please select at least one customer first." in answer.text

    def test_no_group_is_chosen(
        self, ben: Browser, crowd: list[int], changes_nothing: Callable[[], Any]
    ):
        with changes_nothing():
            for groups, said in (
                ([], "Please choose a group."),
                (["999"], "One of these groups is gone."),
                (["x"], "Please choose groups of the list."),
            ):
                data = shown(crowd[:2]) | {"groups": groups}
                answer = ben.htmx_post(ADD, data)
                assert answer.status_code == 422
                assert said in answer.text
                assert answer.text.count('name="customer"') == 2

    def test_others_belong_to_it_by_now(
        self,
        app: Flask,
        ben: Browser,
        crowd: list[int],
        group_id: int,
        members: Callable[..., list[int]],
        make_customer: Callable[..., int],
    ):
        data = FormReader.read(ben.htmx_post(ADD, {"all": "1", "found": ""}).text)
        make_customer(last_name="Neu")
        answer = ben.htmx_post(ADD, data | {"groups": str(group_id)})
        assert answer.status_code == 409
        assert "Meanwhile other customers belong to your choice" in answer.text
        assert "Add 61 customers" in answer.text
        assert members() == []
        again = FormReader.read(answer.text) | {"groups": str(group_id)}
        assert ben.htmx_post(ADD, again).status_code == 200
        assert len(members()) == 61

    def test_as_many_others_belong_to_it_by_now(
        self,
        app: Flask,
        ben: Browser,
        crowd: list[int],
        group_id: int,
        members: Callable[..., list[int]],
        make_customer: Callable[..., int],
    ):
        dialog = ben.htmx_post(ADD, {"all": "1", "found": ""}).text
        new = make_customer(last_name="Neu")
        with app.app_context():
            delete_customer(crowd[0])
            db.session.commit()
        answer = ben.htmx_post(ADD, FormReader.read(dialog) | {"groups": ["x"]})
        assert answer.status_code == 409
        assert "Meanwhile other customers belong to your choice" in answer.text
        answer = ben.htmx_post(ADD, FormReader.read(dialog) | {"groups": str(group_id)})
        assert (answer.status_code, members()) == (409, [])
        again = FormReader.read(answer.text) | {"groups": str(group_id)}
        assert ben.htmx_post(ADD, again).status_code == 200
        assert members() == [*crowd[1:], new]

    def test_somebody_goes_while_the_lock_is_waited_for(
        self,
        ben: Browser,
        crowd: list[int],
        group_id: int,
        members: Callable[..., list[int]],
        monkeypatch: pytest.MonkeyPatch,
    ):
        def deleting_first() -> None:
            with short_transaction() as connection:
                connection.exec_driver_sql(
                    f"DELETE FROM search_entry WHERE customer_id = {crowd[0]}"
                )
            writing()

        monkeypatch.setattr("app.pages.group_members.routes.writing", deleting_first)
        answer = ben.htmx_post(ADD, shown(crowd[:3]) | {"groups": str(group_id)})
        assert answer.status_code == 409
        assert "Add 2 customers to groups" in answer.text
        assert members() == []

    def test_nobody_waits_for_the_search(
        self, ben: Browser, crowd: list[int], group_id: int, monkeypatch: pytest.MonkeyPatch
    ):
        def searching(form: Any) -> Chosen:
            with short_transaction() as connection:
                connection.exec_driver_sql("UPDATE customer SET town = 'Bonn'")
            return chosen(form)

        monkeypatch.setattr("app.pages.group_members.routes.chosen", searching)
        answer = ben.htmx_post(ADD, shown(crowd[:3]) | {"groups": str(group_id)})
        assert told(answer.text) == "3 customers added to “Tango”"

    @pytest.mark.parametrize("text", hostile.TEXTS, ids=hostile.called)
    def test_hostile_text(self, ben: Browser, crowd: list[int], group_id: int, text: str):
        full = {"customer": str(crowd[0]), "groups": str(group_id), "found": ""}
        full |= {"seen": Chosen(crowd[:1], []).digest}
        for field in (*full, "all"):
            answer = ben.htmx_post(ADD, full | {field: text})
            assert answer.status_code in (200, 409, 422)
            assert not hostile.is_markup_in(answer.text)


class TestAdding:
    def test_with_script(
        self, ben: Browser, crowd: list[int], group_id: int, members: Callable[..., list[int]]
    ):
        data = shown(crowd[:3]) | {"groups": str(group_id)}
        answer = ben.htmx_post(ADD, data, headers=LIST)
        found, rest = parts(answer.text)
        assert rest == ""
        assert sorted(found) == ["#results", "#toasts"]
        assert 'hx-target="#results" hx-swap="outerHTML"' in answer.text
        assert told(found["#toasts"]) == "3 customers added to “Tango”"
        assert found["#results"].count('<tr id="customer-') == 50
        assert members() == crowd[:3]

    def test_the_list_stays_as_it_was_asked_for(
        self, ben: Browser, crowd: list[int], group_id: int
    ):
        data = shown(crowd[:2]) | {"groups": str(group_id)}
        here = {"HX-Current-URL": "http://localhost/customers?q=meier&sort=-name&rows=100"}
        found, _rest = parts(ben.htmx_post(ADD, data, headers=here).text)
        rows = re.findall(r'<tr id="customer-(\d+)"', found["#results"])
        assert [int(row) for row in rows] == crowd[::-1]

    def test_elsewhere_no_list_is_sent(self, ben: Browser, crowd: list[int], group_id: int):
        data = shown(crowd[:2]) | {"groups": str(group_id)}
        here = {"HX-Current-URL": f"http://localhost/customers/{crowd[0]}"}
        found, _rest = parts(ben.htmx_post(ADD, data, headers=here).text)
        assert list(found) == ["#toasts"]

    def test_without_script_and_undo(
        self, ben: Browser, crowd: list[int], group_id: int, members: Callable[..., list[int]]
    ):
        ben.get("/customers?q=meier&sort=town")
        data = ticks(crowd[:1]) | {"found": "q=meier&sort=town"}
        page = ben.post(ADD, data).text
        fields = FormReader.read(page) | {"groups": str(group_id)}
        answer = ben.post(ADD, fields)
        assert (answer.status_code, answer.location) == (303, "/customers?q=meier&sort=town")
        assert members() == crowd[:1]
        page = ben.get(answer.location).text
        assert told(page) == "1 customer added to “Tango”"
        answer = ben.post(undo_of(page))
        assert (answer.status_code, answer.location) == (303, "/customers?q=meier&sort=town")
        assert members() == []

    def test_some_were_in_it(
        self, ben: Browser, crowd: list[int], group_id: int, members: Callable[..., list[int]]
    ):
        first = shown(crowd[:2]) | {"groups": str(group_id)}
        ben.htmx_post(ADD, first)
        answer = ben.htmx_post(ADD, shown(crowd[:5]) | {"groups": str(group_id)})
        assert told(answer.text) == "3 customers added to “Tango” (2 were in it already)"
        ben.htmx_post(undo_of(answer.text))
        assert members() == crowd[:2]
        answer = ben.htmx_post(ADD, first)
        assert told(answer.text) == "All of them were in it already."
        assert "reversal" not in answer.text

    def test_several_groups(
        self, app: Flask, ben: Browser, crowd: list[int], group_id: int, members: Any
    ):
        data = shown(crowd[:2]) | {"groups": ["1", str(group_id)]}
        answer = ben.htmx_post(ADD, data, headers=LIST)
        assert re.match("2 customers added to “.+”, “Tango”$", told(answer.text))
        assert members() == members(1) == crowd[:2]
        assert "gets no information" in parts(answer.text)[0]["#results"]
        answer = ben.htmx_post(undo_of(answer.text), headers=LIST)
        assert told(answer.text) == "Undone for 4 customers"
        assert members() == members(1) == []
        assert "gets no information" not in parts(answer.text)[0]["#results"]

    def test_all_of_three_thousand(self, app: Flask, ben: Browser):
        group_id = add_group(app)
        with app.app_context():
            gather(3000, lean=True)
            db.session.commit()
        html = ben.htmx_post(ADD, {"all": "1", "found": ""}).text
        assert "Add 3,000 customers to groups" in html
        data = FormReader.read(html) | {"groups": str(group_id)}
        answer = ben.htmx_post(ADD, data, headers=LIST)
        assert told(answer.text) == "3,000 customers added to “Tango”"
        assert len(members_of(app, group_id)) == 3000
        with app.app_context():
            entries = list(
                db.session.scalars(select(AuditEntry).where(AuditEntry.action == "added"))
            )
            assert [len(entry.changes) for entry in entries] == [3000]
        found = ben.get(f"/customers?group={group_id}").text
        assert "1,000+ customers" in found
        assert told(ben.htmx_post(undo_of(answer.text)).text) == "Undone for 3,000 customers"
        assert members_of(app, group_id) == []

    def test_who_is_in_the_trash_by_now(
        self,
        app: Flask,
        ben: Browser,
        crowd: list[int],
        group_id: int,
        members: Callable[..., list[int]],
    ):
        data = FormReader.read(ben.htmx_post(ADD, {"all": "1", "found": "q=meier 3"}).text)
        with app.app_context():
            delete_customer(crowd[20])
            db.session.commit()
        answer = ben.htmx_post(ADD, data | {"groups": str(group_id)})
        assert answer.status_code == 409
        assert members() == []


class TestRemoving:
    def test_and_undo(
        self, ben: Browser, crowd: list[int], group_id: int, members: Callable[..., list[int]]
    ):
        ben.htmx_post(ADD, shown(crowd[:4]) | {"groups": str(group_id)})
        data = shown(crowd[2:6]) | {"groups": str(group_id)}
        here = {"HX-Current-URL": f"http://localhost/customers?group={group_id}"}
        answer = ben.htmx_post(REMOVE, data, headers=here)
        assert told(answer.text) == "2 customers removed from “Tango” (2 were not in it)"
        assert members() == crowd[:2]
        assert "2 customers<" in parts(answer.text)[0]["#results"]
        answer = ben.htmx_post(undo_of(answer.text), headers=here)
        assert members() == crowd[:4]
        assert "4 customers<" in parts(answer.text)[0]["#results"]

    def test_nobody_was_in_it(self, ben: Browser, crowd: list[int], group_id: int):
        data = shown(crowd[:4]) | {"groups": str(group_id)}
        assert told(ben.htmx_post(REMOVE, data).text) == "None of them was in it."

    def test_what_cannot_be_undone(
        self,
        ben: Browser,
        crowd: list[int],
        group_id: int,
        changes_nothing: Callable[[], Any],
    ):
        data = shown(crowd[:2]) | {"groups": str(group_id)}
        undo = undo_of(ben.htmx_post(ADD, data).text)
        assert ben.htmx_post(undo).status_code == 200
        with changes_nothing():
            assert ben.htmx_post(undo).status_code == 409
            for query in ("", "?change=", "?change=x", "?change=999", "?change=" + "9" * 40):
                assert ben.htmx_post(f"/customers/groups/reversal{query}").status_code == 404


def test_a_reader_has_no_ticks(ben: Browser, cleo: Browser, crowd: list[int]):
    for page, count in ((ben.get("/customers").text, 50), (cleo.get("/customers").text, 0)):
        assert page.count('name="customer"') == count
        assert ("groups/addition" in page) == bool(count)
        assert ('id="tick-all"' in page) == bool(count)
