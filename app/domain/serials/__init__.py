"""Serials: one template for many customers, as mails or as letters."""
