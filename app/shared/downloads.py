"""Stored files handed out: always to be kept, never to be shown, whatever they are."""

from __future__ import annotations

from flask import Response, send_file

from app.core import files, responses
from app.core.i18n import _
from app.domain.documents import rules

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}


def download(digest: str, name: str) -> Response:
    """A stored file under this name, whose ending alone says what it is."""
    path = files.path_of(digest)
    if not path.exists():
        sentence = _("The file is missing on the server. A backup may have it.")
        return responses.failed(410, _("File missing"), sentence)
    response = send_file(path, conditional=True, etag=digest)
    response.headers.update(HEADERS)
    response.headers["Content-Type"] = rules.media_type(name)
    response.headers["Content-Disposition"] = rules.disposition(name)
    return response
