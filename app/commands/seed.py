"""`flask seed`: a demo company to look around in, or a crowd to measure with."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from app.core.database import db
from app.core.i18n import today
from app.demo import crowd, login
from app.demo.company import ADMIN, open_school
from app.domain.customers.queries import any_customer
from app.domain.team import passwords
from app.domain.team.queries import any_user


@click.command("seed")
@click.option("--if-empty", is_flag=True, help="Do nothing where there are users or customers.")
@click.option("--customers", type=click.IntRange(1, 5_000_000), help="A crowd of this size instead.")
@click.option("--lean", is_flag=True, help="Customers of the crowd have e-mail and phone only.")
@click.option("--comments-of-one", type=click.IntRange(0, 1_000_000), default=0, show_default=True,
              help="So many comments for one customer of the crowd.")
@with_appcontext
def command(if_empty: bool, customers: int | None, lean: bool, comments_of_one: int) -> None:
    """Fill a database that holds no customers.

    Without options: a dance school with 40 customers. Where nobody may sign in yet it also gets
    three colleagues with one random password, which `flask login-hint` prints. The same day always
    makes the same data.
    """
    if if_empty and (any_user() or any_customer()):
        return
    if any_customer():
        raise click.ClickException("There are customers already; nothing was changed.")
    if customers is not None:
        crowd.gather(customers, lean=lean, comments_of_one=comments_of_one)
        db.session.commit()
        click.echo(f"{customers} customers.")
    else:
        click.echo(f"{_open_school()} customers of a dance school.")


def _open_school() -> int:
    password = None if any_user() else secrets.token_urlsafe(9)
    password_hash = passwords.hashed(password) if password else None
    made = open_school(today(), password_hash)
    ...
