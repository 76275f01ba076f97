"""One's own columns of the customer list."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask

from app.core.database import db
from app.domain.customers.services import add_contact_person
from app.domain.team.queries import user_by_email
from tests import hostile
from tests.browserless import Browser
from tests.factories import contact_person_values
from tests.fragments import parts

URL = "/customers/columns"
USUAL = ["Name", "Number", "Company", "Town", "E-mail", "Phone", "Changed"]


def heads(html: str) -> list[str]:
    head = html.split("<thead>")[1].split("</thead>")[0]
    return [re.sub("<[^>]*>", "", cell).strip() for cell in re.findall("<th .*?</th>", head, re.S)]


def chosen(app: Flask, email: str = "ben@example.com") -> list[str] | None:
    with app.app_context():
        user = user_by_email(email)
        assert user
        return user.columns


def cells(html: str) -> dict[str, str]:
    """The cells of the only row by their headings."""
    row = html.split('<tr id="customer-')[1].split("</th>")[1]
    return dict(zip(heads(html)[1:], re.findall(r"<td[^>]*>([^<]*)</td>", row), strict=True))


class TestList:
    def test_the_usual_ones(self, ben: Browser, make_customer: Callable[..., int]):
        make_customer()
        assert heads(ben.get("/customers").text) == USUAL

    def test_every_column(self, app: Flask, ben: Browser, make_customer: Callable[..., int]):
        customer_id = make_customer(
            kind="company",
            company="Autohaus Berger",
            birthday=date(1980, 2, 3),
            region="Rheinland",
            vat_number="DE136695976",
        )
        with app.app_context():
            add_contact_person(customer_id, contact_person_values())
            db.session.commit()
        for key in re.findall(r'name="show" value="(\w+)"', ben.get(URL).text):
            ben.post(URL, {"show": key})
        shown = cells(ben.get("/customers").text)
        assert shown["Street"] == "Hauptstraße 5a"
        assert shown["Postcode"] == "50667"
        assert shown["Region"] == "Rheinland"
        assert shown["Country"] == "Germany"
        assert shown["Language"] == "German"
        assert shown["Salutation"] == "Ms"
        assert shown["Birthday"] == "3 Feb 1980"
        assert shown["VAT number"] == "DE136695976"
        assert shown["Contact person"] == "Dr. Jörg Weiß"
        assert shown["Number"] == "10001"
        assert shown["Added"]

    def test_what_is_not_there_is_empty(self, ben: Browser, make_customer: Callable[..., int]):
        make_customer(salutation="", emails=[], phones=[], country="", postcode="", street="")
        for key in ("birthday", "contact", "country", "salutation", "postcode", "groups"):
            ben.post(URL, {"show": key})
        shown = cells(ben.get("/customers").text)
        for label in ("Birthday", "Contact person", "Country", "Salutation", "Postcode", "E-mail"):
            assert shown[label] == ""

    def test_only_the_name(self, app: Flask, ben: Browser, make_customer: Callable[..., int]):
        make_customer()
        for key in ("number", "company", "town", "email", "phone", "changed"):
            ben.post(URL, {"leave": key})
        assert chosen(app) == []
        html = ben.get("/customers").text
        assert heads(html) == ["Name"]
        assert ">Müller, Tanja</a>" in html

    def test_one_question_for_a_column(
        self, ben: Browser, make_customer: Callable[..., int], count_queries: Callable[[], Any]
    ):
        for name in ("Abel", "Berger", "Conrad"):
            make_customer(last_name=name)
        with count_queries() as usual:
            ben.get("/customers")
        ben.post(URL, {"show": "birthday"})
        ben.post(URL, {"show": "contact"})
        with count_queries() as more:
            ben.get("/customers")
        assert len(more) == len(usual) + 2

    def test_a_column_that_is_gone(self, app: Flask, ben: Browser, make_customer: Any):
        make_customer()
        with app.app_context():
            user = user_by_email("ben@example.com")
            assert user
            user.columns = ["evil", "town", 5]
            db.session.commit()
        assert heads(ben.get("/customers").text) == ["Name", "Town"]
        ben.post(URL, {"show": "phone"})
        assert chosen(app) == ["town", "phone"]


class TestDialog:
    def test_it_is_page_and_dialog(self, ben: Browser):
        page, dialog = ben.get(URL).text, ben.htmx_get(URL).text
        assert "<html" in page
        assert "<html" not in dialog
        for html in (page, dialog):
            assert re.findall(r'name="leave" value="(\w+)"', html) == [
                *("number", "company", "town", "email", "phone", "changed")
            ]
            assert 'name="again"' not in html

    def test_steps(self, app: Flask, ben: Browser):
        for pressed, expected in (
            ({"up": "town"}, "number town company email phone changed"),
            ({"down": "number"}, "town number company email phone changed"),
            ({"leave": "email"}, "town number company phone changed"),
            ({"show": "birthday"}, "town number company phone changed birthday"),
            ({"up": "town"}, "town number company phone changed birthday"),
            ({"down": "birthday"}, "town number company phone changed birthday"),
            ({"show": "town"}, "town number company phone changed birthday"),
            ({"leave": "email"}, "town number company phone changed birthday"),
        ):
            assert ben.htmx_post(URL, pressed).status_code == 200
            assert chosen(app) == expected.split()
        assert chosen(app, "anna@example.com") is None
        assert 'name="again"' in ben.get(URL).text
        ben.htmx_post(URL, {"again": "1"})
        assert chosen(app) is None

    def test_the_list_behind_it_follows(self, ben: Browser, make_customer: Callable[..., int]):
        make_customer()
        here = {"HX-Current-URL": "http://localhost/customers?q=m"}
        found, rest = parts(ben.htmx_post(URL, {"leave": "town"}, headers=here).text)
        assert list(found) == ["#results"]
        assert heads(found["#results"]) == [name for name in USUAL if name != "Town"]
        assert 'id="dialog-title"' in rest
        assert re.search(r'id="show-town" autofocus', rest)

    def test_without_script(self, app: Flask, ben: Browser):
        answer = ben.post(URL, {"leave": "town"})
        assert (answer.status_code, answer.location) == (303, URL)
        assert "town" not in (chosen(app) or ["town"])

    def test_what_is_no_step_changes_nothing(
        self, ben: Browser, changes_nothing: Callable[[], Any]
    ):
        with changes_nothing():
            for data in ({}, {"up": "evil"}, {"show": "evil"}, {"leave": "name"}, {"up": "number"}):
                assert ben.htmx_post(URL, data).status_code == 200
                assert ben.post(URL, data).status_code == 303
            for text in hostile.TEXTS:
                for button in ("up", "down", "show", "leave"):
                    assert ben.htmx_post(URL, {button: text}).status_code == 200

    def test_readers_choose_too(self, app: Flask, cleo: Browser, make_customer: Any):
        make_customer()
        assert cleo.post(URL, {"show": "birthday"}).status_code == 303
        assert heads(cleo.get("/customers").text) == [*USUAL, "Birthday"]


def test_amounts_stand_below_each_other(ben: Browser, make_customer: Callable[..., int]):
    make_customer()
    ben.post(URL, {"show": "open_amount"})
    html = ben.get("/customers").text
    assert re.search(r'<th scope="col" class="amount">\s*Open amount</th>', html)
    assert '<td class="amount"></td>' in html
    assert re.search(r'<td class="numeric">\d+</td>', html)


@pytest.mark.parametrize("key", ["groups", "open_amount"])
def test_other_areas_bring_columns(ben: Browser, key: str):
    assert f'name="show" value="{key}"' in ben.get(URL).text
