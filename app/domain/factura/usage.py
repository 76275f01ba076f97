"""Which articles documents have, and why those must stay."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from app.core import i18n, paging
from app.core.database import table
from app.core.i18n import _n
from app.domain.factura.models import FacturaLine

LINE = table(FacturaLine).c
DOCUMENTS = paging.counting(
    select(LINE.document_id).where(LINE.article_id == bindparam("article_id")).distinct()
)


def objection(article_id: int) -> str | None:
    """Why an article cannot be deleted: documents have it, drafts too."""
    found = paging.total(DOCUMENTS, {"article_id": article_id})
    if not found:
        return None
    number = i18n.count(found)
    return _n("%(count)s document has it.", "%(count)s documents have it.", found, count=number)
