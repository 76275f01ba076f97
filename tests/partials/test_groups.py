"""Groups on the overview and on their own page: assigned, taken away, brought back, found."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.core.database import db
from app.domain.groups import queries, services
from tests import hostile
from tests.browserless import Browser, FormReader
from tests.fragments import parts

ONE = "/customers/1"
URL = f"{ONE}/groups"
EDIT = f"{URL}/edit"
SILENT = 1
"""The group that a fresh database has."""


@pytest.fixture
def customer_id(make_customer: Callable[..., int]) -> int:
    customer_id = make_customer()
    assert customer_id == 1
    return customer_id


@pytest.fixture
def create(app: Flask, customer_id: int) -> Callable[..., int]:
    def creating(name: str, parent_id: int | None = None, silent: bool = False) -> int:
        values = {"name": name, "parent_id": parent_id, "no_information": silent}
        with app.app_context():
            group_id = services.create_group(values)
            db.session.commit()
            return group_id

    return creating


@pytest.fixture
def put(app: Flask, customer_id: int) -> Callable[..., None]:
    """Put the customer into exactly these groups."""

    def putting(*group_ids: int) -> None:
        with app.app_context():
            services.set_groups(1, group_ids)
            db.session.commit()

    return putting


@pytest.fixture
def inside(app: Flask) -> Callable[[], set[int]]:
    """The groups the customer is in."""

    def asking() -> set[int]:
        with app.app_context():
            return set(queries.joined(1))

    return asking


def paths(html: str) -> list[str]:
    """The groups in some HTML, written as their paths."""
    return re.findall(r'<span class="path" title="([^"]*)">', html)


def ticked(html: str) -> list[str]:
    return re.findall(r'name="groups" value="(\d+)" checked', html)


class TestPanel:
    def test_the_last_five_with_their_paths(
        self, ben: Browser, create: Callable[..., int], put: Callable[..., None]
    ):
        ids = [create(f"Kurs {n}", SILENT if n == 6 else None) for n in range(7)]
        for n in range(7):
            put(*ids[: n + 1])
        html = ben.htmx_get(f"{URL}/panel").text
        assert paths(html) == [
            "Keine Informationen › Kurs 6",
            *(f"Kurs {n}" for n in (5, 4, 3, 2)),
        ]
        assert html.count("gets no information") == 1
        assert "5 of 7" in html
        assert "all 7" in html

    def test_the_mark_in_the_header(self, ben: Browser, customer_id: int, put: Callable[..., None]):
        assert "gets no information" not in ben.get(ONE).text
        put(SILENT)
        header = ben.htmx_get(f"{ONE}/header/panel").text
        assert re.search(r'data-state="warn">.*gets no information', header)

    def test_a_reader_reads(self, cleo: Browser, customer_id: int, put: Callable[..., None]):
        put(SILENT)
        for url in (ONE, URL):
            html = cleo.get(url).text
            assert paths(html) == ["Keine Informationen"]
            assert "/removal" not in html
            assert f'href="{EDIT}"' not in html
        assert 'id="groups-edit-why">Your role does not allow this.' in cleo.get(ONE).text

    def test_nothing_yet(self, ben: Browser, customer_id: int):
        for url in (ONE, URL):
            assert "In no group yet." in ben.get(url).text

    def test_it_leads_to_the_list(self, ben: Browser, customer_id: int, put: Callable[..., None]):
        put(SILENT)
        assert 'href="/customers?group=1"' in ben.htmx_get(f"{URL}/panel").text


class TestDialog:
    def test_it_opens_as_page_and_as_dialog(
        self, ben: Browser, create: Callable[..., int], put: Callable[..., None]
    ):
        vip = create("VIP")
        put(vip)
        page, dialog = ben.get(EDIT).text, ben.htmx_get(EDIT).text
        assert "<html" in page
        assert "<html" not in dialog
        for html in (page, dialog):
            assert paths(html) == ["VIP", "Keine Informationen"]
            assert ticked(html) == [str(vip)]
            assert FormReader.read(html)["shown"] == str(vip)
            assert f'action="{EDIT}"' in html

    def test_assigning_and_taking_away_at_once(
        self, ben: Browser, create: Callable[..., int], put: Callable[..., None], inside: Any
    ):
        vip, tango = create("VIP"), create("Tango")
        put(vip)
        typed = {"groups": [tango, SILENT], "shown": str(vip)}
        answer = ben.htmx_post(EDIT, typed, panels="header,groups,comments,groups@detail")
        found, remainder = parts(answer.text)
        assert (answer.status_code, remainder) == (200, "")
        assert sorted(found) == ["#detail-groups", "#panel-groups", "#panel-header", "#toasts"]
        assert "gets no information" in found["#panel-header"]
        assert inside() == {tango, SILENT}
        history = ben.get(f"{ONE}/history?area=groups").text
        assert "Groups changed" in history
        assert "<del" in history

    def test_without_script(self, ben: Browser, customer_id: int, inside: Any):
        answer = ben.post(EDIT, {"groups": str(SILENT), "shown": ""})
        assert (answer.status_code, answer.location) == (303, ONE)
        assert inside() == {SILENT}
        ben.post(EDIT, {"shown": str(SILENT)})
        assert inside() == set()

    def test_what_was_typed_but_not_chosen(
        self, ben: Browser, customer_id: int, changes_nothing: Any
    ):
        typed = {"groups": str(SILENT), "shown": ""}
        for find, said in (
            ("salsa", "“salsa” is not chosen yet."),
            ("sa\0lsa", "groups-find-error"),
        ):
            with changes_nothing():
                answer = ben.htmx_post(EDIT, typed | {"sought": find})
            assert answer.status_code == 422
            assert said in answer.text
            assert ticked(answer.text) == [str(SILENT)]
        assert re.search(r'<input[^>]*id="groups-find"[^>]*aria-invalid="true"', answer.text)
        for find in ("  ", "inform"):
            assert ben.post(EDIT, typed | {"sought": find}).status_code == 303

    def test_nothing_changed_is_not_called_saved(self, ben: Browser, put: Callable[..., None]):
        put(SILENT)
        answer = ben.htmx_post(EDIT, {"groups": str(SILENT), "shown": str(SILENT)})
        assert "No change" in answer.text
        assert "saved" not in answer.text

    def test_two_choose_at_the_same_time(
        self,
        ben: Browser,
        anna: Browser,
        create: Callable[..., int],
        put: Callable[..., None],
        inside: Any,
    ):
        old, mine, hers = create("Alt"), create("Meine"), create("Ihre")
        put(old)
        shown = ben.fields(EDIT)["shown"]
        anna.post(EDIT, {"groups": [old, hers], "shown": shown})
        ben.post(EDIT, {"groups": [mine], "shown": shown})
        assert inside() == {mine, hers}

    def test_a_group_that_is_gone_meanwhile(
        self, ben: Browser, create: Callable[..., int], app: Flask, changes_nothing: Any
    ):
        vip, gone = create("VIP"), create("Tango")
        with app.app_context():
            services.delete_group(gone)
            db.session.commit()
        with changes_nothing():
            answer = ben.htmx_post(EDIT, {"groups": [vip, gone], "shown": ""})
        assert answer.status_code == 422
        assert "One of these groups is gone." in answer.text
        assert ticked(answer.text) == [str(vip)]

    @pytest.mark.parametrize("value", ["x", "-1", "1.5", "", "9" * 30, "１", *hostile.TEXTS])
    def test_what_is_no_group(
        self, ben: Browser, customer_id: int, value: str, changes_nothing: Any
    ):
        with changes_nothing():
            answer = ben.htmx_post(EDIT, {"groups": ["2", value], "shown": value})
        assert answer.status_code in (413, 422)
        assert not hostile.is_markup_in(answer.text)

    def test_hostile_names(self, ben: Browser, create: Callable[..., int], put: Any):
        ids = [create(text[:100]) for text in hostile.TEXTS if "\0" not in text]
        put(*ids)
        for url in (ONE, URL, EDIT, f"{ONE}/history", "/groups"):
            page = ben.get(url)
            assert page.status_code == 200
            assert not hostile.is_markup_in(page.text)


class TestRemoving:
    def test_with_script_and_undo(
        self, ben: Browser, customer_id: int, put: Callable[..., None], inside: Any
    ):
        put(SILENT)
        answer = ben.htmx_post(f"{URL}/1/removal", panels="groups,header")
        found, rest = parts(answer.text)
        assert rest == ""
        assert sorted(found) == ["#panel-groups", "#panel-header", "#toasts"]
        assert inside() == set()
        undo = re.search(r'hx-post="([^"]+)"', found["#toasts"])
        assert undo
        found, rest = parts(ben.htmx_post(undo[1], panels="groups").text)
        assert paths(found["#panel-groups"]) == ["Keine Informationen"]
        assert ben.htmx_post(undo[1]).status_code == 409
        history = ben.get(f"{ONE}/history?area=groups").text
        assert "Removed from group Keine Informationen" in history
        assert "Change of group Keine Informationen undone" in history

    def test_without_script_and_undo(
        self, ben: Browser, customer_id: int, put: Callable[..., None], inside: Any
    ):
        put(SILENT)
        answer = ben.post(f"{URL}/1/removal")
        assert (answer.status_code, answer.location) == (303, ONE)
        undo = re.search(r'action="([^"]+/reversal)"', ben.get(ONE).text)
        assert undo
        assert ben.post(undo[1]).status_code == 303
        assert inside() == {SILENT}

    def test_nobody_elses(
        self,
        ben: Browser,
        customer_id: int,
        put: Callable[..., None],
        make_customer: Callable[..., int],
        changes_nothing: Any,
    ):
        put(SILENT)
        ben.post(f"{URL}/1/removal")
        put(SILENT)
        other = make_customer()
        with changes_nothing():
            for url in (
                f"/customers/{other}/groups/1/removal",
                f"/customers/{other}/groups/changes/1/reversal",
                f"{URL}/999/removal",
                f"{URL}/changes/999/reversal",
            ):
                assert ben.post(url).status_code == 404
                assert ben.htmx_post(url).status_code == 404


class TestDetailPage:
    def test_all_in_the_order_of_the_tree_and_since_when(
        self, ben: Browser, create: Callable[..., int], put: Callable[..., None]
    ):
        courses = create("Kurse")
        ids = [create(f"Kurs {n}", courses) for n in range(8)]
        put(*ids, SILENT)
        html = ben.get(URL).text
        assert paths(html) == ["Keine Informationen", *(f"Kurse › Kurs {n}" for n in range(8))]
        assert html.count("since ") == 9

    def test_search(self, ben: Browser, create: Callable[..., int], put: Callable[..., None]):
        put(create("Ärzte", create("Köln")), SILENT)
        assert paths(ben.get(f"{URL}?q=koln+arz").text) == ["Köln › Ärzte"]
        page = ben.get(f"{URL}?q=bonn").text
        assert "No group of this name." in page
        assert "Show all groups" in page

    @pytest.mark.parametrize("query", ["q=%00", "q=%ED%A0%80", "q=" + "x" * 3000])
    def test_broken_urls(
        self, ben: Browser, customer_id: int, put: Callable[..., None], query: str
    ):
        put(SILENT)
        for send in (ben.get, ben.htmx_get):
            assert send(f"{URL}?{query}").status_code == 200
