"""The panel of additional addresses, its list and its form."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.core import paging
from app.core.database import db
from app.domain.addresses import queries, services
from tests.browserless import Browser
from tests.factories import address_values

TEXTS = (
    *("title", "first_name", "last_name", "company", "street", "house_number"),
    *("address_extra", "postcode", "town", "region"),
)


def typed(**over: Any) -> dict[str, Any]:
    """What the browser sends for a filled form; an unticked box is not sent."""
    values = address_values(**over)
    return {key: "y" if value is True else value for key, value in values.items() if value}


@pytest.fixture
def customer_id(make_customer: Callable[..., int]) -> int:
    return make_customer()


@pytest.fixture
def add(app: Flask, customer_id: int) -> Callable[..., int]:
    """Add an address with these values and get its id."""

    def adding(**values: Any) -> int:
        with app.app_context():
            address_id = services.add_address(customer_id, address_values(**values))
            db.session.commit()
            return address_id

    return adding


@pytest.fixture
def url(customer_id: int) -> str:
    return f"/customers/{customer_id}/addresses"


@pytest.fixture
def stored(app: Flask, customer_id: int) -> Callable[[], list[Any]]:
    """The addresses in the database, the newest first."""

    def reading() -> list[Any]:
        with app.app_context():
            return queries.latest(customer_id)

    return reading


def lines(html: str) -> list[str]:
    """The text of every address in some HTML, a line between slashes."""
    found = re.findall(r"<address class=\"lines\">(.*?)</address>", html, re.S)
    return [re.sub(r"<[^>]+>", "", address.replace("<br>", " / ")) for address in found]


class TestPanel:
    def test_it_shows_the_last_five_with_their_uses(
        self, ben: Browser, customer_id: int, url: str, add: Callable[..., int]
    ):
        for number in range(6):
            add(house_number=str(number), is_delivery=number == 5)
        panel = ben.htmx_get(f"{url}/panel").text
        assert lines(panel)[0] == "Family Petra Kowalska / Am Rheinufer 5 / 53111 Bonn"
        assert [line.split(" / ")[1][-1] for line in lines(panel)] == list("54321")
        assert panel.count("Delivery") == 1
        assert panel.count("Billing") == 5
        assert "5 of 6" in panel
        assert f'href="{url}"' in panel
        assert "all 6" in panel

    def test_a_company_stands_above_the_person_and_a_country_abroad_below(
        self, ben: Browser, url: str, add: Callable[..., int]
    ):
        add(salutation="ms", title="Dr.", company="Studio", country="AT", postcode="1010")
        add(salutation="mx", first_name="Kim", address_extra="Hinterhaus")
        kim, studio = lines(ben.htmx_get(f"{url}/panel").text)
        assert kim == "Kim Kowalska / Hinterhaus / Am Rheinufer 12 / 53111 Bonn"
        assert studio == "Studio / Ms Dr. Petra Kowalska / Am Rheinufer 12 / 1010 Bonn / AUSTRIA"

    def test_an_unusual_postcode_is_pointed_out(
        self, ben: Browser, url: str, add: Callable[..., int]
    ):
        add(postcode="531")
        assert "A postcode of this country has 5 digits." in ben.htmx_get(f"{url}/panel").text

    def test_without_any_it_says_so(self, ben: Browser, url: str):
        assert 'data-kind="none"' in ben.htmx_get(f"{url}/panel").text

    def test_a_reader_sees_addresses_and_nothing_to_press(
        self, cleo: Browser, url: str, add: Callable[..., int]
    ):
        add()
        for address in ("/panel", "/list", ""):
            html = cleo.htmx_get(url + address).text
            assert len(lines(html)) == 1
            assert "/edit" not in html
            assert "/new" not in html
            assert "/removal" not in html


class TestDetail:
    def test_it_is_paged(self, ben: Browser, customer_id: int, url: str, app: Flask):
        with app.app_context():
            for _ in range(paging.PAGE + 1):
                services.add_address(customer_id, address_values())
            db.session.commit()
        first = ben.get(url).text
        assert len(lines(first)) == paging.PAGE
        older = re.search(rf'href="({url}\?before=\d+)"', first)
        assert older is not None
        second = ben.get(older[1]).text
        assert len(lines(second)) == 1
        assert f'href="{url}" rel="prev"' in second or f'rel="prev" href="{url}"' in second

    @pytest.mark.parametrize("before", ["x", "-1", "0", "9" * 30, "<script>"])
    def test_a_strange_place_is_the_first_page(
        self, ben: Browser, url: str, add: Callable[..., int], before: str
    ):
        add()
        assert len(lines(ben.get(url, query_string={"before": before}).text)) == 1


class TestList:
    def test_it_offers_to_add_edit_and_remove(
        self, ben: Browser, url: str, add: Callable[..., int]
    ):
        address_id = add()
        for html in (ben.get(f"{url}/list").text, ben.htmx_get(f"{url}/list").text):
            assert f'href="{url}/new" hx-get="{url}/new"' in html
            assert f'href="{url}/{address_id}/edit"' in html
            assert f'action="{url}/{address_id}/removal"' in html

    def test_a_long_one_leads_to_the_page(
        self, ben: Browser, customer_id: int, url: str, app: Flask
    ):
        with app.app_context():
            for _ in range(paging.PAGE + 1):
                services.add_address(customer_id, address_values())
            db.session.commit()
        shown = ben.htmx_get(f"{url}/list").text
        assert len(lines(shown)) == paging.PAGE
        assert "Show all addresses" in shown


class TestAdding:
    def test_the_form_opens_with_the_country_of_the_team(self, ben: Browser, url: str):
        assert ben.fields(f"{url}/new")["country"] == "DE"
        assert "<html" not in ben.htmx_get(f"{url}/new").text

    def test_saved_in_the_dialog_the_list_is_shown_again(
        self, ben: Browser, url: str, stored: Callable[[], list[Any]]
    ):
        answer = ben.htmx_post(f"{url}/new", typed(), panels="addresses,comments")
        assert answer.status_code == 200
        dialog, *parts = answer.text.split("<hx-partial ")
        assert lines(dialog) == ["Family Petra Kowalska / Am Rheinufer 12 / 53111 Bonn"]
        assert "Additional addresses" in dialog
        assert [part.split('"')[1] for part in parts] == ["#toasts", "#panel-addresses"]
        assert stored()[0].is_billing
        assert not stored()[0].is_delivery

    def test_without_script_it_leads_to_the_list(
        self, ben: Browser, url: str, stored: Callable[[], list[Any]]
    ):
        form = ben.fields(f"{url}/new") | typed(is_delivery=True)
        answer = ben.post(f"{url}/new", form)
        assert (answer.status_code, answer.location) == (303, f"{url}/list")
        assert "Address added" in ben.get(answer.location).text
        assert stored()[0].is_delivery

    @pytest.mark.parametrize("send", ["post", "htmx_post"])
    def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(
        self, ben: Browser, url: str, changes_nothing: Callable[[], Any], send: str
    ):
        with changes_nothing():
            values = typed(town="", postcode="531", is_delivery=True)
            answer = getattr(ben, send)(f"{url}/new", values)
        assert answer.status_code == 422
        assert re.search(r'id="town-error">.*?Please give a town\.', answer.text, re.S)
        assert re.search(r'id="postcode-warning">.*?5 digits', answer.text, re.S)
        assert 'value="Kowalska"' in answer.text
        assert 'selected value="family"' in answer.text
        assert re.search(r'<input[^>]* checked[^>]* id="is_delivery"', answer.text)

    @pytest.mark.parametrize(
        "value", ["boss", "<script>alert(1)</script>", "ms' OR 1=1", "\0"], ids=repr
    )
    @pytest.mark.parametrize("field", ["salutation", "country"])
    def test_only_what_the_list_offers_is_taken(
        self, ben: Browser, url: str, changes_nothing: Callable[[], Any], field: str, value: str
    ):
        with changes_nothing():
            answer = ben.htmx_post(f"{url}/new", typed(**{field: value}))
        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.text
        assert "<script>alert" not in answer.text

    @pytest.mark.parametrize("field", TEXTS)
    def test_hostile_text_is_refused_at_its_field(
        self, ben: Browser, url: str, changes_nothing: Callable[[], Any], field: str
    ):
        for value in ("a\0b", "x" * 1_000_000):
            with changes_nothing():
                answer = ben.htmx_post(f"{url}/new", typed(**{field: value}))
            assert answer.status_code == 422
            assert f'id="{field}-error"' in answer.text

    @pytest.mark.parametrize("field", [f for f in TEXTS if f not in ("house_number", "postcode")])
    def test_markup_is_shown_and_never_run(
        self, ben: Browser, url: str, customer_id: int, field: str
    ):
        hostile = '<script>alert(1)</script>"><b hx-get=/x>'
        saved = ben.htmx_post(f"{url}/new", typed(**{field: hostile}), panels="addresses")
        assert saved.status_code == 200
        for page in (saved, ben.get(url), ben.get(f"/customers/{customer_id}/history")):
            assert "<script>alert" not in page.text
            assert "<b hx-get" not in page.text
        assert "&lt;script&gt;" in ben.get(f"/customers/{customer_id}/history").text

    @pytest.mark.parametrize("text", ["شارع النيل", "Ørsted–Łódź", "東京都", "O’Brien & Söhne"])
    def test_every_script_is_kept(
        self, ben: Browser, url: str, stored: Callable[[], list[Any]], text: str
    ):
        ben.htmx_post(f"{url}/new", typed(street=text, company=text))
        assert (stored()[0].street, stored()[0].company) == (text, text)

    def test_a_reader_may_not(self, cleo: Browser, url: str, changes_nothing: Callable[[], Any]):
        with changes_nothing():
            assert cleo.get(f"{url}/new").status_code == 403
            assert cleo.htmx_post(f"{url}/new", typed()).status_code == 403


class TestEditing:
    def test_the_form_holds_what_is_stored(self, ben: Browser, url: str, add: Callable[..., int]):
        address_id = add(postcode="531")
        page = ben.get(f"{url}/{address_id}/edit").text
        fields = ben.fields(f"{url}/{address_id}/edit")
        assert fields == typed(postcode="531") | {
            **dict.fromkeys(("title", "company", "address_extra", "region"), ""),
            "version": "1",
        }
        assert 'id="postcode-warning"' in page

    def test_saved_it_shows_the_list_again(self, ben: Browser, url: str, add: Callable[..., int]):
        address_id = add()
        form = ben.fields(f"{url}/{address_id}/edit") | {"town": "Köln"}
        form.pop("is_billing")
        answer = ben.htmx_post(f"{url}/{address_id}/edit", form, panels="addresses")
        assert lines(answer.text) == ["Family Petra Kowalska / Am Rheinufer 12 / 53111 Köln"] * 2
        assert "Billing" not in answer.text

    @pytest.mark.parametrize("send", ["post", "htmx_post"])
    def test_a_colleagues_change_is_shown_beside_the_own(
        self, ben: Browser, anna: Browser, url: str, add: Callable[..., int], send: str
    ):
        edit = f"{url}/{add()}/edit"
        mine = ben.fields(edit) | {"town": "Köln", "salutation": "mr"}
        anna.post(edit, anna.fields(edit) | {"town": "Aachen", "salutation": "ms"})
        answer = getattr(ben, send)(edit, mine)
        assert answer.status_code == 409
        assert "Saved meanwhile" in answer.text
        conflict = re.search(r'<section class="conflict".*?</section>', answer.text, re.S)
        assert conflict is not None
        assert re.findall(r"<span>(.*?)</span>", conflict[0]) == ["Mr", "Ms", "Köln", "Aachen"]
        assert 'value="Köln"' in answer.text

    def test_saved_again_what_was_chosen_stands(
        self,
        ben: Browser,
        anna: Browser,
        url: str,
        add: Callable[..., int],
        stored: Callable[[], list[Any]],
    ):
        edit = f"{url}/{add()}/edit"
        mine = ben.fields(edit) | {"town": "Köln", "street": "Domplatz"}
        anna.post(edit, anna.fields(edit) | {"town": "Aachen", "postcode": "52062"})
        assert ben.post(edit, mine).status_code == 409
        chosen = {"version": "2", "choose-town": "mine", "choose-postcode": "theirs"}
        assert ben.post(edit, mine | chosen).status_code == 303
        address = stored()[0]
        assert (address.town, address.postcode, address.street) == ("Köln", "52062", "Domplatz")

    def test_nobody_elses_and_no_removed_one(
        self, ben: Browser, url: str, add: Callable[..., int], make_customer: Callable[..., int]
    ):
        address_id, other = add(), make_customer(last_name="Berger")
        assert ben.get(f"/customers/{other}/addresses/{address_id}/edit").status_code == 404
        ben.post(f"{url}/{address_id}/removal")
        assert ben.get(f"{url}/{address_id}/edit").status_code == 404
        assert ben.post(f"{url}/{address_id}/edit", typed()).status_code == 404


class TestRemoving:
    def test_from_the_list_the_list_is_shown_again(
        self, ben: Browser, url: str, add: Callable[..., int]
    ):
        address_id = add()
        answer = ben.htmx_post(f"{url}/{address_id}/removal", {"from": "list"}, panels="addresses")
        assert answer.text.startswith('<div class="dialog-head">')
        assert f'action="{url}/{address_id}/restoration"' in answer.text
        assert lines(answer.text) == []

    def test_from_the_page_no_dialog_opens(self, ben: Browser, url: str, add: Callable[..., int]):
        address_id = add()
        removal = f"{url}/{address_id}/removal"
        answer = ben.htmx_post(removal, {"from": "detail"}, panels="addresses@detail")
        assert answer.text.startswith("<hx-partial")
        assert 'hx-target="#detail-addresses"' in answer.text

    def test_without_script_it_goes_back_to_where_it_was_pressed(
        self, ben: Browser, url: str, add: Callable[..., int]
    ):
        assert ben.post(f"{url}/{add()}/removal", {"from": "list"}).location == f"{url}/list"
        assert ben.post(f"{url}/{add()}/removal", {"from": "detail"}).location == url
        assert "Undo" in ben.get(url).text

    def test_undone_it_is_back_in_the_panel_and_in_the_open_list(
        self, ben: Browser, url: str, add: Callable[..., int], stored: Callable[[], list[Any]]
    ):
        address_id = add()
        ben.htmx_post(f"{url}/{address_id}/removal", {"from": "list"})
        answer = ben.htmx_post(f"{url}/{address_id}/restoration", panels="addresses")
        targets = re.findall(r'hx-partial hx-target="(.*?)"', answer.text)
        assert targets == ["#toasts", "#panel-addresses", "#addresses-list-items"]
        assert [row.id for row in stored()] == [address_id]
        assert ben.post(f"{url}/{address_id}/restoration").status_code == 404

    def test_a_reader_may_not(
        self,
        cleo: Browser,
        url: str,
        add: Callable[..., int],
        changes_nothing: Callable[[], Any],
    ):
        address_id = add()
        with changes_nothing():
            assert cleo.post(f"{url}/{address_id}/removal").status_code == 403
            assert cleo.post(f"{url}/{address_id}/restoration").status_code == 403


def test_it_is_found_by_the_parents_who_pay(ben: Browser, customer_id: int, url: str):
    ben.post(f"{url}/new", typed(last_name="Brückner-Łuczak"))
    for query in ("brueckner", "luczak", "rheinufer 12"):
        assert f'href="/customers/{customer_id}"' in ben.get(f"/customers?q={query}").text, query
