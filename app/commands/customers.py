"""`flask customers`: bring in whom the team knows already, and take it back."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date

import click
from flask.cli import AppGroup

from app.core.database import db
from app.core.i18n import _, _n, today
from app.core.problems import Refused
from app.domain.transfer import services
from app.domain.transfer.reading import LONGEST_FILE
from app.domain.transfer.services import Outcome, Refusal

command = AppGroup("customers", help="Bring customers in from files, and take them back.")


@command.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON, nothing else.")
def import_files(files: tuple[str, ...], as_json: bool) -> None:
    """Import customers from tables (CSV) and address books (vCard).

    What cannot be imported is told with its line; the rest is. A customer number that exists is
    skipped. `revert` with the number of the import takes it back.
    """
    day = today()
    batch_id = services.begin_batch(files)
    db.session.commit()
    click.echo(_("Import %(number)d", number=batch_id), err=as_json)
    outcome = Outcome()
    with _no_collecting():
        for piece in _pieces(batch_id, files, day):
            outcome += piece
            _show_progress(outcome)
    _end_progress()
    if as_json:
        click.echo(json.dumps(asdict(outcome)))
    else:
        _tell(outcome)


@command.command("revert")
@click.argument("batch", type=click.IntRange(1, 2**63 - 1))
def revert(batch: int) -> None:
    """Remove the customers of an import whom nobody has touched since."""
    removed, kept = 0, []
    try:
        for step in services.revert_batch(batch):
            db.session.commit()
            removed, kept = removed + step.removed, step.kept
    except Refused as refusal:
        raise click.ClickException(str(refusal.message)) from refusal
    click.echo(_n("%(num)d customer removed", "%(num)d customers removed", removed))
    if kept:
        click.echo(
            _("Kept, because somebody has touched them: %(numbers)s", numbers=", ".join(kept))
        )


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Rows make no cycles, and looking for some after every few hundred takes a tenth longer."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _pieces(batch_id: int, files: tuple[str, ...], day: date) -> Iterator[Outcome]:
    for name in files:
        try:
            data = _content(name)
        except OSError as error:
            yield Outcome(refused=[Refusal(name, 0, _unreadable(error))])
            continue
        for piece in services.import_file(batch_id, name, data, day):
            db.session.commit()
            yield piece


def _content(name: str) -> bytes:
    """What is in a file; of one that is too large enough to tell."""
    with open(name, "rb") as file:
        return file.read(LONGEST_FILE + 1)


def _unreadable(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return _("There is no such file.")
    return _("The file cannot be read: %(reason)s.", reason=error.strerror or error)


def _show_progress(outcome: Outcome) -> None:
    if sys.stderr.isatty():
        rows = outcome.new + outcome.skipped + len(outcome.refused)
        click.echo("\r" + _("%(rows)d rows read", rows=rows) + " ", nl=False, err=True)


def _end_progress() -> None:
    if sys.stderr.isatty():
        click.echo(err=True)


def _tell(outcome: Outcome) -> None:
    click.echo(
        _(
            "%(new)d added, %(skipped)d skipped, %(refused)d refused",
            new=outcome.new,
            skipped=outcome.skipped,
            refused=len(outcome.refused),
        )
    )
    for refusal in outcome.refused:
        click.echo(f"{_place(refusal)}: {refusal.reason}")


def _place(refusal: Refusal) -> str:
    file = click.format_filename(refusal.file)
    return _("%(file)s, line %(line)d", file=file, line=refusal.line) if refusal.line else file
