"""The HTML of mails, made from their text: paragraphs, lists, line breaks, links, signature, logo.

Nothing of the text is taken for HTML. People who see plain text miss nothing of what was said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from flask import current_app

GAP = re.compile(r"\n{2,}")
DASH = "- "
FEWEST_ITEMS = 2
"""A single line with a dash may be a thought, or somebody's name."""


def dressed(text: str, signature: str, logo: Any) -> str:
    """A text as HTML; `logo` is a `mailing.mime.Picture` that goes with the mail, or None."""
    template = current_app.jinja_env.get_template("layouts/mail/message.html")
    blocks = [block for part in GAP.split(text.strip("\n")) for block in _blocks(part)]
    return template.render(blocks=blocks, signature=signature, logo=logo)


def _blocks(part: str) -> Iterator[tuple[list[str], str]]:
    """What stands between two gaps: the items of a list, or the lines of a paragraph."""
    lines: list[str] = []
    for has_dash, group in groupby(part.split("\n"), lambda line: line.startswith(DASH)):
        some = list(group)
        if not has_dash or len(some) < FEWEST_ITEMS:
            lines += some
            continue
        if lines:
            yield [], "\n".join(lines)
        yield [line.removeprefix(DASH) for line in some], ""
        lines = []
    if lines:
        yield [], "\n".join(lines)
