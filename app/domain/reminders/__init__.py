"""Reminding of invoices that were not paid in time."""
