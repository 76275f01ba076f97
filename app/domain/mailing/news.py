"""Events of the mailing area, and what it hears."""

from app.domain.mailing import drafts

announces = {
    "mail_account.changed": "The account mails are sent by was set up, changed or removed",
}

listens = {
    "customer.belonging": drafts.belonging,
    "customer.erased": drafts.forget_customers,
    "files.named": drafts.needed_files,
    "trash.purged": drafts.forget_removed,
}
