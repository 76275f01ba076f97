"""What must hold for comments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.core.i18n import _l
from app.core.problems import Problem

LONGEST = 20_000


def check_comment(values: Mapping[str, Any]) -> list[Problem]:
    """A comment says something, in at most LONGEST characters."""
    if not values["body"]:
        return [Problem("body", "required", _l("Please write something."))]
    if len(values["body"]) > LONGEST:
        message = _l("A comment may have at most %(n)d characters.", n=LONGEST)
        return [Problem("body", "too_long", message)]
    return []
