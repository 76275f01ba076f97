"""`flask customers`: bring in whom the team knows already, and take it back."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, timedelta

import click
from flask.cli import AppGroup

from app.core import background, sweep
from app.core.database import db, now
from app.core.i18n import _, _n, today
from app.core.problems import Refused
from app.domain.customers import queries
from app.domain.customers.rules import TRASH_DAYS
from app.domain.groups import rules as group_rules
from app.domain.groups.services import groups_named
from app.domain.transfer import labels, rules, services
from app.domain.transfer.charset import is_charset
from app.domain.transfer.csvfile import SEPARATORS
from app.domain.transfer.reading import LONGEST_FILE
from app.domain.transfer.services import How, Outcome, Refusal
from app.jobs.purge import purge

command = AppGroup("customers", help="Bring customers in from files, and take them back.")


def _encoding(_context: click.Context, _option: click.Parameter, name: str) -> str:
    if name and not is_charset(name):
        raise click.BadParameter(_("There is no encoding %(name)s.", name=name[:40]))
    return name


def _separator(_context: click.Context, _option: click.Parameter, sign: str) -> str:
    sign = "\t" if sign.lower() in ("tab", r"\t") else sign
    if sign and sign not in SEPARATORS:
        message = _("The character %(sep)s cannot separate columns.", sep=sign[:10])
        raise click.BadParameter(message)
    return sign


def _groups(_context: click.Context, _option: click.Parameter, names: tuple[str, ...]) -> list[str]:
    cleaned = [" ".join(name.split()) for name in names]
    for name in cleaned:
        for problem in group_rules.check_name(name, ()):
            raise click.BadParameter(str(problem.message))
    return cleaned


TOLD_AS_JSON = ("new", "skipped", "refused")
"""What scripts rely on; the README promises it."""


@command.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON, nothing else.")
@click.option(
    "--group",
    "names",
    multiple=True,
    callback=_groups,
    metavar="NAME",
    help="A group that everybody joins, made if there is none; give it again for a second one.",
)
@click.option(
    "--encoding",
    default="",
    callback=_encoding,
    metavar="NAME",
    help="How letters are written (utf-8, cp1252), where that is not recognised rightly.",
)
@click.option(
    "--separator",
    default="",
    callback=_separator,
    metavar="SIGN",
    help="What parts the columns (; , | or tab), where that is not recognised rightly.",
)
def import_files(
    files: tuple[str, ...], as_json: bool, names: list[str], encoding: str, separator: str
) -> None:
    """Import customers from tables (CSV) and address books (vCard).

    What cannot be imported is told with its line; the rest is. A customer number that exists is
    skipped. `revert` with the number of the import takes it back.
    """
    day = today()
    joined = dict.fromkeys(groups_named(names).values()) if names else ()
    batch_id = services.begin_batch(files, How(encoding, separator, list(joined)))
    outcome = Outcome()
    with background.holding(rules.job(batch_id)), services.without_collecting():
        db.session.commit()
        click.echo(_("Import %(number)d", number=batch_id), err=as_json)
        for piece in _pieces(batch_id, files, day):
            outcome += piece
            _show_progress(outcome)
        services.end_batch(batch_id)
        db.session.commit()
    _end_progress()
    if as_json:
        told = asdict(outcome)
        click.echo(json.dumps({name: told[name] for name in TOLD_AS_JSON}))
    else:
        _tell(outcome)


@command.command("revert")
@click.argument("batch", type=click.IntRange(1, 2**63 - 1))
def revert(batch: int) -> None:
    """Remove the customers of an import whom nobody has touched since."""
    removed, kept = 0, []
    try:
        services.begin_revert(batch)
        with background.holding(rules.job(batch)):
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


@command.command("purge-trash")
@click.option(
    "--older-than",
    "days",
    type=click.IntRange(0, 36_500),
    default=TRASH_DAYS,
    show_default=True,
    help="Days since they were deleted.",
)
@click.option("--dry-run", is_flag=True, help="Only tell how many it would be.")
def purge_trash(days: int, dry_run: bool) -> None:
    """Delete for good who has been in the trash for long, files included.

    The worker does this every night. A customer who must be kept is told and stops nobody; a file
    that somebody else has, too, stays. It fails if others do, since they came just now or there
    are too many that nothing has needed before.
    """
    before = now() - timedelta(days=days)
    if dry_run:
        waiting = queries.count_to_purge(before)
        click.echo(
            _n("%(num)d customer would be deleted", "%(num)d customers would be deleted", waiting)
        )
        return
    purged = purge(before)
    found = sweep.sweep()
    click.echo(
        _n("%(num)d customer deleted for good", "%(num)d customers deleted for good", purged.erased)
    )
    if purged.kept:
        numbers = ", ".join(purged.kept)
        click.echo(_("Kept, because something must be kept: %(numbers)s", numbers=numbers))
    if deleted := purged.files + len(found.deleted):
        click.echo(_n("%(num)d file deleted", "%(num)d files deleted", deleted))
    if purged.stay or found.doubtful:
        sentence = _("Some files stay. Please look at them with: flask documents sweep")
        raise click.ClickException(sentence)


def _pieces(batch_id: int, files: tuple[str, ...], day: date) -> Iterator[Outcome]:
    for name in files:
        try:
            data = _content(name)
        except OSError as error:
            yield services.refuse_file(batch_id, name, _unreadable(error))
            db.session.commit()
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
    if outcome.in_trash:
        click.echo(labels.in_trash(outcome.in_trash))
    for refusal in outcome.refused:
        click.echo(f"{_place(refusal)}: {refusal.reason}")


def _place(refusal: Refusal) -> str:
    file = click.format_filename(refusal.file)
    return _("%(file)s, line %(line)d", file=file, line=refusal.line) if refusal.line else file
