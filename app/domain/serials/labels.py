"""What this area is called, its states and reasons, and what happens to serials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.i18n import _, _l, _n, number, size
from app.domain.customers import labels as customers
from app.domain.letters import labels as letters
from app.domain.mailing import labels as mailing
from app.domain.serials.rules import TOO_OFTEN, Fate, Reason, Standing, Tally, unrendered
from app.domain.templates.queries import called
from app.domain.templates.rules import Kind


@dataclass(frozen=True, slots=True)
class Word:
    """A state in a word, how its badge looks, and what it means if that is worth a sentence."""

    name: Any
    look: str
    explanation: Any = ""


standings = {
    Standing.DRAFT: Word(_l("Not started"), "neutral"),
    Standing.PREPARING: Word(_l("Being made"), "info"),
    Standing.SENDING: Word(_l("Being sent"), "info"),
    Standing.PAUSED: Word(
        _l("Paused"), "warn", _l("What waits is kept back until somebody lets it go on.")
    ),
    Standing.BROKEN: Word(
        _l("Broken off"), "bad", _l("Something went wrong. What was made is kept; let it go on.")
    ),
    Standing.FINISHED: Word(_l("Finished"), "good"),
    Standing.CANCELLED: Word(_l("Called off"), "neutral"),
}

_sent, _made = Word(_l("Sent"), "good"), Word(_l("Made"), "good")
_other_fates = {
    Fate.WAITING: Word(_l("Waiting"), "neutral"),
    Fate.FAILED: Word(_l("Failed"), "bad"),
    Fate.LEFT_OUT: Word(_l("Left out"), "warn"),
    Fate.CANCELLED: Word(_l("Called off"), "neutral"),
}
fates = {
    Kind.MAIL: _other_fates | {Fate.MADE: _sent},
    Kind.LETTER: _other_fates | {Fate.MADE: _made},
}

addresses = {
    "main": _l("the main address"),
    "billing": _l("the billing address, if there is one"),
    "delivery": _l("the delivery address, if there is one"),
}
"""Where letters go: the values of the option `address`."""

reasons = {
    Reason.IN_TRASH: _l("is in the trash"),
    Reason.SILENT: _l("gets no information"),
    Reason.NO_EMAIL: _l("has no e-mail address"),
    Reason.BAD_EMAIL: _l("the e-mail address cannot be used"),
    Reason.NO_ADDRESS: _l("the postal address is incomplete: %(names)s"),
    Reason.LACKING: _l("nothing to fill in for %(names)s"),
    Reason.TOO_LONG: _l("the subject becomes too long"),
    unrendered("glyphs"): _l("the font does not have: %(names)s"),
    **{unrendered(code): sentence for code, sentence in letters.failures.items()},
}
"""Why somebody gets nothing, beside their name."""

UNKNOWN = _l("Something went wrong. The log of the server tells more.")

errors = mailing.errors | {
    TOO_OFTEN: _l(
        "The worker broke off several times while it put all letters into one file. "
        "Each of them stays with its customer."
    ),
}
"""Why a serial is held up, by the code that the entry of it in the outbox has."""

labels = {"recipients": _l("Recipients")}

actions = {
    "started": _l("Serial %(subject)s started"),
    "made": _l("Mails and letters of the serial %(subject)s made"),
    "paused": _l("Serial %(subject)s paused"),
    "resumed": _l("Serial %(subject)s goes on"),
    "cancelled": _l("Serial %(subject)s called off"),
    "withdrawn": _l("Mails of the serial %(subject)s taken back"),
    "retried": _l("Serial %(subject)s tried again"),
}


def left_out(reason: str, detail: str, count: int) -> str:
    """How many get nothing for this reason: "7: has no e-mail address"."""
    return f"{number(count)}: {told(reason, detail)}"


def told(reason: str, detail: str) -> str:
    """Why somebody gets nothing."""
    if reason == Reason.NO_ADDRESS:
        detail = ", ".join(str(customers.labels[field]) for field in detail.split(","))
    if reason == Reason.LACKING:
        detail = called(detail.split(","))
    return str(reasons.get(reason, UNKNOWN)) % {"names": detail}


def twice(addresses: Sequence[Any]) -> str:
    """How many addresses several of those who get it have in common."""
    count = addresses[0].all if addresses else 0
    return _n(
        "%(count)s e-mail address belongs to several customers; a mail goes there for each:",
        "%(count)s e-mail addresses belong to several customers; a mail goes there for each:",
        count,
        count=number(count),
    )


def elsewhere(count: int, language: str) -> str:
    """How many get it in a language that is not theirs."""
    spoken = customers.choices["language"].get(language, language)
    return _n(
        "%(count)s of them has another language than the template (%(language)s); it goes anyway.",
        "%(count)s of them have another language than the template (%(language)s); it goes anyway.",
        count,
        count=number(count),
        language=spoken,
    )


def file(found: Mapping[str, Any], others: Sequence[Any]) -> str:
    """What a PDF of all letters is called, or of some of them if there are others."""
    told = size(found["size"])
    if not others:
        return _("All letters as PDF (%(size)s)", size=told)
    first, last = number(found["first"]), number(found["last"])
    return _("Letters %(first)s–%(last)s as PDF (%(size)s)", first=first, last=last, size=told)


def lost(count: int) -> str:
    """How many letters could not be put with the others."""
    return _n(
        "%(count)s letter could not be read any more and is missing in the file.",
        "%(count)s letters could not be read any more and are missing in the file.",
        count,
        count=number(count),
    )


def progress(kind: str, tally: Tally) -> str:
    """How far a serial is: "120 of 243 sent, 3 failed, 12 left out"."""
    done, all_of_them = number(tally.sent), number(tally.addressed)
    if kind == Kind.MAIL:
        parts = [_("%(done)s of %(all)s sent", done=done, all=all_of_them)]
    else:
        parts = [_("%(done)s of %(all)s made", done=done, all=all_of_them)]
    if tally.failed:
        parts.append(_("%(count)s failed", count=number(tally.failed)))
    if tally.cancelled:
        parts.append(_("%(count)s called off", count=number(tally.cancelled)))
    if tally.left_out:
        parts.append(_("%(count)s left out", count=number(tally.left_out)))
    return ", ".join(parts)
