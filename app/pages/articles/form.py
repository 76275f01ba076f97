from __future__ import annotations

from typing import Any

from wtforms import HiddenField

from app.core.forms import AmountField, Choice, CleanLines, CleanText, Form, Options
from app.core.i18n import _l, currency_list
from app.domain.articles import queries
from app.domain.articles.labels import article_labels

NET, GROSS = "net", "gross"
PRICES = {NET: _l("net, without tax"), GROSS: _l("gross, with tax")}


def currencies() -> list[tuple[str, str]]:
    return [(code, code) for code in currency_list()]


class ArticleForm(Form):
    """An article while it is written; `key` names the form, so that two clicks make one article."""

    key = HiddenField()
    number = CleanText(article_labels["number"], id="article-number")
    name = CleanText(article_labels["name"], id="article-name")
    text = CleanLines(article_labels["text"], id="article-text", render_kw={"rows": 3})
    unit = CleanText(article_labels["unit"], id="article-unit")
    price = AmountField(article_labels["price"], digits=2, id="article-price")
    currency = Choice(article_labels["currency"], choices=currencies, id="article-currency")
    is_gross = Options(_l("This price is"), choices=PRICES, id="article-prices")
    tax = Choice(
        article_labels["tax"], choices=lambda: list(queries.taxes().items()), id="article-tax"
    )


def shown(values: dict[str, Any]) -> dict[str, Any]:
    """An article's values as the form has them."""
    return {**values, "is_gross": GROSS if values["is_gross"] else NET}


def stored(values: dict[str, Any]) -> dict[str, Any]:
    """What the form holds, as the verbs take it."""
    return {**values, "is_gross": values["is_gross"] == GROSS}
