"""Whole pages that belong to no single panel, one folder each."""
