"""`flask restore`: everything back from one file."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import URL, NullPool, create_engine, inspect

from app.core import archive, database, outbox


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
    waited: list[int] = []

    def prepare(unpacked: Path) -> None:
        waited.append(_keep_from_going(unpacked))

    data = current_app.config["DATA"]
    try:
        aside = archive.restore(file, data, database.file(), replace=force, prepare=prepare)
    except (archive.Unusable, OSError) as fault:
        raise click.ClickException(str(fault)) from fault
    click.echo(f"Restored into {data}.")
    if aside:
        click.echo(f"What was there before lies in {aside}; delete it when all is well.")
    if any(waited):
        click.echo(f"{sum(waited)} waited to be sent; decide about them on the page Outbox.")


def _keep_from_going(unpacked: Path) -> int:
    """How many entries of the outbox there are to decide about; older versions have none."""
    engine = create_engine(URL.create("sqlite", database=str(unpacked)), poolclass=NullPool)
    with engine.begin() as connection:
        if not inspect(connection).has_table(outbox.OutboxEntry.__tablename__):
            return 0
        return outbox.doubt_all(connection)
