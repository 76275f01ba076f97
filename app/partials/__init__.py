"""The fragment floor: one folder per overview panel."""
