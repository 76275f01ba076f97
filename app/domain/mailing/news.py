"""Events of the mailing area, and what it hears."""

from app.domain.mailing import drafts

announces = {
    "mail_draft.changed": "A draft was begun, changed, sent, put away or brought back",
    "mail_account.changed": "The account mails are sent by was set up, changed or removed",
}

listens = {
    "customer.belonging": drafts.belonging,
    "customer.erased": drafts.forget_customers,
    "files.named": drafts.needed_files,
    "trash.purged": drafts.forget_removed,
}
