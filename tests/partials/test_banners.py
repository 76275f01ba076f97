"""Hint banners on a customer: in the header, in lists, and why they are there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.core.database import db
from app.domain.banners import services
from app.domain.customers.services import create_customer
from app.domain.factura.services import set_paid
from tests.browserless import Browser
from tests.domain.test_banners import invoice, make_article, pay, remind
from tests.factories import banner_values, customer_values
from tests.fragments import parts


@pytest.fixture
def article(app: Flask) -> int:
    with app.app_context():
        article_id = make_article("SLA <b>Gold", "A-100")
        for condition in ("paid", "reminded", "open"):
            values = banner_values(article_id, condition=condition, line1=f"Gold {condition}")
            services.add_banner(values | {"line2": "<b>rund um die Uhr"})
        db.session.commit()
        return article_id


@pytest.fixture
def customer_id(make_customer: Callable[..., int]) -> int:
    return make_customer()


@pytest.fixture
def billed(app: Flask, article: int, customer_id: int) -> int:
    """An invoice of the customer with the article; its id."""
    with app.app_context():
        document_id = invoice(customer_id, article)
        db.session.commit()
        return document_id


class TestHeader:
    @pytest.mark.usefixtures("billed")
    def test_it_comes_before_the_open_amount(self, ben: Browser, customer_id: int):
        header = ben.get(f"/customers/{customer_id}").text
        assert f'href="/customers/{customer_id}/banners/3"' in header
        assert header.index("Gold open") < header.index("100.00 open")
        assert "&lt;b&gt;rund um die Uhr" in header
        assert "Gold paid" not in header

    def test_a_payment_changes_it_at_once(
        self, ben: Browser, anna: Browser, billed: int, customer_id: int
    ):
        """The header comes with the answer, other panels stay as they are."""
        url = f"/factura/{billed}/payment"
        form = ben.fields(url)
        answer = ben.htmx_post(url, form, panels="header,comments,factura")
        fresh, _remainder = parts(answer.text)
        assert "Gold paid" in fresh["#panel-header"]
        assert "Gold open" not in fresh["#panel-header"]
        assert "#panel-comments" not in fresh

    @pytest.mark.usefixtures("billed")
    def test_banners_cost_one_statement(
        self, ben: Browser, customer_id: int, count_queries: Callable[[], Any]
    ):
        url = f"/customers/{customer_id}/header/panel"
        ben.htmx_get(url)
        with count_queries() as sent:
            ben.htmx_get(url)
        assert len([one for one in sent if "customer_banner" in str(one)]) == 1


class TestLists:
    @pytest.mark.usefixtures("billed")
    def test_customers_carry_them_as_marks(self, ben: Browser, customer_id: int):
        for url in ("/customers", "/customers/quick?q=müller"):
            page = ben.get(url).text
            assert "Gold open" in page
            assert f"/customers/{customer_id}/banners/" not in page

    def test_a_page_of_customers_costs_one_statement(
        self, app: Flask, ben: Browser, article: int, count_queries: Callable[[], Any]
    ):
        with app.app_context():
            for _n in range(10):
                invoice(create_customer(customer_values()), article)
            db.session.commit()
        with count_queries() as sent:
            page = ben.get("/customers").text
        assert page.count("Gold open") == 10
        assert len([one for one in sent if "customer_banner" in str(one)]) == 1


class TestWhy:
    def test_it_names_the_rule_and_the_documents(
        self, app: Flask, ben: Browser, billed: int, customer_id: int
    ):
        answer = ben.htmx_get(f"/customers/{customer_id}/banners/3")
        assert "A-100 SLA &lt;b&gt;Gold is not paid in full, and no reminder" in answer.text
        assert f'href="/factura/{billed}"' in answer.text
        assert "100.00" in answer.text
        with app.app_context():
            remind(billed)
            db.session.commit()
        answer = ben.get(f"/customers/{customer_id}/banners/2")
        assert "is not paid in full, and a reminder was sent." in answer.text
        assert "1st reminder" in answer.text
        assert ben.get(f"/customers/{customer_id}/banners/3").status_code == 404

    def test_of_many_the_newest_are_named(
        self, app: Flask, ben: Browser, article: int, customer_id: int
    ):
        with app.app_context():
            for _n in range(25):
                set_paid(invoice(customer_id, article), 10_000)
            db.session.commit()
        page = ben.get(f"/customers/{customer_id}/banners/1").text
        assert page.count('href="/factura/') == 20
        assert "Older ones are not listed here." in page

    def test_who_may_only_read_may_ask(
        self, app: Flask, cleo: Browser, billed: int, customer_id: int
    ):
        with app.app_context():
            pay(customer_id, billed)
            db.session.commit()
        assert "is paid in full." in cleo.get(f"/customers/{customer_id}/banners/1").text

    @pytest.mark.usefixtures("billed")
    def test_nothing_is_told_of_others(
        self, ben: Browser, make_customer: Callable[..., int], customer_id: int
    ):
        stranger = make_customer()
        assert ben.get(f"/customers/{stranger}/banners/3").status_code == 404
        assert ben.get(f"/customers/{customer_id}/banners/999").status_code == 404
