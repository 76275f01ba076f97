"""The request boundary: what is true before and after every request, whoever answers it.

Before: the body is read whole, the request comes from our own pages, the user may do it, the form
carries its token. After: one commit below 400, else a rollback; headers that keep private pages
private. Errors become a sentence.
"""

from __future__ import annotations

import errno
import secrets
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, request, session
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, SecurityError

from app.core import auth, responses
from app.core.database import SAFE_METHODS, committed, db
from app.core.i18n import _
from app.core.problems import Invalid, Refused

csrf = CSRFProtect()
FOREIGN = "the request comes from another site"
MOST_DROPPED = 256 * 1024 * 1024
"""How large a body may be, in bytes, to be read though it is refused."""
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def open_first(app: Flask) -> None:
    """What must run before anything touches the database; call before the login is set up."""
    app.before_request(_check_host)
    app.before_request(_read_whole_body)
    app.before_request(_check_origin)
    app.after_request(_finish)


def init_app(app: Flask) -> None:
    """The checks that need to know the user, and the answers to errors."""
    csrf.init_app(app)
    app.extensions["login_needed"] = responses.login_needed
    app.before_request(auth.check_access)
    app.before_request(_check_token)
    app.register_error_handler(HTTPException, _answer_http_error)
    app.register_error_handler(Refused, _answer_refused)
    app.register_error_handler(Invalid, _answer_invalid)
    app.register_error_handler(StaleDataError, _answer_stale)
    app.register_error_handler(OperationalError, _answer_database)
    app.register_error_handler(OSError, _answer_disk)
    app.register_error_handler(Exception, _answer_crash)


def _check_host() -> None:
    if isinstance(request.routing_exception, SecurityError):
        raise request.routing_exception


def _read_whole_body() -> None:
    """Nobody's slow upload may hold the write lock. Only files may be large."""
    if request.method in SAFE_METHODS:
        return
    if not _has_files():
        request.max_content_length = current_app.config["MAX_FORM_MEMORY_SIZE"]
    try:
        _ = request.form
    except RequestEntityTooLarge:
        _drop_rest()
        raise


def _drop_rest() -> None:
    """Read what is still on its way, unless that would take too long.

    A browser shows no answer before it has sent everything, but that the connection was reset.
    """
    left = request.content_length or MOST_DROPPED
    if left > MOST_DROPPED:
        return
    while left and (block := request.environ["wsgi.input"].read(min(left, 1 << 16))):
        left -= len(block)


def _has_files() -> bool:
    return request.mimetype == "multipart/form-data"


def _check_origin() -> None:
    """Browsers say where a request comes from; what they say must agree with the token."""
    if request.method in SAFE_METHODS:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site not in (None, "same-origin", "none"):
        abort(403, FOREIGN)
    if origin is not None and _host_of(origin) not in _own_hosts():
        abort(403, FOREIGN)


def _host_of(origin: str) -> str:
    """The host and port of an origin; empty if it has none."""
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def _own_hosts() -> set[str]:
    return {request.host, urlsplit(current_app.config["BASE_URL"]).netloc}


def _check_token() -> None:
    if request.method not in SAFE_METHODS:
        csrf.protect()


def _finish(response: Response) -> Response:
    if response.status_code < 400:
        response = _committed(response)
    else:
        db.session.rollback()
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
        response.vary.add("HX-Request-Type")
        if not response.cache_control.public:
            response.vary.add("Cookie")
    return response


def _committed(response: Response) -> Response:
    """The answer, unless what it tells could not be kept."""
    try:
        db.session.commit()
    except Exception as error:
        session.pop("toasts", None)
        is_state = isinstance(error, OperationalError)
        return _answer_database(error) if is_state else _answer_crash(error)
    committed()
    return response


def _answer_http_error(error: HTTPException) -> Any:
    if error.response is not None or error.code is None or error.code < 400:
        return error
    if isinstance(error, SecurityError):  # a foreign host: there is no address to build pages with
        return error
    heading, sentence = _words(error)
    return responses.failed(error.code, heading, sentence)


def _words(error: HTTPException) -> tuple[str, str]:
    if isinstance(error, CSRFError):
        return _("Not saved"), _("This page is too old. Reload it and try again.")
    if error.description == FOREIGN:
        sentence = _("This came from another site. Open Kundenblick at its own address.")
        return _("Not saved"), sentence
    limit = current_app.config["UPLOAD_LIMIT" if _has_files() else "MAX_FORM_MEMORY_SIZE"]
    known = {
        400: (_("Not understood"), _("The browser sent something that cannot be read.")),
        403: (_("Not allowed"), _("Your role does not allow this. An admin can change that.")),
        404: (_("Not found"), _("There is nothing here (any more).")),
        405: (_("Not possible"), _("This address cannot be used that way.")),
        413: (_("Too large"), _("More than %(limit)s MB cannot be taken in.", limit=limit >> 20)),
        429: (_("Too many attempts"), _("Please wait a few minutes and try again.")),
    }
    return known.get(error.code or 0, (_("Not possible"), _("This request cannot be answered.")))


def _answer_refused(error: Refused) -> Response:
    return responses.failed(409, _("Not possible"), str(error.message))


def _answer_invalid(error: Invalid) -> Response:
    return responses.failed(
        422, _("Not saved"), " ".join(str(problem.message) for problem in error.problems)
    )


def _answer_stale(_error: StaleDataError) -> Response:
    _read_only()
    sentence = _("Somebody else changed this at the same moment. Open it again.")
    return responses.failed(409, _("Not saved"), sentence)


def _answer_database(error: OperationalError) -> Response:
    """A disk that is full or a lock that did not open is a state, not a bug."""
    _read_only()
    text = str(error.orig).lower()
    if "full" in text or ("readonly" in text and request.method not in SAFE_METHODS):
        return _answer_full(error.orig)
    if "locked" in text:
        sentence = _("The database is busy. Nothing was changed; please try again.")
        return responses.failed(503, _("Not saved"), sentence)
    return _answer_crash(error)


def _answer_disk(error: OSError) -> Response:
    """The same for files."""
    _read_only()
    return _answer_full(error) if error.errno in NO_ROOM else _answer_crash(error)


def _answer_full(error: Any) -> Response:
    current_app.logger.error("The disk cannot be written: %s", error)
    sentence = _("The server's disk is full or cannot be written. Nothing was changed.")
    return responses.failed(507, _("Not saved"), sentence)


def _answer_crash(error: Exception) -> Response:
    _read_only()
    reference = secrets.token_hex(4)
    current_app.logger.error("Error %s on %s", reference, _place(), exc_info=error)
    if current_app.testing and current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise error
    try:
        sentence = _("Something broke. Nothing was changed. Reference: %(code)s", code=reference)
        return responses.failed(500, _("Something broke"), sentence)
    except SQLAlchemyError:  # the page about it needs the database as well
        return Response(f"Something broke. Reference: {reference}", 500, mimetype="text/plain")


def _place() -> str:
    """Where it happened, without what the address holds: it may be a one-time link."""
    return f"{request.method} {request.url_rule}"


def _read_only() -> None:
    """Nothing is kept, and the page that says so must not wait for the write lock again."""
    db.session.rollback()
    g.writing = False
