"""Events of the comments area, and what it hears."""

from app.domain.comments import queries, services

announces = {
    "comment.changed": "A comment was written, edited, pinned, followed up, removed or restored",
}

listens = {
    "customer.belonging": queries.belonging,
    "customer.erased": services.forget_customers,
    "follow_ups.asked": queries.follow_ups,
}
