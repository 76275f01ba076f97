"""Commands: every module of app.commands brings one, by the name `command`."""

from __future__ import annotations

import importlib
import pkgutil

from flask import Flask

from app import commands


def init_app(app: Flask) -> None:
    for module in sorted(m.name for m in pkgutil.iter_modules(commands.__path__)):
        app.cli.add_command(importlib.import_module(f"{commands.__name__}.{module}").command)
