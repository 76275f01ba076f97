"""Measurements: every kind of work beside its raw floor, in one run. See docs/benchmarks.md."""
