"""Bank accounts and SEPA mandates, with their history."""
