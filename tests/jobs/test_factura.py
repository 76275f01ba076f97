"""The worker makes the PDFs of documents whose issuer did not get so far."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core import files, rendering
from app.core.database import db
from app.core.outbox import ENTRY
from app.core.rendering import RenderFailed
from app.core.worker import Worker
from app.domain.factura import queries, services
from tests.factories import draft_values


@pytest.fixture
def invoice_id(app: Flask, make_customer: Callable[..., int]) -> int:
    """An invoice that got its number by a process that died then."""
    customer_id = make_customer()
    with app.app_context():
        document_id = services.add_draft(draft_values(customer_id, "invoice"))
        services.issue(document_id)
        db.session.commit()
        return document_id


def entries(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        asked = select(ENTRY.state, ENTRY.error).where(ENTRY.kind == "factura")
        return [(state, error) for state, error in db.session.execute(asked)]


def digest(app: Flask, document_id: int) -> str | None:
    with app.app_context():
        return queries.row(document_id).pdf_digest


def test_it_is_made(app: Flask, invoice_id: int):
    Worker(app).look()
    made = digest(app, invoice_id)
    assert made
    with app.app_context():
        assert files.path_of(made).read_bytes().startswith(b"%PDF")
    assert entries(app) == [("sent", "")]


def test_what_is_there_is_not_made_again(
    app: Flask, invoice_id: int, monkeypatch: pytest.MonkeyPatch
):
    with app.app_context():
        services.set_pdf(invoice_id, "a" * 64, 1)
        db.session.commit()
    monkeypatch.setattr(rendering, "render_pdf", lambda *_a, **_k: pytest.fail("made again"))
    Worker(app).look()
    assert digest(app, invoice_id) == "a" * 64
    assert entries(app) == [("sent", "")]


@pytest.mark.parametrize(("code", "state"), [("busy", "waiting"), ("glyphs", "failed")])
def test_what_cannot_be_drawn_now_is_tried_again_if_that_may_help(
    app: Flask, invoice_id: int, monkeypatch: pytest.MonkeyPatch, code: str, state: str
):
    def failing(*_args: Any, **_more: Any) -> bytes:
        raise RenderFailed(code)

    monkeypatch.setattr(rendering, "render_pdf", failing)
    Worker(app).look()
    assert entries(app) == [(state, code)]
    assert digest(app, invoice_id) is None
