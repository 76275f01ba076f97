"""Makes the PDFs of documents that were issued, unless whoever issued them did so already."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

from werkzeug.exceptions import NotFound

from app.core.jobs import Deliver, Delivery
from app.core.outbox import Never, NotNow
from app.core.problems import Refused
from app.core.rendering import RenderFailed
from app.domain.factura import paper

KEPT = timedelta(days=7)
WORTH_ANOTHER_TRY = {"busy", "timeout", "broken"}


@contextmanager
def _session() -> Iterator[Deliver]:
    yield _deliver


def _deliver(entry: Any) -> None:
    """Draw and keep the PDF; there is nothing to do for a document that is gone."""
    try:
        with suppress(NotFound, Refused):
            paper.pdf_of(entry.payload["document_id"])
    except RenderFailed as reason:
        failure = NotNow if reason.code in WORTH_ANOTHER_TRY else Never
        raise failure(reason.code, reason.detail) from reason


job = Delivery(kind="factura", session=_session, kept=KEPT)
