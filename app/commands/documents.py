"""`flask documents`: rows and stored files agree."""

from __future__ import annotations

import click
from flask.cli import AppGroup

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
    _tell(found, verify)
    if verify and (found.missing or found.damaged):
        context.exit(1)


def _tell(found: Found, verify: bool) -> None:
    checked = ", all of them read" if verify else ""
    click.echo(f"{found.needed} files in use{checked}.")
    if found.deleted:
        size = f"{found.freed / 1e6:.1f} MB"
        click.echo(f"{len(found.deleted)} files deleted that nothing needs, {size}.")
    if found.unfinished:
        click.echo(f"{found.unfinished} files deleted whose upload was cut off.")
    if found.doubtful:
        click.echo(
            f"{len(found.doubtful)} files are needed by nothing, more than are in use. "
            "Is this the right database? --force deletes them.",
            err=True,
        )
    for name, by in found.missing.items():
        click.echo(f"Missing: the file of {by} ({name})", err=True)
    for name, by in found.damaged.items():
        click.echo(f"Damaged: the file of {by} ({name})", err=True)
