"""What a PDF says, page by page (by poppler's pdftotext)."""

from __future__ import annotations

import subprocess
from pathlib import Path


def pages_of(sheet: Path) -> list[str]:
    """The text of every page."""
    command = ["pdftotext", "-layout", str(sheet), "-"]
    text = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    return text.split("\f")[:-1]
