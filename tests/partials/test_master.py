"""Master data: the panel, its dialog, the contact persons of a company."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from app.core import history
from app.core.database import db
from app.domain.customers import queries, services
from app.domain.customers.models import ContactPerson, Customer, CustomerEmail
from tests import hostile, mails
from tests.browserless import Browser, FormReader
from tests.factories import contact_person_values
from tests.fragments import parts

ONE = "/customers/1"
EDIT = f"{ONE}/master/edit"
PEOPLE = f"{ONE}/master/people"


@pytest.fixture
def customer_id(make_customer: Callable[..., int]) -> int:
    customer_id = make_customer()
    assert customer_id == 1
    return customer_id


@pytest.fixture
def company_id(make_customer: Callable[..., int]) -> int:
    return make_customer(kind="company", company="Autohaus Berger")


@pytest.fixture
def stored(app: Flask) -> Callable[[], dict[str, Any]]:
    """The master data of the first customer."""

    def reading() -> dict[str, Any]:
        with app.app_context():
            return dict(queries.editable(1).values)

    return reading


@pytest.fixture
def version(app: Flask) -> Callable[[], str]:
    """What its form says of the first customer's version."""

    def reading() -> str:
        with app.app_context():
            return queries.editable(1).version

    return reading


@pytest.fixture
def add_person(app: Flask) -> Callable[..., int]:
    def adding(customer_id: int = 1, **values: Any) -> int:
        with app.app_context():
            person_id = services.add_contact_person(customer_id, contact_person_values(**values))
            db.session.commit()
            return person_id

    return adding


class TestAddresses:
    PAGES = (ONE, f"{ONE}/master/panel", f"{ONE}/master")

    @pytest.fixture
    def account(self, app: Flask) -> None:
        with app.app_context():
            mails.set_up()

    @pytest.mark.usefixtures("account")
    def test_they_lead_to_the_dialog_with_that_recipient(
        self, app: Flask, ben: Browser, company_id: int
    ):
        with app.app_context():
            person = contact_person_values(email="eva+kurs@berger.example")
            services.add_contact_person(company_id, person)
            db.session.commit()
        for url in self.PAGES:
            html = ben.get(url).text
            assert "mailto:" not in html
            for address in ("tanja@example.com", "eva+kurs@berger.example"):
                found = re.search(
                    rf'<a href="([^"]+)" hx-get="\1" [^>]*>{re.escape(address)}</a>', html
                )
                assert found
                ticked = re.search(
                    rf'value="{re.escape(address)}" checked', ben.get(unescape(found[1])).text
                )
                assert ticked

    def test_without_an_account_another_program_writes(self, ben: Browser, customer_id: int):
        for url in self.PAGES:
            html = ben.get(url).text
            assert 'href="mailto:tanja@example.com"' in html
            assert "/mail/new?to=" not in html

    @pytest.mark.usefixtures("account")
    def test_who_may_not_write_here_is_not_led_there(self, cleo: Browser, customer_id: int):
        html = cleo.get(ONE).text
        assert 'href="mailto:tanja@example.com"' in html
        assert "/mail/new?to=" not in html

    @pytest.mark.usefixtures("account")
    def test_the_overview_asks_once(
        self, ben: Browser, customer_id: int, count_queries: Callable[[], Any]
    ):
        ben.get(ONE)
        with count_queries() as asked:
            ben.get(ONE)
        assert len([one for one in asked if "FROM mail_account" in one]) == 1


