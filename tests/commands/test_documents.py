"""`flask documents sweep`: what it tells, and how it ends."""

from __future__ import annotations

import io
import os
from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask

from app.core import files
from app.core.database import db
from app.core.sweep import HOUR
from app.domain.documents import services


@pytest.fixture
def digest(app: Flask, make_customer: Callable[..., int]) -> str:
    """The stored file of a document."""
    customer_id = make_customer()
    with app.app_context():
        upload = services.keep_upload("Vertrag.pdf", io.BytesIO(b"signed"), 100)
        services.add_documents(customer_id, [upload])
        db.session.commit()
        return upload.file.name


def run(app: Flask, *options: str) -> Result:
    return app.test_cli_runner().invoke(args=["documents", "sweep", *options])


def test_all_is_well(app: Flask, digest: str):
    result = run(app, "--verify")
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "1 file in use",
        "All of them were read and are as they were stored.",
    ]


def test_what_nothing_needs_goes(app: Flask, digest: str):
    with app.app_context():
        orphan = files.path_of(files.keep(b"o" * 1_200_000))
    born = orphan.stat().st_mtime - HOUR - 60
    os.utime(orphan, (born, born))
    assert "1 file deleted that nothing needs, 1.1\N{NO-BREAK SPACE}MB" in run(app).output
    assert not orphan.exists()


def test_a_missing_file_is_told_and_its_row_stays(
    app: Flask, digest: str, changes_nothing: Callable
):
    with app.app_context():
        files.path_of(digest).unlink()
    sentence = f"Missing: the file of document 1 of customer 1 ({digest})"
    with changes_nothing():
        result = run(app)
        assert (result.exit_code, sentence in result.output) == (0, True)
        assert run(app, "--verify").exit_code == 1
    with app.app_context():
        files.keep(b"signed")


def test_a_damaged_file_is_told(app: Flask, digest: str):
    with app.app_context():
        files.path_of(digest).write_bytes(b"singed")
    assert "Damaged" not in run(app).output
    result = run(app, "--verify")
    sentence = f"Damaged: the file of document 1 of customer 1 ({digest})"
    assert sentence in result.output
    assert "All of them were read" not in result.output
    assert result.exit_code == 1
    with app.app_context():
        files.keep(b"signed")
