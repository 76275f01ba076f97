"""The page of the groups: the tree, its dialogs, moving, deleting."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import insert

from app.core.database import db
from app.domain.groups import queries, services
from app.domain.groups.models import Group
from tests import hostile
from tests.browserless import Browser, FormReader
from tests.factories import groups_in_a_chain
from tests.fragments import parts

URL = "/groups"
NEW = f"{URL}/new"
PLACE = f"{URL}/placement"
SILENT = 1
"""The group that a fresh database has."""


@pytest.fixture
def create(app: Flask) -> Callable[..., int]:
    def creating(name: str, parent_id: int | None = None, silent: bool = False) -> int:
        values = {"name": name, "parent_id": parent_id, "no_information": silent}
        with app.app_context():
            group_id = services.create_group(values)
            db.session.commit()
            return group_id

    return creating


@pytest.fixture
def shown(app: Flask) -> Callable[[], list[str]]:
    """The paths of all groups, in the order of the tree."""

    def asking() -> list[str]:
        with app.app_context():
            return [node.path for node in queries.tree()]

    return asking


def edit(group_id: int) -> str:
    return f"{URL}/{group_id}/edit"


def deletion(group_id: int) -> str:
    return f"{URL}/{group_id}/deletion"


class Depths(HTMLParser):
    """How deep each group lies in the lists of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: dict[str, int] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("ul", "li", "details"):
            self.open.append(tag)
        if tag == "li":
            self.found[dict(attrs)["id"] or ""] = self.open.count("ul")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("ul", "li", "details"):
            assert self.open.pop() == tag


class TestTree:
    def test_each_group_stands_at_its_place(self, ben: Browser, create: Callable[..., int]):
        courses = create("Kurse")
        tango = create("Tango", courses)
        beginners = create("Anfänger", tango)
        zumba = create("Zumba", courses)
        reader = Depths()
        reader.feed(re.findall(r'<div class="tree".*</main>', ben.get(URL).text, re.S)[0])
        assert not reader.open
        assert reader.found == {
            f"group-{SILENT}": 1,
            f"group-{courses}": 1,
            f"group-{tango}": 2,
            f"group-{beginners}": 3,
            f"group-{zumba}": 2,
        }

    def test_counts_lead_to_the_list(
        self, ben: Browser, create: Callable[..., int], make_customer: Any, app: Flask
    ):
        courses = create("Kurse")
        tango = create("Tango", courses)
        with app.app_context():
            services.add_members(tango, [make_customer(), make_customer()])
            services.add_members(courses, [1])
            db.session.commit()
        html = ben.get(URL).text
        assert f'href="/customers?group={courses}" aria-label="Customers in Kurse: 1"' in html
        assert (
            f'href="/customers?group={courses}&amp;below=1" aria-label="With subgroups: 2"' in html
        )
        assert f'href="/customers?group={tango}" aria-label="Customers in Tango: 2"' in html
        assert "gets no information" in html

    def test_a_reader_only_looks(self, cleo: Browser, create: Callable[..., int]):
        html = cleo.get(URL).text
        assert "Keine Informationen" in html
        for hidden in ("draggable", "/edit", "/new", "placement"):
            assert hidden not in html

    def test_no_group_at_all(self, ben: Browser, app: Flask):
        with app.app_context():
            services.delete_group(SILENT)
            db.session.commit()
        assert "No groups yet." in ben.get(URL).text
        assert "There are no groups yet." not in ben.get(NEW).text

    def test_many_and_deep_ones_in_few_queries(
        self, ben: Browser, app: Flask, count_queries: Callable[[], Any]
    ):
        with app.app_context():
            db.session.execute(insert(Group), groups_in_a_chain(500))
            db.session.commit()
        with count_queries() as sent:
            page = ben.get(URL)
        assert page.status_code == 200
        assert len(sent) <= 5


class TestNavigation:
    def test_it_stands_after_the_customers(self, ben: Browser):
        html = ben.get(URL).text
        assert html.index('href="/customers"') < html.index('href="/groups" aria-current="page"')


