"""What a night does: the trash is purged, files and rows agree, a backup is made."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.core import archive, backups, files, nightly, outbox
from app.core.database import db, happening, now
from app.core.jobs import Delivery
from app.core.outbox import OutboxEntry
from app.core.registry import registry
from app.core.worker import Worker
from app.domain.customers import services as customers
from app.domain.customers.models import Customer
from app.domain.documents import services as documents


@pytest.fixture
def night(app: Flask) -> Iterator[Callable[[], dict[str, Any]]]:
    """Let the worker do the night's work; how each went."""

    def working() -> dict[str, Any]:
        Worker(app).look_after_night()
        with app.app_context():
            return nightly.runs()

    yield working
    with app.app_context():
        shutil.rmtree(backups.folder(), ignore_errors=True)


@pytest.fixture
def make_document(app: Flask, make_customer: Callable[..., int]) -> Callable[..., str]:
    """Store a document of a new customer; the name of its file."""

    def make(name: str) -> str:
        customer_id = make_customer()
        with app.app_context():
            upload = documents.keep_upload(name, io.BytesIO(b"signed"), 100)
            documents.add_documents(customer_id, [upload])
            db.session.commit()
            return upload.file.name

    return make


def test_everything_is_done_in_its_order(night: Callable[[], dict[str, Any]]):
    runs = night()
    assert [runs[name].error for name in ("purge", "sweep", "backup")] == ["", "", ""]
    assert runs["purge"].began_at <= runs["sweep"].began_at <= runs["backup"].began_at


def test_the_trash_is_purged(
    app: Flask, night: Callable[[], dict[str, Any]], make_customer: Callable[..., int]
):
    for days in (31, 29):
        customer_id = make_customer(number=str(days))
        with app.app_context(), happening(now() - timedelta(days=days)):
            customers.delete_customer(customer_id)
            db.session.commit()
    assert night()["purge"].told["erased"] == 1
    with app.app_context():
        assert list(db.session.scalars(select(Customer.number))) == ["29"]


def test_entries_of_the_outbox_that_are_of_no_use_go(
    app: Flask, night: Callable[[], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
):
    with app.app_context():
        kept = Delivery(kind="kept", session=lambda: None, kept=timedelta(days=7))  # type: ignore[arg-type]
        monkeypatch.setattr(registry(), "jobs", [*registry().jobs, kept])
        for days in (8, 6):
            for kind in ("kept", "other"):
                with happening(now() - timedelta(days=days)):
                    outbox.confirm(_put(kind))
    night()
    with app.app_context():
        left = db.session.execute(select(OutboxEntry.kind).order_by(OutboxEntry.id)).scalars()
        assert list(left) == ["other", "kept", "other"]


@pytest.mark.parametrize("kind", ["password", "mail_test"])
def test_what_the_house_itself_sent_is_forgotten(
    app: Flask, night: Callable[[], dict[str, Any]], kind: str
):
    """Nobody needs an old link or an old test of the mail server, or whose address it went to."""
    with app.app_context(), happening(now() - timedelta(days=8)):
        outbox.confirm(_put(kind))
    night()
    with app.app_context():
        assert db.session.scalars(select(OutboxEntry.id)).all() == []


def _put(kind: str) -> int:
    entry_id = outbox.put(kind)
    db.session.commit()
    return entry_id


def test_the_backup_is_told_with_its_size(app: Flask, night: Callable[[], dict[str, Any]]):
    told = night()["backup"].told
    with app.app_context():
        (made,) = backups.made()
    assert told == {"file": made.path.name, "size": made.size}


def test_a_disk_without_room_is_told(
    night: Callable[[], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=1000))
    run = night()["backup"]
    assert (run.error, run.told["free"]) == ("no_room", 1000)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (OSError(28, "No space left on device"), "disk_full"),
        (OSError(13, "Permission denied"), "failed"),
        (archive.Unusable("There is no database."), "failed"),
    ],
)
def test_a_backup_that_fails_is_told_and_the_rest_is_done(
    night: Callable[[], dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
    fault: Exception,
    code: str,
):
    def failing(*_told: Any, **_options: Any) -> None:
        raise fault

    monkeypatch.setattr(archive, "write", failing)
    runs = night()
    assert (runs["backup"].error, runs["purge"].error) == (code, "")
    assert runs["backup"].told["reason"] == str(fault)


def test_a_missing_file_is_told(
    app: Flask, night: Callable[[], dict[str, Any]], make_document: Callable[..., str]
):
    name = make_document("Vertrag.pdf")
    with app.app_context():
        files.path_of(name).unlink()
    run = night()["sweep"]
    assert (run.error, run.told["missing"]) == ("", 1)
    assert run.told["names"] == ["Dokument 1 von Kunde 1"]
