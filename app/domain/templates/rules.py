"""What must hold for templates, and how their placeholders are found and filled in.

A placeholder is a name in two pairs of braces, `{{first_name}}`. There is one regular-expression
pass and nothing else: no expressions, no attributes, and a value that is filled in is never looked
into again. Problems have the codes required, too_long, unknown, incomplete, taken and open.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any

from rapidfuzz import fuzz, process

from app.core.i18n import _, _l
from app.core.problems import Problem
from app.core.text import natural_key, sort_form

LONGEST_NAME = 100
LONGEST_SUBJECT = 300
LONGEST_BODY = 20_000
LIKE = 60
"""How alike a mistyped name must be to be meant, of 100."""
MOST_TOLD = 5
"""Names in one sentence."""

# Neither braces nor line ends inside, and a limit: no text makes the search slow.
PLACEHOLDER = re.compile(r"\{\{([^{}\n]{1,80})\}\}")
BRACES = re.compile(r"\{\{|\}\}")
BEFORE, AFTER = 15, 25
"""Letters that are quoted before and after the first of two braces."""


class Kind(StrEnum):
    MAIL = "mail"
    LETTER = "letter"


LANGUAGES = ("de", "en")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text: plain (`name` is empty), or a placeholder and what stands for it.

    `is_filled` tells whether that is its value; what has none stands as it was typed.
    """

    text: str
    name: str = ""
    is_filled: bool = False


def pieces(text: str, values: Mapping[str, str]) -> Iterator[Piece]:
    """A text taken apart at its placeholders, which are filled in with these values."""
    end = 0
    for found in PLACEHOLDER.finditer(text):
        name = _name(found)
        if not name:
            continue
        if found.start() > end:
            yield Piece(text[end : found.start()])
        value = values.get(name)
        yield Piece(value or found[0], name, bool(value))
        end = found.end()
    if end < len(text):
        yield Piece(text[end:])


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text with these values; what is unknown or has no value stays as it was typed."""
    return "".join(piece.text for piece in pieces(text, values))


def placeholder(name: str) -> str:
    """A placeholder as it stands in a text."""
    return "{{" + name + "}}"


def names(text: str) -> list[str]:
    """The placeholders of a text in their order, each once."""
    found = (_name(match) for match in PLACEHOLDER.finditer(text))
    return list(dict.fromkeys(name for name in found if name))


def open_in(*texts: str) -> list[str]:
    """The placeholders that still stand in these texts, each once."""
    return list(dict.fromkeys(name for text in texts for name in names(text)))


def lacking(text: str, values: Mapping[str, str]) -> list[str]:
    """The placeholders of a template for which these values have nothing."""
    return [name for name in names(text) if not values.get(name)]


def incomplete(*texts: str) -> str:
    """Where two braces belong to no placeholder, quoted for a sentence; empty if nowhere."""
    places = [place for text in texts for place in islice(_loose(text), MOST_TOLD)]
    return ", ".join(map(_quoted, places[:MOST_TOLD]))


def hindrance_to_send(*texts: str) -> Any:
    """Why a template is sent to nobody, whatever is known of them, or None."""
    places = incomplete(*texts)
    return (
        _l("A placeholder of the template is incomplete: %(places)s", places=places)
        if places
        else None
    )


def check_filled(field: str, text: str, known: Mapping[str, Any]) -> Iterator[Problem]:
    """Nothing leaves the house with a placeholder in it, nor with a part of one."""
    if standing := open_in(text):
        message = _l("Please fill in first: %(names)s", names=told(standing, known))
        yield Problem(field, "open", message)
    yield from _check_complete(field, text)


def check_placeholders(field: str, text: str, known: Mapping[str, Any]) -> Iterator[Problem]:
    """What is in braces is one of the placeholders there are."""
    yield from _check_known(field, text, known)
    yield from _check_complete(field, text)


def told(some: Iterable[str], known: Mapping[str, Any] | None = None) -> str:
    """Placeholders for a sentence, those that are `known` behind their labels.

    "{{amount}}, {{due_date}}", or "“Amount” ({{amount}}), “Due date” ({{due_date}})".
    """
    names, labels = list(some), known or {}
    words = [_called(name, labels.get(name)) for name in names[:MOST_TOLD]]
    return ", ".join(words + ["…"] * (len(names) > MOST_TOLD))


def check_template(values: Mapping[str, Any], known: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with a template; `known` are the placeholders there are, with their labels."""
    return [
        *_check_choices(values),
        *_check_name(values["name"], _l("Please give the template a name.")),
        *_check_length("subject", values["subject"], LONGEST_SUBJECT),
        *_check_length("body", values["body"], LONGEST_BODY),
        *_check_given(values),
        *check_placeholders("subject", values["subject"], known),
        *check_placeholders("body", values["body"], known),
    ]


