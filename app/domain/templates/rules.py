"""What must hold for templates, and how their placeholders are found and filled in.

A placeholder is a name in two pairs of braces, `{{first_name}}`. There is one regular-expression
pass and nothing else: no expressions, no attributes, and a value that is filled in is never looked
into again. Problems have the codes required, too_long, unknown, taken and open; warnings have the
code empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from rapidfuzz import fuzz, process

from app.core.i18n import _l
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


def check_filled(field: str, text: str) -> list[Problem]:
    """Nothing leaves the house with a placeholder in it."""
    if not (standing := open_in(text)):
        return []
    message = _l("Please fill in first: %(names)s", names=told(standing))
    return [Problem(field, "open", message)]


def told(some: Iterable[str]) -> str:
    """Placeholders for a sentence: "{{amount}}, {{due_date}}"."""
    known = list(some)
    braced = [f"{{{{{name}}}}}" for name in known[:MOST_TOLD]]
    return ", ".join(braced + ["…"] * (len(known) > MOST_TOLD))


def check_template(values: Mapping[str, Any], known: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with a template; `known` are the placeholders there are, with their labels."""
    return [
        *_check_choices(values),
        *_check_name(values["name"], _l("Please give the template a name.")),
        *_check_length("subject", values["subject"], LONGEST_SUBJECT),
        *_check_length("body", values["body"], LONGEST_BODY),
        *_check_given(values),
        *_check_known("subject", values["subject"], known),
        *_check_known("body", values["body"], known),
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
            meant=told([meant]),
        )
    else:
        message = _l("These placeholders are unknown: %(names)s", names=told(unknown))
    yield Problem(field, "unknown", message)
