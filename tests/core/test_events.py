"""Domain events: declared, announced, listened to, asked."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, g

from app.core import events
from app.core.registry import registry


class TestEvents:
    @pytest.fixture(autouse=True)
    def empty(self, stage: None) -> None:
        events.reset()

    def test_everybody_hears_what_happened(self):
        heard: list[tuple[str, Any]] = []
        events.declare("song.sung", "A song was sung")
        for name in ("one", "two"):
            events.listen("song.sung", listener(heard, name))
        events.announce("song.sung", title="Ode")
        assert sorted(heard) == [("one", "Ode"), ("two", "Ode")]

    def test_everybody_is_asked(self):
        events.declare("song.wanted", "Question: which song?")
        assert events.ask("song.wanted", title="x") == []
        for answer in ("Ode", "Aria"):
            events.listen("song.wanted", listener([], answer))
        assert sorted(events.ask("song.wanted", title="x")) == ["Aria", "Ode"]

    def test_after_the_first_answer_nobody_is_asked(self):
        events.declare("song.wanted", "Which song?")
        assert events.ask_first("song.wanted", title="x") is None
        heard: list[tuple[str, Any]] = []
        for answer in ("Ode", "Aria"):
            events.listen("song.wanted", listener(heard, answer))
        answer = events.ask_first("song.wanted", title="x")
        assert heard == [(answer, "x")]

    def test_what_nobody_declared_is_a_mistake(self):
        for use in (
            lambda: events.announce("song.sung"),
            lambda: events.ask("song.sung"),
            lambda: events.listen("song.sung", print),
        ):
            with pytest.raises(LookupError, match=r"'song\.sung'"):
                use()

    def test_what_a_listener_refuses_reaches_the_verb(self):
        def refuse(**_facts: Any) -> None:
            raise ValueError("no")

        events.declare("song.sung", "A song was sung")
        events.listen("song.sung", refuse)
        with pytest.raises(ValueError, match="no"):
            events.announce("song.sung")

    def test_the_listing(self):
        events.declare("b.done", "B")
        events.declare("a.done", "A")
        events.listen("a.done", listener([], "x"))
        assert [(name, meaning, len(who)) for name, meaning, who in events.listing()] == [
            ("a.done", "A", 1),
            ("b.done", "B", 0),
        ]

    def test_a_request_remembers_what_was_announced(self, app: Flask):
        events.declare("song.sung", "A song was sung")
        with app.app_context():
            assert events.announced() == set()
            events.announce("song.sung")
            assert events.announced() == {"song.sung"}
        with app.app_context():
            assert "announced" not in g


def listener(heard: list[tuple[str, Any]], name: str) -> Any:
    def hear(title: str = "", **_facts: Any) -> str:
        heard.append((name, title))
        return name

    return hear


def test_the_house_declares_everything_its_panels_wait_for(app: Flask):
    with app.app_context():
        awaited = set().union(*(panel.stale_on for panel in registry().panels.values()))
        known = {name for name, _meaning, _who in events.listing()}
    assert awaited <= known
