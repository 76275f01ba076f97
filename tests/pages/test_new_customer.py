"""Adding a customer: what is needed, the number, those who may be the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.audit import AuditEntry
from app.core.database import db
from app.core.events import announced
from app.domain.customers import queries, services
from app.domain.customers.models import Customer
from app.domain.settings.models import TeamSettings
from app.domain.settings.queries import settings
from tests.browserless import Browser, FormReader
from tests.factories import customer_values

NEW = "/customers/new"

TYPED = {
    "kind": "person",
    "salutation": "mr",
    "title": "Dr.",
    "first_name": "Jürgen",
    "last_name": "Groß",
    "company": "Groß & Söhne",
    "street": "Am Markt",
    "house_number": "3b",
    "address_extra": "Hof",
    "postcode": "8010",
    "town": "Graz",
    "region": "Steiermark",
    "country": "AT",
    "language": "en",
    "birthday": "1987-11-24",
    "vat_number": "ATU13585627",
    "number": "K-77",
    "emails-0-label": "work",
    "emails-0-address": "gross@example.com",
    "emails-1-label": "",
    "emails-1-address": "",
    "emails-2-label": "private",
    "emails-2-address": "juergen@example.com",
    "phones-0-label": "mobile",
    "phones-0-number": "0664 1234567",
}


def rows(app: Flask, *columns: Any) -> list[Any]:
    with app.app_context():
        return list(db.session.execute(select(*columns).order_by(Customer.id)))


def kept(html: str) -> dict[str, Any]:
    fields = FormReader.read(html)
    return {name: value for name, value in fields.items() if value and name != "version"}


def start_numbers_at(app: Flask, number: int) -> None:
    with app.app_context():
        row: TeamSettings = settings()
        row.first_customer_number = number
        db.session.add(row)
        db.session.commit()


class TestForm:
    def test_it_opens_as_page_and_as_dialog(self, ben: Browser):
        page, dialog = ben.get(NEW), ben.htmx_get(NEW)
        assert "<html" in page.text
        assert "<html" not in dialog.text
        assert f'hx-post="{NEW}"' in dialog.text
        for answer in (page, dialog):
            assert f'action="{NEW}"' in answer.text
            assert kept(answer.text) == {"kind": "person", "country": "DE", "language": "de"}

    def test_everything_is_saved(self, ben: Browser, app: Flask):
        answer = ben.post(NEW, TYPED)
        assert (answer.status_code, answer.location) == (303, "/customers/1")
        with app.app_context():
            values = queries.editable(1).values
        assert values["emails"] == [
            {"label": "work", "address": "gross@example.com"},
            {"label": "private", "address": "juergen@example.com"},
        ]
        assert values["phones"] == [{"label": "mobile", "number": "0664 1234567"}]
        plain = {name: value for name, value in TYPED.items() if "-" not in name}
        assert {name: str(values[name]) for name in plain} == plain
        overview = ben.get(answer.location).text
        assert "Customer added" in overview
        assert "Dr. Jürgen Groß" in overview
        assert "Customer added" not in ben.get(answer.location).text

    def test_with_script_the_page_changes(self, ben: Browser):
        answer = ben.htmx_post(NEW, TYPED)
        assert answer.status_code == 200
        assert answer.headers["HX-Redirect"] == "/customers/1"
        assert answer.text == ""
        assert "Customer added" in ben.get("/customers/1").text

    @pytest.mark.parametrize("send", ["post", "htmx_post"])
    @pytest.mark.parametrize(
        ("over", "message"),
        [
            ({"last_name": "", "company": ""}, "Please give a last name or a company."),
            ({"last_name": " ", "company": "\u200b"}, "Please give a last name or a company."),
            ({"birthday": "31.02.2020"}, "This is no date."),
            ({"birthday": "2999-01-01"}, "This birthday is in the future."),
            ({"emails-2-address": "not an address"}, "This is not an e-mail address."),
            ({"phones-0-number": "12"}, "at least three digits"),
            ({"vat_number": "ATU13585628"}, "check digit"),
            ({"number": "K 77 !"}, "A customer number has letters"),
            ({"last_name": "x" * 101}, "at most 100 characters"),
            ({"first_name": "a\0b"}, "cannot be stored"),
            ({"kind": "alien"}, "Please choose one of the list."),
            ({"country": "XX"}, "Please choose one of the list."),
            ({"emails-0-label": "mobile"}, "Please choose one of the list."),
        ],
    )
    def test_what_does_not_hold_is_told_and_everything_kept(
        self,
        ben: Browser,
        changes_nothing: Callable[[], Any],
        over: dict[str, str],
        message: str,
        send: str,
    ):
        typed = TYPED | over
        with changes_nothing():
            answer = getattr(ben, send)(NEW, typed)
        assert answer.status_code == 422
        assert message in answer.text
        assert 'role="alert"' in answer.text
        unlisted = {"kind", "country", "emails-0-label"} & over.keys()
        expected = {n: v.replace("\0", "") for n, v in typed.items() if v.strip(" \u200b")}
        shown = kept(answer.text)
        assert {n: shown.get(n) for n in expected if n not in unlisted} == {
            n: v for n, v in expected.items() if n not in unlisted
        }

    def test_a_message_stands_at_the_row_it_is_about(self, ben: Browser):
        """Row 1 is empty and does not count; the wrong address is the third row on screen."""
        html = ben.post(NEW, TYPED | {"emails-2-address": "wrong"}).text
        assert 'id="emails-2-address-error"' in html
        assert 'id="emails-1-address-error"' not in html
        assert 'href="#emails-2-address"' in html

    @pytest.mark.parametrize("role", ["cleo", "eve"])
    def test_others_may_not(
        self, role: str, request: pytest.FixtureRequest, changes_nothing: Callable[[], Any]
    ):
        browser: Browser = request.getfixturevalue(role)
        with changes_nothing():
            assert browser.get(NEW).status_code == (403 if role == "cleo" else 302)
            assert browser.post(NEW, TYPED).status_code == (403 if role == "cleo" else 302)
            assert browser.post(f"{NEW}/duplicates", TYPED).status_code in (403, 302)

    def test_it_is_audited_and_announced(self, app: Flask, context: None):
        customer_id = services.create_customer(customer_values())
        assert "customer.created" in announced()
        entry = db.session.scalars(
            select(AuditEntry).where(AuditEntry.customer_id.is_not(None))
        ).one()
        assert (entry.area, entry.action, entry.customer_id) == (
            "customers",
            "created",
            customer_id,
        )
        assert ["last_name", None, "Müller"] in entry.changes


class TestRows:
    def test_adding_and_dropping_rows_saves_nothing(
        self, ben: Browser, changes_nothing: Callable[[], Any]
    ):
        with changes_nothing():
            html = ben.post(NEW, TYPED | {"add": "emails"}).text
            assert 'name="emails-3-address"' in html
            assert kept(html)["emails-2-address"] == "juergen@example.com"
            html = ben.post(NEW, TYPED | {"drop": "emails-0"}).text
        fields = kept(html)
        assert "gross@example.com" not in html
        assert fields["emails-1-address"] == "juergen@example.com"
        assert fields["last_name"] == "Groß"

    def test_dropping_one_after_the_other_drops_the_right_ones(self, ben: Browser):
        typed = {f"phones-{n}-number": f"0221 {n}{n}{n}" for n in range(4)}
        for pressed in ("phones-0", "phones-1", "phones-0"):
            fields = kept(ben.post(NEW, TYPED | typed | {"drop": pressed}).text)
            typed = {name: value for name, value in fields.items() if name.endswith("-number")}
        assert typed == {"phones-0-number": "0221 333"}

    def test_the_rows_left_are_saved(self, ben: Browser, app: Flask):
        fields = kept(ben.post(NEW, TYPED | {"drop": "emails-0"}).text)
        ben.post(NEW, fields)
        with app.app_context():
            assert queries.editable(1).values["emails"] == [
                {"label": "private", "address": "juergen@example.com"}
            ]

    def test_all_rows_can_be_dropped(self, ben: Browser, app: Flask):
        fields = kept(ben.post(NEW, TYPED | {"drop": "phones-0"}).text)
        assert not any(name.startswith("phones") for name in fields)
        assert ben.post(NEW, fields).status_code == 303
        with app.app_context():
            assert queries.editable(1).values["phones"] == []

    @pytest.mark.parametrize(
        "pressed",
        [
            {"drop": "emails-99"},
            {"drop": "x"},
            {"add": "last_name"},
            {"drop": "last_name-0"},
            {"add": ""},
        ],
    )
    def test_strange_presses_keep_everything(
        self, ben: Browser, pressed: dict[str, str], changes_nothing: Callable[[], Any]
    ):
        with changes_nothing():
            answer = ben.post(NEW, TYPED | pressed)
        assert answer.status_code == 200
        assert kept(answer.text)["emails-2-address"] == "juergen@example.com"

    def test_there_is_an_end_to_rows(self, ben: Browser):
        many = {f"phones-{n}-number": f"0221 {n}000" for n in range(50)}
        html = ben.post(NEW, TYPED | many | {"add": "phones"}).text
        assert 'name="phones-49-number"' in html
        assert 'name="phones-50-number"' not in html


class TestNumber:
    def test_it_comes_by_itself_and_counts_on(self, ben: Browser, app: Flask):
        for _ in range(3):
            ben.post(NEW, TYPED | {"number": ""})
        assert [row.number for row in rows(app, Customer.number)] == ["10001", "10002", "10003"]

    def test_from_the_configured_start(self, ben: Browser, app: Flask):
        start_numbers_at(app, 500)
        ben.post(NEW, TYPED | {"number": ""})
        start_numbers_at(app, 7000)
        ben.post(NEW, TYPED | {"number": ""})
        start_numbers_at(app, 600)
        ben.post(NEW, TYPED | {"number": ""})
        assert [row.number for row in rows(app, Customer.number)] == ["500", "7000", "7001"]

    def test_it_leaves_out_what_is_taken(self, ben: Browser, app: Flask):
        for number in ("10001", "10002", "", "10004", ""):
            assert ben.post(NEW, TYPED | {"number": number}).status_code == 303
        numbers = [row.number for row in rows(app, Customer.number)]
        assert numbers == ["10001", "10002", "10003", "10004", "10005"]

    def test_a_refused_customer_uses_up_no_number(self, ben: Browser, app: Flask):
        ben.post(NEW, TYPED | {"number": "", "emails-0-address": "wrong"})
        ben.post(NEW, TYPED | {"number": ""})
        assert [row.number for row in rows(app, Customer.number)] == ["10001"]

    def test_a_taken_one_is_told_at_the_field(
        self, ben: Browser, make_customer: Callable[..., int], changes_nothing: Callable[[], Any]
    ):
        make_customer(number="K-77")
        with changes_nothing():
            answer = ben.post(NEW, TYPED)
        assert answer.status_code == 422
        assert 'id="number-error"' in answer.text
        assert "Another customer has this number." in answer.text
        assert kept(answer.text) == {n: v for n, v in TYPED.items() if v}


@pytest.fixture
def known(make_customer: Callable[..., int]) -> int:
    return make_customer(
        number="4711",
        last_name="Grossmann",
        first_name="Jürgen",
        town="Graz",
        postcode="8010",
        country="AT",
        emails=[{"label": "", "address": "Gross@Example.com"}],
        phones=[{"label": "", "number": "+43 664 1234567"}],
    )


NOBODY = {
    "last_name": "Zander",
    "first_name": "",
    "company": "",
    "emails-0-address": "",
    "emails-2-address": "",
    "phones-0-number": "",
    "number": "",
}


class TestDuplicates:
    @pytest.mark.parametrize(
        ("typed", "reason"),
        [
            ({"emails-0-address": "GROSS@example.COM"}, "same e-mail"),
            (
                {"emails-0-address": "x@example.com", "emails-5-address": "gross@example.com"},
                "same e-mail",
            ),
            ({"phones-0-number": "0664/123 45 67"}, "same phone"),
            ({"phones-0-number": "0043 (0)664 1234567", "country": "DE"}, "same phone"),
            ({"last_name": "Großmann", "first_name": "Juergen"}, "similar name, same postcode"),
            ({"last_name": "Grosmann", "first_name": "Jürgen"}, "similar name, same postcode"),
        ],
    )
    def test_reasons(self, ben: Browser, known: int, typed: dict[str, str], reason: str):
        for answer in (
            ben.htmx_post(f"{NEW}/duplicates", TYPED | NOBODY | typed),
            ben.post(NEW, TYPED | NOBODY | typed | {"check": "1"}),
        ):
            assert answer.status_code == 200
            assert f'<a href="/customers/{known}">4711 Jürgen Grossmann, Graz</a>' in answer.text
            assert f'<span class="muted">{reason}</span>' in answer.text

    @pytest.mark.parametrize(
        "typed",
        [
            {},
            {"emails-0-address": "gros@example.com"},
            {"phones-0-number": "0664 1234568"},
            {"last_name": "Grossmann", "first_name": "Jürgen", "postcode": "8011"},
            {"last_name": "Grossmann", "first_name": "Jürgen", "postcode": ""},
            {"last_name": "Klein", "first_name": "Jürgen"},
        ],
    )
    def test_nobody_is_alike(self, ben: Browser, known: int, typed: dict[str, str]):
        answer = ben.htmx_post(f"{NEW}/duplicates", TYPED | NOBODY | typed)
        assert answer.text.strip() == ""

    def test_all_reasons_at_once_and_the_likest_first(
        self, ben: Browser, known: int, make_customer: Callable[..., int]
    ):
        weaker = make_customer(emails=[{"label": "", "address": "gross@example.com"}])
        same = {
            "last_name": "Grossmann",
            "first_name": "Jürgen",
            "emails-0-address": "gross@example.com",
        }
        html = ben.htmx_post(
            f"{NEW}/duplicates", TYPED | NOBODY | same | {"phones-0-number": "0664 1234567"}
        ).text
        assert "same e-mail, same phone, similar name, same postcode" in html
        assert html.index(f"/customers/{known}") < html.index(f"/customers/{weaker}")

    def test_looking_changes_nothing_and_saving_stays_possible(
        self, ben: Browser, known: int, changes_nothing: Callable[[], Any]
    ):
        with changes_nothing():
            ben.htmx_post(f"{NEW}/duplicates", TYPED)
            html = ben.post(NEW, TYPED | {"check": "1"}).text
        assert kept(html) == {n: v for n, v in TYPED.items() if v}
        assert "You can add the customer all the same." in html
        assert ben.post(NEW, TYPED).status_code == 303

    def test_a_refused_form_still_tells_who_is_alike(self, ben: Browser, known: int):
        answer = ben.post(NEW, TYPED | {"birthday": "x"})
        assert answer.status_code == 422
        assert f'href="/customers/{known}"' in answer.text

    @pytest.mark.parametrize("text", ["\0", "🦄" * 50, "<b>", "x" * 1_000_000, "0" * 100_000])
    def test_hostile_text(self, ben: Browser, known: int, text: str):
        for field in ("last_name", "emails-0-address", "phones-0-number", "postcode", "kind"):
            answer = ben.htmx_post(f"{NEW}/duplicates", {"postcode": "8010"} | {field: text})
            assert answer.status_code == 200
            assert "<b>" not in answer.text

    def test_nothing_at_all(self, ben: Browser, known: int):
        assert ben.htmx_post(f"{NEW}/duplicates").text.strip() == ""


@pytest.mark.parametrize(
    "strange",
    [
        {"drop": "emails-²"},
        {"drop": "emails-" + "9" * 5000},
        {"emails-²-address": "a@example.com"},
        {"emails-" + "9" * 5000 + "-address": "a@example.com"},
    ],
)
def test_rows_that_are_no_rows(ben: Browser, strange: dict[str, str]):
    assert ben.post("/customers/new", strange).status_code in (200, 422)


def test_too_many_rows_are_refused_in_words(ben: Browser):
    rows = {f"emails-{n}-address": f"e{n}@example.com" for n in range(51)}
    form = ben.fields("/customers/new") | {"last_name": "Voll"} | rows
    answer = ben.post("/customers/new", form)
    assert answer.status_code == 422
    assert "At most 50 can be kept." in answer.text
