"""The queue: what wakes a worker is understood by the worker."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from app.core import queue
from app.core.worker import Worker


@pytest.mark.parametrize("delay", [timedelta(0), timedelta(milliseconds=-1)])
def test_a_wake_up_is_what_the_worker_does(
    app: Flask, monkeypatch: pytest.MonkeyPatch, delay: timedelta
):
    looks: list[str] = []
    monkeypatch.delitem(app.config, "WAKE")
    monkeypatch.setattr(Worker, "look", lambda self: looks.append("looked"))
    with app.app_context():
        queue.wake(delay)
        huey = queue.open_queue(queue.file(), Worker(app).look).huey
        woken = huey.dequeue() or huey.read_schedule()[0]
        huey.execute(woken)
    assert looks == ["looked"]
