"""`flask banners check`: what it tells, and how it ends."""

from __future__ import annotations

import pytest
from click.testing import Result
from flask import Flask

from app.core.database import db
from app.domain.banners import holding, services
from app.domain.customers.services import create_customer
from tests.domain.test_banners import hung, invoice, make_article
from tests.factories import banner_values, customer_values


@pytest.fixture
def customer_id(app: Flask) -> int:
    """Somebody with an invoice that makes a banner hold."""
    with app.app_context():
        customer_id, article_id = create_customer(customer_values()), make_article("Gold")
        invoice(customer_id, article_id)
        services.add_banner(banner_values(article_id, condition="open"))
        db.session.commit()
        return customer_id


def check(app: Flask, *options: str) -> Result:
    return app.test_cli_runner().invoke(args=["banners", "check", *options])


@pytest.mark.usefixtures("customer_id")
def test_all_is_well(app: Flask):
    result = check(app)
    assert result.exit_code == 0
    assert result.output == "All hint banners hang where they should.\n"


def test_a_difference_is_told_and_mended(app: Flask, customer_id: int):
    with app.app_context():
        db.session.execute(holding.NOBODY, {"banner_id": 1})
        db.session.commit()
    result = check(app)
    assert result.exit_code == 1
    assert f"Banner 1 (SLA Gold) is missing on 1: {customer_id}" in result.output
    with app.app_context():
        assert hung() == set()
    mended = check(app, "--repair")
    assert mended.exit_code == 0
    assert "All of this is mended." in mended.output
    with app.app_context():
        assert hung() == {(customer_id, 1)}
    assert check(app).exit_code == 0
