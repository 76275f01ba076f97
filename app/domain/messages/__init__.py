"""What was said between the team and its customers: mails, calls, visits, letters, forms."""
