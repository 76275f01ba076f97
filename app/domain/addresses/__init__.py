"""Additional addresses: where else goods and invoices go."""
