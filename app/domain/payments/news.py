"""Events of the payments area, and what it hears."""

from app.domain.payments import queries, services

announces = {
    "payment.changed": "A payment was recorded, divided otherwise, taken back or brought back",
}

listens = {
    "factura_document.taken_over": services.take_over,
    "credit_note.issued": services.set_off,
    "invoice.cancelled": services.release,
    "customer.deletion_requested": queries.objection,
    "customer.erased": services.forget_customers,
}
