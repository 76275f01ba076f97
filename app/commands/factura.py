"""`flask factura`: what may be done with documents, and whether their PDFs are as they were."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.domain.factura import paper
from app.domain.factura.rules import FOLLOW_UPS, MOVES

command = AppGroup("factura", help="What may be done with quotes, invoices and the like.")


@command.command("moves")
def moves() -> None:
    """Print what may be done with a document of each kind, and what can be made from it."""
    for kind, table in MOVES.items():
        click.echo(kind)
        for (state, move), becomes in table.items():
            click.echo(f"  {state:9}  {move:8}  {becomes or 'gone'}")
        if made := FOLLOW_UPS[kind]:
            click.echo(f"  followed by {', '.join(made)}")


@command.command("verify")
@click.pass_context
def verify(context: click.Context) -> None:
    """Read the PDF of every issued document and compare it with what was stored.

    It fails if one is missing or was changed; only a backup can bring it back.
    """
    found = list(paper.flaws())
    flaws = [flaw for flaw in found if flaw]
    for flaw in flaws:
        click.echo(f"{flaw.condition.capitalize()}: {flaw.number} ({flaw.digest})", err=True)
    click.echo(f"{len(found) - len(flaws)} of {len(found)} PDFs are as they were stored.")
    if flaws:
        context.exit(1)
