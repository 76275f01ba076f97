"""A link that leads nowhere, or a field with two names, stops the start with a sentence."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from app.config import configuration
from app.core.registry import Undiscoverable, registry

PANEL = """
from flask import Blueprint
from app.core.registry import Action, Panel

panel = Panel(
    key="harp",
    title="Harp",
    blueprint=Blueprint("harp", __name__),
    load=lambda customer_id: {},
    actions=(Action(label="Play", endpoint="harp.play", icon="plus"),),
)
"""
PAGE = """
from flask import Blueprint
from app.core.registry import Page

page = Page(key="harp", blueprint=Blueprint("harp", __name__), area="public"%s)
"""
WORDS = "from app.core.i18n import _l\n\n"


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: None) -> Iterator[Callable]:
    """Start an application with a plug-in of these files."""
    plugin = tmp_path / "plugins" / "harp"
    plugin.mkdir(parents=True)
    monkeypatch.syspath_prepend(str(plugin.parent))

    def starting(init: str, labels: str = "") -> Flask:
        (plugin / "__init__.py").write_text(init)
        (plugin / "panel.html").write_text("")
        (plugin / "labels.py").write_text(WORDS + labels)
        importlib.invalidate_caches()
        return create_app(configuration(data=tmp_path, secret_key="k" * 48), panels=["harp"])

    yield starting
    for name in ("harp", "harp.labels"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize(
    ("init", "endpoint"),
    [
        (PANEL, "harp.play"),
        (PAGE % ', label="Harp"', "harp.show"),
        (PAGE % ', section="Harp"', "harp.show"),
    ],
)
def test_a_link_to_nowhere(start: Callable[..., Flask], init: str, endpoint: str):
    with pytest.raises(Undiscoverable, match=f"'harp' leads to '{endpoint}'"):
        start(init)


def test_a_page_that_nothing_links_to_needs_no_entry(start: Callable[..., Flask]):
    with start(PAGE % "").app_context():
        assert "harp" in registry().pages


@pytest.mark.parametrize(
    ("labels", "name"),
    [
        ('labels = {"iban": _l("Account")}', "iban"),
        ('labels = {"iban": "Account"}', "iban"),
        ('choices = {"payment_method": {"invoice": _l("Bill")}}', "payment_method"),
    ],
)
def test_other_words_for_the_same(start: Callable[..., Flask], labels: str, name: str):
    with pytest.raises(Undiscoverable, match=f"harp calls '{name}' otherwise"):
        start(PAGE % "", labels)


def test_the_same_word_for_the_same(start: Callable[..., Flask]):
    with start(PAGE % "", 'labels = {"iban": _l("IBAN"), "tune": _l("Tune")}').app_context():
        assert "tune" in registry().labels
