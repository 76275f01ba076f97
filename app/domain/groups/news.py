"""Events of the groups area, and what it hears."""

from app.domain.groups import queries, services

announces = {
    "group.changed": "A group was created, renamed, moved or deleted",
    "group.members_changed": "Customers came into groups or left them",
}

listens = {
    "customer.marking": queries.marks,
    "customer.erased": services.forget_customers,
}
