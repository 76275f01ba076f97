"""Events of the import, and what it hears."""

from app.domain.transfer import queries, services

announces = {
    "customers.imported": "Customers were added by an import, with all that hangs on them",
}

listens = {
    "customer.erased": services.forget_customers,
    "files.named": queries.needed_files,
    "trash.purged": services.forget_unstarted,
}