class TestPanel:
    def test_it_shows_what_is_known(self, ben: Browser, customer_id: int):
        html = ben.htmx_get(f"{ONE}/master/panel").text
        for shown in (
            *("Hauptstraße 5a", "50667 Köln", "Ms Tanja Müller", "German"),
            *('href="mailto:tanja@example.com"', 'href="tel:01761234567"', "Mobile"),
            *('data-copy="tanja@example.com"', 'data-copy="0176 1234567"'),
        ):
            assert shown in html, shown
        assert "Germany" not in html
        assert "Birthday" not in html

    def test_the_country_abroad(self, ben: Browser, make_customer: Callable[..., int]):
        make_customer(country="AT")
        assert "AUSTRIA" in ben.get(ONE).text

    def test_values_that_are_no_longer_in_a_list(self, ben: Browser, customer_id: int, app: Flask):
        with app.app_context():
            db.session.execute(update(Customer).values(salutation="lord", language="sv"))
            db.session.execute(update(CustomerEmail).values(label="pigeon"))
            db.session.commit()
        for url in (ONE, f"{ONE}/master", f"{ONE}/master/panel", EDIT, f"{ONE}/history"):
            assert ben.get(url).status_code == 200

    def test_people_of_a_company_only(
        self, ben: Browser, company_id: int, add_person: Callable[..., int]
    ):
        add_person()
        html = ben.get(ONE).text
        assert "Dr. Jörg Weiß" in html
        assert "Einkauf · main contact" in html
        assert "weiss@example.com" in html

    def test_no_people_of_a_person(self, ben: Browser, customer_id: int):
        assert "Contact persons" not in ben.get(ONE).text

    def test_a_reader_sees_the_actions_and_why_not(self, cleo: Browser, company_id: int):
        html = cleo.get(ONE).text
        assert 'aria-disabled="true" tabindex="0" id="master-edit"' in html
        assert 'id="master-edit-why">Your role does not allow this.' in html
        for hidden in ("master-panel-edit", "master-people", f'href="{EDIT}"'):
            assert hidden not in html
        people = cleo.get(PEOPLE)
        assert people.status_code == 200
        assert "/people/new" not in people.text

    def test_the_detail_page(self, ben: Browser, customer_id: int):
        page = ben.get(f"{ONE}/master").text
        assert "Last changed" in page
        assert 'data-panel="master@detail"' in page


