"""The WSGI object that servers and `flask --app wsgi` load."""

import gc

from app import create_app

app = create_app()

# What was built so far stays for ever; the collector need not look through it at every round.
gc.collect()
gc.freeze()
