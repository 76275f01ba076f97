"""How the house stands, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.core import backups, i18n, nightly, queue
from app.core.database import now
from app.core.i18n import _, _l, _n, count, moment, size
from app.core.jobs import Nightly
from app.core.registry import registry

LONGEST = timedelta(hours=6)
"""After so long, work that runs is rather work that was cut off."""

TITLES = {
    "purge": _l("Trash"),
    "sweep": _l("Files"),
    "backup": _l("Backup"),
}


@dataclass(frozen=True)
class Standing:
    """How something stands: a badge of this `state` that says `mark`, sentences, and asides."""

    title: Any
    state: str
    mark: str
    sentences: list[str]
    asides: list[str] = field(default_factory=list)


def standings() -> list[Standing]:
    """The worker first, then the work of the nights; small work only when it went wrong."""
    runs, is_working = nightly.runs(), queue.is_working()
    found = [_worker(is_working)]
    for work in sorted(_nightly(), key=lambda work: work.order):
        last = runs.get(work.name)
        if work.name in TITLES or (last is not None and last.error):
            found.append(_standing(work, last, is_working))
    return found


def _nightly() -> list[Nightly]:
    return [job for job in registry().jobs if isinstance(job, Nightly)]


def _worker(is_working: bool) -> Standing:
    if is_working:
        sentence = _("It sends what waits in the outbox, and does the work of the night.")
        return Standing(_("Worker"), "good", _("runs"), [sentence])
    sentences = [
        _("What is to be sent waits, and no backup is made."),
        _("Whoever operates the server starts it with: flask --app wsgi worker"),
    ]
    return Standing(_("Worker"), "bad", _("does not run"), sentences)


def _standing(work: Nightly, last: Any | None, is_working: bool) -> Standing:
    title = TITLES.get(work.name, work.name)
    asides = _backups() if work.name == "backup" else []
    if last is None:
        return Standing(title, "neutral", _("not yet done"), [], asides)
    return Standing(title, *_went(work.name, last, is_working, now()), asides)


def _went(name: str, last: Any, is_working: bool, instant: datetime) -> tuple[str, str, list[str]]:
    """How it went last: the state and the words of the badge, and what there is to say."""
    began = moment(last.began_at)
    if last.error:
        again = [_("It is tried again every hour.")] if is_working else []
        return "bad", _("failed"), [f"{began}: {_why(last)}", *again]
    if last.ended_at is None:
        if is_working and instant - last.began_at < LONGEST:
            return "info", _("is being done"), [_("since %(moment)s", moment=began)]
        return "bad", _("was cut off"), [began]
    told = _told(name, last.told)
    done = [f"{moment(last.ended_at)}{': ' if told else ''}{told}"]
    if nightly.is_late(last, i18n.here(instant)):
        return "warn", _("not done last night"), done
    if troubles := _troubles(name, last.told):
        return "warn", _("done, but"), [*done, *troubles]
    return "good", _("done"), done


def _why(last: Any) -> str:
    told = last.told
    if last.error == "no_room":
        needed, free = size(told["needed"]), size(told["free"])
        return _(
            "The disk has no room for a backup: it may need %(needed)s, and %(free)s are free.",
            needed=needed,
            free=free,
        )
    if last.error == "disk_full":
        return _("The disk is full.")
    if last.error == nightly.BROKEN:
        reference = told["reference"]
        return _("Something broke. The server's log tells more: %(code)s", code=reference)
    return _("It did not work: %(reason)s", reason=told.get("reason", last.error))


def _told(name: str, told: Mapping[str, Any]) -> str:
    """What the work has done, if that is worth a word."""
    if name == "purge" and told["erased"]:
        return _n(
            "%(num)d customer deleted for good",
            "%(num)d customers deleted for good",
            told["erased"],
        )
    if name == "sweep" and told["deleted"]:
        return _n(
            "%(num)d file deleted that nothing needs",
            "%(num)d files deleted that nothing needs",
            told["deleted"],
        )
    return size(told["size"]) if name == "backup" else ""


def _troubles(name: str, told: Mapping[str, Any]) -> list[str]:
    """What somebody should look at, though it was done."""
    if name == "purge" and told["kept"]:
        numbers = ", ".join(told["kept"])
        return [_("Kept, because something must be kept: %(numbers)s", numbers=numbers)]
    if name != "sweep":
        return []
    troubles = []
    if told["missing"]:
        missing = _n(
            "%(num)d file is missing; only a backup has it: %(names)s",
            "%(num)d files are missing; only a backup has them: %(names)s",
            told["missing"],
            names=", ".join(told["names"]),
        )
        troubles.append(missing)
    if told["doubtful"]:
        doubtful = _n(
            "%(num)d file is needed by nothing, more than are in use, so it stays.",
            "%(num)d files are needed by nothing, more than are in use, so they stay.",
            told["doubtful"],
        )
        troubles += [doubtful, _("Please look at them with: flask documents sweep")]
    return troubles


def _backups() -> list[str]:
    """What is there, whoever made it and when."""
    there = backups.made()
    if not there:
        return [_("There is no backup yet.")]
    kept = _n(
        "%(count)s backup is kept, %(size)s, in the folder “backups” of the data folder.",
        "%(count)s backups are kept, %(size)s, in the folder “backups” of the data folder.",
        len(there),
        count=count(len(there)),
        size=size(sum(backup.size for backup in there)),
    )
    return [kept, _("Have them copied to another machine; they hold the secret key, too.")]
