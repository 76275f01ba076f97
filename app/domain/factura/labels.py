"""What this area is called, its fields, kinds and statuses, and what happens to them."""

from app.core.i18n import _l
from app.domain.factura.rules import Kind, State, Status

history = _l("Factura documents")

kinds = {
    Kind.INVOICE: _l("Invoice"),
    Kind.QUOTE: _l("Quote"),
    Kind.ORDER_CONFIRMATION: _l("Order confirmation"),
    Kind.DELIVERY_NOTE: _l("Delivery note"),
    Kind.CREDIT_NOTE: _l("Credit note"),
    Kind.PRO_FORMA: _l("Pro forma invoice"),
    Kind.REMINDER: _l("Reminder"),
}

many = {
    Kind.INVOICE: _l("Invoices"),
    Kind.QUOTE: _l("Quotes"),
    Kind.ORDER_CONFIRMATION: _l("Order confirmations"),
    Kind.DELIVERY_NOTE: _l("Delivery notes"),
    Kind.CREDIT_NOTE: _l("Credit notes"),
    Kind.PRO_FORMA: _l("Pro forma invoices"),
    Kind.REMINDER: _l("Reminders"),
}
"""What several of a kind are called."""

statuses = {
    Status.DRAFT: _l("draft"),
    Status.OPEN: _l("open"),
    Status.PARTLY_PAID: _l("partly paid"),
    Status.OVERDUE: _l("overdue"),
    Status.REMINDED_1: _l("1st reminder"),
    Status.REMINDED_2: _l("2nd reminder"),
    Status.REMINDED_3: _l("3rd reminder"),
    Status.PAID: _l("paid"),
    Status.ACCEPTED: _l("accepted"),
    Status.DECLINED: _l("declined"),
    Status.ISSUED: _l("issued"),
    Status.CANCELLED: _l("cancelled"),
}

looks = {
    Status.DRAFT: "neutral",
    Status.OPEN: "info",
    Status.PARTLY_PAID: "warn",
    Status.OVERDUE: "bad",
    Status.REMINDED_1: "bad",
    Status.REMINDED_2: "bad",
    Status.REMINDED_3: "bad",
    Status.PAID: "good",
    Status.ACCEPTED: "good",
    Status.DECLINED: "neutral",
    Status.ISSUED: "neutral",
    Status.CANCELLED: "neutral",
}
"""The badge state of each status."""

objections = {
    Kind.INVOICE: _l("Cannot be deleted: has received invoice %(number)s."),
    Kind.QUOTE: _l("Cannot be deleted: has received quote %(number)s."),
    Kind.ORDER_CONFIRMATION: _l("Cannot be deleted: has received order confirmation %(number)s."),
    Kind.DELIVERY_NOTE: _l("Cannot be deleted: has received delivery note %(number)s."),
    Kind.CREDIT_NOTE: _l("Cannot be deleted: has received credit note %(number)s."),
    Kind.PRO_FORMA: _l("Cannot be deleted: has received pro forma invoice %(number)s."),
    Kind.REMINDER: _l("Cannot be deleted: has received reminder %(number)s."),
}
"""Why a customer must stay who has received a document of this kind."""

labels = {
    "document_kind": _l("Kind of document"),
    "document_state": _l("State"),
    "document_number": _l("Document number"),
    "subject": _l("Subject"),
    "issued_on": _l("Issued on"),
    "payable_by": _l("Payable by"),
    "total": _l("Total"),
    "paid": _l("Paid"),
    "reminder_level": _l("Reminder level"),
}

choices = {
    "document_kind": kinds,
    "document_state": {
        State.DRAFT: _l("draft"),
        State.ISSUED: _l("issued"),
        State.ACCEPTED: _l("accepted"),
        State.DECLINED: _l("declined"),
        State.CANCELLED: _l("cancelled"),
    },
}

actions = {"added": _l("Factura document %(subject)s added")}
