"""Events of the addresses area, and the questions it answers."""

from app.domain.addresses import queries, services

announces = {
    "address.changed": "An additional address was added, edited, removed or restored",
}
listens = {
    "customer.indexing": queries.words,
    "customer.belonging": queries.belonging,
    "customer.erased": services.forget_customers,
}
