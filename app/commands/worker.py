"""`flask worker`: delivers what is to leave the house, and works at night."""

from __future__ import annotations

import os

import click
from flask import current_app
from flask.cli import with_appcontext

from app.core import background, outbox, queue, worker

MOST = 6
"""Each thread, and the one for the nights, may need two of fifteen connections to the database."""


@click.command("worker")
@click.option(
    "--threads",
    type=click.IntRange(1, MOST),
    default=4,
    show_default=True,
    help="How much it delivers at once.",
)
@with_appcontext
def command(threads: int) -> None:
    """Send mails and do what else waits in the outbox; at night, purge the trash and back up.

    It runs beside the web server until it is stopped by SIGTERM or SIGINT, and then ends what it
    is about to deliver; a second signal does not wait. There is one per data folder.
    """
    if queue.is_working():
        raise click.ClickException("A worker runs already for this data folder.")
    os.nice(background.LESS_URGENT)
    with background.holding(queue.WORKER):
        outbox.free_all()
        click.echo(f"The worker is ready, with {threads} threads.")
        app = current_app._get_current_object()  # type: ignore[attr-defined]
        worker.run(app, threads)
