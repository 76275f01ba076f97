"""Files that came with a form: stored before the write lock is taken."""

from __future__ import annotations

import re

from flask import current_app, request
from werkzeug.datastructures import FileStorage

from app.core.problems import Invalid, Problem
from app.domain.documents import services
from app.domain.documents.services import Upload

# Browsers put the name last and write a quote in it as %22, a line end as %0D%0A, and a backslash
# as it is, which Werkzeug would take for an escape.
SENT_NAME = re.compile(r'filename="([^"]*)"$')
SENT_AS = {"%22": '"', "%0D": "\r", "%0A": "\n"}


def kept_uploads() -> tuple[list[Upload], list[Problem]]:
    """What was sent as `files`, stored already, and what is wrong with the rest."""
    uploads: list[Upload] = []
    problems: list[Problem] = []
    for part in request.files.getlist("files"):
        if not (part.filename or part.stream.read(1)):  # nothing was chosen
            continue
        try:
            limit = current_app.config["UPLOAD_LIMIT"]
            uploads.append(services.keep_upload(_sent_name(part), part.stream, limit))
        except Invalid as refusal:
            problems += refusal.problems
    return uploads, problems


def _sent_name(part: FileStorage) -> str:
    """The name that the browser gave to a file."""
    found = SENT_NAME.search(part.headers.get("Content-Disposition", ""))
    if not found:
        return part.filename or ""
    return re.sub("|".join(SENT_AS), lambda escape: SENT_AS[escape[0]], found[1])
