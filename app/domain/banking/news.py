"""Events of the banking area, and what it answers when customers are found and marked."""

from app.domain.banking import queries, services

announces = {
    "bank.changed": "Payment method, account or mandate of a customer changed",
    "team_account.changed": "The account the team is paid to, or its creditor identifier, changed",
}

listens = {
    "customer.marking": queries.marks,
    "customer.indexing": queries.words,
    "customer.belonging": queries.belonging,
    "customer.erased": services.forget_customers,
}
