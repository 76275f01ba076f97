"""How the house stands: only admins see it, and what is wrong is said in plain words."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.core import backups, nightly, queue
from app.core.database import happening, now
from app.core.jobs import Nightly
from app.core.nightly import Unfinished
from tests.browserless import Browser

PATH = "/settings/operation"


@pytest.fixture
def went(app: Flask) -> Callable[..., None]:
    """Let a work of this name be done, so many days ago, with this outcome."""

    def doing(name: str, told: dict[str, Any] | Exception, days: int = 0) -> None:
        def run() -> dict[str, Any]:
            if isinstance(told, Exception):
                raise told
            return told

        with app.app_context(), happening(now() - timedelta(days=days)):
            nightly.do(Nightly(name=name, run=run))

    return doing


def test_only_admins_see_it(anna: Browser, ben: Browser, cleo: Browser):
    assert anna.get(PATH).status_code == 200
    assert [who.get(PATH).status_code for who in (ben, cleo)] == [403, 403]
    assert PATH in anna.get("/settings").text


def test_before_the_first_night(anna: Browser):
    page = anna.get(PATH).text
    assert "does not run" in page
    assert "flask --app wsgi worker" in page
    assert page.count("not yet done") == 3
    assert "There is no backup yet." in page


def test_the_worker_runs(anna: Browser, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(queue, "is_working", lambda: True)
    page = anna.get(PATH).text
    assert "does not run" not in page
    assert "It sends what waits in the outbox" in page


def test_what_the_night_did(app: Flask, anna: Browser, went: Callable[..., None]):
    went("purge", {"erased": 2, "kept": []})
    went("sweep", {"deleted": 1, "missing": 0, "doubtful": 0, "names": []})
    went("backup", {"size": 2_400_000, "file": "nightly-2026-11-25.tar.gz"})
    with app.app_context():
        backups.folder().mkdir(exist_ok=True)
        (backups.folder() / "nightly-2026-11-25.tar.gz").write_bytes(b"x" * 2048)
    try:
        page = anna.get(PATH).text
    finally:
        with app.app_context():
            shutil.rmtree(backups.folder())
    assert page.count('data-state="good"') == 3
    assert "2 customers deleted for good" in page
    assert "1 file deleted that nothing needs" in page
    assert "2.3\N{NO-BREAK SPACE}MB" in page
    assert "1 backup is kept, 2\N{NO-BREAK SPACE}kB" in page


@pytest.mark.parametrize(
    ("why", "sentence"),
    [
        (Unfinished("no_room", needed=5 << 30, free=1 << 30), "may need 5\N{NO-BREAK SPACE}GB"),
        (Unfinished("disk_full", reason="No space"), "The disk is full."),
        (Unfinished("failed", reason="Permission <b>denied"), "Permission &lt;b&gt;denied"),
        (ZeroDivisionError(), "The server&#39;s log tells more"),
    ],
    ids=["no room", "full", "failed", "broken"],
)
def test_a_backup_that_failed(
    anna: Browser, went: Callable[..., None], why: Exception, sentence: str
):
    went("backup", why)
    page = anna.get(PATH).text
    assert "failed" in page
    assert sentence in page


def test_a_night_that_nobody_worked(anna: Browser, went: Callable[..., None]):
    went("purge", {"erased": 0, "kept": []}, days=2)
    assert "not done last night" in anna.get(PATH).text


def test_work_that_was_cut_off(app: Flask, anna: Browser, monkeypatch: pytest.MonkeyPatch):
    """Without a worker nothing is being done, whatever the row says."""
    monkeypatch.setattr(nightly, "_done", lambda _work: 1 // 0)
    with app.app_context(), pytest.raises(ZeroDivisionError):
        nightly.do(Nightly(name="sweep", run=dict))
    assert "was cut off" in anna.get(PATH).text
    monkeypatch.setattr(queue, "is_working", lambda: True)
    assert "is being done" in anna.get(PATH).text


def test_what_somebody_should_look_at(anna: Browser, went: Callable[..., None]):
    names = ["Document 31 of customer 7"]
    went("purge", {"erased": 0, "kept": ["10234"]})
    went("sweep", {"deleted": 0, "missing": 1, "doubtful": 40, "names": names})
    page = anna.get(PATH).text
    assert "Kept, because something must be kept: 10234" in page
    assert "1 file is missing; only a backup has it: Document 31 of customer 7" in page
    assert "40 files are needed by nothing" in page
    assert page.count('data-state="warn"') == 2


def test_small_work_is_only_shown_when_it_went_wrong(
    app: Flask, anna: Browser, went: Callable[..., None], monkeypatch: pytest.MonkeyPatch
):
    small = Nightly(name="small work", run=dict)
    jobs = app.extensions["registry"].jobs
    monkeypatch.setattr(app.extensions["registry"], "jobs", [*jobs, small])
    assert "small work" not in anna.get(PATH).text
    went("small work", Unfinished("failed", reason="no reason"))
    assert "small work" in anna.get(PATH).text
