"""`flask payments`: count anew what was paid."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.core.i18n import _, _n, money
from app.domain.payments import queries

command = AppGroup("payments", help="What customers paid.")


@command.command("check")
def check() -> None:
    """Count anew what was paid on every document, and tell where it is stored otherwise.

    There must be no difference; it fails if there is one. Nothing is changed.
    """
    differences = queries.differences()
    overdrawn, astray = queries.contradictions()
    for row in differences:
        stored, counted = (money(minor, row.currency) for minor in (row.paid, row.recounted))
        click.echo(
            _(
                "Document %(id)d (%(number)s): %(stored)s stored, %(counted)s counted",
                id=row.id,
                number=row.number or "–",
                stored=stored,
                counted=counted,
            )
        )
    for row in overdrawn:
        click.echo(_("Payment %(id)d gives away more than it is", id=row.id))
    for row in astray:
        click.echo(
            _(
                "Payment %(id)d cannot pay document %(document)d",
                id=row.payment_id,
                document=row.document_id,
            )
        )
    if wrong := len(differences) + len(overdrawn) + len(astray):
        raise click.ClickException(_n("%(num)d difference", "%(num)d differences", wrong))
    click.echo(_("No difference"))
