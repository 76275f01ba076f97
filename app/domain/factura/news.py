"""Events of the factura area, and what it answers when customers or articles are to go."""

from app.domain.factura import index, paper, queries, services, usage

announces = {
    "factura_settings.changed": "What holds for new documents, a number range or a text changed",
    "factura_document.changed": "A quote, invoice or the like was made, issued, paid or cancelled",
    "factura_document.taken_over": "A document came in as it was elsewhere",
    "invoice.issued": "An invoice got its number",
    "invoice.paid": "Nothing is left to pay of an invoice",
    "invoice.cancelled": "An invoice was cancelled by a credit note over all of it",
    "credit_note.issued": "A credit note got its number",
}

listens = {
    "article.deletion_requested": usage.objection,
    "customer.changed": index.rename,
    "customer.marking": queries.marks,
    "customer.deletion_requested": queries.objection,
    "customer.belonging": queries.belonging,
    "customer.erased": services.forget_customers,
    "factura_document.changed": index.keep,
    "files.named": paper.needed_files,
}
