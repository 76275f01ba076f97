from app.core.i18n import today
from app.domain.payments.services import record_payment, take_back


def give(customer_id: int) -> None:
    """A payment that was taken back: whoever really paid something cannot be erased."""
    values = {
        "received_on": today(),
        "amount": 5_000,
        "fees": 0,
        "currency": "EUR",
        "method": "transfer",
        "note": "Anzahlung <b>",
        "parts": {},
        "credit": 5_000,
    }
    take_back(record_payment(customer_id, values))
