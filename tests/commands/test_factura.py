"""`flask factura …`: what may be done with documents."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import update

from app.core import files
from app.core.database import db
from app.core.outbox import OutboxEntry, State
from app.domain.factura import paper, services
from app.domain.factura.models import FacturaSettings
from app.domain.factura.rules import FOLLOW_UPS, MOVES
from app.domain.settings.models import DEFAULTS as TEAM
from app.domain.settings.models import TeamSettings
from tests.factories import draft_values, invoice_values


def test_moves_are_printed_as_they_are(app: Flask):
    result = app.test_cli_runner().invoke(args=["factura", "moves"])
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == list(MOVES)
    told = {tuple(line.split()) for line in lines if line.startswith(" ")}
    for table in MOVES.values():
        for (state, move), becomes in table.items():
            assert (state, move, becomes or "gone") in told
    assert sum("followed by" in line for line in lines) == sum(map(bool, FOLLOW_UPS.values()))


@pytest.mark.usefixtures("context")
class TestVerifying:
    @pytest.fixture
    def customer_id(self, make_customer: Callable[..., int]) -> int:
        """A customer of a team that may write invoices."""
        db.session.add(TeamSettings(**(TEAM | {"id": 1, "name": "Tanzschule", "country": "DE"})))
        db.session.add(FacturaSettings(id=1, tax_number="217/5718/1234", vat_number=""))
        db.session.commit()
        return make_customer()

    def test_a_document_that_is_still_to_be_drawn_is_named(self, app: Flask, customer_id: int):
        document_id, number = _issued(customer_id)
        services.add_document(customer_id, invoice_values())
        services.add_draft(draft_values(customer_id, "invoice"))
        db.session.commit()
        assert _verified(app) == (
            0,
            f"Still to be drawn, by the worker: {number}\n0 of 1 PDFs are as they were stored.\n",
        )
        paper.pdf_of(document_id)
        assert _verified(app) == (0, "1 of 1 PDFs are as they were stored.\n")

    def test_it_fails_if_nobody_is_going_to_draw_it(self, app: Flask, customer_id: int):
        _id, number = _issued(customer_id)
        db.session.execute(update(OutboxEntry).values(state=State.FAILED))
        db.session.commit()
        code, told = _verified(app)
        assert (code, told.splitlines()[0]) == (
            1,
            f"Still to be drawn, by a button on its page: {number}",
        )

    def test_it_fails_if_a_file_is_lost_though_the_worker_comes(self, app: Flask, customer_id: int):
        document_id, number = _issued(customer_id)
        stored = paper.pdf_of(document_id)
        files.path_of(stored.name).unlink()
        code, told = _verified(app)
        assert (code, told.splitlines()[0]) == (1, f"Missing ({stored.name}): {number}")


def _issued(customer_id: int) -> tuple[int, str]:
    document_id = services.add_draft(draft_values(customer_id, "invoice"))
    number = services.issue(document_id)
    db.session.commit()
    return document_id, number


def _verified(app: Flask) -> tuple[int, str]:
    """How `verify` ends, and all it says."""
    result = app.test_cli_runner().invoke(args=["factura", "verify"])
    return result.exit_code, result.stderr + result.stdout
