"""`flask customers purge-trash`: what ends the trash every night."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import delete as delete_rows
from sqlalchemy import select, update

from app.core import files
from app.core.database import db, happening, now
from app.domain.customers import services
from app.domain.customers.models import Customer
from app.domain.documents import services as documents
from app.domain.documents.models import Document
from app.domain.factura.models import FacturaDocument
from app.domain.settings.models import TeamSettings
from app.domain.settings.queries import settings


@pytest.fixture(autouse=True)
def english(app: Flask) -> None:
    """The commands speak the team's language."""
    with app.app_context():
        db.session.add(settings())
        db.session.flush()
        db.session.execute(update(TeamSettings).values(language="en"))
        db.session.commit()


@pytest.fixture
def delete(app: Flask, make_customer: Callable[..., int]) -> Callable[..., int]:
    """Delete a new customer, so many days ago."""

    def deleting(days: int, **values: Any) -> int:
        customer_id = make_customer(**values)
        with app.app_context(), happening(now() - timedelta(days=days)):
            services.delete_customer(customer_id)
            db.session.commit()
        return customer_id

    return deleting


def run(app: Flask, *arguments: str) -> Result:
    result = app.test_cli_runner().invoke(args=["customers", "purge-trash", *arguments])
    assert result.exit_code == 0, result.output
    return result


def left(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(Customer.number).order_by(Customer.id)))


def test_after_thirty_days(app: Flask, delete: Callable[..., int]):
    delete(31, number="1")
    delete(29, number="2")
    assert run(app).stdout.splitlines() == ["1 customer deleted for good"]
    assert left(app) == ["2"]


def test_after_other_days(app: Flask, delete: Callable[..., int]):
    for n in (1, 5, 9):
        delete(n, number=str(n))
    assert run(app, "--older-than", "4").stdout.splitlines() == ["2 customers deleted for good"]
    assert left(app) == ["1"]
    run(app, "--older-than", "0")
    assert left(app) == []


@pytest.mark.parametrize("days", ["-1", "x", "1.5", "99999999"])
def test_strange_days(app: Flask, delete: Callable[..., int], days: str):
    delete(99)
    arguments = ["customers", "purge-trash", "--older-than", days]
    assert app.test_cli_runner().invoke(args=arguments).exit_code == 2
    assert len(left(app)) == 1


def test_a_dry_run_only_counts(
    app: Flask, delete: Callable[..., int], changes_nothing: Callable[[], Any]
):
    delete(31)
    delete(32)
    with changes_nothing():
        assert run(app, "--dry-run").stdout.splitlines() == ["2 customers would be deleted"]


def test_nothing_to_do(app: Flask, make_customer: Callable[..., int]):
    make_customer()
    assert run(app).stdout.splitlines() == ["0 customers deleted for good"]


def test_who_must_be_kept_is_told_and_stops_nobody(app: Flask, delete: Callable[..., int]):
    kept = delete(40, number="1")
    delete(40, number="2")
    with app.app_context():
        issued = {"customer_id": kept, "kind": "invoice", "state": "issued", "number": "R-1"}
        db.session.add(FacturaDocument(**issued, issued_on=now().date(), created_at=now()))
        db.session.commit()
    assert run(app).stdout.splitlines() == [
        "1 customer deleted for good",
        "Kept, because something must be kept: 1",
    ]
    assert left(app) == ["1"]


class TestFiles:
    @pytest.fixture(autouse=True)
    def no_files(self, app: Flask) -> None:
        """Tests before this one left theirs."""
        with app.app_context():
            rmtree(files.root(), ignore_errors=True)

    def stored(self, app: Flask, customer_id: int, content: bytes) -> Path:
        """A document of a customer, uploaded long ago, and where its file lies."""
        with app.app_context():
            upload = documents.keep_upload("Brief.pdf", io.BytesIO(content), 1000)
            documents.add_documents(customer_id, [upload])
            db.session.commit()
            found = select(Document.digest).order_by(Document.id.desc()).limit(1)
            path = files.path_of(db.session.scalars(found).one())
        os.utime(path, (0, 0))
        return path

    def test_they_go_unless_somebody_else_has_the_same(
        self, app: Flask, make_customer: Callable[..., int]
    ):
        old, other = make_customer(), make_customer()
        mine, shared = (self.stored(app, old, content) for content in (b"mine", b"shared"))
        assert self.stored(app, other, b"shared") == shared
        with app.app_context(), happening(now() - timedelta(days=31)):
            services.delete_customer(old)
            db.session.commit()
        assert run(app).stdout.splitlines() == ["1 customer deleted for good", "1 file deleted"]
        assert (mine.exists(), shared.exists()) == (False, True)

    def test_however_many_they_are(self, app: Flask, make_customer: Callable[..., int]):
        """Many more than stay, as they may be in a small house."""
        old, other = make_customer(), make_customer()
        mine = [self.stored(app, old, f"page {number}".encode()) for number in range(30)]
        theirs = self.stored(app, other, b"theirs")
        with app.app_context(), happening(now() - timedelta(days=31)):
            services.delete_customer(old)
            db.session.commit()
        assert run(app).stdout.splitlines() == ["1 customer deleted for good", "30 files deleted"]
        assert not any(path.exists() for path in mine)
        assert theirs.exists()

    @pytest.mark.parametrize("count", [1, 30])
    def test_it_fails_if_some_stay(self, app: Flask, make_customer: Callable[..., int], count: int):
        """What somebody stored just now may be needed in a moment, whatever else it was for."""
        old = make_customer()
        paths = [self.stored(app, old, f"page {number}".encode()) for number in range(count)]
        with app.app_context(), happening(now() - timedelta(days=31)):
            services.delete_customer(old)
            db.session.commit()
        later = time.time() + 60
        os.utime(paths[0], (later, later))
        result = app.test_cli_runner().invoke(args=["customers", "purge-trash"])
        assert result.exit_code == 1
        assert "Some files stay." in result.stderr
        assert [path.exists() for path in paths] == [True] + [False] * (count - 1)

    def test_it_fails_if_files_of_nobody_are_too_many(
        self, app: Flask, make_customer: Callable[..., int]
    ):
        customer_id = make_customer()
        paths = [self.stored(app, customer_id, f"page {n}".encode()) for n in range(30)]
        with app.app_context():
            db.session.execute(delete_rows(Document))
            db.session.commit()
        result = app.test_cli_runner().invoke(args=["customers", "purge-trash"])
        assert (result.exit_code, all(path.exists() for path in paths)) == (1, True)

    def test_removed_documents_go_as_well(self, app: Flask, make_customer: Callable[..., int]):
        customer_id = make_customer()
        path = self.stored(app, customer_id, b"removed long ago")
        with app.app_context():
            with happening(now() - timedelta(days=31)):
                documents.remove_document(customer_id, 1)
            db.session.commit()
        assert run(app).stdout.splitlines() == ["0 customers deleted for good", "1 file deleted"]
        assert not path.exists()
