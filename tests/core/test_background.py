"""Jobs in processes of their own: who lives is known, and who is gone, however it went."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from flask import Flask

from app.config import configuration
from app.core import background

pytestmark = pytest.mark.apart

HOLD = """
import sys
from flask import Flask
from app.core import background
flock = background.fcntl.flock
background.fcntl.flock = lambda *to: print("opened", flush=True) or flock(*to)
app = Flask("app", static_folder=None)
app.config["DATA"] = sys.argv[1]
with app.app_context(), background.holding("work"):
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(app: Flask) -> Any:
    """A process that holds the job, or waits for it, until its input ends."""
    command = [sys.executable, "-c", HOLD, str(app.config["DATA"])]
    root, pipe = Path(app.root_path).parent, subprocess.PIPE
    return subprocess.Popen(command, cwd=root, stdin=pipe, stdout=pipe, text=True)


def said(process: Any) -> list[str]:
    """What a process tells until it holds the job: each time it has opened the lock, and that."""
    lines = [""]
    while lines[-1] != "held":
        lines.append(process.stdout.readline().strip())
        assert lines[-1]
    return lines[1:]


def test_a_job_is_held_while_its_process_lives(context: None, app: Flask):
    assert not background.is_held("work")
    with holder(app) as process:
        assert said(process) == ["opened", "held"]
        assert background.is_held("work")
        assert not background.is_held("other work")
        process.kill()
    assert not background.is_held("work")


def test_nothing_of_a_job_is_left_behind(context: None, app: Flask):
    with background.holding("work"):
        assert background.is_held("work")
    assert not background.is_held("work")
    assert not list(Path(app.config["DATA"]).glob("*.lock"))


def test_a_second_one_waits_for_the_first(app: Flask):
    order: list[str] = []

    def second() -> None:
        with app.app_context(), background.holding("work"):
            order.append("second")

    with app.app_context(), background.holding("work"):
        thread = Thread(target=second)
        thread.start()
        thread.join(0.2)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_who_waited_is_known_to_live(context: None, app: Flask):
    """The first one deletes the file that the second one has opened and waits for."""
    with holder(app) as first:
        assert said(first) == ["opened", "held"]
        with holder(app) as second:
            assert second.stdout.readline() == "opened\n"
            first.communicate()
            assert said(second)[-1] == "held"
            assert background.is_held("work")
            second.communicate()
    assert not background.is_held("work")


def test_it_runs_a_command_of_the_application(monkeypatch: Any, tmp_path: Path, app: Flask):
    made: list[Any] = []
    popen: Any = subprocess.Popen

    def kept(command: list[str], **options: Any) -> Any:
        with (tmp_path / "out").open("w") as out:
            made.append(popen(command, **options | {"stdout": out}))
        return made[-1]

    monkeypatch.setattr(subprocess, "Popen", kept)
    settings = configuration(data=tmp_path / "data", secret_key="k" * 48)
    monkeypatch.setattr(app, "config", app.config.copy())
    app.config.pop("BACKGROUND")
    app.config["DATA"] = settings["DATA"]
    with app.app_context():
        background.start("panels")
    assert made[0].wait(60) == 0
    assert "comments" in (tmp_path / "out").read_text()


def test_what_cannot_be_started_is_told_in_the_log(monkeypatch: Any, app: Flask, caplog: Any):
    monkeypatch.setattr(app, "config", app.config.copy())
    app.config.pop("BACKGROUND")
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with app.app_context():
        background.start("panels")
    assert "panels could not be started" in caplog.text
