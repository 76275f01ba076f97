"""Where to go next, when the browser says so: only inside this application."""

from __future__ import annotations

import re

from flask import current_app
from werkzeug.exceptions import HTTPException

# browsers drop control characters, and take a backslash for a slash
PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


def local_path(typed: str | None) -> str:
    """The path (with its query) if it is a page of this application, else "/"."""
    if not typed or not PATH.fullmatch(typed) or not _is_page(typed.partition("?")[0]):
        return "/"
    return typed


def _is_page(path: str) -> bool:
    try:
        current_app.url_map.bind("").match(path, method="GET")
    except HTTPException:
        return False
    return True
