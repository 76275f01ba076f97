"""Templates: texts with placeholders, for mails and letters."""
