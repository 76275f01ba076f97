"""`flask factura`: what may be done with documents, and whether their PDFs are as they were."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.domain.factura import paper
from app.domain.factura.paper import Condition, Flaw
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

    It fails if one is missing or was changed, which only a backup can mend, and if one was never
    drawn and the worker is not going to.
    """
    found = list(paper.flaws())
    flaws = [flaw for flaw in found if flaw]
    for flaw in flaws:
        click.echo(f"{_told(flaw)}: {flaw.number}", err=True)
    click.echo(f"{len(found) - len(flaws)} of {len(found)} PDFs are as they were stored.")
    if not all(flaw.is_awaited for flaw in flaws):
        context.exit(1)


def _told(flaw: Flaw) -> str:
    if flaw.condition != Condition.DUE:
        return f"{flaw.condition.capitalize()} ({flaw.digest})"
    how = "by the worker" if flaw.is_awaited else "by a button on its page"
    return f"Still to be drawn, {how}"
