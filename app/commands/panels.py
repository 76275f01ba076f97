"""`flask panels`: what discovery found."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from app.core import auth
from app.core.registry import registry


@click.command("panels")
@with_appcontext
def command() -> None:
    """Print every panel and page with its permission, events and addresses."""
    for panel in registry().panels.values():
        place = panel.place if panel.load else "detail page only"
        click.echo(f"{panel.key}  ({place}, permission {panel.permission})")
        click.echo(f"  stale on: {', '.join(sorted(panel.stale_on)) or '–'}")
        _echo_routes(panel.key)
    for page in registry().pages.values():
        click.echo(f"{page.key}  (page, permission {page.area})")
        _echo_routes(page.blueprint.name)


def _echo_routes(blueprint: str) -> None:
    for rule in current_app.url_map.iter_rules():
        if rule.endpoint.partition(".")[0] == blueprint:
            methods = ",".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
            click.echo(f"  {methods:9} {rule.rule}  [{auth.required(rule.endpoint)}]")
