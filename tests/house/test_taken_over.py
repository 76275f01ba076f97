"""Migration 0004 over documents of the version before: what was paid has a payment then."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select

from app.core.database import db
from app.domain.factura.models import FacturaDocument
from app.domain.payments import queries
from app.domain.payments.models import Payment
from app.domain.payments.statement import statement
from tests.house.test_migrations import empty, insert

__all__ = ["empty"]

DAY = "2026-05-04"


@pytest.fixture
def upgraded(empty: Flask, tmp_path: Path) -> Flask:
    """Documents of one customer: kind, state, total and what is paid of it."""
    rows = (
        ("invoice", "issued", 10_000, 0),
        ("invoice", "issued", 10_000, 4_000),
        ("invoice", "issued", 10_000, 11_000),
        ("invoice", "cancelled", 10_000, 3_000),
        ("credit_note", "issued", 500, 0),
        ("quote", "issued", 10_000, 700),
    )
    with empty.app_context():
        upgrade(revision="0003")
        with closing(sqlite3.connect(tmp_path / "kundenblick.sqlite3")) as connection:
            insert(connection, "customer", id=1, number="1")
            for n, (kind, state, total, paid) in enumerate(rows, 1):
                values = {"kind": kind, "state": state, "total": total, "paid": paid}
                money = {"currency": "EUR", "reminder_level": 0, "issued_on": DAY, "version": 1}
                of = {"id": n, "customer_id": 1, "number": f"X-{n}"}
                insert(connection, "factura_document", **values, **money, **of)
        upgrade()
    return empty


def test_what_was_paid_has_a_payment(upgraded: Flask):
    with upgraded.app_context():
        assert queries.differences() == queries.credit_differences() == []
        assert queries.contradictions() == ([], [])
        paid = select(FacturaDocument.paid).order_by(FacturaDocument.id)
        assert list(db.session.scalars(paid)) == [0, 4_000, 10_000, 0, 0, 0]
        methods = select(Payment.id, Payment.method).order_by(Payment.id)
        assert [tuple(row) for row in db.session.execute(methods)] == [
            *((2, "taken_over"), (3, "taken_over"), (4, "taken_over")),
            (5, "credit_note"),
        ]
        assert queries.credit_sums(1) == {"EUR": 1_000 + 3_000 + 500}
        [account] = statement(1, date(2000, 1, 1), date(2026, 12, 31)).accounts
        is_open = sum(row.open for row in account.open_items)
        assert account.closing == is_open - account.credit
