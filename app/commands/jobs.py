"""`flask jobs`: what the web server has done by a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from flask.cli import AppGroup
from flask_babel import force_locale

from app.core import audit, background, sweep
from app.core.database import db
from app.core.i18n import locale_for, today
from app.core.problems import Refused
from app.domain.settings.queries import team
from app.domain.team import queries as colleagues
from app.domain.transfer import queries, rules, services

command = AppGroup("jobs", hidden=True, help="Long work that the web server starts.")

NUMBER = click.IntRange(1, 2**63 - 1)


@command.command("import")
@click.argument("batch", type=NUMBER)
@click.option("--user", type=NUMBER, required=True, help="Who wants it.")
def run_import(batch: int, user: int) -> None:
    """Do an import that was prepared on its page."""
    with _job(batch, user), services.without_collecting():
        found = queries.shown(batch)
        try:
            for _step in services.run_import(batch, today()):
                db.session.commit()
        except Refused:
            raise
        except Exception:
            db.session.rollback()
            services.break_off(batch)
            db.session.commit()
            _drop_file(found)
            raise
        _drop_file(found)


@command.command("revert")
@click.argument("batch", type=NUMBER)
@click.option("--user", type=NUMBER, required=True, help="Who wants it.")
def run_revert(batch: int, user: int) -> None:
    """Take back an import, as its page was told to."""
    with _job(batch, user):
        found = queries.shown(batch)
        for _step in services.revert_batch(batch):
            db.session.commit()
        _drop_file(found)


def _drop_file(found: Any) -> None:
    """What is read, or will never be, holds names and accounts and need not lie about."""
    if found.source:
        sweep.drop(found.source, found.at)


@contextmanager
def _job(batch: int, user_id: int) -> Iterator[None]:
    """While it runs, everybody can see so; it is done for a user, in whose language it speaks."""
    with background.holding(rules.job(batch)):
        user = colleagues.user(user_id)
        locale = locale_for(user.language, team().country)
        db.session.rollback()
        with audit.acting(user.id, user.name), force_locale(locale):
            try:
                yield
            except Refused as refusal:
                raise click.ClickException(str(refusal.message)) from refusal
