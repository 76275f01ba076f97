"""What the area of serials hears."""

from app.domain.serials import queries, services

listens = {
    "customer.erased": services.forget_customers,
    "files.named": queries.needed_files,
}
