"""What is told of a banner of a customer."""

from __future__ import annotations

from typing import Any

from app.domain.banners import queries
from app.domain.banners.labels import sentences
from app.domain.banners.models import HintBanner
from app.domain.banners.rules import Condition
from app.shared.factura import shown


def why(customer_id: int, banner: HintBanner) -> dict[str, Any]:
    article = queries.article_label(banner.article_id)
    rows, more = queries.reasons(customer_id, banner)
    return {
        "customer_id": customer_id,
        "banner": queries.look(banner),
        "rule": str(sentences[Condition(banner.condition)]) % {"article": article},
        "documents": shown(rows),
        "more": more,
    }
