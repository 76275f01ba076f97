"""Something of everything for one customer: every area gives its part.

A module `give(customer_id)` writes the first thing of its kind, so that in the tests every kind of
thing has the id 1. Whoever adds an area adds a module here, and the contract tests know it.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil

from tests.plugins import PLUGINS


def give_everything(customer_id: int) -> None:
    """Let every area give what it has."""
    ours = sorted(f"{__name__}.{found.name}" for found in pkgutil.iter_modules(__path__))
    theirs = [f"{plugin}.sample" for plugin in PLUGINS]
    for module in (*ours, *(name for name in theirs if importlib.util.find_spec(name))):
        importlib.import_module(module).give(customer_id)
