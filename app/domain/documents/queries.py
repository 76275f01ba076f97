"""What is asked about documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, func, or_, select
from werkzeug.exceptions import NotFound

from app.core import i18n, paging
from app.core.database import contains, db, table
from app.core.forms import Editable
from app.core.i18n import _l, _n
from app.core.paging import LATEST_ROWS, Page
from app.core.text import parse_query
from app.domain.documents.models import Document

DOCUMENT = table(Document).c
OF = (DOCUMENT.customer_id == bindparam("customer_id"), DOCUMENT.removed_at.is_(None))
SHOWN = (
    select(DOCUMENT.id, DOCUMENT.name, DOCUMENT.size, DOCUMENT.uploaded_at, DOCUMENT.author_name)
    .where(*OF)
    .order_by(DOCUMENT.id.desc())
)
LATEST = SHOWN.limit(LATEST_ROWS)
COUNT = paging.counting(select(DOCUMENT.id).where(*OF))
# Names are written in hexadecimal digits: all that begin like `first` sort before `beyond`.
FIRST_OF_EACH = (
    select(func.min(DOCUMENT.id).label("id"))
    .where(DOCUMENT.digest >= bindparam("first"), DOCUMENT.digest < bindparam("beyond"))
    .group_by(DOCUMENT.digest)
    .subquery()
)
NEEDED = select(DOCUMENT.digest, DOCUMENT.id, DOCUMENT.customer_id).join_from(
    table(Document), FIRST_OF_EACH, FIRST_OF_EACH.c.id == DOCUMENT.id
)


def document(customer_id: int, document_id: int, *, removed: bool = False) -> Document:
    """A document of this customer; NotFound for anybody else's."""
    found = db.session.get(Document, document_id)
    if found is None or found.customer_id != customer_id:
        raise NotFound
    if (found.removed_at is not None) != removed:
        raise NotFound
    return found


def editable(document: Document) -> Editable:
    """A document as its form shows it."""
    return Editable({"name": document.name}, str(document.version))


def latest(customer_id: int) -> list[Any]:
    """The five on the overview."""
    return list(db.session.execute(LATEST, {"customer_id": customer_id}))


def count(customer_id: int, shown: Sequence[Any] | None = None) -> int:
    """How many there are, counted up to 1,001; fewer than five `latest` ones are all."""
    return paging.total(COUNT, {"customer_id": customer_id}, shown)


def search(customer_id: int, words: str, before: int | None) -> Page:
    """Documents whose names contain every word, newest first, older than `before`."""
    found = SHOWN
    for word in words.split():
        found = found.where(*_named_like(word))
    if before is not None:
        found = found.where(DOCUMENT.id < before)
    return paging.page(found, {"customer_id": customer_id})


def belonging(customer_id: int) -> list[str]:
    """What goes with a customer who is deleted."""
    found = count(customer_id)
    said = _n("%(num)s document", "%(num)s documents", found, num=i18n.count(found))
    return [said] if found else []


def needed_files(prefix: str) -> dict[str, Any]:
    """The stored files of all documents, removed ones too, as `files.named` asks."""
    found = db.session.execute(NEEDED, {"first": prefix, "beyond": f"{prefix}g"})
    return {
        row.digest: _l(
            "document %(id)d of customer %(customer)d", id=row.id, customer=row.customer_id
        )
        for row in found
    }


def _named_like(word: str) -> list[Any]:
    """A word of letters is found in any spelling, one of signs only as it is."""
    terms = parse_query(word).terms
    if not terms:
        return [contains(DOCUMENT.name, word)]
    return [or_(*(func.instr(DOCUMENT.words, form) > 0 for form in forms)) for forms in terms]
