"""Money that came in, and what it paid."""
