"""Commercial documents: quotes, delivery notes, invoices and what becomes of them."""
