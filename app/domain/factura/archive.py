"""Words to begin with, before and after the lines of documents, in German and English."""

from __future__ import annotations


def text(kind: str, place: str, language: str) -> str:
    """What stands there as long as the team has nothing of its own; empty where nothing does."""
    return ""
