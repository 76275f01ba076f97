"""Events of the mailing area."""

announces = {
    "mail_account.changed": "The account mails are sent by was set up, changed or removed",
}
