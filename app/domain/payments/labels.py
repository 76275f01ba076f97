"""What this area is called, its fields and methods, and what happens to payments."""

from app.core.i18n import _l
from app.domain.payments.rules import BY_HAND, Method

history = _l("Payments")

methods = {
    Method.TRANSFER: _l("Bank transfer"),
    Method.CASH: _l("Cash"),
    Method.CARD: _l("Card"),
    Method.PAYPAL: _l("PayPal"),
    Method.DIRECT_DEBIT: _l("Direct debit"),
    Method.OTHER: _l("Other way"),
    Method.TAKEN_OVER: _l("Taken over"),
    Method.CREDIT_NOTE: _l("Credit note set off"),
}
by_hand = {method: methods[method] for method in BY_HAND}

labels = {
    "received_on": _l("Received on"),
    "paid_amount": _l("Amount"),
    "paid_by": _l("Paid by"),
    "paid_fees": _l("Of it reminder fees"),
    "paid_note": _l("Remark"),
    "paid_for": _l("For"),
    "credit_left": _l("Credit"),
}

choices = {"paid_by": methods}

actions = {
    "recorded": _l("Payment of %(subject)s recorded"),
    "taken_over": _l("Payment of %(subject)s taken over"),
    "assigned": _l("Credit set off against %(subject)s"),
    "released": _l("Credit of %(subject)s free again"),
    "set_off": _l("Credit note %(subject)s set off"),
    "taken_back": _l("Payment of %(subject)s taken back"),
    "brought_back": _l("Payment of %(subject)s is back"),
}
