"""What happens to documents: uploaded, renamed, removed and brought back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from sqlalchemy import delete

from app.core import audit, files
from app.core.database import db, now
from app.core.events import announce
from app.core.files import Stored
from app.core.problems import Invalid
from app.core.text import clean, spellings
from app.domain.customers.services import touch
from app.domain.documents import queries, rules
from app.domain.documents.models import Document

LONGEST_WORDS = 2000


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was stored and may become a document."""

    name: str
    file: Stored


def keep_upload(sent_name: str, source: IO[bytes], limit: int) -> Upload:
    """Store a file that may become a document, before the write lock is taken.

    Raises Invalid for one that is larger than `limit` bytes; it is not stored.
    """
    name = rules.stored_name(sent_name)
    if problems := rules.check_size(name, _size_of(source), limit):
        raise Invalid(problems)
    return Upload(name, files.keep_all(source))


def add_documents(customer_id: int, uploads: Sequence[Upload]) -> list[int]:
    """Give a customer these documents and return their ids; Refused if they are gone by now."""
    author_id, author_name = audit.author()
    added = [
        Document(
            customer_id=customer_id,
            digest=upload.file.name,
            size=upload.file.size,
            uploaded_at=now(),
            author_id=author_id,
            author_name=author_name,
            **_called(upload.name),
        )
        for upload in uploads
    ]
    db.session.add_all(added)
    _tell("uploaded", customer_id, [("name", None, document.name) for document in added])
    return [document.id for document in added]


def rename_document(customer_id: int, document_id: int, values: Mapping[str, Any]) -> None:
    """Call a document otherwise; its ending changes only if another is typed, its content never."""
    document = queries.document(customer_id, document_id)
    name = rules.renamed(document.name, values["name"])
    if problems := rules.check_name(name):
        raise Invalid(problems)
    if clean(document.name) == clean(name):  # a form cannot hold more of it
        return
    changes = audit.difference({"name": document.name}, {"name": name})
    for column, value in _called(name).items():
        setattr(document, column, value)
    _tell("renamed", customer_id, changes)


def remove_document(customer_id: int, document_id: int) -> None:
    """Take a document away; `restore_document` brings it back while the trash keeps it."""
    document = queries.document(customer_id, document_id)
    document.removed_at = now()
    _tell("removed", customer_id, [("name", document.name, None)])


def restore_document(customer_id: int, document_id: int) -> None:
    """Bring a removed document back."""
    document = queries.document(customer_id, document_id, removed=True)
    document.removed_at = None
    _tell("restored", customer_id, [("name", None, document.name)])


def forget_customers(customer_ids: Sequence[int]) -> None:
    """Customers left for good: so do their documents. The sweep takes the files."""
    db.session.execute(delete(Document).where(Document.customer_id.in_(customer_ids)))


def forget_removed(before: datetime) -> None:
    """Documents removed before this instant leave the trash for good."""
    db.session.execute(delete(Document).where(Document.removed_at < before))


def _size_of(source: IO[bytes]) -> int:
    size = source.seek(0, 2)
    source.seek(0)
    return size


def _called(name: str) -> dict[str, str]:
    """The columns that follow from a name."""
    words = spellings(name)[:LONGEST_WORDS]
    return {"name": name, "words": words, "media_type": rules.media_type(name)}


def _tell(action: str, customer_id: int, changes: list[audit.Change]) -> None:
    touch(customer_id)
    db.session.flush()
    audit.record("documents", action, customer_id=customer_id, changes=changes)
    announce("document.changed", customer_id=customer_id)
