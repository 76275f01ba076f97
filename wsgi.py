"""The WSGI object that servers and `flask --app wsgi` load."""

import gc
import sys

from app import create_app
from app.config import Misconfigured

CANNOT_LOAD = 4  # gunicorn gives up at this code of a worker; after others it tries for ever

try:
    app = create_app()
except Misconfigured as error:
    print(f"Kundenblick cannot start: {error}.", file=sys.stderr)
    sys.exit(CANNOT_LOAD)

# What was built so far stays for ever; the collector need not look through it at every round.
gc.collect()
gc.freeze()
