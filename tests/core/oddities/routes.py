from __future__ import annotations

import errno
import sqlite3
from contextlib import closing
from typing import Any

from flask import Blueprint, Response, abort, current_app, redirect, request
from sqlalchemy import insert, select, text
from sqlalchemy.exc import OperationalError

from app.core.database import db, reads_first, short_transaction, writing
from app.core.i18n import _
from app.core.numbers import Counter
from app.core.problems import Invalid, Problem, Refused
from app.core.responses import Toast, answer, keep, show
from app.domain.customers.models import Customer

blueprint = Blueprint("oddities", __name__, url_prefix="/oddities")

SECRET = "DE89370400440532013000"


def write(name: str = "odd") -> None:
    db.session.execute(insert(Counter).values(name=name, value=1))


@blueprint.get("/write")
def write_on_get() -> Response:
    write()
    return answer("written")


@blueprint.get("/abort/<int:code>")
def abort_on_get(code: int) -> Response:
    abort(code)


@blueprint.post("/write/<int:code>")
def write_and_answer(code: int) -> Any:
    """Write, then answer with this status."""
    write()
    keep(Toast(text="Saved, it says"))
    return redirect("/customers", code) if 300 <= code < 400 else answer("done", code)


@blueprint.post("/abort/<int:code>")
def write_and_abort(code: int) -> Response:
    write()
    abort(code)


@blueprint.post("/raise/<kind>")
def write_and_raise(kind: str) -> Response:
    write()
    if kind == "refused":
        raise Refused(_("Not possible"))
    if kind == "invalid":
        raise Invalid([Problem("iban", "wrong", "One thing."), Problem("bic", "wrong", "Another.")])
    if kind in ("locked", "full", "readonly", "corrupt"):
        messages = {
            "locked": "database is locked",
            "full": "database or disk is full",
            "readonly": "attempt to write a readonly database",
            "corrupt": f"malformed: {SECRET}",
        }
        raise OperationalError("INSERT", {"iban": SECRET}, sqlite3.OperationalError(messages[kind]))
    if kind == "full-of-files":
        raise OSError(errno.ENOSPC, "No space left on device")
    raise RuntimeError(f"broken by {SECRET}")


@blueprint.post("/stale")
def lose_a_race() -> Response:
    """Somebody else changes the row between reading and writing it."""
    customer = db.session.scalars(select(Customer)).first()
    assert customer is not None
    db.session.execute(text("UPDATE customer SET version = version + 1"))
    customer.town = "Bonn"
    db.session.flush()
    return answer("done")


@blueprint.post("/late")
def fail_at_the_end() -> Response:
    """What is wrong is only noticed by the commit itself."""
    write()
    keep(Toast(text="Saved, it says"))
    db.session.add(Counter(name="odd", value=2))
    return answer("done")


@blueprint.post("/first-read")
@reads_first
def read_first() -> Response:
    """Others may write while this only reads, and again when it wrote and ended."""
    db.session.scalar(select(Counter.value))
    with short_transaction() as connection:
        connection.execute(insert(Counter).values(name="short", value=1))
    _write_elsewhere("elsewhere")
    if "write" in request.form:
        writing()
        write()
    if "fail" in request.form:
        abort(409)
    return answer("done")


@blueprint.post("/write-while-reading")
@reads_first
def write_while_reading() -> Response:
    write()
    return answer("done")


@blueprint.get("/page")
def page() -> Response:
    return show("layouts/error.html", status=200, heading="Page", sentence="A page.")


def _write_elsewhere(name: str) -> None:
    path = current_app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, timeout=0.1)) as connection, connection:
        connection.execute("INSERT INTO counter (name, value) VALUES (?, 1)", (name,))
