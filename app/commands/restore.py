"""`flask restore`: everything back from one file."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from app.core import archive, database


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Also where there is data already; it is kept aside.")
@with_appcontext
def command(file: Path, force: bool) -> None:
    """Put the backup FILE into an empty data folder. Stop the server first.

    The archive is checked before anything changes. A backup of an older version then needs
    `flask db upgrade`.
    """
    try:
        aside = archive.restore(file, current_app.config["DATA"], database.file(), replace=force)
    except (archive.Unusable, OSError) as fault:
        raise click.ClickException(str(fault)) from fault
    click.echo(f"Restored into {current_app.config['DATA']}.")
    if aside:
        click.echo(f"What was there before lies in {aside}; delete it when all is well.")
