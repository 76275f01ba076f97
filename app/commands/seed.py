"""`flask seed`: a demo company to look around in, or a crowd to measure with."""

from __future__ import annotations

import secrets

import click
from flask.cli import with_appcontext

from app.core.database import db
from app.core.i18n import today
from app.demo import crowd, login
from app.demo.company import open_school
from app.domain.customers.queries import any_customer
from app.domain.team import passwords
from app.domain.team.queries import any_user


@click.command("seed")
@click.option("--if-empty", is_flag=True, help="Do nothing where there are users or customers.")
@click.option("--customers", type=click.IntRange(1, 5_000_000), help="A crowd of so many instead.")
@click.option("--lean", is_flag=True, help="Of the crowd only name, address, e-mail and phone.")
@click.option(
    "--rows-of-one",
    type=click.IntRange(0, 1_000_000),
    default=0,
    help="So many comments, messages, documents and factura documents for the first one.",
)
@click.option(
    "--documents",
    type=click.IntRange(0, 10_000_000),
    default=0,
    help="So many more factura documents for the others.",
)
@with_appcontext
def command(
    if_empty: bool, customers: int | None, lean: bool, rows_of_one: int, documents: int
) -> None:
    """Fill a database that holds no customers; one that does is never touched.

    Without options: a dance school with 40 customers. Where nobody may sign in yet it also gets
    three colleagues with one random password, which `flask login-hint` prints. The same day always
    makes the same customers.
    """
    if if_empty and (any_user() or any_customer()):
        return
    if any_customer():
        raise click.ClickException("There are customers already; nothing was changed.")
    if customers:
        crowd.gather(customers, lean=lean, rows_of_one=rows_of_one, documents=documents)
        click.echo(f"{customers} customers.")
    else:
        click.echo(f"A dance school with {_open_school()} customers.")
    db.session.commit()
    db.session.remove()
    db.engine.dispose()  # the last to close the database folds its log into it


def _open_school() -> int:
    """Real colleagues keep their team for themselves: then only the customers are added."""
    if any_user():
        return open_school(today(), None)
    password = secrets.token_urlsafe(9)
    made = open_school(today(), passwords.hashed(password))
    login.keep(password)
    return made
