"""Events of the factura area, and what it answers when customers are marked, they or articles deleted."""

from app.domain.factura import queries, services, usage

announces = {
    "factura_document.changed": "A quote, invoice or the like was made, issued, paid or cancelled",
}

listens = {
    "article.deletion_requested": usage.objection,
    "customer.marking": queries.marks,
    "customer.deletion_requested": queries.objection,
    "customer.belonging": queries.belonging,
    "customer.erased": services.forget_customers,
}
