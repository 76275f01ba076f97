"""`flask restore`: everything back from one file."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import inspect

from app.core import archive, database, outbox
from app.core.database import db


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Also where there is data already; it is kept aside.")
@with_appcontext
def command(file: Path, force: bool) -> None:
    """Put the backup FILE into an empty data folder. Stop the server first.

    The archive is checked before anything changes. What waited to be sent when it was made stays
    until somebody has it tried again, for perhaps it has been sent since. A backup of an older
    version then needs `flask db upgrade`.
    """
    try:
        aside = archive.restore(file, current_app.config["DATA"], database.file(), replace=force)
    except (archive.Unusable, OSError) as fault:
        raise click.ClickException(str(fault)) from fault
    click.echo(f"Restored into {current_app.config['DATA']}.")
    if aside:
        click.echo(f"What was there before lies in {aside}; delete it when all is well.")
    if waited := _keep_from_going():
        click.echo(f"{waited} waited to be sent; decide about them on the page Outbox.")


def _keep_from_going() -> int:
    """How many entries of the outbox there are to decide about; older versions have none."""
    try:
        if not inspect(db.engine).has_table(outbox.OutboxEntry.__tablename__):
            return 0
        waited = outbox.doubt_all()
        db.session.commit()
        return waited
    finally:
        db.session.remove()
        db.engine.dispose()
