"""Events of the messages area, and what it hears."""

from app.domain.messages import queries, services

announces = {
    "message.changed": "A message was recorded, edited, read, followed up, removed or restored, "
    "or is sent once more",
}

listens = {
    "customer.belonging": queries.belonging,
    "customer.erased": services.forget_customers,
    "customer.restored": services.go_on,
    "files.named": queries.needed_files,
    "follow_ups.asked": queries.follow_ups,
}
