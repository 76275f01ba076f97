from __future__ import annotations

from app.core.forms import CleanText, Form
from app.domain.banking.labels import labels

PLAIN = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}


class AccountForm(Form):
    account_holder = CleanText(labels["account_holder"], render_kw={"maxlength": 70})
    iban = CleanText(labels["iban"], render_kw=PLAIN)
    bic = CleanText(labels["bic"], render_kw=PLAIN)
    bank_name = CleanText(labels["bank_name"], render_kw={"maxlength": 100})
    creditor_id = CleanText(labels["creditor_id"], render_kw=PLAIN)
