"""`flask user`: the first colleague, and whoever lost the password."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask.cli import AppGroup
from flask_babel import force_locale

from app.core.auth import ROLES
from app.core.database import db
from app.core.i18n import LANGUAGES
from app.core.problems import Invalid, Refused
from app.core.text import clean
from app.domain.settings.queries import team
from app.domain.team import links, passwords, queries, rules, services

command = AppGroup("user", help="Make users and one-time links.")


@command.command("create")
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--name", help="As colleagues read it; the address up to the @ if not given.")
@click.option("--language", type=click.Choice([code for code, _name in LANGUAGES]))
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def create(
    email: str, role: str, name: str | None, language: str | None, password_stdin: bool
) -> None:
    """Make a user; without a password, print a one-time link to choose one."""
    with _told():
        name = clean(name or email.partition("@")[0])
        password_hash = _hashed(_read(), email, name) if password_stdin else None
        user = services.create_user(
            email=clean(email),
            name=name,
            role=role,
            language=language or team().language,
            password_hash=password_hash,
        )
        db.session.commit()
    click.echo(f"{user.email} may sign in as {role}.")
    if password_hash is None:
        click.echo(links.access_link(user))


@command.command("reset-link")
@click.argument("email")
def reset_link(email: str) -> None:
    """Print a one-time link to a new password; sessions and older links end."""
    with _told():
        user = queries.user_by_email(email)
        if user is None:
            raise click.ClickException(f"Nobody signs in as {email}.")
        user = services.renew_link(user.id)
        db.session.commit()
    click.echo(links.access_link(user))


@command.command("first-run-link")
def first_run_link() -> None:
    """Print the link to the page that makes the first admin."""
    if queries.any_user():
        raise click.ClickException("There are users already; the first run is over.")
    click.echo(links.first_run_link())


def _read() -> str:
    """The password, without the line end that `echo` adds."""
    given = sys.stdin.buffer.read().decode()
    return given.removesuffix("\n").removesuffix("\r")


def _hashed(password: str, email: str, name: str) -> str:
    if problems := rules.check_password(password, password, email=email, name=name):
        raise Invalid(problems)
    return passwords.hashed(password)


@contextmanager
def _told() -> Iterator[None]:
    """What the rules object to, in words and with a failing exit status."""
    with force_locale("en"):
        try:
            yield
        except Invalid as refusal:
            text = "\n".join(f"{p.field}: {p.message}" for p in refusal.problems)
            raise click.ClickException(text) from refusal
        except Refused as refusal:
            raise click.ClickException(str(refusal.message)) from refusal
        except UnicodeError as refusal:
            raise click.ClickException("The text is not UTF-8.") from refusal
        except ValueError as refusal:
            raise click.ClickException("Some characters cannot be stored.") from refusal
