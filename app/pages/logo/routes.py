from __future__ import annotations

from flask import Blueprint, Response, abort, send_file

from app.core import files
from app.domain.settings import queries

blueprint = Blueprint("logo", __name__)

HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


@blueprint.get("/logo/<digest>")
def show(digest: str) -> Response:
    """The picture of this name while it is the logo; nobody learns of other files."""
    logo = queries.logo()
    if logo is None or digest != logo.logo or not files.path_of(digest).exists():
        abort(404)
    response = send_file(files.path_of(digest), mimetype=logo.logo_type, etag=digest)
    response.headers.update(HEADERS)
    return response
