from __future__ import annotations

from typing import Any

from wtforms import BooleanField, HiddenField

from app.core.forms import Choice, CleanLines, CleanText, Form, Options, WholeNumber
from app.core.i18n import LANGUAGES, _, _l, currency_list
from app.domain.articles import tax
from app.domain.articles.labels import treatments
from app.domain.factura.labels import kinds, places, range_labels, settings_labels, text_labels
from app.domain.factura.setting_rules import WRITTEN
from app.domain.settings.queries import team

NET, GROSS = "net", "gross"
PRICES = {NET: _l("net, tax is added"), GROSS: _l("gross, with tax in them")}


class DefaultsForm(Form):
    """What new documents begin with."""

    currency = Choice(
        settings_labels["currency"], choices=lambda: [(c, c) for c in currency_list()]
    )
    is_gross = Options(settings_labels["is_gross"], choices=PRICES)
    treatment = Choice(
        settings_labels["treatment"],
        choices=lambda: [(t, treatments[t]) for t in tax.treatments(team().country)],
    )
    payment_days = WholeNumber(settings_labels["payment_days"])
    quote_days = WholeNumber(settings_labels["quote_days"])
    tax_number = CleanText(settings_labels["tax_number"])
    vat_number = CleanText(settings_labels["vat_number"])
    exempt_reason = CleanText(settings_labels["exempt_reason"])


class RangeForm(Form):
    """How documents of a kind are numbered."""

    prefix = CleanText(range_labels["prefix"], id="range-prefix")
    with_year = BooleanField(range_labels["with_year"], id="range-year")
    digits = WholeNumber(range_labels["digits"], id="range-digits")
    start = WholeNumber(range_labels["start"], id="range-start")


class TextForm(Form):
    """A text block; `key` names the form, so that two clicks make one of it."""

    key = HiddenField()
    name = CleanText(text_labels["name"], id="text-name")
    kind = Choice(
        text_labels["kind"],
        choices=lambda: [("", _("All")), *((kind, kinds[kind]) for kind in WRITTEN)],
        id="text-kind",
    )
    place = Options(text_labels["place"], choices=places, id="text-place")
    language = Choice(text_labels["language"], choices=LANGUAGES, id="text-language")
    text = CleanLines(text_labels["text"], id="text-text", render_kw={"rows": 6})
    is_default = BooleanField(_l("Stands there by itself in new documents"), id="text-default")


def shown(values: dict[str, Any]) -> dict[str, Any]:
    """The defaults as the form has them."""
    return {**values, "is_gross": GROSS if values["is_gross"] else NET}


def stored(values: dict[str, Any]) -> dict[str, Any]:
    """What the form holds, as the verb takes it."""
    return {**values, "is_gross": values["is_gross"] == GROSS}
