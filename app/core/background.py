"""Long work in a process of its own, beside the web server and with less claim to the machine.

A job is a flask command that finds its orders in the database. While it lives it holds a lock of
its name, which the system opens however the process ends; so whoever asks knows at once.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import IO

from flask import current_app

LESS_URGENT = 10
"""How far the priority of a job is below that of the server (see nice(1))."""


def start(*command: str) -> None:
    """Run a flask command, and do not wait for it: `start("customers", "run-import", "9")`.

    Call it after the commit (`database.after_commit`), or the process will not find its orders.
    What it complains about goes where the server's own complaints go. `BACKGROUND` in the
    configuration may be a function that does it otherwise.
    """
    current_app.config.get("BACKGROUND", _start_process)(*command)


@contextmanager
def holding(job: str) -> Iterator[None]:
    """Let others know that the job of this name lives; waits for another process that holds it."""
    with _locked(job, "w", fcntl.LOCK_EX):
        try:
            yield
        finally:
            _lock(job).unlink(missing_ok=True)


def is_held(job: str) -> bool:
    """Whether a process lives that holds the job of this name."""
    try:
        with _locked(job, "r", fcntl.LOCK_SH | fcntl.LOCK_NB):
            return False
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True


def _start_process(*command: str) -> None:
    environment = os.environ | {"KUNDENBLICK_DATA": str(current_app.config["DATA"])}
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "wsgi", *command],
            cwd=Path(current_app.root_path).parent,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # it outlives the worker that started it
        )
        own = os.getpriority(os.PRIO_PROCESS, 0)
        os.setpriority(os.PRIO_PROCESS, process.pid, own + LESS_URGENT)
    except OSError:  # the row that waits tells that nobody came
        current_app.logger.exception("The job %s could not be started", " ".join(command))
        return
    Thread(target=process.wait, daemon=True).start()  # or it would stay as a zombie


@contextmanager
def _locked(job: str, mode: str, operation: int) -> Iterator[None]:
    """Lock the file of a job.

    Whoever held it before deletes it while others wait; a lock on what nobody finds any more says
    nothing, so they look for the file again.
    """
    while True:
        with _lock(job).open(mode) as file:
            fcntl.flock(file, operation)
            if _is_found(file, _lock(job)):
                yield
                return


def _is_found(file: IO[str], path: Path) -> bool:
    """Whether the open file is still the one at its place."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _lock(job: str) -> Path:
    return Path(current_app.config["DATA"]) / f"{job}.lock"