class TestDialogs:
    def test_a_new_one_at_the_top(self, ben: Browser, shown: Callable[[], list[str]]):
        answer = ben.htmx_post(NEW, {"name": "  Tango   Argentino ", "parent_id": ""})
        found, remainder = parts(answer.text)
        assert (answer.status_code, remainder) == (200, "")
        assert sorted(found) == ["#group-tree", "#toasts"]
        assert "Tango Argentino" in found["#group-tree"]
        assert shown() == ["Keine Informationen", "Tango Argentino"]

    def test_a_new_one_below(self, ben: Browser, shown: Callable[[], list[str]]):
        fields = ben.fields(f"{NEW}?below={SILENT}")
        assert fields["parent_id"] == str(SILENT)
        answer = ben.post(NEW, fields | {"name": "Verstorben"})
        assert (answer.status_code, answer.location) == (303, URL)
        assert shown() == ["Keine Informationen", "Keine Informationen › Verstorben"]

    @pytest.mark.parametrize("below", ["0", "x", "999", "9" * 30, "%00"])
    def test_a_proposal_that_is_none(self, ben: Browser, below: str):
        for send in (ben.get, ben.htmx_get):
            assert send(f"{NEW}?below={below}").status_code == 200

    def test_renaming_moving_and_the_flag(
        self, ben: Browser, create: Callable[..., int], shown: Callable[[], list[str]]
    ):
        group_id = create("Tango")
        url = edit(group_id)
        fields = ben.fields(url)
        assert (fields["name"], fields["parent_id"]) == ("Tango", "")
        typed = fields | {"name": "Salsa", "parent_id": str(SILENT), "no_information": "y"}
        assert ben.post(url, typed).status_code == 303
        assert shown() == ["Keine Informationen", "Keine Informationen › Salsa"]
        fields = ben.fields(url)
        assert (fields["parent_id"], fields["no_information"]) == (str(SILENT), "y")

    @pytest.mark.parametrize("typed", ["tango", " Tango ", "x" * 300])
    def test_a_place_that_was_typed_but_not_chosen(
        self, ben: Browser, typed: str, changes_nothing: Any
    ):
        with changes_nothing():
            answer = ben.htmx_post(f"{URL}/new", {"name": "Neu", "parent_id": "", "sought": typed})
        assert answer.status_code == 422
        assert f"“{typed.strip()[:60]}” is not chosen yet." in answer.text
        assert FormReader.read(answer.text)["name"] == "Neu"
        assert FormReader.read(answer.text)["sought"] == typed.strip()

    def test_a_name_is_one_line(self, ben: Browser, shown: Callable[[], list[str]]):
        ben.post(f"{URL}/new", {"name": "Tan\r\ngo\u2028 A\u0085B", "parent_id": ""})
        assert "Tan go A B" in shown()

    def test_no_circle_is_offered_and_none_is_taken(
        self, ben: Browser, create: Callable[..., int], changes_nothing: Any
    ):
        top = create("Oben")
        child = create("Unten", top)
        url = edit(top)
        assert re.findall(r'name="parent_id" value="(\d*)"', ben.get(url).text) == ["", "1"]
        for below in (top, child):
            typed = ben.fields(url) | {"name": "Anders", "parent_id": str(below)}
            with changes_nothing():
                answer = ben.htmx_post(url, typed)
            assert answer.status_code == 422
            assert "A group cannot lie below itself" in answer.text
            assert FormReader.read(answer.text)["name"] == "Anders"

    @pytest.mark.parametrize(
        ("typed", "sentence"),
        [
            ({"name": " "}, "Please give the group a name."),
            ({"name": "x" * 101}, "at most 100 characters"),
            ({"name": "KEINE informationen"}, "There is a group of this name at this place."),
            ({"name": "Neu\0"}, "characters that cannot be stored"),
            ({"name": "Neu", "parent_id": "999"}, "Please choose one of the list."),
            ({"name": "Neu", "parent_id": "x"}, "Please choose one of the list."),
        ],
    )
    def test_bad_input(
        self, ben: Browser, typed: dict[str, str], sentence: str, changes_nothing: Any
    ):
        with changes_nothing():
            for send in (ben.htmx_post, ben.post):
                answer = send(NEW, {"no_information": "y", "parent_id": ""} | typed)
                assert answer.status_code == 422
                assert sentence in answer.text
                assert FormReader.read(answer.text)["no_information"] == "y"

    def test_a_conflict_shows_both(
        self,
        ben: Browser,
        anna: Browser,
        create: Callable[..., int],
        shown: Callable[[], list[str]],
    ):
        url = edit(create("Alt"))
        mine = ben.fields(url) | {"name": "Meins"}
        hers = anna.fields(url) | {"name": "Ihrs", "parent_id": str(SILENT)}
        assert anna.post(url, hers).status_code == 303
        answer = ben.htmx_post(url, mine)
        assert answer.status_code == 409
        for said in ("<span>Meins</span>", "<span>Ihrs</span>", "<span>Keine Informationen</span>"):
            assert said in answer.text
        fields = FormReader.read(answer.text)
        assert fields["name"] == "Meins"
        assert ben.post(url, fields | {"choose-parent_id": "theirs"}).status_code == 303
        assert shown()[-1] == "Keine Informationen › Meins"

    @pytest.mark.parametrize("text", hostile.TEXTS, ids=hostile.called)
    def test_hostile_text(self, ben: Browser, text: str):
        for send in (ben.htmx_post, ben.post):
            for url in (NEW, edit(SILENT)):
                form = ben.fields(url)
                for field in ("name", "parent_id", "version", "choose-name", "no_information"):
                    answer = send(url, form | {field: text})
                    assert answer.status_code in (200, 303, 409, 413, 422)
                    assert not hostile.is_markup_in(answer.text)
        page = ben.get(URL)
        assert page.status_code == 200
        assert not hostile.is_markup_in(page.text)


