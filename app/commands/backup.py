"""`flask backup`: everything in one file."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from app.core import archive, database


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@with_appcontext
def command(file: Path, force: bool) -> None:
    """Write database and data folder into the archive FILE (.tar.gz), also while people work.

    The secret key lies in the data folder and so in the archive: keep FILE as safe as the server.
    A key given by KUNDENBLICK_SECRET_KEY is not in it. Left out are temporary files, the folder
    backups, and what a restore has replaced.
    """
    try:
        count = archive.write(file, current_app.config["DATA"], database.file(), replace=force)
    except (archive.Unusable, OSError) as fault:
        raise click.ClickException(str(fault)) from fault
    click.echo(f"{file}: {count} files, {file.stat().st_size / 1e6:.1f} MB.")
