from __future__ import annotations

from typing import Any

from wtforms import BooleanField

from app.core.forms import CleanText, Day, Form, Options
from app.core.templating import grouped
from app.domain.banking import rules
from app.domain.banking.labels import choices, labels
from app.domain.customers.labels import labels as customer_labels

PLAIN = {"autocomplete": "off", "spellcheck": "false"}
LOOKED_UP = ("iban", "bic", "bank_name")


class Iban(CleanText):
    """Shown in groups of four, understood however it is typed."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        self.data = rules.compact(self.data or "")

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data and self.data else grouped(self.data)


class BankForm(Form):
    payment_method = Options(labels["payment_method"], choices["payment_method"])
    vat_number = CleanText(customer_labels["vat_number"], render_kw=PLAIN)
    account_holder = CleanText(labels["account_holder"], render_kw=PLAIN)
    iban = Iban(labels["iban"], render_kw=PLAIN)
    bic = CleanText(labels["bic"], render_kw=PLAIN)
    bank_name = CleanText(labels["bank_name"], render_kw=PLAIN)
    account_number = CleanText(labels["account_number"], render_kw=PLAIN)
    bank_code = CleanText(labels["bank_code"], render_kw=PLAIN)
    branch_code = CleanText(labels["branch_code"], render_kw=PLAIN | {"inputmode": "numeric"})
    rib_key = CleanText(labels["rib_key"], render_kw=PLAIN | {"inputmode": "numeric"})
    has_mandate = BooleanField(labels["has_mandate"])
    mandate_reference = CleanText(labels["mandate_reference"], render_kw=PLAIN)
    mandate_date = Day(labels["mandate_date"])
    first_debit_on = Day(labels["first_debit_on"])

    def follow(self, found: dict[str, str], offered: dict[str, str], *, fill: bool) -> None:
        """Put what is found now where it says what was offered before; `fill` empty fields too.

        Whatever else was typed stays.
        """
        for name in LOOKED_UP:
            field = self[name]
            if (field.data == offered[name]) if field.data else fill:
                field.data, field.raw_data = found[name], None
