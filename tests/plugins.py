"""Panels from elsewhere that the tests shall run over, too: of plug-ins, of docs/adding-a-panel.md.

    PANELS="garage.domain.vehicles garage.partials.vehicles" pytest tests/contract

An area of theirs keeps its sample beside itself: a module `sample` with `give(customer_id)`.
"""

import os

PLUGINS = tuple(os.environ.get("PANELS", "").split())
