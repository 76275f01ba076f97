"""Reading what htmx is answered: the fragments and what remains for the dialog."""

from __future__ import annotations

import re

PARTIAL = re.compile(r'<hx-partial hx-target="([^"]+)" hx-swap="\w+">(.*?)</hx-partial>', re.S)


def parts(html: str) -> tuple[dict[str, str], str]:
    """The fragments of an answer by what they replace, and what remains for the dialog."""
    return dict(PARTIAL.findall(html)), PARTIAL.sub("", html).strip()
