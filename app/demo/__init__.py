"""Data that nobody has to type: a demo company to look around in, and crowds for measuring."""
