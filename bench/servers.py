"""Servers on this machine, started for a run and stopped after it."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.houses import ROOT

SETTINGS = [
    *("--workers", "1", "--worker-class", "gthread", "--threads", "4", "--keep-alive", "600"),
    *("--no-control-socket", "--log-level", "warning"),
]
PATIENCE = 30


@dataclass(frozen=True)
class Server:
    port: int
    master: int

    def memory(self) -> tuple[float, float]:
        """Resident memory of the worker in MB: now, and at its highest."""
        children = Path(f"/proc/{self.master}/task/{self.master}/children").read_text().split()
        status = Path(f"/proc/{children[0]}/status").read_text()
        now, most = (re.search(rf"{key}:\s+(\d+)", status) for key in ("VmRSS", "VmHWM"))
        return int(now[1]) / 1024 if now else 0.0, int(most[1]) / 1024 if most else 0.0


@contextmanager
def gunicorn(application: str, port: int, environment: dict[str, str]) -> Iterator[Server]:
    """One worker with threads, as `make run` starts it."""
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", *SETTINGS]
    process = subprocess.Popen([*command, application], cwd=ROOT, env=environment)
    try:
        _wait(port, process)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"nothing answers on port {port}")
