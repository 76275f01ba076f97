"""Groups of customers: a tree of any depth; one customer may be in many."""
