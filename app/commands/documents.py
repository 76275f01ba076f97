"""`flask documents`: rows and stored files agree."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from flask_babel import force_locale

from app.core.i18n import _, _n, size
from app.core.sweep import Found, sweep

command = AppGroup("documents", help="Keep rows and stored files in agreement.")


@command.command("sweep")
@click.option("--verify", is_flag=True, help="Read every file and compare it with its checksum.")
@click.option("--force", is_flag=True, help="Delete even if more files would go than stay.")
@click.pass_context
def sweep_files(context: click.Context, verify: bool, force: bool) -> None:
    """Delete stored files that nothing needs, and tell which are missing or damaged.

    For every start of the server, and safe at any time: what was uploaded within the last hour is
    left alone. With --verify it fails if a file is missing or damaged.
    """
    found = sweep(verify=verify, force=force)
    with force_locale("en"):  # like all that a start of the server prints
        _tell(found, verify)
    if verify and (found.missing or found.damaged):
        context.exit(1)


def _tell(found: Found, verify: bool) -> None:
    click.echo(_n("%(num)d file in use", "%(num)d files in use", found.needed))
    if verify and not found.damaged:
        click.echo(_("All of them were read and are as they were stored."))
    if found.deleted:
        sentence = _n(
            "%(num)d file deleted that nothing needs, %(size)s",
            "%(num)d files deleted that nothing needs, %(size)s",
            len(found.deleted),
            size=size(found.freed),
        )
        click.echo(sentence)
    if found.unfinished:
        sentence = _n(
            "%(num)d file deleted whose upload was cut off",
            "%(num)d files deleted whose upload was cut off",
            found.unfinished,
        )
        click.echo(sentence)
    if found.doubtful:
        sentence = _n(
            "%(num)d file is needed by nothing, more than are in use. "
            "Is this the right database? --force deletes it.",
            "%(num)d files are needed by nothing, more than are in use. "
            "Is this the right database? --force deletes them.",
            len(found.doubtful),
        )
        click.echo(sentence, err=True)
    for name, by in found.missing.items():
        click.echo(_("Missing: the file of %(what)s (%(name)s)", what=by, name=name), err=True)
    for name, by in found.damaged.items():
        click.echo(_("Damaged: the file of %(what)s (%(name)s)", what=by, name=name), err=True)
