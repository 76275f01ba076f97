"""Deleting from the overview: the button, its dialog, the refusal and the way back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.core.database import db
from app.domain.customers import queries, services
from app.domain.factura.services import add_document
from app.domain.groups.queries import gets_no_information
from tests.browserless import Browser
from tests.factories import invoice_values
from tests.fragments import parts
from tests.samples import give_everything

ONE = "/customers/1"
URL = f"{ONE}/deletion"
BACK = f"{URL}/restoration"
STOP = f"{URL}/no-information"
REASON = "Cannot be deleted: has received invoice 2026-0012."


@pytest.fixture
def customer_id(make_customer: Callable[..., int]) -> int:
    customer_id = make_customer()
    assert customer_id == 1
    return customer_id


@pytest.fixture
def invoiced(app: Flask, customer_id: int) -> int:
    """A customer who has received an invoice."""
    with app.app_context():
        add_document(customer_id, invoice_values())
        db.session.commit()
    return customer_id


@pytest.fixture
def in_trash(app: Flask, customer_id: int) -> int:
    with app.app_context():
        services.delete_customer(customer_id)
        db.session.commit()
    return customer_id


def exists(app: Flask) -> bool:
    with app.app_context():
        return queries.customer_exists(1)


def is_silent(app: Flask) -> bool:
    with app.app_context():
        return bool(gets_no_information([1]))


class TestButton:
    def test_it_is_the_last_one_and_opens_the_dialog(self, ben: Browser, customer_id: int):
        html = ben.get(ONE).text
        assert f'href="{URL}" hx-get="{URL}"' in html
        bar = re.search(r'<div class="toolbar".*?</div>', html, re.S)
        assert bar
        assert re.findall(r' id="([a-z-]+)"', bar[0])[-1] == "deletion-confirm"

    def test_refused_it_says_why_and_leads_to_what_else_can_be_done(
        self, ben: Browser, invoiced: int
    ):
        html = ben.get(ONE).text
        assert f'role="tooltip" id="deletion-confirm-why">{REASON}</span>' in html
        assert re.search(rf'<a href="{URL}" hx-get="{URL}"[^>]*id="deletion-confirm-way-out"', html)
        assert f'href="{URL}" hx-get="{URL}" hx-target="#dialog" id="deletion-confirm"' not in html

    def test_who_may_not_delete_is_told_that_alone(self, cleo: Browser, invoiced: int):
        html = cleo.get(ONE).text
        assert 'id="deletion-confirm-why">Your role does not allow this.' in html
        assert "way-out" not in html
        assert cleo.get(URL).status_code == 403


class TestDialog:
    def test_it_names_customer_and_what_goes_along(
        self, ben: Browser, app: Flask, customer_id: int
    ):
        with app.app_context():
            give_everything(customer_id)
            db.session.commit()
        for html in (ben.get(URL).text, ben.htmx_get(URL).text):
            assert "Delete Tanja Müller?" in html
            assert "Tanja Müller (no. 10001) goes into the trash." in html
            for text in ("1 contact person", "1 additional address", "1 draft", "1 comment"):
                assert f"<li>{text}</li>" in html
            assert "It can be restored for 30 days." in html
            assert 'data-kind="danger"' in html
            assert f'action="{URL}"' in html
            assert 'class="keys"' not in html
            assert "aria-keyshortcuts" not in html

    def test_nothing_goes_along(self, ben: Browser, customer_id: int):
        html = ben.get(URL).text
        assert "goes into the trash." in html
        assert "What belongs to it" not in html

    def test_looking_changes_nothing(
        self, ben: Browser, customer_id: int, changes_nothing: Callable[[], Any]
    ):
        with changes_nothing():
            ben.get(URL)
            ben.htmx_get(URL)


class TestDeleting:
    def test_without_script_to_the_list_with_undo(self, ben: Browser, app: Flask, customer_id: int):
        answer = ben.post(URL)
        assert answer.status_code == 303
        assert answer.location.startswith("/customers")
        assert not exists(app)
        html = ben.get("/customers").text
        assert "Tanja Müller is in the trash" in html
        assert f'action="{BACK}"' in html
        back = ben.post(BACK)
        assert (back.status_code, back.location) == (303, ONE)
        assert "Tanja Müller is back" in ben.get(ONE).text

    def test_with_script(self, ben: Browser, app: Flask, customer_id: int):
        answer = ben.htmx_post(URL, panels="header,comments")
        assert answer.status_code == 200
        assert answer.headers["HX-Redirect"].startswith("/customers")
        assert not exists(app)
        assert ben.htmx_post(BACK).headers["HX-Redirect"] == ONE
        assert exists(app)

    def test_the_list_as_it_was(self, ben: Browser, customer_id: int):
        ben.get("/customers?q=müller")
        assert ben.post(URL).location.startswith("/customers?q=m%C3%BCller")

    @pytest.mark.parametrize("send", ["post", "htmx_post"])
    def test_a_document_issued_meanwhile_refuses_it(
        self, ben: Browser, invoiced: int, send: str, changes_nothing: Callable[[], Any]
    ):
        with changes_nothing():
            answer = getattr(ben, send)(URL)
        assert answer.status_code == 409
        assert REASON in answer.text
        assert f'action="{STOP}"' in answer.text
        assert ("<html" in answer.text) == (send == "post")

    def test_the_history_tells(self, ben: Browser, customer_id: int):
        ben.post(URL)
        ben.post(BACK)
        html = ben.get(f"{ONE}/history").text
        assert "Customer put into the trash" in html
        assert "Customer restored" in html


class TestNoInformation:
    def test_the_refusal_offers_it(self, ben: Browser, invoiced: int):
        for html in (ben.get(URL).text, ben.htmx_get(URL).text):
            assert REASON in html
            assert "Send no more information" in html
            assert f'action="{STOP}"' in html

    def test_with_script_and_undo(self, ben: Browser, app: Flask, invoiced: int):
        found, rest = parts(ben.htmx_post(STOP, panels="header").text)
        assert rest == ""
        assert "gets no information" in found["#panel-header"]
        assert is_silent(app)
        undo = re.search(r'hx-post="([^"]+)"', found["#toasts"])
        assert undo
        found, rest = parts(ben.htmx_post(undo[1], panels="header").text)
        assert rest == ""
        assert "gets no information" not in found["#panel-header"]
        assert not is_silent(app)

    def test_without_script_and_undo(self, ben: Browser, app: Flask, invoiced: int):
        assert ben.post(STOP).location == ONE
        assert is_silent(app)
        undo = re.search(r'action="([^"]+/removal)"', ben.get(ONE).text)
        assert undo
        assert ben.post(undo[1]).status_code == 303
        assert not is_silent(app)

    def test_the_second_time_it_is_so_already(
        self, ben: Browser, invoiced: int, changes_nothing: Callable[[], Any]
    ):
        ben.post(STOP)
        ben.get(ONE)
        html = ben.get(URL).text
        assert "gets no information" in html
        assert f'action="{STOP}"' not in html
        with changes_nothing():
            answer = ben.htmx_post(STOP, panels="header")
        assert "Gets no information already" in answer.text
        assert "hx-post" not in parts(answer.text)[0]["#toasts"]


class TestInTheTrash:
    PATHS = (
        "",
        "/comments",
        "/comments/new",
        "/factura",
        "/factura/panel",
        "/history",
        "/deletion",
    )

    @pytest.mark.parametrize("path", PATHS)
    def test_every_page_says_so(self, ben: Browser, in_trash: int, path: str):
        answer = ben.get(ONE + path)
        assert answer.status_code == 410
        assert "In the trash" in answer.text
        assert "Tanja Müller" in answer.text
        assert "it will be deleted for good" in answer.text
        assert f'action="{BACK}"' in answer.text

    @pytest.mark.parametrize("path", PATHS)
    def test_every_fragment_is_a_toast(self, ben: Browser, in_trash: int, path: str):
        answer = ben.htmx_get(ONE + path)
        assert answer.status_code == 410
        assert answer.text.startswith('<div class="toast"')
        assert answer.headers["HX-Retarget"] == "#toasts"
        assert "Tanja Müller is in the trash since" in answer.text

    @pytest.mark.parametrize(
        "path", ["/comments/new", "/master/edit", "/deletion", "/deletion/no-information"]
    )
    def test_nothing_can_be_done_but_bringing_it_back(
        self, ben: Browser, in_trash: int, path: str, changes_nothing: Callable[[], Any]
    ):
        with changes_nothing():
            assert ben.post(ONE + path, {"body": "x"}).status_code == 410
            assert ben.htmx_post(ONE + path, {"body": "x"}).status_code == 410

    def test_a_reader_sees_who_may_bring_it_back(
        self, cleo: Browser, in_trash: int, changes_nothing: Callable[[], Any]
    ):
        html = cleo.get(ONE).text
        assert f'action="{BACK}"' not in html
        assert "Your role does not allow this." in html
        with changes_nothing():
            assert cleo.post(BACK).status_code == 403

    def test_a_stranger_learns_nothing(self, eve: Browser, in_trash: int):
        assert eve.get(ONE).status_code == 302
        assert "Müller" not in eve.htmx_get(ONE).text

    def test_bringing_back_who_is_not_there(
        self, ben: Browser, customer_id: int, changes_nothing: Callable[[], Any]
    ):
        with changes_nothing():
            for url in (BACK, "/customers/999/deletion/restoration"):
                assert ben.post(url).status_code == 404
                assert ben.htmx_post(url).status_code == 404
