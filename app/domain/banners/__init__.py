"""Hint banners: what was bought and paid, or not, told at a glance."""
