"""What the worker does: one module for each kind of work, found by the name `job`."""
