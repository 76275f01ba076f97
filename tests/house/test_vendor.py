"""Foreign files are what their lists say, and every icon named somewhere can be drawn."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LISTS = [ROOT / "static/vendor/VENDOR.txt", ROOT / "tests/vendor/VENDOR.txt"]
SPRITE = ROOT / "static/icons.svg"
LISTED = re.compile(r"^ +file +(\S+)\n +(sha384-\S+)$", re.MULTILINE)
ICON_IN_TEMPLATE = re.compile(r"\bicon\(\"([a-z0-9-]+)\"\)")
ICON_IN_PYTHON = re.compile(r"\bicon=\"([a-z0-9-]+)\"")


def listed() -> list[tuple[Path, str]]:
    return [
        ((file.parent / name).resolve(), checksum)
        for file in LISTS
        for name, checksum in LISTED.findall(file.read_text())
    ]


@pytest.mark.parametrize(("file", "checksum"), listed(), ids=lambda value: Path(value).name)
def test_vendored_file_is_unchanged(file: Path, checksum: str):
    digest = hashlib.sha384(file.read_bytes()).digest()
    assert f"sha384-{base64.b64encode(digest).decode()}" == checksum


def test_every_vendored_file_is_listed():
    known = {file for file, _ in listed()}
    for folder in (file.parent for file in LISTS):
        found = {file for file in folder.rglob("*") if file.is_file()}
        assert found - known == {folder / "VENDOR.txt"}


def test_every_icon_is_in_the_sprite():
    drawn = set(re.findall(r'id="i-([a-z0-9-]+)"', SPRITE.read_text()))
    named = set()
    for file in (ROOT / "app").rglob("*.html"):
        named |= set(ICON_IN_TEMPLATE.findall(file.read_text()))
    for file in (ROOT / "app").rglob("*.py"):
        named |= set(ICON_IN_PYTHON.findall(file.read_text()))
    assert named - drawn == set()
