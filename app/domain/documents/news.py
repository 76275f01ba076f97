"""Events of the documents area, and what it hears."""

from app.domain.documents import queries, services

announces = {
    "document.changed": "A document was uploaded, renamed, removed or restored",
}

listens = {
    "customer.belonging": queries.belonging,
    "customer.erased": services.forget_customers,
    "files.named": queries.needed_files,
    "trash.purged": services.forget_removed,
}
