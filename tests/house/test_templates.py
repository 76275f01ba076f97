"""What no template may do, and what every one must."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "app").rglob("*.html"))
FORBIDDEN = {
    "inline style": r"\sstyle=",
    "inline script": r"<script(?![^>]*\ssrc=)",
    "event handler": r"\son[a-z]+=",
    "evaluated attribute": r"hx-on|[\"']js:|javascript:",
    "trigger filter": r"hx-trigger=\"[^\"]*\[",
    "own headers": r"\shx-headers(?!:append|:inherited)",
    "old shield": r"\shx-disable",
}


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: str(file.relative_to(ROOT / "app")))
class TestTemplate:
    def test_nothing_forbidden(self, file: Path):
        text = file.read_text()
        for what, pattern in FORBIDDEN.items():
            assert not re.search(pattern, text), what

    def test_every_htmx_element_works_without_script(self, file: Path):
        """An `hx-get` repeats the `href` or `action` beside it, an `hx-post` the (form)action."""
        for tag in re.findall(
            r"<(?:a|form|button)\b[^<]*?hx-(?:get|post)=[^<]*?>", file.read_text()
        ):
            url = re.search(r"hx-(?:get|post)=\"([^\"]*)\"", tag)
            plain = re.search(r"\s(?:href|(?:form)?action)=\"([^\"]*)\"", tag)
            assert url is not None
            assert plain is not None
            assert url[1] == plain[1]


def test_every_template_compiles(app):
    for name in app.jinja_env.list_templates(["html"]):  # the slices have code beside them
        app.jinja_env.get_template(name)
