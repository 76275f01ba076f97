"""What is told of a banner of a customer."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.core.i18n import money, today
from app.domain.banners import queries
from app.domain.banners.labels import sentences
from app.domain.banners.models import HintBanner
from app.domain.banners.rules import Condition
from app.domain.factura import rules
from app.domain.factura.labels import kinds, looks, statuses


def why(customer_id: int, banner: HintBanner) -> dict[str, Any]:
    article = queries.article_label(banner.article_id)
    rows, more = queries.reasons(customer_id, banner)
    day = today()
    return {
        "customer_id": customer_id,
        "banner": queries.look(banner),
        "rule": str(sentences[Condition(banner.condition)]) % {"article": article},
        "documents": [_document(row, day) for row in rows],
        "more": more,
    }


def _document(row: Any, day: date) -> dict[str, Any]:
    status = rules.status(
        row.kind,
        row.state,
        paid=row.paid,
        credited=row.credited,
        total=row.total,
        due_on=row.due_on,
        reminder_level=row.reminder_level,
        today=day,
    )
    return {
        "id": row.id,
        "kind": kinds[rules.Kind(row.kind)],
        "number": row.number,
        "subject": row.subject,
        "issued_on": row.issued_on,
        "total": money(row.total, row.currency),
        "status": statuses[status],
        "look": looks[status],
    }
