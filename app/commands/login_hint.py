"""`flask login-hint`: where to sign in, printed by `make run`."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from app.demo import login
from app.domain.team import links
from app.domain.team.queries import any_user


@click.command("login-hint")
@with_appcontext
def command() -> None:
    """Print where to sign in: with the demo's password while it holds, else who is the first."""
    click.echo(current_app.config["BASE_URL"])
    if demo := login.kept():
        click.echo(f"Sign in as {demo}")
    elif not any_user():
        click.echo(f"Make the first admin at {links.first_run_link()}")
