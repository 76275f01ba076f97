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
    Status.CREDITED: _l("credited"),
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
    Status.CREDITED: "neutral",
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

settings_labels = {
    "currency": _l("Currency"),
    "is_gross": _l("Prices"),
    "treatment": _l("Tax"),
    "payment_days": _l("Days to pay"),
    "quote_days": _l("Days a quote holds"),
    "tax_number": _l("Tax number"),
    "vat_number": _l("VAT number"),
    "exempt_reason": _l("Why lines are exempt from tax"),
}

range_labels = {
    "prefix": _l("Beginning"),
    "with_year": _l("Year in the number"),
    "digits": _l("Digits at least"),
    "start": _l("First number"),
}

text_labels = {
    "kind": _l("Kind of document"),
    "place": _l("Place"),
    "language": _l("Language"),
    "name": _l("Name"),
    "text": _l("Text"),
    "is_default": _l("Default"),
}

places = {"intro": _l("before the lines"), "closing": _l("after the lines")}

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
    "document_lines": _l("Lines"),
    "intro": _l("Text before the lines"),
    "closing": _l("Text after the lines"),
    "service_on": _l("Day of service"),
    "service_until": _l("Service until"),
    "payment_days": _l("Days to pay"),
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

actions = {
    "added": _l("Factura document %(subject)s added"),
    "changed": _l("Draft %(subject)s changed"),
    "discarded": _l("Draft %(subject)s discarded"),
    "issued": _l("Factura document %(subject)s issued"),
    "accepted": _l("Quote %(subject)s accepted"),
    "declined": _l("Quote %(subject)s declined"),
    "reopened": _l("Quote %(subject)s open again"),
    "cancelled": _l("Factura document %(subject)s cancelled"),
    "settings_changed": _l("Factura settings changed"),
    "range_changed": _l("Number range changed: %(subject)s"),
    "text_created": _l("Text block %(subject)s created"),
    "text_changed": _l("Text block %(subject)s changed"),
    "text_removed": _l("Text block %(subject)s removed"),
    "text_restored": _l("Text block %(subject)s brought back"),
}
