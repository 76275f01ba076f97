"""Trials that take long: `make torture`. Short ones of them run with the tests."""