class TestEditing:
    def test_it_opens_with_what_is_stored(self, ben: Browser, customer_id: int):
        for html in (ben.get(EDIT).text, ben.htmx_get(EDIT).text):
            fields = FormReader.read(html)
            assert fields["last_name"] == "Müller"
            assert fields["emails-0-address"] == "tanja@example.com"
            assert (fields["phones-0-label"], fields["country"]) == ("mobile", "DE")
            assert fields["version"] == "1"
            assert f'action="{EDIT}"' in html
        assert f'hx-post="{EDIT}"' in ben.htmx_get(EDIT).text
        assert f'hx-post="{EDIT}"' not in ben.get(EDIT).text

    def test_saving_by_a_plain_form(
        self, ben: Browser, customer_id: int, stored: Callable[[], Any]
    ):
        answer = ben.post(EDIT, ben.fields(EDIT) | {"town": "Bonn", "emails-0-address": ""})
        assert (answer.status_code, answer.location) == (303, ONE)
        assert "Master data saved" in ben.get(ONE).text
        assert (stored()["town"], stored()["emails"]) == ("Bonn", [])
        told = ben.get(f"{ONE}/history").text
        assert "Master data changed" in told
        assert "Köln" in told
        assert "Bonn" in told
        assert "Ben Staff" in told

    @pytest.mark.parametrize(
        ("on_screen", "fresh"),
        [
            ("header,master,comments,addresses", ["#panel-header", "#panel-master"]),
            ("header,master@detail", ["#panel-header", "#detail-master"]),
            ("header,comments@detail", ["#panel-header"]),
            ("history@detail", ["#detail-history"]),
            ("", []),
            ("nope,master@nope@detail,evil@detail,search,@,@detail,,", ["#panel-master"]),
            ("master,master,master@detail", ["#panel-master", "#detail-master"]),
        ],
    )
    def test_saving_with_script_refreshes_what_is_stale(
        self, ben: Browser, customer_id: int, on_screen: str, fresh: list[str]
    ):
        typed = ben.fields(EDIT) | {"last_name": "Meier"}
        answer = ben.htmx_post(EDIT, typed, panels=on_screen)
        assert answer.status_code == 200
        found, remainder = parts(answer.text)
        assert remainder == ""
        assert sorted(found) == sorted(["#toasts", *fresh])
        assert answer.text.count("<hx-partial") == len(found)
        for target in fresh:
            assert "Meier" in found[target]
            assert f'id="{target[1:]}"' in found[target]
        assert "Master data saved" in found["#toasts"]

    @pytest.mark.parametrize("page", ["", "/master", "/comments"])
    def test_the_fresh_header_still_knows_which_page_it_is_on(
        self, ben: Browser, customer_id: int, page: str
    ):
        current = re.compile(r'<a href="([^"]+)" aria-current="page">')
        url = ONE + page
        assert current.findall(ben.get(url).text.split("<main")[1]) == [url]
        here = {"HX-Current-URL": f"http://localhost{url}?q=a"}
        typed = ben.fields(EDIT) | {"town": "Bonn"}
        found, _rest = parts(ben.htmx_post(EDIT, typed, panels="header", headers=here).text)
        assert current.findall(found["#panel-header"]) == [url]

    @pytest.mark.parametrize(
        "here", ["http://[", "", "not a url", "//", "http://x/customers/1?a=%ED"]
    )
    def test_a_broken_address_of_the_page(self, ben: Browser, customer_id: int, here: str):
        answer = ben.htmx_post(
            EDIT,
            ben.fields(EDIT) | {"town": "Bonn"},
            panels="header,master@detail",
            headers={"HX-Current-URL": here},
        )
        assert answer.status_code == 200

    def test_saving_the_same_is_fine_too(
        self, ben: Browser, customer_id: int, changes_nothing: Callable[[], Any]
    ):
        with changes_nothing():
            answer = ben.htmx_post(EDIT, ben.fields(EDIT), panels="header,master")
        assert list(parts(answer.text)[0]) == ["#toasts"]

    @pytest.mark.parametrize("send", ["post", "htmx_post"])
    def test_a_refusal_keeps_everything(
        self, ben: Browser, customer_id: int, send: str, changes_nothing: Callable[[], Any]
    ):
        typed = ben.fields(EDIT) | {
            "last_name": "Meier & <Söhne>",
            "birthday": "31.02.2020",
            "emails-0-address": "",
            "emails-1-address": "wrong",
            "emails-1-label": "work",
            "phones-3-number": "0221 4711",
        }
        with changes_nothing():
            answer = getattr(ben, send)(EDIT, typed)
        assert answer.status_code == 422
        fields = FormReader.read(answer.text)
        for name in ("last_name", "birthday", "emails-1-address", "emails-1-label", "version"):
            assert fields[name] == typed[name], name
        assert fields["phones-1-number"] == "0221 4711"
        assert "This is no date." in answer.text
        assert ("<html" in answer.text) == (send == "post")

    def test_a_rule_is_told_at_the_right_row(self, ben: Browser, customer_id: int):
        typed = ben.fields(EDIT) | {
            **{"emails-0-address": "", "emails-1-address": "fine@example.com"},
            **{"emails-2-address": " ", "emails-3-address": "wrong"},
            **{"emails-1-label": "", "emails-2-label": "work", "emails-3-label": ""},
        }
        answer = ben.post(EDIT, typed)
        assert answer.status_code == 422
        assert re.findall(r'id="emails-(\d)-address-error"', answer.text) == ["3"]

    def test_rows_come_and_go_without_saving(
        self, ben: Browser, customer_id: int, changes_nothing: Callable[[], Any]
    ):
        with changes_nothing():
            typed = ben.fields(EDIT) | {"town": "Bonn"}
            answer = ben.htmx_post(EDIT, typed | {"add": "phones"})
            assert answer.status_code == 200
            fields = FormReader.read(answer.text)
            assert (fields["town"], fields["version"]) == ("Bonn", "1")
            assert fields["phones-1-number"] == ""
            answer = ben.htmx_post(EDIT, fields | {"drop": "phones-0"})
            fields = FormReader.read(answer.text)
            assert "0176" not in answer.text
            assert (fields["phones-0-number"], fields["town"]) == ("", "Bonn")

    @pytest.mark.parametrize(
        "form", [{}, {"version": "1"}, {"version": "1", "last_name": "Nur"}, {"emails-x-y": "z"}]
    )
    def test_half_a_form(self, ben: Browser, customer_id: int, form: dict[str, str]):
        for send in (ben.post, ben.htmx_post):
            assert send(EDIT, form).status_code in (409, 422)

    def test_a_stored_language_outside_the_list_stays(
        self, ben: Browser, make_customer: Callable[..., int], stored: Callable[[], Any]
    ):
        """The import takes every ISO 639 language, the list offers the usual ones."""
        make_customer(language="sv")
        fields = ben.fields(EDIT)
        assert fields["language"] == "sv"
        assert ben.post(EDIT, fields | {"town": "Bonn"}).status_code == 303
        assert (stored()["language"], stored()["town"]) == ("sv", "Bonn")
        assert ben.post(EDIT, ben.fields(EDIT) | {"language": "xx"}).status_code == 422
        assert ben.post(EDIT, ben.fields(EDIT) | {"language": "fr"}).status_code == 303
        assert ben.post(EDIT, ben.fields(EDIT) | {"language": "sv"}).status_code == 422

    def test_a_stored_label_outside_the_list_can_be_replaced(
        self, ben: Browser, customer_id: int, app: Flask, stored: Callable[[], Any]
    ):
        with app.app_context():
            db.session.execute(update(CustomerEmail).values(label="pigeon"))
            db.session.commit()
        fields = ben.fields(EDIT)
        assert fields["emails-0-label"] == "pigeon"
        assert ben.post(EDIT, fields).status_code == 422
        assert ben.post(EDIT, fields | {"emails-0-label": "work"}).status_code == 303
        assert stored()["emails"] == [{"label": "work", "address": "tanja@example.com"}]


