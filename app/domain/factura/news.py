"""Events of the factura area, and what it answers when customers are marked and deleted."""

from app.domain.factura import queries, services

announces = {
    "factura_document.changed": "A quote, invoice or the like was made, issued, paid or cancelled",
}

listens = {
    "customer.marking": queries.marks,
    "customer.deletion_requested": queries.objection,
    "customer.belonging": queries.belonging,
    "customer.erased": services.forget_customers,
}
