"""What this area is called, its fields, their choices and what happens to them."""

from app.core.i18n import _l

history = _l("Bank information")

labels = {
    "payment_method": _l("Payment method"),
    "account_holder": _l("Account holder"),
    "iban": _l("IBAN"),
    "bic": _l("BIC"),
    "bank_name": _l("Bank name"),
    "account_number": _l("Account number"),
    "bank_code": _l("Bank code"),
    "branch_code": _l("Branch code (code guichet)"),
    "rib_key": _l("RIB key (clé RIB)"),
    "has_mandate": _l("SEPA mandate on hand"),
    "mandate_reference": _l("Mandate reference"),
    "mandate_date": _l("Date of the mandate"),
    "first_debit_on": _l("First direct debit on"),
    "creditor_id": _l("SEPA creditor identifier"),
}

choices = {
    "payment_method": {
        "sepa_direct_debit": _l("SEPA direct debit"),
        "paypal": _l("PayPal"),
        "invoice": _l("Invoice"),
    },
    "mandate_state": {
        "prepared": _l("Mandate prepared"),
        "on_hand": _l("Mandate on hand"),
        "outstanding": _l("Mandate outstanding"),
        "revoked": _l("Mandate revoked"),
        "replaced": _l("Mandate replaced"),
    },
}

actions = {
    "changed": _l("Bank information changed"),
    "team_account_changed": _l("Bank account of the team changed"),
}
