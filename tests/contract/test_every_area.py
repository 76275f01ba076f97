"""What holds for every area, whoever wrote it: a customer who leaves takes everything along."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.database import db
from app.domain.customers.services import erase_customers
from tests.contract.conftest import discovered


def owning_tables() -> Iterable[str]:
    """The tables whose rows belong to a customer."""
    discovered()
    for name, table in db.metadata.tables.items():
        if any(key.column.table.name == "customer" for key in table.foreign_keys):
            yield name


def rows_of(table: str, customer_id: int) -> int:
    columns = db.metadata.tables[table].c
    counted = select(func.count()).where(columns.customer_id == customer_id)
    return db.session.scalar(counted) or 0


@pytest.mark.parametrize("table", sorted(owning_tables()))
def test_nothing_of_an_erased_customer_is_left(table: str, app: Flask, full_customer: int):
    with app.app_context():
        assert rows_of(table, full_customer)
        erase_customers([full_customer])
        db.session.commit()
        assert rows_of(table, full_customer) == 0