class TestConflict:
    """Anna saves while Ben has the dialog open."""

    @pytest.fixture
    def opened(self, ben: Browser, anna: Browser, customer_id: int) -> dict[str, Any]:
        fields = ben.fields(EDIT)
        mine = anna.fields(EDIT) | {"town": "Bonn", "phones-0-label": "work"}
        assert anna.post(EDIT, mine).status_code == 303
        return fields

    @pytest.mark.parametrize("send", ["post", "htmx_post"])
    def test_both_versions_are_shown_and_nothing_is_saved(
        self,
        ben: Browser,
        opened: dict[str, Any],
        send: str,
        changes_nothing: Callable[[], Any],
    ):
        typed = opened | {"last_name": "Meier", "birthday": "1990-05-01"}
        with changes_nothing():
            answer = getattr(ben, send)(EDIT, typed)
        assert answer.status_code == 409
        html = answer.text
        assert "Changed by somebody else meanwhile" in html
        assert "Saved meanwhile" in html
        compared = re.findall(
            r'<th scope="row">([^<]+)</th>.*?"mine" checked> <span>([^<]*)</span>'
            r'.*?"theirs"> <span>([^<]*)</span>',
            html,
            re.S,
        )
        assert compared == [
            ("Last name", "Meier", "Müller"),
            ("Town", "Köln", "Bonn"),
            ("Birthday", "1 May 1990", "–"),
            ("Phone numbers", "Mobile 0176 1234567", "Work 0176 1234567"),
        ]
        fields = FormReader.read(html)
        assert {name: fields[name] for name in typed} == typed | {"version": "2"}

    def test_keeping_mine_then_saving(
        self, ben: Browser, opened: dict[str, Any], stored: Callable[[], Any]
    ):
        html = ben.post(EDIT, opened | {"last_name": "Meier"}).text
        assert ben.post(EDIT, FormReader.read(html)).status_code == 303
        assert (stored()["last_name"], stored()["town"]) == ("Meier", "Köln")
        assert stored()["phones"][0]["label"] == "mobile"

    def test_taking_theirs_then_saving(
        self, ben: Browser, opened: dict[str, Any], stored: Callable[[], Any]
    ):
        html = ben.post(EDIT, opened | {"last_name": "Meier", "birthday": "1990-05-01"}).text
        theirs = {f"choose-{name}": "theirs" for name in ("town", "phones", "birthday")}
        assert ben.post(EDIT, FormReader.read(html) | theirs).status_code == 303
        assert (stored()["last_name"], stored()["town"]) == ("Meier", "Bonn")
        assert stored()["phones"][0]["label"] == "work"
        assert stored()["birthday"] is None

    def test_what_was_chosen_survives_a_mistake(self, ben: Browser, opened: dict[str, Any]):
        html = ben.post(EDIT, opened | {"last_name": "Meier"}).text
        fields = FormReader.read(html) | {"choose-town": "theirs", "vat_number": "DE1"}
        answer = ben.post(EDIT, fields)
        assert answer.status_code == 422
        shown = FormReader.read(answer.text)
        assert (shown["town"], shown["last_name"], shown["vat_number"]) == ("Bonn", "Meier", "DE1")

    def test_a_third_one_in_between(
        self, ben: Browser, anna: Browser, opened: dict[str, Any], stored: Callable[[], Any]
    ):
        fields = FormReader.read(ben.post(EDIT, opened | {"last_name": "Meier"}).text)
        anna.post(EDIT, anna.fields(EDIT) | {"town": "Ulm"})
        answer = ben.post(EDIT, fields | {"choose-town": "theirs"})
        assert answer.status_code == 409
        assert ben.post(EDIT, FormReader.read(answer.text)).status_code == 303
        assert (stored()["last_name"], stored()["town"]) == ("Meier", "Ulm")

    def test_different_fields_are_a_conflict_too(self, ben: Browser, opened: dict[str, Any]):
        assert ben.post(EDIT, opened | {"title": "Dr."}).status_code == 409

    def test_the_same_change_twice(self, ben: Browser, opened: dict[str, Any]):
        answer = ben.post(EDIT, opened | {"town": "Bonn", "phones-0-label": "work"})
        assert answer.status_code == 409
        assert "are the same" in answer.text
        assert ben.post(EDIT, FormReader.read(answer.text)).status_code == 303

    def test_what_hangs_on_the_customer_is_no_conflict(
        self, ben: Browser, anna: Browser, customer_id: int
    ):
        fields = ben.fields(EDIT)
        anna.post(f"{ONE}/comments/new", {"body": "Hello"})
        assert ben.post(EDIT, fields | {"title": "Dr."}).status_code == 303

    def test_the_one_who_changed_it_is_named_and_not_who_wrote_a_comment(
        self, ben: Browser, cleo: Browser, opened: dict[str, Any]
    ):
        ben.post(f"{ONE}/comments/new", {"body": "Hello"})
        assert "Saved meanwhile" in ben.post(EDIT, opened | {"title": "Dr."}).text


