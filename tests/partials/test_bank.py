"""The panel of bank information, its detail page and its dialog."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask

from app.core.database import db
from app.domain.banking import queries, services
from tests.browserless import Browser, FormReader

IBAN, OTHER_IBAN = "DE89370400440532013000", "DE02120300000000202051"
FRENCH_IBAN = "FR1420041010050500013M02606"
ACCOUNT = {
    "account_holder": "Tanja Müller",
    "iban": "DE89 3704 0044 0532 0130 00",
    "bic": "COBADEFFXXX",
    "bank_name": "Commerzbank",
}
MANDATE = {
    "has_mandate": "y",
    "mandate_reference": "M-1",
    "mandate_date": "2026-03-01",
    "first_debit_on": "2026-04-01",
}
DATES = ("mandate_date", "first_debit_on")
SEPA = {"payment_method": "sepa_direct_debit"}
SIGNED_UP = SEPA | ACCOUNT | MANDATE


@pytest.fixture
def customer_id(make_customer: Callable[..., int]) -> int:
    return make_customer(number="10234")


@pytest.fixture
def overview(customer_id: int) -> str:
    return f"/customers/{customer_id}"


@pytest.fixture
def url(overview: str) -> str:
    return f"{overview}/bank"


@pytest.fixture
def record(app: Flask, customer_id: int) -> Callable[..., None]:
    """Record these values for the customer, as a colleague would."""

    def recording(**values: Any) -> None:
        dates = {n: date.fromisoformat(v) for n, v in values.items() if n in DATES}
        with app.app_context():
            services.record_bank(customer_id, values | dates)
            db.session.commit()

    return recording


@pytest.fixture
def stored(app: Flask, customer_id: int) -> Callable[[], dict[str, Any]]:
    """The values in the database."""

    def reading() -> dict[str, Any]:
        with app.app_context():
            return dict(queries.editable(customer_id).values)

    return reading


def typed(browser: Browser, url: str, **over: str | None) -> dict[str, str]:
    """The fields of the opened dialog with what is typed over them; None takes one away."""
    fields = browser.fields(f"{url}/edit") | over
    return {name: value for name, value in fields.items() if value is not None}


def error_at(html: str, field: str) -> str:
    found = re.search(rf'id="{field}-error">.*?<span>(.*?)</span>', html, re.S)
    return found[1] if found else ""


def warning_at(html: str, field: str) -> str:
    found = re.search(rf'id="{field}-warning">.*?<span>(.*?)</span>', html, re.S)
    return found[1] if found else ""


class TestPanel:
    def test_without_an_account_it_says_so(self, ben: Browser, url: str):
        panel = ben.htmx_get(f"{url}/panel").text
        assert "No bank account yet." in panel
        assert "Invoice" in panel

    def test_it_shows_account_and_mandate(
        self, ben: Browser, url: str, record: Callable[..., None]
    ):
        record(**SIGNED_UP)
        panel = ben.htmx_get(f"{url}/panel").text
        for shown in (
            *("SEPA direct debit", "Tanja Müller", "DE89 3704 0044 0532 0130 00", "COBADEFFXXX"),
            *("Commerzbank", "Mandate on hand", "M-1", "1 Mar 2026", f'data-copy="{IBAN}"'),
        ):
            assert shown in panel
        assert 'class="warning"' not in panel

    def test_an_outstanding_mandate_is_shown_everywhere(
        self, ben: Browser, overview: str, url: str, record: Callable[..., None]
    ):
        record(**SEPA, **ACCOUNT)
        badge = re.compile(r'data-state="warn">.*?Mandate outstanding')
        assert len(badge.findall(ben.get(overview).text)) == 2
        assert len(badge.findall(ben.get(url).text)) == 2
        assert badge.search(ben.htmx_get(f"{url}/panel").text)

    def test_it_tells_what_is_worth_a_look(
        self, ben: Browser, url: str, record: Callable[..., None]
    ):
        record(**ACCOUNT | {"bic": "DEUTDEFF"})
        panel = ben.htmx_get(f"{url}/panel").text
        assert "BIC: The bank table gives COBADEFF for this IBAN." in panel

    def test_read_only_users_see_it_without_the_button(self, cleo: Browser, url: str):
        assert "bank-panel-edit" not in cleo.htmx_get(f"{url}/panel").text


class TestDetail:
    def test_it_shows_what_held_before(self, ben: Browser, url: str, record: Callable[..., None]):
        record(**SIGNED_UP)
        record(iban=OTHER_IBAN, bic="", mandate_reference="M-2")
        page = ben.get(url).text
        facts, _heading, history = page.partition("Earlier accounts")
        assert "DE02 1203 0000 0000 2020 51" in facts
        assert "DE89 3704 0044 0532 0130 00" in history
        assert "Mandate replaced" in history
        assert "M-1" in history

    def test_an_account_without_iban_keeps_its_numbers(
        self, ben: Browser, url: str, record: Callable[..., None]
    ):
        record(account_number="532013000", bank_code="37040044")
        record(account_number="", bank_code="", iban=IBAN)
        assert "37040044 / 532013000" in ben.get(url).text

    def test_without_history_it_says_so(self, ben: Browser, url: str):
        page = ben.get(url).text
        assert "No earlier accounts." in page
        assert "No earlier mandates." in page


class TestDialog:
    def test_it_opens_as_page_and_as_fragment(self, ben: Browser, url: str):
        page, fragment = ben.get(f"{url}/edit"), ben.htmx_get(f"{url}/edit")
        assert page.status_code == fragment.status_code == 200
        assert "<html" in page.text
        assert "<html" not in fragment.text
        for field in (*queries.FIELDS, "offered-bic"):
            assert f'name="{field}"' in fragment.text

    def test_a_reference_is_proposed(self, ben: Browser, url: str):
        assert ben.fields(f"{url}/edit")["mandate_reference"] == "10234-1"

    def test_opened_and_saved_unchanged_it_writes_nothing(
        self,
        ben: Browser,
        url: str,
        record: Callable[..., None],
        changes_nothing: Callable[[], Any],
    ):
        with changes_nothing():
            assert ben.post(f"{url}/edit", typed(ben, url)).status_code == 303
        record(**SIGNED_UP)
        with changes_nothing():
            assert ben.post(f"{url}/edit", typed(ben, url)).status_code == 303

    def test_saving_leads_back_to_the_overview(
        self, ben: Browser, overview: str, url: str, stored: Callable[[], dict[str, Any]]
    ):
        answer = ben.post(f"{url}/edit", typed(ben, url, **SIGNED_UP))
        assert answer.status_code == 303
        assert answer.location == overview
        assert "Bank information saved" in ben.get(overview).text
        values = stored()
        assert values["iban"] == IBAN
        assert values["has_mandate"] is True
        assert values["mandate_date"] == date(2026, 3, 1)

    def test_saving_brings_the_stale_panels(self, ben: Browser, url: str):
        answer = ben.htmx_post(
            f"{url}/edit", typed(ben, url, **SEPA, **ACCOUNT), panels="header,bank,comments"
        )
        assert answer.status_code == 200
        assert re.findall(r'hx-target="#([\w-]+)"', answer.text)[:2] == ["toasts", "panel-header"]
        assert 'hx-target="#panel-bank"' in answer.text
        assert 'hx-target="#panel-comments"' not in answer.text
        assert answer.text.lstrip().startswith("<hx-partial")

    def test_saving_with_a_warning_says_so(
        self, ben: Browser, overview: str, url: str, stored: Callable[[], dict[str, Any]]
    ):
        ben.post(f"{url}/edit", typed(ben, url, **ACCOUNT | {"bic": "DEUTDEFF"}))
        assert stored()["bic"] == "DEUTDEFF"
        assert "Worth a look: BIC: The bank table gives COBADEFF" in ben.get(overview).text
        opened = ben.get(f"{url}/edit").text
        assert "COBADEFF" in warning_at(opened, "bic")

    @pytest.mark.parametrize(
        ("over", "field", "message"),
        [
            ({"iban": "DE89370400440532013001"}, "iban", "The check digits of this IBAN"),
            ({"iban": "DE8937040044"}, "iban", "This IBAN has 12 characters"),
            ({"bic": "COBADEFFXX"}, "bic", "A BIC has 8 or 11 characters"),
            ({"bic": "UBSWCHZH80A"}, "bic", "the IBAN is from DE"),
            ({"vat_number": "DE136695977"}, "vat_number", "check digit"),
            ({"mandate_reference": ""}, "mandate_reference", "A mandate on hand needs this."),
            ({"mandate_date": ""}, "mandate_date", "A mandate on hand needs this."),
            ({"mandate_date": "tomorrow"}, "mandate_date", "This is no date."),
            ({"account_holder": ""}, "account_holder", "A mandate on hand needs this."),
            ({"iban": ""}, "iban", "A mandate on hand needs this."),
            ({"first_debit_on": "2026-02-28"}, "first_debit_on", "cannot come before the mandate"),
            ({"payment_method": "gold"}, "payment_method", "Please choose one of the list."),
            ({"account_holder": "x" * 71}, "account_holder", "at most 70 characters"),
            ({"account_holder": "a\0b"}, "account_holder", "cannot be stored"),
            ({"iban": "\0"}, "iban", "cannot be stored"),
            ({"iban": "\U0001f3e6\u202e"}, "iban", "two letters, two digits"),
            ({"bic": "x" * 1_000_000}, "bic", "A BIC has 8 or 11 characters"),
            ({"rib_key": "x" * 100}, "rib_key", "exactly 2 digits"),
        ],
    )
    def test_what_does_not_hold_is_told_at_its_field(
        self,
        ben: Browser,
        url: str,
        changes_nothing: Callable[[], Any],
        over: dict[str, str],
        field: str,
        message: str,
    ):
        data = typed(ben, url, **SIGNED_UP | over)
        with changes_nothing():
            answer = ben.htmx_post(f"{url}/edit", data)
        assert answer.status_code == 422
        assert message in error_at(answer.text, field)
        kept = FormReader.read(answer.text)
        assert kept["bank_name"] == "Commerzbank"
        if len(over.get("iban", "-")) > 9:
            assert kept["iban"] == over["iban"]

    def test_a_reference_of_somebody_else_is_told_at_its_field(
        self,
        app: Flask,
        ben: Browser,
        url: str,
        record: Callable[..., None],
        make_customer: Callable[..., int],
    ):
        record(**SIGNED_UP)
        other = f"/customers/{make_customer()}/bank"
        answer = ben.post(f"{other}/edit", typed(ben, other, **SIGNED_UP))
        assert answer.status_code == 422
        assert "another customer" in error_at(answer.text, "mandate_reference")

    def test_two_colleagues_both_versions_are_shown(
        self,
        ben: Browser,
        url: str,
        record: Callable[..., None],
        stored: Callable[[], dict[str, Any]],
    ):
        mine = typed(ben, url, account_holder="Jan Müller")
        record(**ACCOUNT)

        answer = ben.htmx_post(f"{url}/edit", mine)

        assert answer.status_code == 409
        assert "Changed by somebody else meanwhile" in answer.text
        assert "Jan Müller" in answer.text
        assert IBAN in answer.text
        again = FormReader.read(answer.text)
        again |= {"choose-iban": "theirs", "choose-bic": "theirs", "choose-bank_name": "theirs"}
        assert ben.htmx_post(f"{url}/edit", again).status_code == 200
        assert stored()["iban"] == IBAN
        assert stored()["account_holder"] == "Jan Müller"

    def test_other_master_data_is_no_conflict(
        self, ben: Browser, overview: str, url: str, stored: Callable[[], dict[str, Any]]
    ):
        mine = typed(ben, url, **ACCOUNT)
        master = f"{overview}/master/edit"
        assert ben.post(master, ben.fields(master) | {"town": "Bonn"}).status_code == 303
        assert ben.post(f"{url}/edit", mine).status_code == 303
        assert stored()["iban"] == IBAN

    def test_nothing_sent_is_no_crash(
        self, ben: Browser, url: str, changes_nothing: Callable[[], Any]
    ):
        with changes_nothing():
            assert ben.post(f"{url}/edit").status_code == 409

    @pytest.mark.parametrize("name", ["cleo", "eve"])
    def test_who_may_not_edit_is_refused(
        self,
        request: pytest.FixtureRequest,
        ben: Browser,
        url: str,
        changes_nothing: Callable[[], Any],
        name: str,
    ):
        browser = request.getfixturevalue(name)
        data = typed(ben, url, **ACCOUNT)
        with changes_nothing():
            for path in ("edit", "lookup"):
                assert browser.htmx_post(f"{url}/{path}", data).status_code in (401, 403)
        assert browser.get(f"{url}/edit").status_code in (302, 403)

    def test_nobody_elses_customer(self, ben: Browser):
        assert ben.get("/customers/999/bank/edit").status_code == 404


class TestFrance:
    @pytest.mark.parametrize(
        "values",
        [
            {"iban": FRENCH_IBAN},
            {"branch_code": "20041", "account_number": "1", "bank_code": "2"},
            {"rib_key": "06"},
        ],
    )
    def test_its_fields_stand_open_for_a_french_account(
        self, ben: Browser, url: str, record: Callable[..., None], values: dict[str, str]
    ):
        assert "<details" in self.account(ben, url)
        record(**values)
        assert "<details" not in self.account(ben, url)

    def test_its_fields_stand_open_for_a_french_customer(
        self, ben: Browser, make_customer: Callable[..., int]
    ):
        url = f"/customers/{make_customer(country='FR')}/bank"
        assert "<details" not in self.account(ben, url)

    def test_its_fields_stand_open_as_soon_as_the_iban_is_typed(self, ben: Browser, url: str):
        data = typed(ben, url, iban=FRENCH_IBAN)
        assert "<details" not in ben.htmx_post(f"{url}/lookup", data).text

    @staticmethod
    def account(browser: Browser, url: str) -> str:
        return browser.htmx_get(f"{url}/edit").text


class TestFillingIn:
    """The script asks whenever a field of the account was changed, without script a button does."""

    def check(self, browser: Browser, url: str, **over: str | None) -> dict[str, str]:
        """The dialog after the look-up."""
        return FormReader.read(self.answer(browser, url, **over))

    def answer(self, browser: Browser, url: str, **over: str | None) -> str:
        answer = browser.post(f"{url}/edit", typed(browser, url, **over, check="1"))
        assert answer.status_code == 200
        return answer.text

    def test_an_iban_fills_bic_and_bank_name(self, ben: Browser, url: str):
        filled = self.check(ben, url, iban="de89370400440532013000", account_holder="Tanja")
        assert filled["bic"] == "COBADEFFXXX"
        assert filled["bank_name"] == "Commerzbank"
        assert filled["iban"] == "de89370400440532013000"
        assert filled["account_holder"] == "Tanja"

    def test_bank_code_and_account_number_offer_the_iban(self, ben: Browser, url: str):
        numbers = {"account_number": "532013000", "bank_code": "370 400 44"}
        html = self.answer(ben, url, **numbers)
        filled = FormReader.read(html)
        assert filled["iban"] == "DE89 3704 0044 0532 0130 00"
        assert filled["bic"] == "COBADEFFXXX"
        assert "Made from account number and bank code." in html

    def test_what_was_typed_is_never_overwritten(self, ben: Browser, url: str):
        typed_ones = {"iban": OTHER_IBAN, "bic": "DEUTDEFF", "bank_name": "My bank"}
        numbers = {"account_number": "532013000", "bank_code": "37040044"}
        filled = self.check(ben, url, **typed_ones, **numbers)
        assert {name: filled[name] for name in typed_ones} == typed_ones

    def test_what_was_filled_in_follows_the_iban(
        self, ben: Browser, url: str, record: Callable[..., None]
    ):
        record(**ACCOUNT)
        filled = self.check(ben, url, iban=OTHER_IBAN)
        assert filled["bic"] == "BYLADEM1001"
        filled = self.answer_again(ben, url, filled | {"iban": FRENCH_IBAN})
        assert filled["bic"][4:6] == "FR"
        filled = self.answer_again(ben, url, filled | {"iban": ""})
        assert filled["bic"] == filled["bank_name"] == ""

    def test_an_offered_iban_follows_the_account_number(self, ben: Browser, url: str):
        filled = self.check(ben, url, account_number="532013000", bank_code="37040044")
        filled = self.answer_again(ben, url, filled | {"account_number": "532013001"})
        assert filled["iban"] == "DE62 3704 0044 0532 0130 01"

    def test_who_saves_without_waiting_gets_what_belongs_to_the_iban(
        self,
        ben: Browser,
        url: str,
        record: Callable[..., None],
        stored: Callable[[], dict[str, Any]],
    ):
        record(**ACCOUNT)
        assert ben.post(f"{url}/edit", typed(ben, url, iban=OTHER_IBAN)).status_code == 303
        assert stored()["bic"] == "BYLADEM1001"

    def test_an_iban_that_nobody_saw_is_not_saved(
        self, ben: Browser, url: str, stored: Callable[[], dict[str, Any]]
    ):
        numbers = {"account_number": "532013000", "bank_code": "37040044"}
        assert ben.post(f"{url}/edit", typed(ben, url, **numbers)).status_code == 303
        assert stored()["iban"] == ""

    def answer_again(self, browser: Browser, url: str, data: dict[str, str]) -> dict[str, str]:
        return FormReader.read(browser.post(f"{url}/edit", data | {"check": "1"}).text)

    def test_nothing_is_saved(self, ben: Browser, url: str, changes_nothing: Callable[[], Any]):
        with changes_nothing():
            self.check(ben, url, **SIGNED_UP)

    def test_the_script_gets_the_account_only(self, ben: Browser, url: str):
        html = ben.htmx_post(f"{url}/lookup", typed(ben, url, iban=IBAN)).text
        assert html.count("<fieldset") == 1
        assert 'id="bank-account"' in html
        assert 'name="mandate_reference"' not in html

    def test_what_is_wrong_so_far_is_told_and_nothing_about_what_is_missing(
        self, ben: Browser, url: str
    ):
        html = self.answer(ben, url, iban="DE89370400440532013001", has_mandate="y")
        assert "check digits" in error_at(html, "iban")
        html = self.answer(ben, url, bank_code="37040044", has_mandate="y")
        assert "needs" not in error_at(html, "account_number")
        assert error_at(html, "account_holder") == ""

    @pytest.mark.parametrize("hostile", ["\0", "x" * 500_000, "\U0001f3e6", "<hx-partial>", "{"])
    def test_hostile_text_is_no_crash(self, ben: Browser, url: str, hostile: str):
        for field in ("iban", "bic", "account_number", "bank_code", "branch_code", "offered-iban"):
            self.answer(ben, url, **{field: hostile})
        self.answer(ben, url, bank_code="1", account_number="1", branch_code=hostile)

    def test_an_empty_check_is_no_crash(self, ben: Browser, url: str):
        assert ben.post(f"{url}/edit", {"check": "1"}).status_code == 200
        assert ben.htmx_post(f"{url}/lookup").status_code == 200
