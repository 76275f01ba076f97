"""`flask events`: who tells whom."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from app.core import events
from app.core.registry import registry


@click.command("events")
@with_appcontext
def command() -> None:
    """Print every domain event with its handlers and the panels it makes stale."""
    for name, meaning, handlers in events.listing():
        click.echo(f"{name}: {meaning}")
        for handler in handlers:
            click.echo(f"  handled by {handler}")
        for panel in registry().panels.values():
            if name in panel.stale_on:
                click.echo(f"  refreshes panel {panel.key}")
