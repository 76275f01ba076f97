"""Plumbing: database, registry, requests, forms, news and files; knows no customer and no invoice."""
