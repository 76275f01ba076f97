from datetime import date

from app.domain.banking.services import record_bank


def give(customer_id: int) -> None:
    account = {"iban": "DE02120300000000202051", "account_holder": "Autohaus Berger GmbH"}
    mandate = {"has_mandate": True, "mandate_reference": "M-1", "mandate_date": date(2026, 3, 2)}
    record_bank(customer_id, {"payment_method": "sepa_direct_debit"} | account | mandate)
