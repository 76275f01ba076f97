"""`flask payments`: count anew what was paid."""

from __future__ import annotations

from collections.abc import Iterator

import click
from flask.cli import AppGroup
from flask_babel import force_locale

from app.core.i18n import money
from app.domain.payments import queries

command = AppGroup("payments", help="What customers paid.")


@command.command("check")
def check() -> None:
    """Count anew what was paid on every document and what is left, and tell what differs.

    There must be no difference; it fails if there is one. Nothing is changed.
    """
    with force_locale("en"):  # amounts, too, like all that commands print
        wrong = [*_wrong()]
    for sentence in wrong:
        click.echo(sentence)
    if wrong:
        raise click.ClickException(f"Differences: {len(wrong)}")
    click.echo("No difference.")


def _wrong() -> Iterator[str]:
    for row in queries.differences():
        stored, counted = (money(minor, row.currency) for minor in (row.paid, row.recounted))
        yield f"Document {row.id} ({row.number or '–'}): {stored} stored, {counted} counted"
    for row in queries.credit_differences():
        stored, counted = (money(minor, row.currency) for minor in (row.left, row.recounted))
        yield f"Payment {row.id}: {stored} stored as left of it, {counted} counted"
    overdrawn, astray = queries.contradictions()
    for row in overdrawn:
        yield f"Payment {row.id} gives away more than it is"
    for row in astray:
        yield f"Payment {row.payment_id} cannot pay document {row.document_id}"
