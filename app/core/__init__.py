"""Plumbing: database, registry, requests, forms, events, files; knows no customer, no invoice."""
