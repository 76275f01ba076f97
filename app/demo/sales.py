"""What the dance school sells, and which hint banners hang on it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.core.database import db, table
from app.core.i18n import amount
from app.domain.articles import services as articles
from app.domain.articles.models import Article
from app.domain.banners import services as banners
from app.domain.factura import queries as documents
from app.domain.factura import services as factura
from app.domain.factura.rules import LineValues

# number, name, unit, price with tax
ARTICLES = (
    ("K-10", "Kinderballett", "Halbjahr", "147.00"),
    ("K-20", "Tango Argentino, Jahresbeitrag", "Jahr", "340.00"),
    ("K-30", "Salsa", "Kurs", "159.00"),
    ("K-40", "Hip-Hop", "Kurs", "189.00"),
    ("K-50", "Discofox", "Kurs", "198.00"),
    ("P-10", "Privatstunde", "Stunde", "70.00"),
    ("P-20", "Hochzeitskurs", "Abend", "240.00"),
    ("F-10", "Betriebssport", "Monat", "780.00"),
    ("F-20", "Workshop", "Tag", "540.00"),
    ("V-10", "Weihnachtsfeier mit Livemusik", "pauschal", "1450.00"),
    ("M-10", "Kostüm", "Stück", "39.00"),
)
OF = {
    **{"Kinderballett": "K-10", "Tango": "K-20", "Salsa": "K-30", "Hip-Hop": "K-40"},
    **{"Discofox": "K-50", "Privatstunden": "P-10", "Hochzeitskurs": "P-20"},
    **{"Betriebssport": "F-10", "Workshop": "F-20", "Projektwoche": "F-20"},
    **{"Weihnachtsfeier": "V-10", "Kostüm": "M-10"},
}
"""Which article a document is about whose subject has this word."""

# style, first line, second line, colour, article, condition
BANNERS = (
    ("plate", "Tango Gold", "Jahresbeitrag bezahlt", "#8a6d1f", "K-20", "paid"),
    ("frame", "Betriebssport", "Rahmenvertrag", "#1f5f8a", "F-10", "paid"),
    ("pennant", "Kurs gemahnt", "bitte nachfragen", "#a33a2a", "K-40", "reminded"),
)


def open_shop() -> None:
    """The articles and the hint banners."""
    ids = {number: _create(number, *facts) for number, *facts in ARTICLES}
    for *facts, number, condition in BANNERS:
        names = ("style", "line1", "line2", "color")
        values = dict(zip(names, facts, strict=True))
        banners.add_banner({**values, "article_id": ids[number], "condition": condition})


def draft(customer_id: int, values: Mapping[str, Any]) -> int:
    """A draft of one line; `total` is in minor units, with tax."""
    new = documents.fresh(values["kind"], customer_id)
    new |= {"subject": values["subject"], "currency": values["currency"], "is_gross": True}
    if values["term"] is not None:
        new["payment_days"] = values["term"]
    return factura.add_draft(new | {"lines": [_line(values)]})


def _create(number: str, name: str, unit: str, price: str) -> int:
    return articles.create_article(
        {
            **{"number": number, "name": name, "text": "", "unit": unit, "tax": "standard"},
            **{"price": Decimal(price), "currency": "EUR", "is_gross": True},
        }
    )


def _line(values: Mapping[str, Any]) -> LineValues:
    quantity = Decimal(values["quantity"])
    price = amount(values["total"], values["currency"]) / quantity
    sold = _article(values["subject"])
    return LineValues(
        article_id=sold.id if sold else None,
        number=sold.number if sold else "",
        text=values["subject"],
        unit=sold.unit if sold else "",
        quantity=quantity,
        price=price,
        discount=Decimal(0),
        tax="standard",
    )


def _article(subject: str) -> Any | None:
    number = next((number for word, number in OF.items() if word in subject), None)
    article = table(Article).c
    found = select(article.id, article.number, article.unit).where(article.number == number)
    return db.session.execute(found).first()
