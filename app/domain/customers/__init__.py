"""Customers: who they are, how they are found."""