TEXT_FIELDS = (
    *("title", "first_name", "last_name", "company", "street", "house_number", "address_extra"),
    *("postcode", "town", "region", "vat_number", "number", "birthday", "kind", "salutation"),
    *("country", "language", "version", "emails-0-label", "emails-0-address", "phones-0-label"),
    *("phones-0-number", "choose-town", "add", "drop"),
)


@pytest.mark.parametrize("text", hostile.TEXTS, ids=hostile.called)
def test_hostile_text_in_every_field(
    ben: Browser, customer_id: int, text: str, stored: Callable[[], Any], version: Callable[[], str]
):
    form = ben.fields(EDIT) | {"emails-0-address": "a@example.com"}
    for number, field in enumerate(TEXT_FIELDS):
        before = stored()
        answer = (ben.post, ben.htmx_post)[number % 2](EDIT, form | {field: text})
        assert answer.status_code in (200, 303, 409, 422), field
        assert not hostile.is_markup_in(answer.text)
        if answer.status_code >= 400:
            assert stored() == before
        else:
            form["version"] = version()
    for url in (ONE, f"{ONE}/master", f"{ONE}/history", "/customers"):
        page = ben.get(url)
        assert page.status_code == 200
        assert not hostile.is_markup_in(page.text)


def test_lone_surrogates_in_the_body(ben: Browser, customer_id: int):
    for name in ("last_name", "emails-0-address", "emails-%ED%A0%80-address", "%ED%A0%80"):
        body = f"csrf_token={ben.token}&version=1&{name}=a%ED%A0%80b%FF"
        answer = ben.client.post(EDIT, data=body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code in (303, 422)


class TestPeople:
    def test_the_list_opens_as_page_and_as_dialog(
        self, ben: Browser, company_id: int, add_person: Callable[..., int]
    ):
        person_id = add_person(last_name="<Weiß>")
        for html in (ben.get(PEOPLE).text, ben.htmx_get(PEOPLE).text):
            assert "Dr. Jörg &lt;Weiß&gt;" in html
            assert f'href="{PEOPLE}/{person_id}/edit"' in html
        assert "<html" not in ben.htmx_get(PEOPLE).text

    def test_adding_shows_the_list_again(self, ben: Browser, company_id: int):
        url = f"{PEOPLE}/new"
        typed = {
            "salutation": "",
            "first_name": "Jörg",
            "last_name": "Weiß",
            "email": "weiss@example.com",
        }
        answer = ben.htmx_post(url, typed, panels="master,comments")
        assert answer.status_code == 200
        found, dialog = parts(answer.text)
        assert sorted(found) == ["#panel-master", "#toasts"]
        assert "Jörg Weiß" in found["#panel-master"]
        assert "Jörg Weiß" in dialog
        assert 'id="dialog-title"' in dialog
        plain = ben.post(url, typed | {"last_name": "Zoll"})
        assert (plain.status_code, plain.location) == (303, PEOPLE)

    def test_a_refusal_keeps_everything(
        self, ben: Browser, company_id: int, changes_nothing: Callable[[], Any]
    ):
        typed = {"salutation": "", "first_name": "", "role": "<Chef>", "email": "x", "is_main": "y"}
        with changes_nothing():
            answer = ben.htmx_post(f"{PEOPLE}/new", typed)
        assert answer.status_code == 422
        fields = FormReader.read(answer.text)
        assert {name: fields[name] for name in ("role", "email", "is_main")} == {
            "role": "<Chef>",
            "email": "x",
            "is_main": "y",
        }
        assert "Please give a first or last name." in answer.text
        assert "This is not an e-mail address." in answer.text

    def test_editing_and_a_conflict(
        self,
        ben: Browser,
        anna: Browser,
        company_id: int,
        add_person: Callable[..., int],
        app: Flask,
    ):
        url = f"{PEOPLE}/{add_person()}/edit"
        mine = ben.fields(url) | {"role": "Chef"}
        assert anna.post(url, anna.fields(url) | {"phone": "0221 1111"}).status_code == 303
        answer = ben.post(url, mine)
        assert answer.status_code == 409
        assert "Saved meanwhile" in answer.text
        assert "0221 98765" in answer.text
        fields = FormReader.read(answer.text) | {"choose-phone": "theirs"}
        assert ben.post(url, fields).status_code == 303
        with app.app_context():
            person = db.session.get_one(ContactPerson, 1)
            assert (person.role, person.phone, person.is_main) == ("Chef", "0221 1111", True)

    def test_the_main_one_can_be_given_up_by_a_conflict(
        self,
        ben: Browser,
        anna: Browser,
        company_id: int,
        add_person: Callable[..., int],
        app: Flask,
    ):
        """A tick is a value too: theirs is taken when it is chosen."""
        url = f"{PEOPLE}/{add_person()}/edit"
        mine = ben.fields(url) | {"role": "Chef"}
        unticked = anna.fields(url)
        assert unticked.pop("is_main") == "y"
        anna.post(url, unticked)
        html = ben.post(url, mine).text
        assert '"mine" checked> <span>yes</span>' in html
        ben.post(url, FormReader.read(html) | {"choose-is_main": "theirs"})
        with app.app_context():
            assert not db.session.get_one(ContactPerson, 1).is_main

    def test_removing_and_taking_it_back(
        self, ben: Browser, company_id: int, add_person: Callable[..., int]
    ):
        person_id = add_person()
        answer = ben.htmx_post(f"{PEOPLE}/{person_id}/removal", panels="master")
        found, dialog = parts(answer.text)
        assert "Weiß" not in dialog
        assert "Weiß" not in found["#panel-master"]
        undo = re.search(r'hx-post="([^"]+/restoration)"', found["#toasts"])
        assert undo
        answer = ben.htmx_post(undo[1], panels="master")
        found, rest = parts(answer.text)
        assert rest == ""
        assert "Weiß" in found["#panel-master"]
        assert ben.post(undo[1]).status_code == 404

    def test_removing_by_a_plain_form(
        self, ben: Browser, company_id: int, add_person: Callable[..., int]
    ):
        answer = ben.post(f"{PEOPLE}/{add_person()}/removal")
        assert (answer.status_code, answer.location) == (303, PEOPLE)
        page = ben.get(PEOPLE).text
        assert "Contact person removed" in page
        undo = re.search(r'<form method="post" action="([^"]+/restoration)"', page)
        assert undo
        assert ben.post(unescape(undo[1])).location == PEOPLE
        assert "Weiß" in ben.get(ONE).text

    def test_nobody_elses(
        self,
        ben: Browser,
        company_id: int,
        make_customer: Callable[..., int],
        add_person: Callable[..., int],
        changes_nothing: Callable[[], Any],
    ):
        other = make_customer()
        foreign = add_person(customer_id=other)
        with changes_nothing():
            for person_id in (foreign, 999):
                assert ben.get(f"{PEOPLE}/{person_id}/edit").status_code == 404
                assert ben.post(f"{PEOPLE}/{person_id}/edit", {"last_name": "x"}).status_code == 404
                for verb in ("removal", "restoration"):
                    assert ben.post(f"{PEOPLE}/{person_id}/{verb}").status_code == 404
                    assert ben.htmx_post(f"{PEOPLE}/{person_id}/{verb}").status_code == 404

    @pytest.mark.parametrize("text", hostile.TEXTS, ids=hostile.called)
    def test_hostile_text(
        self,
        ben: Browser,
        company_id: int,
        add_person: Callable[..., int],
        text: str,
    ):
        url = f"{PEOPLE}/{add_person()}/edit"
        for field in (*services.PERSON, "version"):
            form = ben.fields(url) | {field: text}
            for send in (ben.htmx_post, ben.post):
                answer = send(url, form)
                assert answer.status_code in (200, 303, 409, 422), field
                assert not hostile.is_markup_in(answer.text)
        assert not hostile.is_markup_in(ben.get(ONE).text)


def test_the_audit_names_the_person(
    app: Flask, ben: Browser, company_id: int, add_person: Callable[..., int]
):
    person_id = add_person()
    ben.post(f"{PEOPLE}/{person_id}/removal")
    with app.app_context():
        assert history.last_change(company_id, "customers")[0] == "Ben Staff"
    assert "Contact person Dr. Jörg Weiß removed" in ben.get(f"{ONE}/history").text
