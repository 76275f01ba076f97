"""Secrets: readable for whom they are meant, and for nobody who knows another key."""

from __future__ import annotations

import pytest
from flask import Flask

from app.core import secret
from app.core.secret import Unreadable

pytestmark = pytest.mark.usefixtures("context")


@pytest.mark.parametrize("text", ["", "geheim", "Größe €", "x" * 10_000])
def test_there_and_back(text: str):
    kept = secret.sealed(text, "mail")
    assert text == "" or text not in kept
    assert secret.opened(kept, "mail") == text


def test_the_same_text_looks_otherwise_each_time():
    assert secret.sealed("geheim", "mail") != secret.sealed("geheim", "mail")


def test_nothing_opens_for_another_purpose():
    with pytest.raises(Unreadable):
        secret.opened(secret.sealed("geheim", "mail"), "calendar")


def test_nothing_opens_under_another_secret_key(app: Flask, monkeypatch: pytest.MonkeyPatch):
    kept = secret.sealed("geheim", "mail")
    monkeypatch.setitem(app.config, "SECRET_KEY", "other" * 12)
    with pytest.raises(Unreadable):
        secret.opened(kept, "mail")


def test_what_was_changed_does_not_open():
    kept = secret.sealed("geheim", "mail")
    middle = len(kept) // 2
    forged = kept[:middle] + ("A" if kept[middle] != "A" else "B") + kept[middle + 1 :]
    for text in (forged, kept[:-4], "", "nonsense", "ä"):
        with pytest.raises(Unreadable):
            secret.opened(text, "mail")