class TestMoving:
    def test_dropped_and_undone(
        self, ben: Browser, create: Callable[..., int], shown: Callable[[], list[str]]
    ):
        group_id = create("Tango", create("Kurse"))
        found, remainder = parts(
            ben.htmx_post(PLACE, {"group": str(group_id), "below": str(SILENT)}).text
        )
        assert remainder == ""
        assert shown()[1] == "Keine Informationen › Tango"
        undo = re.search(r'hx-post="([^"]+)"', found["#toasts"])
        assert undo
        assert parse_qs(urlsplit(undo[1].replace("&amp;", "&")).query)["group"] == [str(group_id)]
        ben.htmx_post(undo[1].replace("&amp;", "&"))
        assert shown()[-1] == "Kurse › Tango"
        ben.post(PLACE, {"group": str(group_id), "below": ""})
        assert "Tango" in shown()

    def test_refused(self, ben: Browser, create: Callable[..., int], changes_nothing: Any):
        group_id = create("keine informationen", create("Kurse"))
        with changes_nothing():
            for below, sentence in (
                ("", "There is a group of this name at this place."),
                (str(group_id), "A group cannot lie below itself"),
                ("999", "This group is gone."),
            ):
                answer = ben.htmx_post(PLACE, {"group": str(group_id), "below": below})
                assert answer.status_code == 422
                assert answer.text.startswith('<div class="toast" data-kind="error"')
                assert sentence in answer.text
            for below in ("nonsense", "0", "-1", "9" * 30, "\0"):
                answer = ben.post(PLACE, {"group": str(group_id), "below": below})
                assert answer.status_code == 404
            for group in ("", "0", "999", "x", "9" * 30):
                assert ben.post(PLACE, {"group": group}).status_code == 404


class TestDeleting:
    def test_it_tells_how_many_leave_it(
        self,
        ben: Browser,
        create: Callable[..., int],
        make_customer: Any,
        app: Flask,
        shown: Callable[[], list[str]],
    ):
        group_id = create("Tango", create("Kurse"))
        with app.app_context():
            services.add_members(group_id, [make_customer(), make_customer()])
            db.session.commit()
        for send in (ben.get, ben.htmx_get):
            html = send(deletion(group_id)).text
            assert "Delete group Tango?" in html
            assert "<strong>Kurse › Tango</strong>" in html
            assert "2 customers leave it" in html
        found, remainder = parts(ben.htmx_post(deletion(group_id)).text)
        assert (sorted(found), remainder) == (["#group-tree", "#toasts"], "")
        assert shown() == ["Keine Informationen", "Kurse"]
        assert ben.htmx_post(deletion(group_id)).status_code == 404

    def test_nobody_is_in_it(self, ben: Browser):
        assert "Nobody is in it." in ben.get(deletion(SILENT)).text
        answer = ben.post(deletion(SILENT))
        assert (answer.status_code, answer.location) == (303, URL)

    def test_refused_while_somebody_gets_no_information_by_it(
        self, ben: Browser, app: Flask, make_customer: Any, changes_nothing: Any
    ):
        with app.app_context():
            services.add_members(SILENT, [make_customer()])
            db.session.commit()
        reason = "Take them out of the group or take the mark off first."
        assert reason in ben.get(edit(SILENT)).text
        page = ben.get(deletion(SILENT)).text
        assert reason in page
        assert f'action="{deletion(SILENT)}"' not in page
        with changes_nothing():
            assert reason in ben.htmx_post(deletion(SILENT)).text

    def test_refused_with_subgroups(
        self, ben: Browser, create: Callable[..., int], changes_nothing: Any
    ):
        top = create("Kurse")
        create("Tango", top)
        reason = "This group has subgroups. Move or delete them first."
        assert f'id="group-delete-why">{reason}' in ben.get(edit(top)).text
        page = ben.get(deletion(top)).text
        assert reason in page
        assert f'action="{deletion(top)}"' not in page
        with changes_nothing():
            for send in (ben.post, ben.htmx_post):
                answer = send(deletion(top))
                assert answer.status_code == 409
                assert reason in answer.text
