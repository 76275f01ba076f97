"""`flask banners`: what is told of customers and what their invoices tell agree."""

from __future__ import annotations

from collections.abc import Iterable

import click
from flask.cli import AppGroup

from app.core.database import db
from app.domain.banners import holding, services
from app.domain.banners.holding import Difference

MOST_TOLD = 20
"""How many customers are told of a banner."""

command = AppGroup("banners", help="Keep hint banners and invoices in agreement.")


@command.command("check")
@click.option("--repair", is_flag=True, help="Mend what is found.")
@click.pass_context
def check(context: click.Context, repair: bool) -> None:
    """Find anew for whom every hint banner holds, and compare.

    Fails if there is a difference that is not mended: there should never be one. Customers are told
    by their ids, as in the addresses of their pages.
    """
    found = services.repair() if repair else list(holding.differences())
    db.session.commit()
    for difference in found:
        _tell(difference)
    if not found:
        click.echo("All hint banners hang where they should.")
    elif repair:
        click.echo("All of this is mended.")
    else:
        context.exit(1)


def _tell(difference: Difference) -> None:
    for what, ids in (("missing", difference.missing), ("needless", difference.needless)):
        if ids:
            told = f"Banner {difference.banner_id} ({difference.line1}) is {what} on"
            click.echo(f"{told} {len(ids)}: {_listed(ids)}", err=True)


def _listed(ids: Iterable[int]) -> str:
    shown = [str(customer_id) for customer_id in ids]
    return ", ".join(shown[:MOST_TOLD]) + (" …" if len(shown) > MOST_TOLD else "")
