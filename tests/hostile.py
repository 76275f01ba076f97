"""Text that somebody may type or send to break what they should not."""

from __future__ import annotations

import re

TEXTS = (
    "\0",
    "a\0b",
    "\u202eevil\u2066",
    "👩\u200d👩\u200d👧 🦄",
    "<script>alert(1)</script>",
    '"><img src=x hx-get="/customers" hx-trigger="load">',
    "<hx-partial hx-target='#dialog'>x</hx-partial>",
    "{{ 7 * 7 }} %(name)s %s",
    "x" * 1_000_000,
)

FILE_NAMES = (
    "Anmeldung März.pdf",
    "ä" * 300 + ".pdf",
    "\u202egnp.exe",
    "שלום עולם.pdf",
    "../../x",
    "C:\\Users\\x.pdf",
    'a"b;c=d.pdf',
    "100%.pdf",
    "%41.pdf",
    "a'b''c.pdf",
    " führend und am Ende ",
    "👩\u200d👩\u200d👧.jpg",
    ".htaccess",
    "...",
    "<script>alert(1)</script>.html",
    "x" * 1000,
)
"""What files may be called; all of it is kept."""

_RAW = re.compile(r"<script>alert|<img src=x|<hx-partial hx-target='")


def called(text: str) -> str:
    """A name for the test's report."""
    return ascii(text[:12])


def is_markup_in(html: str) -> bool:
    """Whether one of the texts became markup."""
    return _RAW.search(html) is not None
