"""Events of the import."""

announces = {
    "customers.imported": "Customers were added by an import, with all that hangs on them",
}
