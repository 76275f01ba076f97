"""The customer list: its rows, its links, its state in the URL."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from sqlite3 import Connection
from typing import Any

import pytest
from flask import Flask

from app.core.database import db
from app.domain.customers import queries, services
from app.domain.groups.queries import tree
from app.domain.groups.services import add_members, create_group, delete_group, stop_information
from tests.browserless import Browser
from tests.conftest import image_of, restore
from tests.factories import customer_values

ROW = re.compile(r'<tr id="customer-(\d+)"')
MORE = re.compile(
    r'<a class="button" href="([^"]*)" hx-get="([^"]*)"[^>]* hx-replace-url="([^"]*)"'
)


def rows(html: str) -> list[int]:
    return [int(customer_id) for customer_id in ROW.findall(html)]


def more(html: str) -> tuple[str, str]:
    """Where "Show more" leads, and the address the page has from then on."""
    [(href, asked, kept)] = MORE.findall(html)
    assert href == asked
    return unescape(href), unescape(kept)


@pytest.fixture(scope="module")
def _crowd(_app: Flask, _image: Connection) -> tuple[list[int], Connection]:
    restore(_app, _image)
    with _app.app_context():
        bare = {"emails": [], "phones": []}
        ids = [
            services.create_customer(customer_values(last_name=f"Müller {n}", **bare))
            for n in range(1000, 1120)
        ]
        db.session.commit()
    return ids, image_of(_app)


@pytest.fixture
def crowd(app: Flask, _crowd: tuple[list[int], Connection]) -> list[int]:
    """120 customers in the order of their names; made once, nobody else is there."""
    ids, image = _crowd
    restore(app, image)
    return [*ids]


class TestRows:
    def test_a_row_is_a_real_link(self, ben: Browser, make_customer: Callable[..., int]):
        customer_id = make_customer()
        html = ben.get("/customers").text
        assert (
            f'<a href="/customers/{customer_id}" id="open-{customer_id}">Müller, Tanja</a>' in html
        )
        assert f'data-href="/customers/{customer_id}"' in html
        for shown in ("10001", "Köln", "tanja@example.com", "0176 1234567"):
            assert shown in html

    def test_a_person_at_a_company_and_a_company(
        self, ben: Browser, make_customer: Callable[..., int]
    ):
        make_customer(company="Autohaus Berger")
        assert ben.get("/customers").text.count("Autohaus Berger") == 1
        make_customer(kind="company", company="Zoo GmbH")
        html = ben.get("/customers").text
        assert html.count(">Zoo GmbH<") == 1
        assert html.index("Müller, Tanja") < html.index("Zoo GmbH")

    def test_text_is_no_markup(self, ben: Browser, make_customer: Callable[..., int]):
        make_customer(last_name='<script>alert("x")</script>', town="<img hx-get=/customers>")
        html = ben.get("/customers").text
        assert "<script>alert" not in html
        assert "<img" not in html

    def test_nobody_yet(self, ben: Browser, cleo: Browser):
        html = ben.get("/customers").text
        assert "No customers yet" in html
        assert html.count('href="/customers/new"') == 2
        assert 'href="/customers/new"' not in cleo.get("/customers").text

    def test_nobody_found(self, ben: Browser, make_customer: Callable[..., int]):
        make_customer()
        html = ben.get("/customers?q=xyz").text
        assert "Nobody is found" in html
        assert '<a class="button" href="/customers">' in html


class TestMore:
    def test_by_plain_links(self, ben: Browser, crowd: list[int]):
        page = ben.get("/customers?q=mü").text
        assert rows(page) == crowd[:50]
        assert "120 customers" in page
        page = ben.get(more(page)[0]).text
        assert rows(page) == crowd[:100]
        page = ben.get(more(page)[0]).text
        assert rows(page) == crowd
        assert "Show more" not in page

    def test_with_script_and_back(self, ben: Browser, crowd: list[int]):
        for query in ("", "q=mü&", "sort=-name&", "q=mü&sort=-number&"):
            expected = crowd[::-1] if "-" in query else crowd
            shown = ben.get(f"/customers?{query}").text
            collected = rows(shown)
            for loaded in (100, 120):
                following, kept = more(shown)
                shown = ben.htmx_get(following).text
                assert "<html" not in shown
                assert "<table" not in shown
                collected += rows(shown)
                assert collected == expected[:loaded]
                assert rows(ben.get(kept).text) == expected[:loaded]
            assert "Show more" not in shown

    def test_strange_numbers_of_rows(self, ben: Browser, crowd: list[int]):
        for asked in ("0", "-5", "x", "", "7", "1" * 30, "1e3", "٣"):
            html = ben.get("/customers", query_string={"rows": asked}).text
            assert rows(html) == crowd[:50], asked

    @pytest.mark.parametrize("after", ["0", "-1", "x", "999999", "1" * 30])
    def test_strange_places_to_go_on(
        self, ben: Browser, make_customer: Callable[..., int], after: str
    ):
        make_customer()
        for send in (ben.get, ben.htmx_get):
            answer = send("/customers", query_string={"after": after, "q": "mü"})
            assert answer.status_code == 200

    def test_the_end_of_what_one_page_takes(
        self, ben: Browser, crowd: list[int], monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(queries, "MOST_ROWS", 100)
        page = ben.get("/customers?rows=5000").text
        assert rows(page) == crowd[:100]
        assert "Show more" not in page
        assert "Only the first 100 are shown." in page
        assert "Only the first" not in ben.get("/customers").text


class TestTyping:
    def test_the_answer_is_the_results_only(self, ben: Browser, make_customer: Callable[..., int]):
        customer_id = make_customer()
        answer = ben.htmx_get("/customers?q=mue")
        assert rows(answer.text) == [customer_id]
        assert 'role="search"' not in answer.text
        assert "1 customer<" in answer.text
        assert "kundenblick-list" not in str(answer.headers.getlist("Set-Cookie"))

    def test_the_page_says_what_was_typed(self, ben: Browser):
        html = ben.get("/customers", query_string={"q": '"><script>', "sort": "town"}).text
        assert 'value="&#34;&gt;&lt;script&gt;"' in html
        assert '<input type="hidden" name="sort" value="town">' in html

    @pytest.mark.parametrize(
        "query", ["q=%00", "q=%ED%A0%80", "q=%FF&sort=%00", "q[]=1", "q=a&q=b"]
    )
    def test_broken_urls(self, ben: Browser, make_customer: Callable[..., int], query: str):
        make_customer()
        assert ben.get(f"/customers?{query}").status_code == 200
        assert ben.htmx_get(f"/customers?{query}").status_code == 200
        assert ben.get("/customers/1").status_code == 200

    def test_a_long_query(self, ben: Browser):
        assert ben.get("/customers", query_string={"q": "ä" * 5000}).status_code == 200


class TestSorting:
    @pytest.mark.parametrize(
        ("url", "sorted_by", "links"),
        [
            ("/customers", "name", ["sort=-name", "sort=town", "sort=number", "sort=-changed"]),
            ("/customers?sort=-name", "name", ['href="/customers" id="sort-name"']),
            ("/customers?sort=town", "town", ["sort=-town"]),
            ("/customers?sort=-changed", "changed", ["sort=changed"]),
            ("/customers?sort=changed", "changed", ["sort=-changed"]),
            ("/customers?q=mü&sort=number", "number", ["q=m%C3%BC&amp;sort=-number"]),
        ],
    )
    def test_headings_sort(
        self,
        ben: Browser,
        make_customer: Callable[..., int],
        url: str,
        sorted_by: str,
        links: list[str],
    ):
        make_customer()
        html = ben.get(url).text
        direction = "descending" if "sort=-" in url else "ascending"
        assert re.findall(r'aria-sort="(\w+)"', html) == [direction]
        heading = re.search(r"<th[^>]*aria-sort[^>]*>(.*?)</th>", html, re.S)
        assert heading
        assert f'id="sort-{sorted_by}"' in heading[1]
        for link in links:
            assert link in html

    @pytest.mark.parametrize("sort", ["evil", "-", "id", "name_sort DESC", "-name_sort"])
    def test_an_unknown_order_is_the_usual_one(
        self, ben: Browser, make_customer: Callable[..., int], sort: str
    ):
        make_customer()
        html = ben.get("/customers", query_string={"sort": sort}).text
        assert 'aria-sort="ascending"' in html
        assert 'name="sort"' not in html
        assert "evil" not in html.split("<main")[1]


class TestWayBack:
    """Without script a cookie keeps the list as it was seen."""

    @pytest.mark.parametrize(
        ("seen", "back"),
        [
            ("/customers", "/customers#customer-1"),
            ("/customers?q=m%C3%BC&sort=town", "/customers?q=m%C3%BC&amp;sort=town#customer-1"),
            ("/customers?q=m%20k&rows=100", "/customers?q=m+k&amp;rows=100#customer-1"),
            ("/customers?q=%22%3E%3Cb", "/customers?q=%22%3E%3Cb#customer-1"),
        ],
    )
    def test_the_header_leads_back_to_the_row(
        self, ben: Browser, make_customer: Callable[..., int], seen: str, back: str
    ):
        assert make_customer() == 1
        ben.get(seen)
        assert f'<a href="{back}" data-back>' in ben.get("/customers/1").text
        assert f'<a href="{back}" data-back>' in ben.get("/customers/1/comments").text

    def test_the_last_list_counts(self, ben: Browser, make_customer: Callable[..., int]):
        make_customer()
        ben.get("/customers?q=a")
        ben.get("/customers?q=b")
        ben.htmx_get("/customers?q=c")
        assert 'href="/customers?q=b#customer-1"' in ben.get("/customers/1").text

    def test_nobody_came_from_the_list(self, ben: Browser, make_customer: Callable[..., int]):
        make_customer()
        assert 'href="/customers#customer-1"' in ben.get("/customers/1").text

    @pytest.mark.parametrize("cookie", ['"><script>', "q=%00%FF", "x" * 3000, "#evil", 'q=a\\"b'])
    def test_a_broken_cookie(self, ben: Browser, make_customer: Callable[..., int], cookie: str):
        make_customer()
        ben.client.set_cookie("kundenblick-list", cookie)
        answer = ben.get("/customers/1")
        assert answer.status_code == 200
        assert "<script>" not in answer.text.split("<main")[1]

    def test_the_cookie_is_private(self, ben: Browser):
        cookies = ben.get("/customers?q=a").headers.getlist("Set-Cookie")
        [cookie] = [cookie for cookie in cookies if cookie.startswith("kundenblick-list=")]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie


def test_the_list_asks_the_same_number_of_questions_for_any_number_of_rows(
    ben: Browser, crowd: list[int], count_queries: Callable[[], Any]
):
    with count_queries() as few:
        ben.get("/customers?q=müller+1000")
    with count_queries() as many:
        ben.get("/customers?q=müller&rows=100")
    assert len(many) <= len(few) + 1


class TestGroup:
    @pytest.fixture
    def courses(self, app: Flask, crowd: list[int]) -> tuple[int, int]:
        """A group with the first three, and one below it with two others."""
        with app.app_context():
            top = create_group({"name": "Kurse", "parent_id": None, "no_information": False})
            low = create_group({"name": "Tango", "parent_id": top, "no_information": False})
            add_members(top, crowd[:3])
            add_members(low, crowd[7:9])
            db.session.commit()
            return top, low

    def test_with_and_without_what_is_below(
        self, ben: Browser, crowd: list[int], courses: tuple[int, int]
    ):
        top, low = courses
        assert rows(ben.get(f"/customers?group={top}").text) == crowd[:3]
        assert rows(ben.get(f"/customers?group={low}").text) == crowd[7:9]
        page = ben.get(f"/customers?group={top}&below=1").text
        assert rows(page) == [*crowd[:3], *crowd[7:9]]
        assert "5 customers" in page
        found = ben.htmx_get(f"/customers?q=1007&group={top}&below=1&sort=-number").text
        assert rows(found) == [crowd[7]]

    def test_the_form_shows_it(self, ben: Browser, courses: tuple[int, int]):
        _top, low = courses
        page = ben.get(f"/customers?group={low}&below=1").text
        assert f'<option value="{low}" selected>Kurse › Tango</option>' in page
        assert re.search(r'name="below" value="1" id="below" checked', page)
        assert 'id="below">' in ben.get("/customers").text

    def test_links_and_the_way_back_keep_it(
        self, ben: Browser, crowd: list[int], courses: tuple[int, int], app: Flask
    ):
        with app.app_context():
            add_members(courses[0], crowd[:80])
            db.session.commit()
        url = f"/customers?q=m&group={courses[0]}&below=1&sort=-name"
        page = ben.get(url).text
        following, kept = more(page)
        for link in (following, kept):
            assert f"q=m&group={courses[0]}&below=1&sort=-name" in link
        assert rows(page) + rows(ben.htmx_get(following).text) == crowd[:80][::-1]
        assert f"group={courses[0]}&amp;below=1&amp;sort=town" in page
        assert f"group={courses[0]}&amp;below=1&amp;sort=-name#" in ben.get("/customers/1").text

    def test_typing_writes_the_plain_address(self, ben: Browser, courses: tuple[int, int]):
        for asked, kept in (
            ("q=&group=&sort=name", "/customers"),
            ("q=&group=&below=1", "/customers"),
            (f"q=m&group={courses[0]}", f"/customers?q=m&group={courses[0]}"),
        ):
            assert ben.htmx_get(f"/customers?{asked}").headers["HX-Replace-Url"] == kept

    def test_nobody_there(self, app: Flask, ben: Browser, courses: tuple[int, int]):
        with app.app_context():
            empty = create_group({"name": "<Leer>", "parent_id": None, "no_information": False})
            db.session.commit()
        for url, said, ways in (
            (f"group={empty}", "Nobody is in the group “&lt;Leer&gt;”.", ["/customers"]),
            (f"group={empty}&below=1", "“&lt;Leer&gt;” or below it.", ["/customers"]),
            (f"group={courses[0]}&q=zz", "“Kurse” is found", ["/customers?q=zz", "/customers"]),
            ("group=999", "This group is gone.", ["/customers"]),
            ("group=x", "This group is gone.", ["/customers"]),
            ("q=zz", "Nobody is found by these words.", ["/customers"]),
        ):
            html = ben.htmx_get(f"/customers?{url}").text
            assert said in html
            assert re.findall(r'<a class="button" href="([^"]*)"', html) == ways

    def test_without_groups_there_is_nothing_to_choose(self, app: Flask, ben: Browser):
        with app.app_context():
            for node in tree():
                delete_group(node.id)
            db.session.commit()
        assert 'name="group"' not in ben.get("/customers").text


class TestMarks:
    def test_they_stand_beside_the_name(
        self, app: Flask, ben: Browser, make_customer: Callable[..., int]
    ):
        silent, other = make_customer(), make_customer(last_name="Zander")
        with app.app_context():
            stop_information(silent)
            db.session.commit()
        html = ben.get("/customers").text
        row = html.split(f'id="customer-{silent}"')[1].split("</tr>")[0]
        assert "gets no information" in row.split("</th>")[0]
        assert "gets no information" not in html.split(f'id="customer-{other}"')[1]


def test_the_trash_is_not_in_the_list(app: Flask, ben: Browser, make_customer: Callable[..., int]):
    gone, other = make_customer(), make_customer(last_name="Zander")
    with app.app_context():
        services.delete_customer(gone)
        db.session.commit()
    assert rows(ben.get("/customers").text) == [other]
    assert "1 customer<" in ben.get("/customers").text
    with app.app_context():
        services.delete_customer(other)
        db.session.commit()
    assert "No customers yet" in ben.get("/customers").text