def check_category(name: str, others: Iterable[str]) -> list[Problem]:
    """A category has a name of its own; `others` are the sort keys of the others."""
    if problems := _check_name(name, _l("Please give the category a name.")):
        return problems
    if sort_key(name) in set(others):
        return [Problem("name", "taken", _l("There is a category of this name."))]
    return []


def nearest(name: str, known: Mapping[str, Any]) -> str | None:
    """The placeholder that somebody may have meant, told by its name or its label."""
    spellings = {name: name for name in known}
    spellings |= {str(label).lower(): name for name, label in known.items()}
    wanted = name.replace(" ", "_")
    found = process.extractOne(wanted, spellings.keys(), scorer=fuzz.ratio, score_cutoff=LIKE)
    return spellings[found[0]] if found else None


def sort_key(name: str) -> str:
    """What a template or a category sorts by: "Kurs 2" stands before "Kurs 10"."""
    return (natural_key(sort_form(name)) or name.casefold())[:LONGEST_NAME]


def _name(found: re.Match[str]) -> str:
    """Phones begin words with a capital letter, so capitals do not matter."""
    return found[1].strip().lower()


def _called(name: str, label: Any) -> str:
    written = placeholder(name)
    return f"{_quoted(label)} ({written})" if label else written


def _quoted(text: Any) -> str:
    return _("“%(name)s”", name=text)


def _loose(text: str) -> Iterator[str]:
    """What stands around two braces that belong to no placeholder; nothing of it twice."""
    rest, end = PLACEHOLDER.sub(_blotted, text), 0
    for found in BRACES.finditer(rest):
        if found.start() < end:
            continue
        begin, end = max(found.start() - BEFORE, 0), found.start() + AFTER
        words = " ".join(text[begin:end].split())
        yield f"{'…' if begin else ''}{words}{'…' if end < len(text) else ''}"


def _blotted(found: re.Match[str]) -> str:
    """Blanks in the place of a placeholder, so that everything else stays where it is."""
    return " " * len(found[0]) if _name(found) else found[0]


def _check_choices(values: Mapping[str, Any]) -> Iterator[Problem]:
    for field, offered in (("kind", tuple(Kind)), ("language", LANGUAGES)):
        if values[field] not in offered:
            yield Problem(field, "unknown", _l("Please choose one of the list."))


def _check_name(name: str, missing: Any) -> list[Problem]:
    if not name:
        return [Problem("name", "required", missing)]
    return list(_check_length("name", name, LONGEST_NAME))


def _check_length(field: str, text: str, longest: int) -> Iterator[Problem]:
    if len(text) > longest:
        message = _l("Please take at most %(n)d characters.", n=longest)
        yield Problem(field, "too_long", message)


def _check_given(values: Mapping[str, Any]) -> Iterator[Problem]:
    """A letter can do without a subject line, a mail cannot."""
    if values["kind"] == Kind.MAIL and not values["subject"]:
        yield Problem("subject", "required", _l("A mail needs a subject."))
    if not values["body"]:
        yield Problem("body", "required", _l("Please write something."))


def _check_known(field: str, text: str, known: Mapping[str, Any]) -> Iterator[Problem]:
    unknown = [name for name in names(text) if name not in known]
    if not unknown:
        return
    meant = nearest(unknown[0], known)
    if len(unknown) == 1 and meant:
        message = _l(
            "%(name)s is unknown. Did you mean %(meant)s?",
            name=told(unknown),
            meant=told([meant], known),
        )
    else:
        message = _l("These placeholders are unknown: %(names)s", names=told(unknown))
    yield Problem(field, "unknown", message)


def _check_complete(field: str, text: str) -> Iterator[Problem]:
    """Half a placeholder is no text: nobody would see it before it is sent."""
    if places := incomplete(text):
        message = _l("A placeholder is incomplete here: %(places)s", places=places)
        yield Problem(field, "incomplete", message)
