"""Tables to take along: sent in pieces, and nothing is held while a piece is on its way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Flask
from sqlalchemy import text

from app.core.database import db
from app.domain.transfer.export import PLAIN
from app.shared import downloads


def test_a_slow_client_holds_no_transaction(app: Flask):
    asked: list[int] = []

    def rows() -> Iterator[list[Any]]:
        for number in range(1_201):
            asked.append(db.session.scalar(text("SELECT 1")) or 0)
            yield [number]

    with app.test_request_context():
        pieces = iter(downloads.table(rows(), PLAIN, "zahlen.csv").response)
        sizes = []
        for piece in pieces:
            assert not db.session().in_transaction()
            sizes.append(len(str(piece).splitlines()))
    assert sizes == [500, 500, 201]
    assert len(asked) == 1_201
