"""Events of the comments area, and what it hears."""

from app.domain.comments import services

announces = {
    "comment.changed": "A comment was written, edited, pinned, removed or restored",
}

listens = {
    "customer.erased": services.forget_customers,
}
