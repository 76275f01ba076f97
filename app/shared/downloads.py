"""Stored files handed out: always to be kept, never to be shown, whatever they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from itertools import islice
from typing import Any

from flask import Response, send_file, stream_with_context

from app.core import files, rendering, responses
from app.core.database import db
from app.core.i18n import _
from app.core.rendering import RenderFailed
from app.domain.documents import rules
from app.domain.transfer.export import Style, lines

PDF = "application/pdf"
LINES = 500
"""Of a table that are sent at once: each piece costs a way through the server."""
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}


def joined(digests: Sequence[str], name: str) -> Response:
    """Stored PDFs one behind the other as one, under this name."""
    paths = [files.path_of(digest) for digest in digests]
    if not paths or not all(path.exists() for path in paths):
        return _missing()
    try:
        whole = rendering.join(path.read_bytes() for path in paths)
    except RenderFailed:
        sentence = _("They could not be put into one file. Each of them can be printed alone.")
        return responses.failed(503, _("No file"), sentence)
    response = send_file(BytesIO(whole), mimetype=PDF)
    response.headers.update(HEADERS)
    response.headers["Content-Disposition"] = rules.disposition(name)
    return response


def download(digest: str, name: str) -> Response:
    """A stored file under this name, whose ending alone says what it is."""
    path = files.path_of(digest)
    if not path.exists():
        return _missing()
    return _named(send_file(path, conditional=True, etag=digest), name)


def table(rows: Iterable[Sequence[Any]], style: Style, name: str) -> Response:
    """Rows as CSV, written while it is fetched; whoever fetches it slowly keeps nothing waiting."""
    return attached(stream_with_context(_pieces(lines(rows, style))), name)


def attached(content: bytes | Iterator[str], name: str) -> Response:
    """The same for what is made just now and kept nowhere."""
    response = _named(Response(content), name)
    if rules.media_type(name).startswith("text/"):  # what we write ourselves
        response.headers["Content-Type"] += "; charset=utf-8"
    return response


def _pieces(written: Iterator[str]) -> Iterator[str]:
    while piece := "".join(islice(written, LINES)):
        db.session.rollback()  # or what was read last would be held until the client has it
        yield piece


def _named(response: Response, name: str) -> Response:
    response.headers.update(HEADERS)
    response.headers["Content-Type"] = rules.media_type(name)
    response.headers["Content-Disposition"] = rules.disposition(name)
    return response


def _missing() -> Response:
    sentence = _("The file is missing on the server. A backup may have it.")
    return responses.failed(410, _("File missing"), sentence)
