"""What the documents link to is there, and the guide says the same in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path):
    assert [to for to in LINK.findall(page.read_text()) if not (page.parent / to).exists()] == []


def test_both_guides_have_the_same_parts_and_pictures():
    german, english = ((ROOT / f"docs/guide.{code}.md").read_text() for code in ("de", "en"))
    assert german.count("\n## ") == english.count("\n## ")
    pictures = re.findall(r"images/de/(\S+?)\)", german)
    assert pictures == re.findall(r"images/en/(\S+?)\)", english)
    assert {*pictures} == {file.name for file in (ROOT / "docs/images/de").iterdir()}
