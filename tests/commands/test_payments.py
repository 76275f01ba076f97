"""`flask payments check`: what is paid is counted anew."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text

from app.core.database import db
from app.domain.factura.services import add_document
from tests.factories import invoice_values


@pytest.fixture
def check(app: Flask, make_customer: Callable[..., int]) -> Callable[[], tuple[int, str]]:
    """Let it count, over an invoice of which a part is paid."""
    with app.app_context():
        add_document(make_customer(), invoice_values(paid=10_000))
        db.session.commit()

    def checking() -> tuple[int, str]:
        result = app.test_cli_runner().invoke(args=["payments", "check"])
        return result.exit_code, result.output

    return checking


def test_no_difference(check: Callable[[], tuple[int, str]]):
    code, output = check()
    assert (code, output) == (0, "No difference.\n")


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("UPDATE factura_document SET paid = 20000", "(2026-0012): €200.00 stored, €100.00"),
        ("UPDATE payment_part SET amount = 9000", "(2026-0012): €100.00 stored, €90.00"),
        ("UPDATE payment SET amount = 9000", "Payment 1 gives away more than it is"),
        ('UPDATE payment SET "left" = 500', "Payment 1: €5.00 stored as left of it, €0.00 counted"),
        ("UPDATE payment SET currency = 'CHF'", "Payment 1 cannot pay document 1"),
        ("UPDATE payment SET taken_back_at = '2026-11-20 10:00:00'", "stored, €0.00 counted"),
        ("UPDATE factura_document SET state = 'cancelled'", "Payment 1 cannot pay document 1"),
    ],
)
def test_a_difference_is_told_and_fails(
    app: Flask, check: Callable[[], tuple[int, str]], damage: str, told: str
):
    with app.app_context():
        db.session.execute(text(damage))
        db.session.commit()
    code, output = check()
    assert code == 1
    assert told in output
