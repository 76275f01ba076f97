"""Bringing customers in from files, and taking an import back."""
